"""The daemon: beside another one, asked to stop, with sources in trouble, and under watch."""

import json
import signal
import socket
import subprocess
import time
from datetime import datetime, timedelta

import pytest

from story import FAKETIME, TIDEMARK, World, faked_time, set_time, until

needs_faketime = pytest.mark.skipif(not FAKETIME.exists(), reason="libfaketime is not installed")
STOP_SECONDS_MAX = 10
EVERY_QUARTER = """
interval = "1s"

[source.orders]

[policy.default]
schedule = "every 15m"
keep = { hourly = 3 }
keep_min = 1
"""
DAILY = """
interval = "1s"

[source.orders]

[policy.default]
keep = { daily = 7 }
"""


class Daemon:
    """A running daemon whose log goes to a file."""

    def __init__(self, world: World, name: str, *words: str, **changes: str | None):
        self.log = world.state / f"{name}.log"
        self.world = world
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [str(TIDEMARK), "run", *words], env=world.variables(changes, ["run", *words]),
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)

    def text(self) -> str:
        return self.log.read_text()

    def stop(self, number: int = signal.SIGTERM) -> float:
        """Ends it; how long that took."""
        begin = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(timeout=STOP_SECONDS_MAX)
        assert code in (0, 128 + number), self.text()
        assert self.world.secret not in self.text()
        return time.monotonic() - begin


@pytest.fixture
def daemons():
    """Starts daemons; none outlives its test."""
    started = []

    def starter(*words, **more) -> Daemon:
        started.append(Daemon(*words, **more))
        return started[-1]

    yield starter
    for daemon in started:
        daemon.process.kill()
        daemon.process.wait()


def passes_made(world: World) -> int:
    return world.calls().count("DescribeDBInstances")


@needs_faketime
def test_two_daemons_on_one_source_make_one_point_a_slot(build, tmp_path, daemons):
    now = tmp_path / "now"
    moment = datetime(2026, 3, 1, 0, 1)
    set_time(now, str(moment))
    world = build("--no-servers", "--delay", "0.05", clock=now, config=EVERY_QUARTER)
    world.create("orders")
    both = [daemons(world, name, TIDEMARK_STATE_DIR=str(tmp_path / name)) for name in "ab"]
    slots = []
    for _ in range(6):
        slots.append(f"{moment:%Y%m%d}t{moment:%H}{moment.minute // 15 * 15:02}z")
        expected = {f"tidemark-{slot[:6]}-orders-{slot}" for slot in slots}
        until(lambda: {name for name, one in world.snapshots().items()  # noqa: B023
                       if one["Status"] == "available"} >= {max(expected)},  # noqa: B023
              f"the point of {slots[-1]}")
        seen = passes_made(world)
        until(lambda: passes_made(world) >= seen + 4, "both to look twice more")  # noqa: B023
        assert world.snapshots().keys() <= expected
        moment += timedelta(minutes=15)
        set_time(now, str(moment))
    made = [entry for entry in world.control("GET", "log")
            if entry["action"] == "CreateDBSnapshot" and entry["status"] == 200]
    assert len(made) == len({entry["params"]["DBSnapshotIdentifier"] for entry in made})
    for daemon in both:
        assert daemon.process.poll() is None
        daemon.stop()


@pytest.fixture(scope="module")
def shared_world(build):
    world = build("--no-servers", "--delay", "0", config=DAILY)
    world.create("orders")
    return world


@pytest.fixture
def world(shared_world):
    shared_world.clear()
    shared_world.config.write_text(DAILY)
    (shared_world.state / "health.json").unlink(missing_ok=True)
    yield shared_world
    shared_world.faults()


def test_sigterm_ends_an_idle_daemon(world, daemons):
    daemon = daemons(world, "idle")
    until(lambda: "newest good point" in daemon.text(), "the first point")
    assert daemon.stop() < STOP_SECONDS_MAX
    assert "stopping, as asked" in daemon.text()


@pytest.mark.parametrize("action", ["DescribeDBSnapshots", "DescribeDBInstances",
                                    "CreateDBSnapshot"])
@pytest.mark.parametrize("kind", ["delay", "slow"])
def test_sigterm_ends_a_daemon_that_waits_for_a_slow_answer(world, daemons, action, kind):
    world.faults({"action": action, "kind": kind, "seconds": 60, "count": 1})
    daemon = daemons(world, "slow")
    until(lambda: all(fault["action"] != action
                      for fault in world.control("GET", "faults")), "the call")
    assert daemon.stop() < STOP_SECONDS_MAX


def test_sigterm_ends_a_daemon_between_retries(world, daemons):
    world.faults({"action": "", "kind": "503", "count": -1})
    daemon = daemons(world, "retries")
    until(lambda: world.calls().count("DescribeDBSnapshots") >= 2, "a retry")
    assert daemon.stop() < STOP_SECONDS_MAX


