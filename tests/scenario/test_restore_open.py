"""A restore that an earlier run left open: what it was told is remembered, another choice is taken as
long as nothing was renamed and refused afterwards, and no rule of retention takes its point."""

from restore_worlds import (RESTORE, ROLLBACK, check_restored, check_rolled_back, goes_well,
                            of_the_source, shared, world)  # noqa: F401
from restoring import configure, instances, marks, on_a_terminal, role_of, safety_snapshots

RESTORE_CALL = "RestoreDBInstanceFromDBSnapshot"


def stop_at(world, action, *words):
    """A restore that was begun and cannot go on: RDS refuses this call for now."""
    world.faults({"action": action, "kind": "error", "count": -1, "status": 400,
                  "code": "InsufficientDBInstanceCapacity", "message": "not today"})
    outcome = world.tidemark(*(words or RESTORE))
    assert outcome.code not in (0, 3), outcome
    world.faults()
    return outcome


def operation(world, resource):
    (one,) = (i for i in instances(world).values() if i["DbiResourceId"] == resource)
    return marks(one)["tidemark:restore"].split()[0]


def test_another_choice_begins_anew_as_long_as_nothing_was_renamed(world):
    stop_at(world, "ModifyDBInstance")
    first = operation(world, world.resource)
    (old_safety,) = safety_snapshots(world)
    plan = world.tidemark("restore", "orders", "--no-checks", "--dry-run").out
    assert "resumed" in plan and "ago, at 20" in plan, plan
    shown = on_a_terminal(world, ["restore", "orders", "--no-checks"], "no\n").stdout
    assert "the restore of orders, begun" in shown, shown

    newer = world.add_point("2026-01-01T00:00")
    dry = world.tidemark("restore", "orders", "--no-checks", "--point", newer, "--dry-run").out
    assert "had renamed nothing yet" in dry and "resumed" not in dry, dry
    goes_well(world.tidemark(*RESTORE, "--settings", "point"))
    assert operation(world, world.resource) > first
    assert old_safety in safety_snapshots(world)
    assert len(safety_snapshots(world)) == 2, "the old restore's safety snapshot stood for this one"
    assert len(of_the_source(world)) == 2


def test_another_choice_is_refused_once_something_was_renamed(world):
    stop_at(world, RESTORE_CALL)
    newer = world.add_point("2026-01-01T00:00")
    world.control("DELETE", "log")
    for words in (["--settings", "point"], ["--point", newer]):
        outcome = world.tidemark(*RESTORE, *words)
        assert outcome.code == 16, outcome
        for word in ("has gone too far", world.point, "`tidemark restore orders`",
                     "tidemark restore rollback orders"):
            assert word in outcome.err, outcome.err
    # The same words mean the same restore.
    goes_well(world.tidemark(*RESTORE, "--latest", "--settings", "current"))
    check_restored(world)


def test_what_the_first_run_was_told_holds_for_the_one_that_goes_on(world):
    """Nobody can connect in this world, so a run that forgot --no-checks would fail."""
    stop_at(world, RESTORE_CALL, *RESTORE, "--no-hook", "--no-safety-snapshot",
            "--instance-class", "db.m6g.2xlarge")
    goes_well(world.tidemark("restore", "orders", "--yes"))
    assert instances(world)["orders"]["DBInstanceClass"] == "db.m6g.2xlarge"
    assert safety_snapshots(world) == []
    assert world.tidemark(*ROLLBACK).code == 0
    check_rolled_back(world)


def test_a_password_that_was_to_be_set_has_to_be_given_again(world, tmp_path):
    secret = tmp_path / "new-password"
    secret.write_text("a-new-one-4711\n")
    secret.chmod(0o600)
    words = [*RESTORE, "--master-password-file", str(secret)]
    stop_at(world, RESTORE_CALL, *words)
    outcome = world.tidemark(*RESTORE)
    assert outcome.code == 2, outcome
    assert "--master-password-file FILE" in outcome.err
    assert role_of(instances(world)[next(iter(of_the_source(world)))]) == "replaced open"
    goes_well(world.tidemark(*words))
    check_restored(world)
    assert "password" in marks(instances(world)["orders"])["tidemark:restore-progress"]


def test_the_restored_instance_names_itself_in_its_mark_before_anything_is_done_to_it(world):
    """Until it does, any copy of its tags would be taken for it."""
    stop_at(world, "ModifyDBInstance", *RESTORE, "--as", "orders-look")
    mark = marks(instances(world)["orders-look"])["tidemark:restore"].split()
    assert mark[3] == instances(world)["orders-look"]["DbiResourceId"]


def test_tags_of_a_snapshot_on_an_instance_are_told(world):
    arn = instances(world)["orders"]["DBInstanceArn"]
    world.client_for_waits.add_tags_to_resource(ResourceName=arn, Tags=[
        {"Key": "tidemark:kind", "Value": "safety"}, {"Key": "tidemark:hold", "Value": "once"}])
    shown = world.tidemark("status", "orders").out
    assert "bears the tags of a snapshot" in shown
    assert "--tag-keys tidemark:hold tidemark:kind" in shown


def test_no_rule_of_retention_takes_the_point_of_a_restore_that_is_not_over(world):
    """Not even one that was condemned long ago, while nothing bears the source's name."""
    older = world.add_point("2026-01-01T00:00", tags={
        "tidemark:condemned": "2026-02-01T00:00:00Z"})
    stop_at(world, RESTORE_CALL, *RESTORE, "--point", older)
    world.config.write_text(world.config.read_text().replace(
        "keep = { daily = 7, weekly = 8, monthly = 24 }", "keep = { last = 1 }\nkeep_min = 1"))
    try:
        world.tidemark("run", "--once")
        assert older in world.snapshots()
        goes_well(world.tidemark("restore", "orders", "--yes"))
        assert world.tidemark(*ROLLBACK).code == 0
        world.passes()
        left = world.snapshots().get(older, {"tags": {"tidemark:condemned": "2026-02-01"}})
        assert left["tags"]["tidemark:condemned"].startswith("20"), "no rule applies to it at all"
    finally:
        configure(world, password=None)


def test_nor_that_of_a_restore_beside(world):
    older, oldest = (world.add_point(slot, tags={"tidemark:condemned": "2026-02-01T00:00:00Z"})
                     for slot in ("2026-01-01T00:00", "2025-12-01T00:00"))
    stop_at(world, "ModifyDBInstance", *RESTORE, "--as", "orders-look", "--point", older)
    world.config.write_text(world.config.read_text().replace(
        "keep = { daily = 7, weekly = 8, monthly = 24 }", "keep = { last = 1 }\nkeep_min = 1"))
    try:
        report = world.passes()
        assert older in world.snapshots() and oldest not in world.snapshots()
        assert "that is not over needs it" in str(report)
        goes_well(world.tidemark(*RESTORE, "--as", "orders-look"))
        world.passes()
        assert older not in world.snapshots()
    finally:
        configure(world, password=None)
