"""S3 servers for the tests of this folder: Ceph's radosgw, and the sandbox's, which is moto's."""

import os
import pathlib
import random
import shutil
import socket
import subprocess
import sys
from contextlib import contextmanager

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
RADOSGW = ROOT / "sandbox" / "radosgw"


def free_ports(count):
    """The first of as many free ports in a row."""
    for _ in range(50):
        first = random.randrange(20_000, 30_000)
        try:
            for port in range(first, first + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
            return first
        except OSError:
            continue
    raise RuntimeError("no free ports")


def settings_in(output):
    return dict(line.split("=", 1) for line in output.splitlines())


@contextmanager
def radosgw(folder):
    """Runs one in a folder that does not exist yet; gives its settings. Skips where it cannot."""
    if not shutil.which("radosgw"):
        message = "radosgw is not installed: apt-get install ceph-mon ceph-osd radosgw ceph-common"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    started = subprocess.run([RADOSGW / "up", folder, str(free_ports(10))], capture_output=True,
                             text=True, timeout=240)
    assert started.returncode == 0, started.stderr
    try:
        yield settings_in(started.stdout)
    finally:
        subprocess.run([RADOSGW / "down", folder], check=True, timeout=60)


@contextmanager
def sandbox(folder):
    """Runs one without databases, that checks signatures; gives its settings."""
    def command(*arguments):
        done = subprocess.run([sys.executable, "-m", "sandbox", *arguments, "--dir", str(folder)],
                              cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    settings = settings_in(command("up", "--parent", str(os.getpid()), "--no-servers",
                                   "--strict-signatures"))
    try:
        yield settings | {"S3_ENDPOINT": settings["SANDBOX_URL"]}
    finally:
        command("down")
