#!/usr/bin/env python3
"""PostgreSQL's own regression suite as a database to archive: every type and object kind there is.

    tests/regress/round_trip.py [--source DIRECTORY|TARBALL] [--target-root DIRECTORY]

The suite runs on a private server and leaves a database; it is archived and restored beside, and
the content of every table must be the same, and `pg_dump --schema-only` the same as after pg_dump and
pg_restore, which alone decide the order of inherited columns. --source is PostgreSQL's source tree (else
fetched from Debian's mirror); --target-root restores into the newest server installed in that root of
another Debian. Runs as root: the servers as user postgres, on sockets only.
"""

import argparse
import difflib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TIDEMARK = Path(os.environ.get("TIDEMARK_BINARY", ROOT / "build/release/tidemark"))
CONFIG = '[repository]\nurl = "{folder}/repository"\nkey_file = "{folder}/key"\n'
DATABASE = "regression"
# Columns by name: pg_dump itself gives tables of an inheritance tree another order of columns.
CONTENT = """select c.oid::regclass, format('copy (select row(%s)::text from only %s t) to stdout',
    (select string_agg(format('t.%I', attname), ', ' order by attname) from pg_attribute
      where attrelid = c.oid and attnum > 0 and not attisdropped), c.oid::regclass)
    from pg_class c join pg_namespace n on n.oid = relnamespace
    where relkind = any('{{{kinds}}}') and nspname !~ '^pg_' and nspname <> 'information_schema'
    and (relkind <> 'm' or relispopulated) order by c.oid::regclass::text"""


