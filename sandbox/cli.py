"""The command line: up, down, fill, psql-url. README.md says what each prints."""

import argparse
import json
import logging
import sys
import urllib.request
from pathlib import Path
from urllib.parse import quote

from sandbox import process
from sandbox.seed.fill import SIZES, fill


def main() -> int:
    arguments = make_parser().parse_args()
    arguments.dir = Path(arguments.dir).resolve()
    return arguments.act(arguments) or 0


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(required=True)

    up = commands.add_parser("up", help="start a sandbox and print its environment")
    up.set_defaults(act=run_up)
    up.add_argument("--port", type=int, default=0, help="default: a free one")
    up.add_argument("--delay", type=float, default=1.0, metavar="SECONDS",
                    help="how long a state lasts")
    up.add_argument("--modify-lag", type=float, default=0.0, metavar="SECONDS",
                    help="how long an instance still shows available after a change was asked")
    up.add_argument("--no-servers", action="store_true",
                    help="instances and snapshots are records only")
    up.add_argument("--strict-signatures", action="store_true", help="verify every signature")
    up.add_argument("--iam", action="store_true", help="enforce IAM policies")
    up.add_argument("--as-if-tls", action="store_true",
                    help="policies take requests for sent over TLS")
    up.add_argument("--snapshot-quota", type=int, default=100, metavar="N")
    up.add_argument("--parent", type=int, metavar="PID", help="end when this process is gone")
    up.add_argument("--foreground", action="store_true", help="do not go to the background")

    down = commands.add_parser("down", help="stop the sandbox and all its servers, and wait")
    down.set_defaults(act=run_down)

    fill = commands.add_parser("fill", help="fill an instance with data worth backing up")
    fill.set_defaults(act=run_fill)
    fill.add_argument("--size", choices=("small", "medium", "large"), default="small")
    fill.add_argument("--rows", type=int, help="orders to make, in place of a size")
    fill.add_argument("--seed", type=int, default=1, help="the same seed gives the same rows")

    url = commands.add_parser("psql-url", help="print the URL of the master user")
    url.set_defaults(act=run_psql_url)

    for command in (up, down, fill, url):
        command.add_argument("--dir", required=True, help="the sandbox's folder")
    for command in (fill, url):
        command.add_argument("--instance", required=True)
    return parser


def run_up(arguments: argparse.Namespace) -> None:
    if arguments.foreground:
        # Imported here, because the service behind it takes a second to load and `down` needs none.
        from sandbox.aws.rds_store import Settings
        from sandbox.run import serve

        logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
        settings = Settings(arguments.delay, arguments.snapshot_quota,
                            arguments.strict_signatures, arguments.iam, arguments.modify_lag,
                            as_if_tls=arguments.as_if_tls)
        serve(arguments.dir, arguments.port, settings, not arguments.no_servers, arguments.parent)
        return
    process.start(arguments.dir, sys.argv[2:])
    sys.stdout.write((arguments.dir / "env").read_text())


def run_down(arguments: argparse.Namespace) -> None:
    process.stop(arguments.dir)


def login(arguments: argparse.Namespace) -> dict:
    environment = process.read_environment(arguments.dir)
    with urllib.request.urlopen(environment["SANDBOX_URL"] + "/_sandbox/secret") as reply:
        known = json.load(reply)
    found = known.get(arguments.instance.lower())
    if found is None:
        raise SystemExit(f"no instance {arguments.instance}; there are: {', '.join(known) or '-'}")
    if not found["real"] or found["address"] is None:
        raise SystemExit(f"{arguments.instance} has no server: it is {found['status']}")
    return found | {"ca": environment["SANDBOX_CA"]}


def url_of(login: dict) -> str:
    return (f"postgresql://{quote(login['user'], safe='')}:{quote(login['password'], safe='')}"
            f"@{login['address']}:{login['port']}/{quote(login['database'], safe='')}"
            f"?sslmode=verify-full&sslrootcert={quote(login['ca'], safe='/')}")


def run_psql_url(arguments: argparse.Namespace) -> None:
    print(url_of(login(arguments)))


def run_fill(arguments: argparse.Namespace) -> None:
    rows = arguments.rows if arguments.rows is not None else SIZES[arguments.size]
    fill(url_of(login(arguments)), rows, arguments.seed)
    print(f"filled {arguments.instance} with {rows} orders")
