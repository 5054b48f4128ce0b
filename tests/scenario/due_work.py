"""A world in which one pass has everything to do: a point to take, points to condemn, points to
delete, a point held; and what must be true of it after any accident, and after the next pass."""

from datetime import datetime, timezone
from pathlib import Path

from story import World

# The slot is New Year's, so that no test meets midnight.
YEAR = datetime.now(timezone.utc).year
NEW = f"tidemark-{YEAR}01-orders-{YEAR}0101t0000z"
CONFIG = """
[source.orders]

[policy.default]
schedule = "0 0 1 1 *"
keep = { daily = 3 }
keep_min = 1
"""
FATES = {"kept": ("30", "29"), "condemned": ("20", "19"), "deleted": ("12", "11"), "held": ("05",)}


def point(day: str) -> str:
    return f"tidemark-{YEAR - 1}12-orders-{YEAR - 1}12{day}t0000z"


FATE = {point(day): fate for fate, days in FATES.items() for day in days}


def world_with_due_work(folder: Path) -> World:
    world = World(folder, "--no-servers", "--delay", "0", config=CONFIG)
    world.create("orders")
    return world


def prepare(world: World) -> None:
    world.clear()
    more = {"condemned": {}, "kept": {}, "held": {"tidemark:hold": "for ever"},
            "deleted": {"tidemark:condemned": f"{YEAR - 1}-12-20T00:00:00Z"}}
    for fate, days in FATES.items():
        for day in days:
            world.add_point(f"{YEAR - 1}-12-{day}T00:00", tags=more[fate])
    world.control("DELETE", "log")


def is_condemned(snapshot: dict) -> bool:
    return "tidemark:condemned" in snapshot["tags"]


def check_nothing_is_lost(world: World) -> dict:
    """What holds at every moment, whatever happened. The snapshots."""
    snapshots = world.snapshots()
    for name, fate in FATE.items():
        assert name in snapshots or fate == "deleted", f"{name} is lost"
        if fate in ("kept", "held"):
            assert not is_condemned(snapshots[name])
    assert snapshots[point("05")]["tags"]["tidemark:hold"] == "for ever"
    new = [name for name in snapshots if name not in FATE]
    assert all(name.startswith(NEW) for name in new)
    usable = [name for name in new if snapshots[name]["Status"] in ("available", "creating")]
    assert len(usable) <= 1, f"two points for one slot: {usable}"
    # Nothing is thinned before the slot has its point.
    good = [name for name in usable if snapshots[name]["Status"] == "available"]
    thinned = set(FATE) - snapshots.keys() or [
        name for name in snapshots if FATE.get(name) == "condemned" and is_condemned(snapshots[name])]
    assert good or not thinned, f"thinned without a good point: {thinned}"
    return snapshots


def check_all_is_done(world: World) -> None:
    """What holds after a pass that succeeded."""
    snapshots = check_nothing_is_lost(world)
    assert all(one["Status"] == "available" or one["DBSnapshotIdentifier"].startswith(NEW)
               for one in snapshots.values())
    assert [name for name, one in snapshots.items()
            if name.startswith(NEW) and one["Status"] == "available"], "no point for the slot"
    for name, fate in FATE.items():
        assert (name in snapshots) == (fate != "deleted"), (name, fate)
        if fate == "condemned":
            assert is_condemned(snapshots[name])