def run(command: list, **options) -> str:
    done = subprocess.run([str(word) for word in command], text=True, capture_output=True,
                          errors="surrogateescape", **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n"
                 f"{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return done.stdout


class Server:
    """A private PostgreSQL in a folder of a root: ours, or another Debian's."""

    def __init__(self, name: str, root: Path, folder: Path):
        self.root, self.folder = root, folder / name
        homes = (root / "usr/lib/postgresql").glob("*/bin")
        self.binaries = "/" / max(homes, key=lambda path: int(path.parts[-2])).relative_to(root)
        outside = root / self.folder.relative_to("/")
        outside.mkdir(parents=True)
        self.socket, self.log = outside, folder / f"{name}.log"
        run(["chroot", root, "chown", "postgres", self.folder])
        self.as_postgres("initdb", "-D", self.folder / "data", "-A", "trust", "-E", "UTF8",
                         "--locale=C")
        self.as_postgres("pg_ctl", "-D", self.folder / "data", "-w", "-l", self.folder / "log", "-o",
                         f"-k {self.folder} -c listen_addresses= -c fsync=off -c timezone=UTC "
                         "-c max_prepared_transactions=2 -c wal_level=logical -c max_locks_per_transaction=1000", "start")

    def command(self, program: str, *words) -> list[str]:
        return ["chroot", "--userspec=postgres", str(self.root), str(self.binaries / program),
                *map(str, words)]

    def as_postgres(self, program: str, *words) -> None:
        # Into a file: a server inherits the output, and a pipe would never close.
        with open(self.log, "w") as output:
            code = subprocess.run(self.command(program, *words), stdout=output,
                                  stderr=output).returncode
        if code != 0:
            sys.exit(f"{program} ended with {code}:\n{self.log.read_text()}")

    def stop(self) -> None:
        self.as_postgres("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "stop")
        shutil.rmtree(self.socket)

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.socket}"

    def psql(self, database: str, query: str) -> str:
        return run(["psql", self.url(database), "-XAtqc", query])

    def definitions(self, database: str) -> list[str]:
        dump = run(self.command("pg_dump", "--schema-only", "-h", self.folder, database))
        return [line for line in dump.splitlines() if not line.startswith("\\")]

    def content(self, database: str, kinds: str) -> dict[str, str]:
        found = {}
        for line in self.psql(database, CONTENT.format(kinds=kinds)).splitlines():
            table, query = line.split("|", 1)
            rows = self.psql(database, query).split("\n")
            joined = "\n".join(sorted(rows)).encode(errors="surrogateescape")
            found[table] = f"{len(rows) - 1} rows, {hashlib.sha256(joined).hexdigest()[:12]}"
        return found


def source_tree(given: str | None, folder: Path) -> Path:
    if given and Path(given).is_dir():
        return Path(given)
    tarball = Path(given) if given else fetched_source(folder)
    run(["tar", "-xf", tarball, "-C", folder])
    return next(folder.glob("postgresql-1*/"))


def fetched_source(folder: Path) -> Path:
    """The newest source of this major that Debian's mirror holds."""
    major = run(["pg_dump", "--version"]).split()[2].split(".")[0]
    lists = folder / "lists"
    lists.mkdir()
    sources = folder / "sources.list"
    sources.write_text("deb-src http://deb.debian.org/debian bookworm main\n")
    apt = ["apt-get", "-qq", "-o", f"Dir::Etc::sourcelist={sources}", "-o",
           "Dir::Etc::sourceparts=-", "-o", f"Dir::State::lists={lists}"]
    run([*apt, "update"])
    run([*apt, "source", "--download-only", f"postgresql-{major}"], cwd=folder)
    return next(folder.glob("*.orig.tar.*"))


def make_regression_database(server: Server, tree: Path, folder: Path) -> None:
    suite = tree / "src/test/regress"
    library = folder / "library"
    library.mkdir()
    headers = run([server.binaries / "pg_config", "--includedir-server"]).strip()
    run(["gcc", "-shared", "-fPIC", "-O1", "-w", "-I", headers, suite / "regress.c",
         "-o", library / "regress.so"])
    system = Path(run([server.binaries / "pg_config", "--pkglibdir"]).strip())
    for name in ("autoinc.so", "refint.so"):
        shutil.copy(system / name, library)
    runner = system / "pgxs/src/test/regress/pg_regress"
    outputs = folder / "outputs"
    outputs.mkdir()
    for place in (folder, library, outputs, suite):
        place.chmod(0o755)
        shutil.chown(place, "postgres")
    done = subprocess.run(
        ["runuser", "-u", "postgres", "--", runner, f"--inputdir={suite}", f"--outputdir={outputs}",
         f"--bindir={server.binaries}", f"--dlpath={library}", f"--host={server.folder}",
         "--user=postgres", "--max-concurrent-tests=20", f"--schedule={suite}/parallel_schedule",
         f"--dbname={DATABASE}"], text=True, capture_output=True, cwd=outputs)
    # Only what it leaves counts here, so tests that differ by locale or version are no concern.
    closing = re.findall(r"[^\n]*tests (?:passed|failed)[^\n]*", done.stdout)
    print(f"regression suite: {closing[-1].strip() if closing else done.stdout[-2000:]}")


def tidemark(folder: Path, *words) -> dict:
    variables = os.environ | {"TIDEMARK_CONFIG": str(folder / "tidemark.toml"),
                              "TIDEMARK_STATE_DIR": str(folder / "state")}
    text = run([TIDEMARK, *words, "--json"], env=variables)
    return json.loads(text) if text.strip() else {}


def large_objects(server: Server, database: str) -> list[str]:
    return server.psql(database, """select oid, md5(lo_get(oid)), lomowner::regrole, lomacl,
        obj_description(oid, 'pg_largeobject') from pg_largeobject_metadata order by 1""").splitlines()


def differences(what: str, left, right) -> int:
    left, right = ([f"{key}: {value}" for key, value in side.items()] if isinstance(side, dict)
                   else side for side in (left, right))
    lines = list(difflib.unified_diff(left, right, "archived", "restored", lineterm="", n=2))
    print(f"{what}: {len(left)} lines, {'equal' if not lines else 'DIFFERENT'}")
    print("\n".join(lines[:200]), end="\n" if lines else "")
    return bool(lines)


def by_stock_programs(source: Server, target: Server, folder: Path) -> None:
    """The reference: what PostgreSQL's own programs make of the database."""
    dump = folder / "dump"
    run(["pg_dump", "-Fc", "-f", dump, source.url(DATABASE)])
    target.psql("postgres", "create database stock template template0")
    run(["pg_restore", "-d", target.url("stock"), dump])


def compare(source: Server, target: Server, database: str) -> int:
    # A materialized view is filled again from the rows there are, by pg_restore as by us.
    return (differences("definitions", target.definitions("stock"), target.definitions(database))
            + differences("tables", source.content(DATABASE, "r,p"), target.content(database, "r,p"))
            + differences("large objects", large_objects(source, DATABASE),
                          large_objects(target, database))
            + differences("materialized views", target.content("stock", "m"),
                          target.content(database, "m")))


def round_trip(options, folder: Path) -> int:
    source = Server("source", Path("/"), folder)
    target = source
    try:
        make_regression_database(source, source_tree(options.source, folder), folder)
        if options.target_root:
            run(['psql', source.url(DATABASE), '-XqAtf', HERE / 'before_upgrade.sql'])
        (folder / "tidemark.toml").write_text(CONFIG.format(folder=folder))
        (folder / "state").mkdir()
        tidemark(folder, "repo", "init")
        archive = tidemark(folder, "archive", source.url(DATABASE), "--name", "suite")
        print(f"archive: {json.dumps(archive)}")
        if options.target_root:
            target = Server("target", Path(options.target_root), folder)
            roles = run(["pg_dumpall", "--globals-only", "-d", source.url("postgres")])
            run(["psql", target.url("postgres"), "-Xq"], input=roles)
        target.psql("postgres", "create database restored template template0")
        restored = tidemark(folder, "restore", archive["archive"], "--to", target.url("restored"))
        print(f"restored: {json.dumps(restored)}")
        by_stock_programs(source, target, folder)
        return 1 if compare(source, target, "restored") else 0
    finally:
        source.stop()
        if target is not source:
            target.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", help="PostgreSQL's source: a folder or a tarball")
    parser.add_argument("--target-root", help="root of another Debian, with the server to restore into")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tidemark-regress-") as folder:
        os.chmod(folder, 0o755)
        return round_trip(options, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
