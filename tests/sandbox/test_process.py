"""Sandboxes start, live side by side, and leave nothing behind however they end."""

import http.client
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from sandbox_driver import ROOT, RunningSandbox, command, until


def processes_of(folder: Path) -> list[str]:
    """Command lines of living processes that mention a folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            text = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if str(folder) in text and state != "Z":
            found.append(text)
    return found


def servers_root(sandbox: RunningSandbox) -> Path:
    return (sandbox.folder / "servers").resolve()


def test_two_sandboxes_do_not_see_each_other(tmp_path):
    first = RunningSandbox(tmp_path / "one", "--no-servers")
    second = RunningSandbox(tmp_path / "two", "--no-servers")
    try:
        assert first.url != second.url
        first.create("only-here")
        assert second.control("GET", "state")["instances"] == []
    finally:
        first.down()
        second.down()


def test_the_environment_is_printed_and_kept(tmp_path):
    sandbox = RunningSandbox(tmp_path, "--no-servers")
    try:
        assert set(sandbox.environment) == {
            "SANDBOX_URL", "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
            "AWS_REGION", "AWS_DEFAULT_REGION", "SANDBOX_CA", "SANDBOX_DIR"}
        kept = (tmp_path / "env").read_text().splitlines()
        assert dict(line.split("=", 1) for line in kept) == sandbox.environment
        assert command("up", "--dir", tmp_path, "--no-servers").returncode != 0
    finally:
        sandbox.down()
    assert not (tmp_path / "env").exists()


def test_down_leaves_no_process_and_no_server_files(tmp_path):
    sandbox = RunningSandbox(tmp_path, "--delay", "0")
    sandbox.create("brief")
    root = servers_root(sandbox)
    assert processes_of(root)
    sandbox.down()
    until(lambda: not processes_of(root) and not processes_of(tmp_path), "all to be gone")
    assert not root.exists()
    assert command("down", "--dir", tmp_path).returncode == 0


def test_killed_sandbox_takes_its_servers_with_it(tmp_path):
    sandbox = RunningSandbox(tmp_path, "--delay", "0")
    sandbox.create("orphan")
    root = servers_root(sandbox)
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)
    until(lambda: not processes_of(root) and not root.exists(), "the servers to be gone")


def test_sandbox_ends_with_the_process_it_was_told_to_watch(tmp_path):
    parent = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started = command("up", "--dir", tmp_path, "--no-servers", "--parent", parent.pid)
    assert started.returncode == 0, started.stderr
    assert processes_of(tmp_path)
    parent.communicate(b"\n")
    until(lambda: not processes_of(tmp_path), "the sandbox to end")


def test_sigterm_stops_a_sandbox_in_the_foreground(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "up", "--dir", str(tmp_path), "--foreground",
         "--no-servers"], cwd=ROOT, stderr=subprocess.DEVNULL)
    until(lambda: (tmp_path / "env").exists(), "the sandbox to start")
    process.terminate()
    assert process.wait(timeout=20) == 0


def test_ten_thousand_snapshots_are_added_and_paged_quickly(tmp_path):
    sandbox = RunningSandbox(tmp_path, "--no-servers", "--delay", "0")
    try:
        sandbox.control("POST", "snapshots", {
            "count": 10_000, "identifier": "tidy-%Y%m-{n}", "start": "2016-01-01T00:00:00Z",
            "step_seconds": 31_536, "tags": {"n": "{n}"}})
        before = cpu_seconds(tmp_path)
        counts = [page.count(b"<DBSnapshot>") for page in pages(sandbox)]
        spent = cpu_seconds(tmp_path) - before
        assert counts == [100] * 100
        assert spent / len(counts) < 0.015, f"{spent:.2f} s for {len(counts)} pages"
    finally:
        sandbox.down()


def pages(sandbox: RunningSandbox):
    """Every page of DescribeDBSnapshots as bytes; reading these costs this process little."""
    connection = http.client.HTTPConnection(urlsplit(sandbox.url).netloc, timeout=10)
    scope = "Credential=x/20260101/eu-west-1/rds/aws4_request"
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": scope}
    marker = ""
    while True:
        form = {"Action": "DescribeDBSnapshots", "Version": "2014-10-31", "Marker": marker}
        connection.request("POST", "/", urlencode(form), headers)
        page = connection.getresponse().read()
        yield page
        found = re.search(rb"<Marker>([^<]+)</Marker>", page)
        if found is None:
            return
        marker = found.group(1).decode()


def cpu_seconds(folder: Path) -> float:
    pid = (folder / "pid").read_text()
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
