"""Two operators, each of whom does not know of the other: one stood still while the other worked, or
answers a question that was asked before. Nobody undoes what the other one did."""

import signal

import pytest
from restore_worlds import (RESTORE, ROLLBACK, check_rolled_back, goes_well, of_the_source, shared,
                            world)  # noqa: F401
from restoring import AtThePrompt, changing_calls, instances, role_of
from story import until

DENIED = {"kind": "error", "code": "AccessDenied", "status": 403, "count": -1}


def replaced_name(world):
    (name,) = (name for name in of_the_source(world) if "-replaced-" in name)
    return name


def seen_last_long_ago(world, name):
    """As if whoever is at it ran on another machine, and had not been heard of for long."""
    arn = instances(world)[name]["DBInstanceArn"]
    world.client_for_waits.add_tags_to_resource(ResourceName=arn, Tags=[
        {"Key": "tidemark:restore-runner", "Value": "elsewhere:m:1:1 2026-01-01T00:00:00Z"}])


def standing_still(world):
    """A restore that made the instance, and stands still in the middle of its settings."""
    world.faults({"action": "AddRoleToDBInstance", "kind": "slow", "seconds": 5, "count": 1})
    late = world.start(*RESTORE)
    until(lambda: late.poll() is not None or "AddRoleToDBInstance" in world.calls(), "the roles")
    late.send_signal(signal.SIGSTOP)
    world.faults()
    seen_last_long_ago(world, replaced_name(world))
    return late


def test_a_restore_that_stood_still_does_not_undo_a_rollback(world):
    late = standing_still(world)
    goes_well(world.tidemark(*ROLLBACK))
    check_rolled_back(world)
    world.control("DELETE", "log")
    late.send_signal(signal.SIGCONT)
    _, told = late.communicate(timeout=60)
    assert late.returncode == 11 and "taken back by another run" in told, told
    assert [call for call in changing_calls(world) if call != "AddRoleToDBInstance"] == []
    check_rolled_back(world)


def test_a_restore_that_stood_still_leaves_a_rollback_that_was_begun_alone(world):
    late = standing_still(world)
    victim = replaced_name(world)
    world.faults(DENIED | {"action": "ModifyDBInstance", "skip": 1})  # aside, and not back yet
    assert world.tidemark(*ROLLBACK).code == 15
    world.faults()
    seen_last_long_ago(world, victim)
    late.send_signal(signal.SIGCONT)
    _, told = late.communicate(timeout=60)
    assert late.returncode == 11 and "is being rolled back by another run" in told, told
    goes_well(world.tidemark(*ROLLBACK))
    check_rolled_back(world)


def test_a_rollback_at_its_question_leaves_a_later_restore_alone(world):
    goes_well(world.tidemark(*RESTORE))
    waiting = AtThePrompt(world, ROLLBACK[:-1])
    goes_well(world.tidemark(*ROLLBACK))
    goes_well(world.tidemark(*RESTORE))
    good = instances(world)["orders"]["DbiResourceId"]
    world.control("DELETE", "log")
    code, shown = waiting.answer("orders")
    assert code == 11 and "gives way to another restore by now" in shown, shown
    assert changing_calls(world) == []
    assert instances(world)["orders"]["DbiResourceId"] == good


def test_a_restore_at_its_question_says_that_another_one_was_faster(world):
    waiting = AtThePrompt(world, ["restore", "orders", "--no-checks"])
    goes_well(world.tidemark(*RESTORE))
    good = instances(world)["orders"]["DbiResourceId"]
    world.control("DELETE", "log")
    code, shown = waiting.answer("orders")
    # Of one second, both are one restore, which is finished.
    assert code == 0 or (code == 11 and "orders was restored meanwhile" in shown), shown
    if code == 11:
        assert changing_calls(world) == [] and "rollback" not in shown[shown.index("error:"):]
    assert instances(world)["orders"]["DbiResourceId"] == good


def test_a_restore_that_never_began_does_not_speak_of_the_rollback_of_the_one_before(world):
    goes_well(world.tidemark(*RESTORE))
    world.faults(DENIED | {"action": "AddTagsToResource"})
    told = world.tidemark(*RESTORE, "--again")
    assert told.code == 15 and "Now: orders is the instance that was there before" in told.err
    assert "rollback" not in told.err[told.err.index("error:"):], told.err
    point = world.point
    world.faults()
    world.control("POST", "snapshot", {"id": point, "status": "failed"})
    told = world.tidemark(*RESTORE, "--again", "--point", point)
    assert told.code != 0 and "rollback" not in told.err[told.err.index("error:"):], told.err


@pytest.mark.parametrize("words", [RESTORE, ROLLBACK])
def test_who_cannot_look_any_more_does_not_say_that_the_database_is_down(world, words):
    if words == ROLLBACK:
        goes_well(world.tidemark(*RESTORE))
    looks = 2  # of the plan
    world.faults(DENIED | {"action": "DescribeDBInstances", "skip": looks})
    told = world.tidemark(*words)
    world.faults()
    assert told.code == 15 and "DOWN" not in told.err and "Now: orders is" in told.err, told.err
    assert role_of(instances(world)["orders"]) == ("restored done" if words == ROLLBACK else "")


def test_a_deletion_that_was_decided_before_another_one_rolled_back_deletes_nothing(world):
    """The instance is not protected from deletion, and whoever deletes what never came up in its
    place stands still with the answer of its last look."""
    world.client_for_waits.modify_db_instance(DBInstanceIdentifier="orders",
                                              DeletionProtection=False)
    world.wait("orders")
    world.faults({"action": "RestoreDBInstanceFromDBSnapshot", "kind": "instance-stuck"})
    assert world.tidemark(*RESTORE, "--deadline", "1s").code == 17
    victim = replaced_name(world)
    assert instances(world)[victim]["DeletionProtection"]
    world.control("DELETE", "log")
    looks = 5  # two of the plan; of the claim; of the step; and right before the deletion
    world.faults({"action": "DescribeDBInstances", "kind": "slow", "seconds": 5, "skip": looks - 1})
    late = world.start(*ROLLBACK)
    until(lambda: late.poll() is not None or
          world.calls().count("DescribeDBInstances") == looks, "the last look")
    late.send_signal(signal.SIGSTOP)
    assert "DeleteDBInstance" not in world.calls()
    assert world.calls()[-2:] == ["AddTagsToResource", "DescribeDBInstances"], world.calls()
    seen_last_long_ago(world, victim)
    world.faults()
    other = goes_well(world.tidemark(*ROLLBACK))
    assert "was not protected from deletion before, and is now" in other.out + other.err
    assert world.calls().count("DeleteDBInstance") == 1
    late.send_signal(signal.SIGCONT)
    _, told = late.communicate(timeout=60)
    assert late.returncode == 11 and "another run put orders back" in told, told
    assert "Now: orders is the instance that was there before, 'available'" in told
    assert world.calls().count("DeleteDBInstance") == 2, "it did not come too late"
    assert list(of_the_source(world)) == ["orders"]
    assert instances(world)["orders"]["DbiResourceId"] == world.resource
