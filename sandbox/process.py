"""The sandbox as a process: started, awaited, and ended without leaving anything behind.

Three things end it: SIGTERM, the death of the process named by --parent, and its own death by any
cause, which a small shell beside it notices on a closed pipe and then stops the real servers.
"""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

from sandbox import REGION
from sandbox.aws.credentials import ROOT_ACCESS_KEY, ROOT_SECRET_KEY
from sandbox.aws.rds_store import Settings
from sandbox.clock import Clock
from sandbox.front import Front
from sandbox.postgres.fleet import Fleet
from sandbox.server import Server

READY_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 60.0
POLL_SECONDS = 0.05
PARENT_POLL_SECONDS = 0.5

# Runs beside the sandbox; its input ends when the sandbox does, however that happens. SIGQUIT is
# PostgreSQL's immediate shutdown. The folder is removed once the servers have let go of it.
SITTER = """
trap '' INT TERM HUP
cat > /dev/null
for file in "$1"/data/*/postmaster.pid; do
  [ -e "$file" ] && kill -QUIT "$(head -n 1 "$file")"
done
for _ in 1 2 3 4 5 6 7 8 9 10; do
  rm -rf "$1" && break
  sleep 0.3
done
"""


def environment(folder: Path, port: int) -> dict[str, str]:
    url = f"http://127.0.0.1:{port}"
    return {
        "SANDBOX_URL": url,
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": ROOT_ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": ROOT_SECRET_KEY,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "SANDBOX_CA": str(folder / "ca.crt"),
        "SANDBOX_DIR": str(folder),
    }


def read_environment(folder: Path) -> dict[str, str]:
    lines = (folder / "env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def serve(folder: Path, port: int, settings: Settings, servers: bool, parent: int | None) -> None:
    """Runs the sandbox in this process until it is told to stop."""
    folder.mkdir(parents=True, exist_ok=True)
    clock = Clock()
    fleet = Fleet(folder) if servers else None
    if fleet is not None:
        start_sitter(fleet.root)
    front = Front(settings, clock, fleet)
    server = Server(port, front.answer, clock)
    lines = environment(folder, server.server_port).items()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    (folder / "pid").write_text(str(os.getpid()))
    # Renamed into place, so that whoever finds the file finds all of it.
    (folder / "env.new").write_text("".join(f"{k}={v}\n" for k, v in lines))
    (folder / "env.new").rename(folder / "env")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    while not stopping.wait(PARENT_POLL_SECONDS):
        if parent is not None and not alive(parent):
            break
    server.shutdown()
    if fleet is not None:
        fleet.end()
    for name in ("pid", "env", "servers"):
        (folder / name).unlink(missing_ok=True) if not (folder / name).is_dir() else None
    logging.shutdown()
    os._exit(0)  # worker threads may still wait for servers that are gone


def start_sitter(root: Path) -> None:
    reading, writing = os.pipe()
    subprocess.Popen(["/bin/sh", "-c", SITTER, "sandbox-sitter", str(root)], stdin=reading,
                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                     start_new_session=True, env={"PATH": "/usr/bin:/bin"})
    os.close(reading)
    os.set_inheritable(writing, False)  # else a server would hold the pipe open after our death


def alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and was not waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in ("Z", "X")


def start(folder: Path, arguments: list[str]) -> None:
    """Starts `python -m sandbox up --foreground` in the background and waits until it answers."""
    folder.mkdir(parents=True, exist_ok=True)
    if running_pid(folder) is not None:
        raise SystemExit(f"a sandbox is already running in {folder}")
    (folder / "env").unlink(missing_ok=True)
    package_root = Path(__file__).resolve().parent.parent
    with (folder / "sandbox.log").open("ab") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "sandbox", "up", "--foreground", *arguments],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(package_root)})
    deadline = time.monotonic() + READY_SECONDS_MAX
    while not answers(folder):
        if child.poll() is not None or time.monotonic() > deadline:
            child.kill()
            text = (folder / "sandbox.log").read_text()[-2000:]
            raise SystemExit(f"the sandbox did not start; its log ends:\n{text}")
        time.sleep(POLL_SECONDS)


def answers(folder: Path) -> bool:
    if not (folder / "env").exists():
        return False
    url = read_environment(folder)["SANDBOX_URL"] + "/_sandbox/ready"
    try:
        with urllib.request.urlopen(url, timeout=5) as reply:
            return reply.status == 200
    except OSError:
        return False


def running_pid(folder: Path) -> int | None:
    try:
        pid = int((folder / "pid").read_text())
    except (OSError, ValueError):
        return None
    return pid if alive(pid) else None


def stop(folder: Path) -> None:
    """Ends the sandbox of this folder and waits until its servers are gone too."""
    pid = running_pid(folder)
    if pid is None:
        return
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS_MAX
    while alive(pid):
        if time.monotonic() > deadline:
            raise SystemExit(f"the sandbox {pid} did not stop in {STOP_SECONDS_MAX:.0f} s")
        time.sleep(POLL_SECONDS)
