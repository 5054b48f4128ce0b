"""What restores put aside: what a retirement deletes and what it never does, whatever happened since
it was planned; and how rollbacks find back through several restores."""

import signal

import pytest
from restore_worlds import (RESTORE, RETIRE, ROLLBACK, check_nothing_is_lost, check_restored,
                            check_retired, check_rolled_back, goes_well, of_the_source, shared,
                            world)  # noqa: F401
from restoring import AtThePrompt, changing_calls, instances, marks, role_of
from story import until

DENIED = {"kind": "error", "code": "AccessDenied", "status": 403}


def replaced_name(world):
    (name,) = (name for name in of_the_source(world) if "-replaced-" in name)
    return name


def rename(world, old, new):
    world.client_for_waits.modify_db_instance(
        DBInstanceIdentifier=old, NewDBInstanceIdentifier=new, ApplyImmediately=True)
    world.wait(new)


@pytest.mark.parametrize("restored_again", [False, True])
def test_a_retirement_that_waited_for_its_answer_deletes_nothing_that_is_in_use_again(
        world, restored_again):
    goes_well(world.tidemark(*RESTORE))
    victim = replaced_name(world)
    waiting = AtThePrompt(world, RETIRE[:-1])
    assert world.tidemark(*ROLLBACK).code == 0
    check_rolled_back(world)
    if restored_again:  # and the name in the question is that of an instance again
        goes_well(world.tidemark(*RESTORE))
        assert victim in instances(world)
    before = of_the_source(world).keys()
    world.control("DELETE", "log")
    code, shown = waiting.answer(victim)
    assert code == 19, shown
    assert "is no longer what was to be retired" in shown
    assert changing_calls(world) == []
    assert of_the_source(world).keys() == before


@pytest.mark.parametrize("written", [1, 2])
def test_a_retirement_that_broke_between_its_tags_goes_on_with_the_same_final_snapshot(
        world, written):
    """The first tag that it writes is the lease."""
    goes_well(world.tidemark(*RESTORE))
    world.faults({"action": "AddTagsToResource", "skip": written, "count": 1} | DENIED)
    assert world.tidemark(*RETIRE).code == 15
    world.faults()
    assert "tidemark:restore-final" not in marks(instances(world)["orders"])
    goes_well(world.tidemark(*RETIRE))
    check_retired(world)


def test_the_name_of_a_final_snapshot_that_was_never_taken_means_nothing(world):
    goes_well(world.tidemark(*RESTORE))
    arn = instances(world)["orders"]["DBInstanceArn"]
    world.client_for_waits.add_tags_to_resource(ResourceName=arn, Tags=[
        {"Key": "tidemark:restore-final", "Value": "tidemark-202601-orders-20260101t0000z"}])
    goes_well(world.tidemark(*RETIRE))
    check_retired(world)
    assert marks(instances(world)["orders"])["tidemark:restore-final"] == "-"
    assert world.tidemark(*RETIRE).code == 16


def test_a_later_retirement_takes_the_final_snapshot_that_an_earlier_one_did_not_want(world):
    goes_well(world.tidemark(*RESTORE))
    world.faults({"action": "DeleteDBInstance", "count": 1} | DENIED)
    assert world.tidemark(*RETIRE, "--no-final-snapshot").code == 15
    world.faults()
    assert marks(instances(world)[replaced_name(world)])["tidemark:restore-final"] == "-"
    goes_well(world.tidemark(*RETIRE))
    check_retired(world)


def test_the_last_instance_of_a_source_is_not_retired_and_comes_back(world):
    goes_well(world.tidemark(*RESTORE))
    world.faults({"action": "DeleteDBInstance", "count": 1} | DENIED)
    assert world.tidemark(*RETIRE).code == 15
    world.faults()
    rename(world, "orders", "orders-elsewhere")
    refused = world.tidemark(*RETIRE)
    assert refused.code == 19, refused
    assert "no instance is called orders now" in refused.err
    assert world.tidemark(*ROLLBACK).code == 0
    assert instances(world)["orders"]["DbiResourceId"] == world.resource


def test_an_instance_whose_marks_somebody_took_off_is_not_called_gone(world):
    goes_well(world.tidemark(*RESTORE))
    name = replaced_name(world)
    one = instances(world)[name]
    world.client_for_waits.remove_tags_from_resource(
        ResourceName=one["DBInstanceArn"], TagKeys=list(marks(one)))
    refused = world.tidemark(*ROLLBACK)
    assert refused.code == 16, refused
    assert f"{name} ({world.resource}) is there" in refused.err


