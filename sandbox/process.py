"""A sandbox seen from outside: started in the background, awaited, found again, and ended."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from sandbox import REGION
from sandbox.aws.credentials import ROOT_ACCESS_KEY, ROOT_SECRET_KEY
from sandbox.clock import pause

READY_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 180.0  # removing many servers' files takes long on a busy disk
POLL_SECONDS = 0.05


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
        pause(POLL_SECONDS)


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
        for name in ("env", "pid"):  # left by a sandbox that was killed
            (folder / name).unlink(missing_ok=True)
        return
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS_MAX
    while alive(pid):
        if time.monotonic() > deadline:
            raise SystemExit(f"the sandbox {pid} did not stop in {STOP_SECONDS_MAX:.0f} s")
        pause(POLL_SECONDS)
