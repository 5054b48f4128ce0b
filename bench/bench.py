#!/usr/bin/env python3
"""Figures of a pass and of the idle daemon, each beside a peer measured in the same run.

Prints a table. Exits with 1 only when the number of calls is not what it has to be: times and
memory depend on the machine, calls do not.
"""

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import boto3

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/scenario"))

from story import TIDEMARK, World, until  # noqa: E402

SNAPSHOTS = 10_000
PAGE = 100
ROUNDS = 5
CONFIG = """
[aws]
snapshot_quota = 20000
[source.orders]
[policy.default]
schedule = "0 0 1 1 *"
keep = { last = 20000 }
"""
# A client that does nothing but fetch the pages: the least that a listing can cost with it.
PEER = """
import boto3
rds = boto3.client("rds", region_name="eu-west-1")
pages = rds.get_paginator("describe_db_snapshots").paginate(
    SnapshotType="manual", PaginationConfig={"PageSize": 100})
print(sum(len(page["DBSnapshots"]) for page in pages))
"""
# Starts a program and tells what it used. A process of its own and a small one, because the memory
# of whoever starts a program counts towards that program's peak.
SCALE = """
import json, os, subprocess, sys, time
begin = time.monotonic()
child = subprocess.Popen(sys.argv[2:], stdout=open(sys.argv[1], "w"), stderr=subprocess.STDOUT)
_, status, usage = os.wait4(child.pid, 0)
print(json.dumps([time.monotonic() - begin, usage.ru_utime + usage.ru_stime,
                  usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)]))
"""


def measured(command: list, variables: dict[str, str]) -> tuple[float, float, float, str]:
    """Wall and CPU seconds, peak MiB, and what it printed."""
    with tempfile.NamedTemporaryFile() as output:
        weighed = subprocess.run([sys.executable, "-I", "-S", "-c", SCALE, output.name, *command],
                                 env=variables, check=True, capture_output=True, text=True)
        wall, cpu, memory, code = json.loads(weighed.stdout)
        text = Path(output.name).read_text()
    if code != 0:
        sys.exit(f"bench: {command[0]} ended with {code}:\n{text}")
    return wall, cpu, memory, text


def median_of(rounds: list[tuple]) -> list[float]:
    return [statistics.median(column) for column in list(zip(*rounds))[:3]]


def idle_mib(world: World, name: str) -> float:
    """Resident memory of a daemon after its first pass."""
    health = world.state / name / "health.json"
    health.parent.mkdir()
    daemon = subprocess.Popen([TIDEMARK, "run", "--quiet"], stderr=subprocess.DEVNULL,
                              env=world.variables({"TIDEMARK_STATE_DIR": str(health.parent)}))
    try:
        until(health.exists, "the daemon's first pass")
        # The heartbeat comes just before memory is given back and the sleep.
        until(lambda: Path(f"/proc/{daemon.pid}/wchan").read_text() != "0"
              and Path(f"/proc/{daemon.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "S",
              "the daemon's sleep")
        lines = Path(f"/proc/{daemon.pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024
    finally:
        daemon.terminate()
        daemon.wait(timeout=20)


def row(what: str, value: str, goal: str = "", peer: str = "", ratio: str = "") -> None:
    print(f"{what:<34} {value:>10} {goal:>8} {peer:>10} {ratio:>7}")


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="tidemark-bench-") as folder:
        world = World(Path(folder), "--no-servers", "--delay", "0", config=CONFIG)
        try:
            return bench(world)
        finally:
            world.down()


def foreign_snapshots(_: dict) -> dict:
    """What other teams leave in the account."""
    return {"prefix": "another-teams-snapshot", "instance": "another",
            "tags": {"team": "another", "cost-centre": "4711"}}


def own_snapshots(point: dict) -> dict:
    """Points of ours, one a minute, with all the tags of a real one: none is skipped unread."""
    return {"identifier": "tidemark-%Y%m-orders-%Y%m%dt%H%Mz", "instance": "orders",
            "start": "2016-01-01T00:00:00Z", "step_seconds": 60, "tags": point["tags"],
            "dbi_resource_id": point["DbiResourceId"]}


def measure(world: World, kind, exact: int) -> tuple[list[float], list[float], float, float]:
    """Medians of a pass and of the peer, calls a pass, and memory of the idle daemon."""
    world.clear()
    world.passes()  # takes the one point that is due
    (point,) = world.snapshots().values()
    world.control("POST", "snapshots", {"count": SNAPSHOTS - 1} | kind(point))
    world.passes()  # finds nothing to do from here on
    world.control("DELETE", "log")
    variables = world.variables()
    ours = [measured([TIDEMARK, "run", "--once"], variables) for _ in range(ROUNDS)]
    calls = len(world.calls()) / ROUNDS
    peers = [measured([sys.executable, "-c", PEER], variables) for _ in range(ROUNDS)]
    seen = {peer[3].strip() for peer in peers}
    if seen != {str(SNAPSHOTS)}:
        sys.exit(f"bench: the peer saw {seen} snapshots instead of {SNAPSHOTS}")
    return median_of(ours), median_of(peers), calls, idle_mib(world, kind.__name__)


def bench(world: World) -> int:
    world.create("orders")
    row("idle daemon, no snapshots, MiB", f"{idle_mib(world, 'few'):.1f}", "< 24")
    exact = SNAPSHOTS // PAGE + 1  # pages + sources, and no action
    wrong = 0
    for kind in (foreign_snapshots, own_snapshots):
        (wall, cpu, memory), (peer_wall, peer_cpu, peer_memory), calls, idle = measure(
            world, kind, exact)
        print(f"\na pass over {SNAPSHOTS} {kind.__name__.replace('_', ' ')}; medians of {ROUNDS}; "
              f"the peer only lists them: boto3 {boto3.__version__}")
        row("", "Tidemark", "goal", "peer", "ratio")
        row("API calls", f"{calls:g}", f"{exact}")
        row("CPU, s", f"{cpu:.3f}", "< 1", f"{peer_cpu:.3f}", f"{cpu / peer_cpu:.2f}")
        row("wall, s", f"{wall:.3f}", "", f"{peer_wall:.3f}", f"{wall / peer_wall:.2f}")
        row("peak memory, MiB", f"{memory:.1f}", "< 64", f"{peer_memory:.1f}",
            f"{memory / peer_memory:.2f}")
        row("idle daemon afterwards, MiB", f"{idle:.1f}", "< 24")
        if calls != exact:
            print(f"bench: a pass makes {calls:g} calls instead of {exact}", file=sys.stderr)
            wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(main())
