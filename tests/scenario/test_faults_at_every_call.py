"""Every fault that the sandbox can make, at every call of a pass that has everything to do: the
pass mends it or says so, and the next pass is right."""

from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue

import pytest

from due_work import NEW, check_all_is_done, check_nothing_is_lost, prepare, world_with_due_work

WORLDS = 4
CALLS = ["DescribeDBSnapshots", "DescribeDBInstances", "CreateDBSnapshot", "DescribeDBSnapshots",
         "AddTagsToResource", "AddTagsToResource", "DescribeDBInstances",
         "DescribeDBSnapshots", "DeleteDBSnapshot", "DescribeDBSnapshots", "DeleteDBSnapshot"]

# What one occurrence of each must lead to: the pass mends it itself, or ends with this code.
MENDED = 0
ONCE = {
    "throttled": ({"kind": "throttle"}, MENDED),
    "throttled by another spelling": ({"kind": "throttle", "code": "RequestLimitExceeded"}, MENDED),
    "internal failure": ({"kind": "500"}, MENDED),
    "service unavailable": ({"kind": "503"}, MENDED),
    "reset": ({"kind": "reset"}, MENDED),
    "reset after the act": ({"kind": "reset-after"}, MENDED),
    "closed after the act": ({"kind": "close-after"}, MENDED),
    "truncated": ({"kind": "truncate"}, MENDED),
    "malformed": ({"kind": "malformed"}, MENDED),
    "a page of HTML": ({"kind": "html"}, MENDED),
    "a gateway's error": ({"kind": "html", "status": 502}, MENDED),
    "late": ({"kind": "delay", "seconds": 0.2}, MENDED),
    "dribbling": ({"kind": "slow", "seconds": 0.2}, MENDED),
    "session expired": ({"kind": "expired"}, MENDED),
    "too much XML": ({"kind": "huge", "bytes": 20 * 2**20}, None),
    "too deep XML": ({"kind": "deep"}, None),
    "signature too old": ({"kind": "skewed"}, 15),
    "denied": ({"kind": "error", "code": "AccessDenied", "status": 403}, 15),
    "an unknown error": ({"kind": "error", "code": "NewlyInvented", "status": 400}, 1),
}
THROTTLED = {"kind": "throttle", "count": -1}
LOST = {"kind": "reset-after", "count": -1}
DENIED = {"kind": "error", "code": "AccessDenied", "status": 403, "count": -1}


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    """Lends a world to each of several threads."""
    built = [world_with_due_work(tmp_path_factory.mktemp("world")) for _ in range(WORLDS)]
    free = SimpleQueue()
    for world in built:
        free.put(world)
    yield free
    for world in built:
        world.down()


def in_parallel(worlds, story, cases) -> None:
    """Runs the story of each case; all that went wrong comes in one failure."""
    def told(case):
        world = worlds.get()
        try:
            prepare(world)
            story(world, *case)
            return None
        except AssertionError as wrong:
            return f"{case}: {wrong}"
        finally:
            worlds.put(world)

    with ThreadPoolExecutor(WORLDS) as pool:
        wrongs = [wrong for wrong in pool.map(told, cases) if wrong]
    assert not wrongs, f"{len(wrongs)} of {len(cases)}:\n" + "\n\n".join(wrongs[:12])


def faulty_pass(world, fault, code):
    """One pass under the fault, and one after it."""
    world.faults(fault)
    outcome = world.tidemark("run", "--once", "--deadline", "4s")
    world.faults()
    snapshots = check_nothing_is_lost(world)
    assert code is None or outcome.code == code, f"not {code}: {outcome}"
    if outcome.code == 0:
        check_all_is_done(world)
    else:
        said = outcome.out + outcome.err
        assert "error:" in said or "critical" in said, outcome
    return outcome, snapshots


def clean_pass(world) -> None:
    report = world.passes()
    assert report["failed"] is False
    check_all_is_done(world)
    assert world.passes()["sources"][0]["events"] == []


def test_a_pass_makes_the_calls_that_the_faults_are_tried_at(worlds):
    world = worlds.get()
    prepare(world)
    world.passes()
    assert world.calls() == CALLS
    worlds.put(world)


def test_one_fault_at_any_call_is_mended_or_told_and_the_next_pass_is_right(worlds):
    def story(world, name, at):
        fault, code = ONCE[name]
        faulty_pass(world, fault | {"action": "", "skip": at, "count": 1}, code)
        clean_pass(world)

    in_parallel(worlds, story, [(name, at) for name in ONCE for at in range(len(CALLS))])


def test_a_lasting_fault_of_an_action_is_told_and_the_next_pass_is_right(worlds):
    def story(world, name, fault, skip, code):
        faulty_pass(world, fault | {"action": name, "skip": skip}, code)
        clean_pass(world)

    reads = [("DescribeDBSnapshots", 0), ("DescribeDBSnapshots", 1), ("DescribeDBInstances", 0)]
    writes = [("CreateDBSnapshot", 0), ("AddTagsToResource", 0), ("DeleteDBSnapshot", 0)]
    in_parallel(worlds, story, [
        *((name, THROTTLED, skip, 17) for name, skip in reads + writes),
        *((name, LOST, skip, 17) for name, skip in writes),
        *((name, DENIED, skip, 15) for name, skip in reads + writes)])


def test_a_failed_snapshot_is_no_point_and_is_tried_again(worlds):
    world = worlds.get()
    prepare(world)
    outcome, snapshots = faulty_pass(
        world, {"action": "CreateDBSnapshot", "kind": "snapshot-failed"}, 1)
    assert "failed" in outcome.out
    assert snapshots[NEW]["Status"] == "failed"
    clean_pass(world)
    assert world.snapshots()[f"{NEW}-r2"]["Status"] == "available"
    worlds.put(world)


def test_a_snapshot_that_vanishes_is_taken_again(worlds):
    world = worlds.get()
    prepare(world)
    _, snapshots = faulty_pass(
        world, {"action": "CreateDBSnapshot", "kind": "snapshot-vanish"}, None)
    assert NEW not in snapshots
    clean_pass(world)
    worlds.put(world)


def test_a_stuck_snapshot_is_never_counted_and_never_doubled(worlds):
    world = worlds.get()
    prepare(world)
    _, snapshots = faulty_pass(
        world, {"action": "CreateDBSnapshot", "kind": "snapshot-stuck"}, 17)
    assert snapshots[NEW]["Status"] == "creating"
    again = world.tidemark("run", "--once", "--deadline", "1s")
    assert again.code == 17
    assert "is being taken" in again.out
    long_ago = snapshots[NEW]["tags"] | {"tidemark:asked": "2026-01-01T00:00:00Z"}
    world.control("POST", "snapshot", {"id": NEW, "tags": long_ago})
    assert "is still in progress" in world.tidemark("status").out
    status = world.tidemark("status")
    assert status.code == 14
    assert status.out.startswith("NOT PROTECTED: orders:")
    assert [name for name in world.snapshots() if name.startswith(NEW)] == [NEW]
    world.control("POST", "snapshot", {"id": NEW, "status": "available"})
    clean_pass(world)
    worlds.put(world)
