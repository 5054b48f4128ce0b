"""Worlds without servers for restores by the hundred: each story finds one instance with everything,
and one point of it."""

import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
from restoring import (EVERYTHING, ROLE, configure, differences, instances, make_groups, marks,
                       role_of, safety_snapshots, users_tags)
from story import Outcome, World

OF_A_NAME = {"DBInstanceIdentifier", "DBInstanceArn", "Endpoint"}
RESTORE = ["restore", "orders", "--yes", "--no-checks"]
ROLLBACK = ["restore", "rollback", "orders", "--yes"]
RETIRE = ["restore", "retire", "orders", "--yes"]


class Records(World):
    """before: the instance as it was; point: the one to go back to."""

    def __init__(self, folder: Path, *options: str):
        super().__init__(folder, "--no-servers", "--delay", "0", *options)
        configure(self, password=None)
        make_groups(self)
        self.renew()

    def renew(self) -> None:
        """As on the first day."""
        self.clear()
        self.control("POST", "security-groups", {"gone": []})
        self.control("POST", "engine", {"withdrawn": []})
        self.control("POST", "quotas", {"instances": 40, "storage_gib": 100_000})
        rds = self.client_for_waits
        for name, one in instances(self).items():
            self.control("POST", "instance", {"id": name, "status": None})
            if one["DeletionProtection"]:
                rds.modify_db_instance(DBInstanceIdentifier=name, DeletionProtection=False)
            rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
            self.wait_gone(name)
        self.create("orders", **EVERYTHING)
        for role, feature in (("import", "s3Import"), ("lambda", "Lambda")):
            rds.add_role_to_db_instance(DBInstanceIdentifier="orders", RoleArn=ROLE + role,
                                        FeatureName=feature)
        self.before = self.wait("orders")
        self.point = self.passes()["sources"][0]["last_good"]["id"]
        self.control("DELETE", "log")

    @property
    def resource(self) -> str:
        return self.before["DbiResourceId"]


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    world = Records(tmp_path_factory.mktemp("shared"))
    yield world
    world.down()


@pytest.fixture
def world(shared):
    """For modules that import both: one world, as on the first day for each story."""
    shared.renew()
    return shared


@contextmanager
def lent(folder: Path, count: int, *options: str):
    """A queue of worlds, built at once, ended at the end."""
    with ThreadPoolExecutor(count) as pool:
        built = list(pool.map(lambda n: Records(folder / str(n), *options), range(count)))
    worlds: SimpleQueue[Records] = SimpleQueue()
    for world in built:
        worlds.put(world)
    try:
        yield worlds
    finally:
        with ThreadPoolExecutor(count) as pool:
            list(pool.map(Records.down, built))


def in_parallel(worlds: SimpleQueue, story, cases: list[tuple]) -> None:
    """Runs the story of each case in a fresh world; all that went wrong comes in one failure."""
    def told(case: tuple) -> str | None:
        world = worlds.get()
        try:
            world.renew()
            story(world, *case)
            return None
        except AssertionError as wrong:
            at = traceback.extract_tb(wrong.__traceback__)[-1]
            return f"{case}: {at.name}: {at.line}\n{wrong}"
        finally:
            worlds.put(world)

    with ThreadPoolExecutor(worlds.qsize()) as pool:
        wrongs = [wrong for wrong in pool.map(told, cases) if wrong]
    assert not wrongs, f"{len(wrongs)} of {len(cases)}:\n" + "\n\n".join(wrongs[:8])


# -- what must be true ---------------------------------------------------------------------------

def of_the_source(world: Records) -> dict[str, dict[str, Any]]:
    return {name: one for name, one in instances(world).items() if name.startswith("orders")}


def check_nothing_is_lost(world: Records) -> None:
    """What holds at every moment: the instance that was there is there, and so is the point."""
    kept = [one for one in instances(world).values() if one["DbiResourceId"] == world.resource]
    assert len(kept) == 1, "the instance before is gone"
    assert users_tags(kept[0]) == users_tags(world.before)
    assert differences(world.before, kept[0]).keys() <= OF_A_NAME | {"DBInstanceStatus"}
    assert world.snapshots()[world.point]["Status"] == "available"


def check_restored(world: Records) -> None:
    check_nothing_is_lost(world)
    found = of_the_source(world)
    roles = {role_of(one): one for one in found.values()}
    assert sorted(roles) == ["replaced done", "restored done"], {
        name: role_of(one) for name, one in found.items()}
    restored, replaced = roles["restored done"], roles["replaced done"]
    assert len(found) == 2
    assert restored["DBInstanceIdentifier"] == "orders"
    assert replaced["DbiResourceId"] == world.resource
    assert differences(world.before, restored) == {}
    assert len(safety_snapshots(world)) == 1
    assert world.snapshots()[safety_snapshots(world)[0]]["DbiResourceId"] == world.resource


def check_rolled_back(world: Records) -> None:
    """The instance before is what it was; whatever else is there is discarded, and says so."""
    check_nothing_is_lost(world)
    back = instances(world)["orders"]
    assert back["DbiResourceId"] == world.resource
    assert differences(world.before, back) == {}
    assert back["PubliclyAccessible"] == world.before["PubliclyAccessible"]
    assert marks(back) == {}
    for name, one in of_the_source(world).items():
        assert name == "orders" or role_of(one).startswith("discarded"), (name, role_of(one))
    assert len(safety_snapshots(world)) <= 1


def check_retired(world: Records) -> None:
    """One instance, and the last rows of the one before in one final snapshot."""
    found = of_the_source(world)
    assert list(found) == ["orders"]
    assert found["orders"]["DbiResourceId"] != world.resource
    assert differences(world.before, found["orders"]) == {}
    finals = [one for one in world.snapshots().values()
              if one["tags"].get("tidemark:kind") == "final"]
    assert [one["DbiResourceId"] for one in finals] == [world.resource]
    assert finals[0]["Status"] == "available"
    assert "final snapshot of" in finals[0]["tags"]["tidemark:hold"]


def goes_well(outcome: Outcome) -> Outcome:
    """Done, if with a note that something is private now."""
    assert outcome.code in (0, 3), outcome
    return outcome
