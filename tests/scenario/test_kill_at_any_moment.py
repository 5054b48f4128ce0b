"""SIGKILL at any moment of a pass: nothing is lost or made twice, and the next pass is right."""

import random
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from due_work import check_all_is_done, check_nothing_is_lost, prepare, world_with_due_work
from story import TIDEMARK

SEED = 20_261_122
KILLS = 200
WORLDS = 3
ONE_IN = 4  # kills of the pass after, too
# Answers come late, so that moments between an act and its answer are many.
LATE = {"action": "", "kind": "delay", "seconds": 0.015, "count": -1}


def length_of_a_pass(world) -> float:
    prepare(world)
    world.faults(LATE)
    begin = time.monotonic()
    world.passes()
    check_all_is_done(world)
    return time.monotonic() - begin


def kill_after(world, seconds: float) -> bool:
    """Whether it still ran."""
    process = subprocess.Popen(
        [TIDEMARK, "run", "--once"], env=world.variables(words=["run"]), stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    try:
        process.wait(timeout=seconds)
        return False
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True


def kills(world, seed: int, count: int) -> int:
    """Kills that many passes, each followed by a clean one; how many still ran."""
    chance = random.Random(seed)
    length = max(length_of_a_pass(world) for _ in range(3))
    hit = 0
    for number in range(count):
        prepare(world)
        world.faults(LATE)
        moments = [chance.uniform(0, length)]
        if chance.randrange(ONE_IN) == 0:
            moments.append(chance.uniform(0, length))
        for moment in moments:
            hit += kill_after(world, moment)
            check_nothing_is_lost(world)
        world.faults()
        report = world.passes()
        assert report["failed"] is False, (seed, number, moments, report)
        check_all_is_done(world)
        assert world.passes()["sources"][0]["events"] == [], (seed, number, moments)
    return hit


def test_two_hundred_kills_lose_no_point_and_make_none_twice(tmp_path):
    worlds = [world_with_due_work(tmp_path / str(n)) for n in range(WORLDS)]
    try:
        with ThreadPoolExecutor(WORLDS) as pool:
            shares = [KILLS // WORLDS + (n < KILLS % WORLDS) for n in range(WORLDS)]
            hit = sum(pool.map(kills, worlds, range(SEED, SEED + WORLDS), shares))
    finally:
        for world in worlds:
            world.down()
    assert hit >= KILLS * 0.6, f"only {hit} passes were really killed"