def test_what_somebody_renamed_by_hand_is_never_retired(world):
    goes_well(world.tidemark(*RESTORE))
    rename(world, replaced_name(world), "orders-live")
    refused = world.tidemark(*RETIRE)
    assert refused.code == 19, refused
    assert "orders-live is not retired" in refused.err
    assert "orders-live" in instances(world)

    world.renew()
    rename(world, "orders", "orders-old")
    goes_well(world.tidemark(*RESTORE))
    refused = world.tidemark(*RETIRE)
    assert refused.code == 19, refused
    assert "orders-old is not retired" in refused.err
    assert world.tidemark(*ROLLBACK).code == 0
    check_rolled_back(world)


def test_a_name_that_is_taken_meanwhile_is_told_at_once(world):
    world.faults({"action": "ModifyDBInstance", "count": 1} | DENIED)
    assert world.tidemark(*RESTORE).code == 15
    name = marks(instances(world)["orders"])["tidemark:restore-aside"]
    holder = world.create(name)["DbiResourceId"]
    refused = world.tidemark(*RESTORE)
    assert refused.code == 16, refused
    assert name in refused.err and holder in refused.err
    rename(world, name, "somebody-elses")
    goes_well(world.tidemark(*RESTORE))
    check_restored(world)


def test_a_second_restore_is_rolled_back_to_the_first_and_that_one_too(world):
    goes_well(world.tidemark(*RESTORE))
    first = instances(world)["orders"]["DbiResourceId"]
    goes_well(world.tidemark(*RESTORE, "--again"))
    rolled_back = world.tidemark(*ROLLBACK)
    assert rolled_back.code == 0
    assert "what was restored is kept as orders-discarded-" in rolled_back.out
    back = instances(world)["orders"]
    assert back["DbiResourceId"] == first
    assert role_of(back) == "restored done"
    assert "is restored already" in world.tidemark(*RESTORE).err
    assert world.tidemark(*ROLLBACK).code == 0
    check_nothing_is_lost(world)
    assert instances(world)["orders"]["DbiResourceId"] == world.resource
    assert marks(instances(world)["orders"]) == {}
    assert world.tidemark(*ROLLBACK).code == 16


def test_two_retirements_are_one_document_and_status_tells_who_is_at_what(world):
    goes_well(world.tidemark(*RESTORE))
    world.control("DELETE", "log")
    world.faults({"action": "CreateDBSnapshot", "kind": "slow", "seconds": 2})
    again = world.start(*RESTORE, "--again")
    until(lambda: "CreateDBSnapshot" in world.calls(), "the second to be at it")
    again.send_signal(signal.SIGSTOP)
    shown = world.tidemark("restore", "status", "--json").json["restores"]
    holders = [one["lease"]["holder"] for one in shown if one["lease"]]
    assert len(holders) == 1 and f":{again.pid}:" in holders[0], shown
    again.send_signal(signal.SIGCONT)
    again.communicate(timeout=60)
    assert again.returncode in (0, 3)

    plan = world.tidemark(*RETIRE, "--json", "--dry-run").json
    assert plan["kind"] == "retire_plan"
    planned = [one["aside"] for one in plan["instances"]]
    assert len(planned) == 2
    done = goes_well(world.tidemark(*RETIRE, "--json")).json
    assert [one["plan"]["aside"] for one in done["instances"]] == planned
    assert list(of_the_source(world)) == ["orders"]


def test_status_leaves_the_restores_of_another_configuration_to_that_one(world):
    world.create("theirs", Tags=[
        {"Key": "tidemark:restore", "Value": "20260101t000000z restored done"},
        {"Key": "tidemark:restore-of", "Value": "theirs"},
        {"Key": "tidemark:restore-from", "Value": "a-point"},
        {"Key": "tidemark:restore-settings", "Value": "current"},
        {"Key": "tidemark:restore-source", "Value": "another"}])
    assert "theirs" not in world.tidemark("restore", "status").out
    arn = instances(world)["theirs"]["DBInstanceArn"]
    world.client_for_waits.remove_tags_from_resource(
        ResourceName=arn, TagKeys=["tidemark:restore-source"])
    assert "theirs" in world.tidemark("restore", "status").out, "nobody knows whose it is"


def test_a_restore_beside_that_is_finished_says_so_when_it_is_repeated(world):
    words = [*RESTORE, "--as", "orders-look"]
    goes_well(world.tidemark(*words))
    world.control("DELETE", "log")
    again = world.tidemark(*words)
    assert again.code == 0 and "orders-look is restored already" in again.out, again
    assert world.tidemark(*words, "--json").json["instance"] == "orders-look"
    other = world.tidemark(*words, "--point", world.add_point("2026-01-01T00:00"))
    assert other.code == 16 and "there is an instance orders-look already" in other.err, other
    assert changing_calls(world) == []
