"""SIGKILL at any moment of a restore, of its rollback and of a retirement: nothing is lost, the same
command goes on, and a rollback gives back what was there. Two operators at once: one is told."""

import random
import subprocess
import time

import pytest
from restore_worlds import (OF_A_NAME, RESTORE, RETIRE, ROLLBACK, Records,
                            check_nothing_is_lost, check_restored, check_retired,
                            check_rolled_back, goes_well, in_parallel, lent, of_the_source)
from restoring import differences, marks, role_of
from story import TIDEMARK, until

SEED = 20_261_124
WORLDS = 3
RANDOM_KILLS = 100
LATE = {"action": "", "kind": "delay", "seconds": 0.01, "count": -1}


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    with lent(tmp_path_factory.mktemp("killed"), WORLDS) as worlds:
        yield worlds


def launch(world: Records, words: list[str]) -> subprocess.Popen:
    return subprocess.Popen([TIDEMARK, *words], env=world.variables(words=words), stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def kill_after_call(world: Records, words: list[str], number: int) -> bool:
    """Kills it when that many calls were answered by the service, and the last answer is still on
    its way. Whether it came so far."""
    world.control("DELETE", "log")
    world.faults({"action": "", "kind": "slow", "seconds": 5, "skip": number - 1})
    process = launch(world, words)
    until(lambda: process.poll() is not None or len(world.calls()) >= number, "the call")
    alive = process.poll() is None
    process.kill()
    process.wait()
    world.faults()
    return alive


def completes(world: Records) -> None:
    """By the same command; when it was done already, that is said instead of done again."""
    done = world.tidemark(*RESTORE)
    assert done.code in (0, 3) or (
        done.code == 19 and "orders is restored already" in done.err), done


def calls_of(world: Records, words: list[str]) -> int:
    world.control("DELETE", "log")
    goes_well(world.tidemark(*words))
    return len(world.calls())


@pytest.fixture(scope="module")
def lengths(worlds) -> dict[str, int]:
    """How many calls each command makes when nothing happens to it."""
    world = worlds.get()
    world.renew()
    found = {"restore": calls_of(world, RESTORE)}
    check_restored(world)
    found["rollback"] = calls_of(world, ROLLBACK)
    check_rolled_back(world)
    world.renew()
    goes_well(world.tidemark(*RESTORE))
    found["retire"] = calls_of(world, RETIRE)
    check_retired(world)
    worlds.put(world)
    return found


def moments(count: int) -> list[tuple[int]]:
    return [(number,) for number in range(1, count + 1)]


def test_a_restore_killed_after_any_call_is_completed_by_the_same_command(worlds, lengths):
    def story(world, number):
        assert kill_after_call(world, RESTORE, number)
        check_nothing_is_lost(world)
        completes(world)
        check_restored(world)

    in_parallel(worlds, story, moments(lengths["restore"]))


def test_a_restore_killed_after_any_call_is_taken_back_by_a_rollback(worlds, lengths):
    def story(world, number):
        assert kill_after_call(world, RESTORE, number)
        rolled_back = world.tidemark(*ROLLBACK)
        if rolled_back.code == 16:  # nothing was begun
            assert "no restore of orders that could be rolled back" in rolled_back.err
        else:
            assert rolled_back.code == 0, rolled_back
        check_rolled_back(world)

    in_parallel(worlds, story, moments(lengths["restore"]))


def test_a_rollback_killed_after_any_call_is_completed_by_the_same_command(worlds, lengths):
    def story(world, number):
        goes_well(world.tidemark(*RESTORE))
        assert kill_after_call(world, ROLLBACK, number)
        check_nothing_is_lost(world)
        again = world.tidemark(*ROLLBACK)
        assert again.code in (0, 16), again
        check_rolled_back(world)

    in_parallel(worlds, story, moments(lengths["rollback"]))


def test_a_retirement_killed_after_any_call_is_completed_by_the_same_command(worlds, lengths):
    def story(world, number):
        goes_well(world.tidemark(*RESTORE))
        killed = kill_after_call(world, RETIRE, number)
        # A busy machine looks more often while it waits: the last numbers may be behind the end.
        assert killed or number > lengths["retire"] * 3 // 4
        again = world.tidemark(*RETIRE)
        assert again.code in (0, 16), again
        check_retired(world)

    in_parallel(worlds, story, moments(lengths["retire"]))


def remove_the_instance(world: Records) -> None:
    rds = world.client_for_waits
    rds.modify_db_instance(DBInstanceIdentifier="orders", DeletionProtection=False)
    world.wait("orders")
    rds.delete_db_instance(DBInstanceIdentifier="orders", SkipFinalSnapshot=True)
    world.wait_gone("orders")


def killed_everywhere(worlds, before, words: list[str], check) -> None:
    """Kills the command after each of its calls and repeats it, until it says that it is done."""
    first = worlds.get()
    first.renew()
    before(first)
    length = calls_of(first, words)
    check(first)
    worlds.put(first)

    def story(world, number):
        before(world)
        assert kill_after_call(world, words, number)
        again = world.tidemark(*words)
        assert again.code in (0, 3) or "is restored already" in again.err, again
        check(world)

    in_parallel(worlds, story, moments(length))


def test_a_restore_of_an_instance_that_is_gone_killed_after_any_call_is_completed(worlds):
    def check(world):
        found = of_the_source(world)
        assert list(found) == ["orders"]
        assert role_of(found["orders"]) == "restored done"
        assert differences(world.before, found["orders"]) == {}

    killed_everywhere(worlds, remove_the_instance, RESTORE, check)


def test_a_restore_beside_killed_after_any_call_is_completed_and_touches_nothing_else(worlds):
    def check(world):
        check_nothing_is_lost(world)
        found = of_the_source(world)
        assert sorted(found) == ["orders", "orders-look"]
        assert role_of(found["orders-look"]) == "restored done"
        assert differences(world.before, found["orders-look"]).keys() == OF_A_NAME
        assert differences(world.before, found["orders"]) == {}
        assert marks(found["orders"]) == {}

    killed_everywhere(worlds, lambda world: None, [*RESTORE, "--as", "orders-look"], check)


def kill_after(world: Records, words: list[str], seconds: float) -> bool:
    process = launch(world, words)
    try:
        process.wait(timeout=seconds)
        return False
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True


def test_a_hundred_kills_at_random_moments_end_right_whoever_goes_on(worlds):
    """A restore is killed once or twice; then it is completed, or taken back by a rollback that is
    killed, too."""
    world = worlds.get()
    world.renew()
    world.faults(LATE)
    begin = time.monotonic()
    goes_well(world.tidemark(*RESTORE))
    length = time.monotonic() - begin
    worlds.put(world)
    hit = []

    def story(world, number):
        chance = random.Random(SEED + number)
        world.faults(LATE)
        for _ in range(chance.choice([1, 1, 2])):
            hit.append(kill_after(world, RESTORE, chance.uniform(0, length)))
            check_nothing_is_lost(world)
        back = chance.random() < 0.5
        if back:
            kill_after(world, ROLLBACK, chance.uniform(0, length / 2))
            check_nothing_is_lost(world)
        world.faults()
        if back:
            assert world.tidemark(*ROLLBACK).code in (0, 16)
            check_rolled_back(world)
        else:
            completes(world)
            check_restored(world)

    in_parallel(worlds, story, [(n,) for n in range(RANDOM_KILLS)])
    assert sum(hit) >= RANDOM_KILLS * 0.6, f"only {sum(hit)} were really killed"
