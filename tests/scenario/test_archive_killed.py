"""SIGKILL at any moment of an archive, a prune and a restore: the repository is sound to the last
byte, what was there comes back equal, and the same command run again succeeds.

TIDEMARK_KILLS says how many of each; a build checks some, a release 200."""

import os
import random

import pytest

from archive_upkeep import UpkeepWorld
from story import command

SEED = 20_261_125
KILLS = int(os.environ.get("TIDEMARK_KILLS", "10"))
COMPARE_ONE_IN = 10


@pytest.fixture(scope="module")
def archives(build, tmp_path_factory):
    world = build("--delay", "0")
    world.create("orders", DBName="shop")
    filled = command("fill", "--dir", world.folder, "--instance", "orders", "--size", "small")
    assert filled.returncode == 0, filled.stderr
    made = UpkeepWorld(world, tmp_path_factory.mktemp("killed") / "a", schedule=False)
    made.done("repo", "init")
    made.first_rows = made.rows("shop")
    made.first = made.done("archive", "orders", "--name", "first")["archive"]
    made.done("hold", made.first)
    yield made
    made.check_all()


def archive(archives) -> None:
    archives.last = archives.done("archive", "orders", "--name", "orders/shop")["archive"]


def check_first_comes_back(archives, number: int) -> None:
    archives.check_all()
    if number % COMPARE_ONE_IN == 0:
        archives.done("restore", archives.first, "--to", archives.fresh("first"))
        assert archives.rows("first") == archives.first_rows


def test_killed_archives(archives):
    chance = random.Random(SEED)

    length = archives.length_of(lambda: archive(archives))
    hit = 0
    for number in range(KILLS):
        archives.change()
        before = archives.names()
        hit += archives.killed(["archive", "orders", "--name", "orders/shop"],
                               chance.uniform(0, length))
        check_first_comes_back(archives, number)
        assert set(before) <= set(archives.names())
        length = archives.length_of(lambda: archive(archives))
    archives.done("restore", archives.last, "--to", archives.fresh("last"))
    archives.check_equal("shop", "last")
    assert hit > 0, "no archive was really killed"


def test_killed_prunes(archives):
    chance = random.Random(SEED + 1)

    def more_to_prune():
        archives.change()
        archive(archives)
        archives.age()

    def prune():
        archives.done("archives", "prune", "--yes")

    more_to_prune()
    length = archives.length_of(prune)
    hit = 0
    for number in range(KILLS):
        more_to_prune()
        kept = archives.newest(2)
        hit += archives.killed(["archives", "prune", "--yes"], chance.uniform(0, length))
        check_first_comes_back(archives, number)
        archives.age()  # the lease of the dead one has died, too
        length = archives.length_of(prune)
        assert set(kept) <= set(archives.names())
    archives.check_all()
    archives.age()
    prune()
    assert len(archives.names()) <= 4  # the held one, two that the policy keeps, one in grace
    archive(archives)
    archives.done("restore", archives.last, "--to", archives.fresh("last"))
    archives.check_equal("shop", "last")
    assert hit > 0, "no prune was really killed"


def test_killed_restores(archives):
    chance = random.Random(SEED + 2)

    def restore():
        archives.sql("shop", "drop database if exists again with (force)")
        archives.done("restore", archives.first, "--to", archives.fresh("again"))

    length = archives.length_of(restore)
    hit = 0
    before = {name: body for name, body in archives.objects().items()
              if not name.startswith("leases/")}
    for number in range(KILLS):
        archives.sql("shop", "drop database if exists again with (force)")
        url = archives.fresh("again")
        hit += archives.killed(["restore", archives.first, "--to", url], chance.uniform(0, length))
        archives.check_all()
        length = archives.length_of(restore)
        if number % COMPARE_ONE_IN == 0:
            assert archives.rows("again") == archives.first_rows
    after = archives.objects()
    assert before == {name: after[name] for name in before}
    assert hit > 0, "no restore was really killed"
