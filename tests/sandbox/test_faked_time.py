"""Under libfaketime wall time may jump between two requests; states still last as long as asked."""

from pathlib import Path

import pytest
from sandbox_driver import RunningSandbox, until

LIBRARY = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")


@pytest.mark.skipif(not LIBRARY.exists(), reason="libfaketime is not installed")
def test_creation_times_follow_a_jumping_clock(tmp_path, monkeypatch):
    now = tmp_path / "now"
    now.write_text("2026-01-01 00:00:00\n")
    for name, value in {"LD_PRELOAD": LIBRARY, "FAKETIME_TIMESTAMP_FILE": now,
                        "FAKETIME_NO_CACHE": "1", "DONT_FAKE_MONOTONIC": "1"}.items():
        monkeypatch.setenv(name, str(value))
    sandbox = RunningSandbox(tmp_path / "sandbox", "--no-servers", "--delay", "0.3")
    try:
        for name in ("LD_PRELOAD", "FAKETIME_TIMESTAMP_FILE"):
            monkeypatch.delenv(name)
        rds = sandbox.client("rds")
        sandbox.create("dated")
        for day in ("2026-02-01", "2031-02-02"):
            now.write_text(f"{day} 00:00:00\n")
            rds.create_db_snapshot(DBInstanceIdentifier="dated", DBSnapshotIdentifier=f"s-{day}")
            first = rds.describe_db_snapshots(DBSnapshotIdentifier=f"s-{day}")
            assert first["DBSnapshots"][0]["Status"] == "creating"
            done = sandbox.wait_snapshot(f"s-{day}")
            assert done["SnapshotCreateTime"].date().isoformat() == day
            sandbox.wait("dated")
    finally:
        sandbox.down()
    until(lambda: not (tmp_path / "sandbox" / "pid").exists(), "the end")