def test_sigint_ends_a_pass_that_waits_for_a_snapshot(world):
    world.faults({"action": "CreateDBSnapshot", "kind": "snapshot-stuck"})
    process = world.start("run", "--once")
    until(lambda: world.calls().count("DescribeDBSnapshots") >= 2, "a look")
    begin = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=STOP_SECONDS_MAX)
    assert time.monotonic() - begin < STOP_SECONDS_MAX
    assert process.returncode == 130


def test_a_failing_source_does_not_stop_the_other(world, daemons):
    world.config.write_text(DAILY + '\n[source.missing]\ninstance = "gone"\n')
    daemon = daemons(world, "both")
    until(lambda: "newest good point" in daemon.text(), "the point of the good source")
    assert [one["DBInstanceIdentifier"] for one in world.snapshots().values()] == ["orders"]
    until(lambda: daemon.text().count("there is no instance gone") >= 2, "a repeated complaint")
    assert " error " in daemon.text()
    health = world.tidemark("health")
    assert health.code == 14
    assert "orders: protected" in health.out
    assert "missing: NOT PROTECTED" in health.out
    once = world.tidemark("run", "--once")
    assert once.code == 3
    daemon.stop()


@needs_faketime
def test_a_source_that_stays_overdue_is_an_error_everywhere(build, tmp_path, daemons):
    now = tmp_path / "now"
    set_time(now, "2026-03-01 00:01:00")
    world = build("--no-servers", "--delay", "0", clock=now, config=DAILY)
    world.create("orders")
    world.passes()
    set_time(now, "2026-03-02 00:01:00")
    world.faults({"action": "CreateDBSnapshot", "kind": "snapshot-stuck"})
    daemon = daemons(world, "stuck", "--log-format", "json")
    until(lambda: len(world.snapshots()) == 2, "the stuck snapshot")
    until(lambda: (world.state / "health.json").exists(), "a first pass")
    assert world.tidemark("status").code == 0, "late, but not overdue yet"
    daemon.stop()

    set_time(now, "2026-03-02 18:00:00")
    late = daemons(world, "late", "--log-format", "json")
    until(lambda: '"error"' in late.text(), "an error in the log")
    said = [json.loads(line) for line in late.text().splitlines()]
    errors = [line for line in said if line["level"] == "error"]
    assert any("still in progress" in json.dumps(line) for line in errors)
    status = world.tidemark("status")
    assert status.code == 14
    assert status.out.startswith("NOT PROTECTED: orders:")
    assert "overdue" in status.out
    until(lambda: world.tidemark("health").code == 14, "the health file")
    assert "NOT PROTECTED" in world.tidemark("health").out
    stuck = max(world.snapshots())
    world.control("POST", "snapshot", {"id": stuck, "status": "available"})
    world.passes()
    assert world.tidemark("status").code == 0
    late.stop()


@needs_faketime
def test_health_tells_absent_fresh_stale_and_damaged_apart(world, daemons, tmp_path):
    absent = world.tidemark("health")
    assert absent.code == 1
    assert "no daemon has written" in absent.err
    daemon = daemons(world, "health")
    until(lambda: world.tidemark("health").code == 0, "a healthy daemon")
    assert world.tidemark("health", "--json").json["healthy"] is True
    daemon.stop()

    later = tmp_path / "later"
    set_time(later, f"{datetime.now() + timedelta(hours=2):%F %T}")
    stale = world.tidemark("health", **faked_time(later))
    assert stale.code == 1
    assert "silent since" in stale.err
    (world.state / "health.json").write_text("{")
    damaged = world.tidemark("health")
    assert damaged.code == 13
    assert "health.json" in damaged.err


def test_the_service_manager_hears_of_start_life_and_end(world, daemons, tmp_path):
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(path))
        listener.settimeout(20)
        daemon = daemons(world, "notify", NOTIFY_SOCKET=str(path))
        heard = [listener.recv(4096).decode() for _ in range(3)]
        daemon.stop()
        while "STOPPING=1" not in heard[-1]:
            heard.append(listener.recv(4096).decode())
    assert heard[0].startswith("READY=1")
    assert all("WATCHDOG=1" in message for message in heard[1:-1])
    assert any("STATUS=sources protected: 1" in message for message in heard[1:-1])


def test_secrets_are_in_nobodys_arguments(world, daemons):
    daemon = daemons(world, "arguments")
    until(lambda: "newest good point" in daemon.text(), "the first point")
    arguments = open(f"/proc/{daemon.process.pid}/cmdline").read()
    assert world.secret not in arguments
    daemon.stop()
