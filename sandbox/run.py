"""The sandbox's own process: builds everything, serves, and ends without leaving anything behind.

Three things end it: SIGTERM, the death of the process named by --parent, and its own death by any
cause, which a small shell beside it notices on a closed pipe and then stops the real servers.
"""

import logging
import os
import signal
import subprocess
import threading
from pathlib import Path

from sandbox.aws.rds_store import Settings
from sandbox.clock import Clock
from sandbox.front import Front
from sandbox.postgres.fleet import Fleet
from sandbox.process import alive, environment
from sandbox.server import Server

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
    for name in ("env", "servers", "pid"):
        if (folder / name).is_symlink() or (folder / name).is_file():
            (folder / name).unlink()
    logging.shutdown()
    os._exit(0)  # worker threads may still wait for servers that are gone


def start_sitter(root: Path) -> None:
    reading, writing = os.pipe()
    subprocess.Popen(["/bin/sh", "-c", SITTER, "sandbox-sitter", str(root)], stdin=reading,
                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                     start_new_session=True, env={"PATH": "/usr/bin:/bin"})
    os.close(reading)
    os.set_inheritable(writing, False)  # else a server would hold the pipe open after our death
