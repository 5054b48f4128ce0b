"""Everything that goes wrong in the night of a restore: each time the message names what it is about,
where things stand and what to type; nothing is lost; and once the cause is gone the same command
completes the restore, or a rollback gives back what was there."""

import re

import pytest
from restore_worlds import (RESTORE, RETIRE, ROLLBACK, check_nothing_is_lost, check_restored,
                            check_retired, check_rolled_back, goes_well, in_parallel, lent)
from restoring import GROUPS, changing_calls, instances, role_of
from story import until

WORLDS = 3
KEY_STATE = "inaccessible-encryption-credentials"
RESTORE_CALL = "RestoreDBInstanceFromDBSnapshot"


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    with lent(tmp_path_factory.mktemp("bad-days"), WORLDS) as worlds:
        yield worlds


def of_instance(**what):
    return lambda world: world.control("POST", "instance", {"id": "orders", **what})


def of_point(**what):
    return lambda world: world.control("POST", "snapshot", {"id": world.point, **what})


def fault(action, kind="error", **more):
    return lambda world: world.faults({"action": action, "kind": kind, "count": -1} | more)


def refused(action, code, status=400, **more):
    return fault(action, code=code, status=status, message="the reason that RDS gives", **more)


def no_faults(world):
    world.faults()


def gone_groups(*names):
    return lambda world: world.control("POST", "security-groups", {"gone": list(names)})


def versions_without(*versions):
    return lambda world: world.control("POST", "engine", {"withdrawn": list(versions)})


def quotas(**what):
    return lambda world: world.control("POST", "quotas", what)


def many_tags(count):
    return of_instance(tags={f"key-{n}": "value" for n in range(count)})


def own_tags(world):
    tags = {one["Key"]: one["Value"] for one in world.before["TagList"]}
    world.control("POST", "instance", {"id": "orders", "tags": tags})


def fill_quota(world):
    world.control("POST", "snapshots", {"count": 100, "instance": "other",
                                        "prefix": "somebody-elses", "start": "2026-01-01T00:00:00Z",
                                        "step_seconds": 60})


def clear_quota(world):
    for name in world.snapshots():
        if name.startswith("somebody-elses"):
            world.control("POST", "snapshot", {"id": name, "delete": True})


# What happened; the exit code; what the message says; what mends it.
BEFORE_ANYTHING = {
    "the point is still being taken": (
        of_point(status="creating"), 16, ["no good point"], of_point(status="available")),
    "the point failed": (of_point(status="failed"), 16, ["no good point"],
                         of_point(status="available")),
    "a version that RDS has no more": (
        versions_without("15"), 16, ["no longer restores PostgreSQL 15", "--upgrade-snapshot"],
        versions_without()),
    "storage is full": (of_instance(status="storage-full"), 16,
                        ["orders", "storage-full", "--allocated-storage", "--as"],
                        of_instance(status=None)),
    "parameters do not fit": (of_instance(status="incompatible-parameters"), 16,
                              ["orders", "incompatible-parameters", "--as"],
                              of_instance(status=None)),
    "the network does not fit": (of_instance(status="incompatible-network"), 16,
                                 ["orders", "incompatible-network", "--as"],
                                 of_instance(status=None)),
    "the key is not to be reached": (of_instance(status=KEY_STATE), 16, ["orders", KEY_STATE],
                                     of_instance(status=None)),
    "it is stopped": (of_instance(status="stopped"), 16, ["orders", "start-db-instance"],
                      of_instance(status=None)),
    "too many tags": (many_tags(45), 16, ["45 tags"], own_tags),
    "the quota of snapshots is full": (fill_quota, 18, ["manual snapshots", "--no-safety-snapshot"],
                                       clear_quota),
    "no room for one more instance": (quotas(instances=1), 18,
                                      ["1 of 1 DB instances", "restore retire"],
                                      quotas(instances=40)),
    "no room for as much storage": (quotas(storage_gib=500), 18,
                                    ["400 of 500 GiB", "needs 400 more"],
                                    quotas(storage_gib=100_000)),
}
ON_THE_WAY = {
    "no capacity": (refused(RESTORE_CALL, "InsufficientDBInstanceCapacity"), 18,
                    ["no instance is called orders now", "--instance-class"], no_faults),
    "instances at their quota": (refused(RESTORE_CALL, "InstanceQuotaExceeded"), 18,
                                 ["no instance is called orders now"], no_faults),
    "a security group is gone": (gone_groups("sg-app"), 2,
                                 ["sg-app", "no instance is called orders now"], gone_groups()),
    "the key is disabled": (refused(RESTORE_CALL, "KMSKeyNotAccessibleFault"), None,
                            ["no instance is called orders now"], no_faults),
    "the quota fills at the wrong moment": (
        refused("CreateDBSnapshot", "SnapshotQuotaExceeded"), 18,
        ["nothing was taken away", "--no-safety-snapshot"], no_faults),
    "the restore fails": (fault(RESTORE_CALL, "instance-failed"), None,
                          ["orders is the restored instance, 'failed'"], None),
    "the restore is incompatible": (fault(RESTORE_CALL, "instance-incompatible"), None,
                                    ["'incompatible-restore'"], None),
    "the restore never ends": (fault(RESTORE_CALL, "instance-stuck"), 17,
                               ["waited", "orders", "creating"], None),
    "the safety snapshot fails": (fault("CreateDBSnapshot", "snapshot-failed"), None,
                                  ["safety snapshot", "failed"], no_faults),
    "the safety snapshot never ends": (fault("CreateDBSnapshot", "snapshot-stuck"), 17,
                                       ["waited", "safety snapshot"], None),
}
DENIED = {"code": "AccessDenied", "status": 403, "kind": "error", "count": -1}
PERMISSIONS = [("DescribeDBInstances", 0), ("DescribeDBInstances", 3), ("DescribeDBSnapshots", 0),
               ("DescribeDBSnapshots", 2), ("AddTagsToResource", 0), ("CreateDBSnapshot", 0),
               ("ModifyDBInstance", 0), (RESTORE_CALL, 0), ("ModifyDBInstance", 1),
               ("AddRoleToDBInstance", 0), ("AddRoleToDBInstance", 1), ("AddTagsToResource", 1),
               ("AddTagsToResource", 2)]


def fails(world, code, words, *more):
    """One restore that does not succeed, and says what a person needs to know."""
    outcome = world.tidemark(*RESTORE, "--deadline", "2s", *more)
    assert outcome.code != 0 and outcome.code == (code or outcome.code), outcome
    said = outcome.err[outcome.err.index("error:"):]
    for word in words:
        assert word in said, f"{word!r} is not in: {said}"
    assert "->" in said, f"no next command: {said}"
    check_nothing_is_lost_but_status(world)
    return said


def check_nothing_is_lost_but_status(world):
    kept = [one for one in instances(world).values() if one["DbiResourceId"] == world.resource]
    assert len(kept) == 1, "the instance before is gone"
    assert world.point in world.snapshots()


def takes_back(world):
    back = world.tidemark(*ROLLBACK)
    if back.code == 16:
        assert "no restore of orders that could be rolled back" in back.err
    else:
        assert back.code == 0, back
    check_rolled_back(world)


def test_what_stands_in_the_way_is_told_before_anything_is_changed(worlds):
    def story(world, name):
        cause, code, words, cure = BEFORE_ANYTHING[name]
        cause(world)
        said = fails(world, code, words)
        assert changing_calls(world) == [], said
        cure(world)
        goes_well(world.tidemark(*RESTORE))
        check_restored(world)

    in_parallel(worlds, story, [(name,) for name in BEFORE_ANYTHING])


def test_a_point_of_a_version_that_rds_has_no_more_is_upgraded_and_restored(worlds):
    def story(world):
        versions_without("15")(world)
        fails(world, 16, ["--upgrade-snapshot VERSION", "describe-db-engine-versions"])
        versions = world.client("rds").describe_db_engine_versions(Engine="postgres")
        version = versions["DBEngineVersions"][-1]["EngineVersion"]
        assert not version.startswith("15.")
        planned = world.tidemark("restore", "orders", "--dry-run", "--upgrade-snapshot", version)
        assert version in planned.out and "upgrade" in planned.out, planned
        goes_well(world.tidemark(*RESTORE, "--upgrade-snapshot", version))
        found = instances(world)
        assert found["orders"]["EngineVersion"] == version
        assert role_of(found["orders"]) == "restored done"
        assert world.snapshots()[world.point]["EngineVersion"] == version
        check_nothing_is_lost(world)
        versions_without()(world)

    in_parallel(worlds, story, [()])


def test_what_goes_wrong_on_the_way_can_be_mended_and_gone_on_with(worlds):
    def story(world, name):
        cause, code, words, cure = ON_THE_WAY[name]
        cause(world)
        said = fails(world, code, words)
        assert "the same command goes on from here" in said
        assert "tidemark restore rollback orders" in said
        cure(world)
        goes_well(world.tidemark(*RESTORE))
        if "safety" in name:
            check_nothing_is_lost(world)
            assert role_of(instances(world)["orders"]) == "restored done"
        else:
            check_restored(world)

    in_parallel(worlds, story, [(name,) for name, case in ON_THE_WAY.items() if case[3]])


def test_what_goes_wrong_on_the_way_can_be_taken_back_and_begun_anew(worlds):
    def story(world, name):
        cause, code, words, _ = ON_THE_WAY[name]
        cause(world)
        fails(world, code, words)
        no_faults(world)
        gone_groups()(world)
        takes_back(world)
        goes_well(world.tidemark(*RESTORE))
        assert role_of(instances(world)["orders"]) == "restored done"
        check_nothing_is_lost(world)

    in_parallel(worlds, story, [(name,) for name in ON_THE_WAY])


def test_a_permission_that_is_missing_anywhere_is_named_and_once_given_it_goes_on(worlds):
    def story(world, action, skip, back):
        world.faults(DENIED | {"action": action, "skip": skip})
        outcome = world.tidemark(*RESTORE)
        assert outcome.code == 15, outcome
        assert action in outcome.err, outcome.err
        world.faults()
        check_nothing_is_lost(world)
        if back:
            takes_back(world)
        else:
            goes_well(world.tidemark(*RESTORE))
            check_restored(world)

    in_parallel(worlds, story, [(*one, back) for one in PERMISSIONS for back in (False, True)])


def test_a_lost_reply_or_throttling_at_any_call_changes_nothing_in_the_end(worlds):
    def story(world, kind, at):
        world.faults({"action": "", "kind": kind, "skip": at, "count": 1})
        goes_well(world.tidemark(*RESTORE))
        check_restored(world)

    world = worlds.get()
    world.renew()
    goes_well(world.tidemark(*RESTORE))
    calls = len(world.calls())
    worlds.put(world)
    in_parallel(worlds, story, [(kind, at) for kind in ("reset-after", "throttle", "malformed")
                                for at in range(calls)])


def test_a_lost_reply_at_any_call_of_a_rollback_or_retirement_changes_nothing(worlds):
    def story(world, words, at):
        goes_well(world.tidemark(*RESTORE))
        world.faults({"action": "", "kind": "reset-after", "skip": at, "count": 1})
        goes_well(world.tidemark(*words))
        world.faults()
        check_rolled_back(world) if words == ROLLBACK else check_retired(world)

    in_parallel(worlds, story, [(words, at) for words, count in ((ROLLBACK, 14), (RETIRE, 20))
                                for at in range(count)])


def test_a_service_that_shows_changes_late_is_given_its_time(tmp_path):
    with lent(tmp_path, 1, "--modify-lag", "0.5") as worlds:
        world = worlds.get()
        goes_well(world.tidemark(*RESTORE))
        check_restored(world)
        assert world.tidemark(*ROLLBACK).code == 0
        check_rolled_back(world)
        goes_well(world.tidemark(*RESTORE))
        assert world.tidemark(*RETIRE).code == 0
        assert list(instances(world)) == ["orders"]
        worlds.put(world)


# -- points ------------------------------------------------------------------------------------

@pytest.fixture
def world(worlds):
    world = worlds.get()
    world.renew()
    yield world
    worlds.put(world)


def test_a_point_deleted_after_the_instance_gave_way_is_told_and_another_can_be_named(world):
    taken = world.tidemark("backup", "orders", "--json").json["sources"][0]["events"]
    (newest,) = {event["snapshot"] for event in taken if event["act"] == "complete"}
    refused(RESTORE_CALL, "InsufficientDBInstanceCapacity")(world)
    fails(world, 18, ["no instance is called orders now"])
    no_faults(world)
    world.control("POST", "snapshot", {"id": newest, "delete": True})
    outcome = world.tidemark(*RESTORE)
    assert outcome.code == 16, outcome
    assert f"the point {newest} is gone" in outcome.err
    assert "--point" in outcome.err
    goes_well(world.tidemark(*RESTORE, "--point", world.point))
    check_restored(world)


def test_a_point_of_another_source_or_none_is_refused_with_the_nearest_name(world):
    theirs = world.add_point("2026-01-01T00:00", source="invoices")
    for point in (theirs, world.point[:-2] + "1z"):
        outcome = world.tidemark(*RESTORE, "--point", point)
        assert outcome.code == 16, outcome
        assert f"no point {point}" in outcome.err
    assert world.point in outcome.err
    assert changing_calls(world) == []


def test_an_identifier_that_is_taken_is_refused(world):
    world.create("taken")
    outcome = world.tidemark(*RESTORE, "--as", "taken")
    assert outcome.code == 16, outcome
    assert "there is an instance taken already" in outcome.err


def test_somebody_who_takes_the_identifier_half_way_is_not_touched(world):
    refused(RESTORE_CALL, "InsufficientDBInstanceCapacity")(world)
    fails(world, 18, [])
    no_faults(world)
    theirs = world.create("orders")["DbiResourceId"]
    for words in (RESTORE, ROLLBACK):
        outcome = world.tidemark(*words)
        assert outcome.code == 16, outcome
        assert theirs in outcome.err
        assert instances(world)["orders"]["DbiResourceId"] == theirs
    rds = world.client_for_waits
    rds.delete_db_instance(DBInstanceIdentifier="orders", SkipFinalSnapshot=True)
    world.wait_gone("orders")
    goes_well(world.tidemark(*RESTORE))
    check_restored(world)


@pytest.mark.parametrize(("kind", "name"), [("subnets", "db_subnet_group"),
                                            ("parameters", "db_parameter_group")])
def test_a_group_that_is_gone_is_told_before_anything_is_changed(world, kind, name):
    """The instance is gone, and with it what kept the groups from being deleted."""
    rds = world.client_for_waits
    rds.modify_db_instance(DBInstanceIdentifier="orders", DeletionProtection=False)
    rds.delete_db_instance(DBInstanceIdentifier="orders", SkipFinalSnapshot=True)
    world.wait_gone("orders")
    gone = GROUPS[kind]
    parameter = {"subnets": "DBSubnetGroupName", "parameters": "DBParameterGroupName"}[kind]
    getattr(rds, f"delete_{name}")(**{parameter: gone})
    world.control("DELETE", "log")
    try:
        outcome = world.tidemark(*RESTORE)
        assert outcome.code == 16, outcome
        assert gone in outcome.err
        assert changing_calls(world) == []
    finally:
        make_group = {
            "subnets": lambda: rds.create_db_subnet_group(
                DBSubnetGroupName=gone, DBSubnetGroupDescription="d",
                SubnetIds=["subnet-1", "subnet-2"]),
            "parameters": lambda: rds.create_db_parameter_group(
                DBParameterGroupName=gone, Description="d", DBParameterGroupFamily="postgres15")}
        make_group[kind]()
    goes_well(world.tidemark(*RESTORE))
    assert instances(world)["orders"]["DBInstanceStatus"] == "available"


def test_a_copy_made_by_hand_of_a_marked_instance_is_never_taken_for_it(world):
    """RDS copies tags: marks, too."""
    rds = world.client_for_waits
    goes_well(world.tidemark(*RESTORE))
    (replaced,) = (name for name in instances(world) if "-replaced-" in name)
    rds.restore_db_instance_to_point_in_time(
        SourceDBInstanceIdentifier=replaced, TargetDBInstanceIdentifier="a-copy-by-hand",
        UseLatestRestorableTime=True)
    copy = world.wait("a-copy-by-hand")
    assert role_of(copy) == "replaced done"
    assert world.tidemark(*ROLLBACK).code == 0
    check_rolled_back(world)
    assert world.tidemark(*RETIRE).code == 0
    assert sorted(instances(world)) == ["a-copy-by-hand", "orders"]


def test_two_restores_within_a_minute_have_a_safety_snapshot_each(world):
    for _ in range(2):
        goes_well(world.tidemark(*RESTORE))
        assert world.tidemark(*ROLLBACK).code == 0
        check_nothing_is_lost(world)
        began = {one["tags"]["tidemark:hold"] for one in world.snapshots().values()
                 if one["tags"].get("tidemark:kind") == "safety"}
        until(lambda: world.tidemark("restore", "orders", "--dry-run", "--json").json["began"] not in
              str(began), "the next second")
    assert len(began) == 2


def test_a_restore_that_is_done_is_not_done_once_more_unless_asked(world):
    goes_well(world.tidemark(*RESTORE))
    again = world.tidemark(*RESTORE)
    assert again.code == 19, again
    assert "orders is restored already" in again.err
    assert "tidemark restore retire orders" in again.err
    check_restored(world)
    until(lambda: world.tidemark("restore", "orders", "--again", "--dry-run", "--json").json["began"]
          not in str(instances(world)["orders"]["TagList"]), "the next second")
    goes_well(world.tidemark(*RESTORE, "--again"))
    assert len(instances(world)) == 3


def test_nor_when_nothing_gave_way_to_it(world):
    rds = world.client_for_waits
    rds.modify_db_instance(DBInstanceIdentifier="orders", DeletionProtection=False,
                           ApplyImmediately=True)
    world.wait("orders")
    rds.delete_db_instance(DBInstanceIdentifier="orders", SkipFinalSnapshot=True)
    until(lambda: "orders" not in instances(world), "the instance to be gone")
    goes_well(world.tidemark(*RESTORE))
    made = instances(world)["orders"]["DbiResourceId"]
    again = world.tidemark(*RESTORE)
    assert again.code == 19 and "orders is restored already" in again.err, again
    assert instances(world)["orders"]["DbiResourceId"] == made


def test_nor_when_its_tags_are_lost(world):
    goes_well(world.tidemark(*RESTORE))
    there = instances(world)["orders"]
    world.client_for_waits.remove_tags_from_resource(
        ResourceName=there["DBInstanceArn"],
        TagKeys=[tag["Key"] for tag in there["TagList"] if tag["Key"].startswith("tidemark:")])
    again = world.tidemark(*RESTORE)
    assert again.code == 19 and "orders is restored already" in again.err, again
    assert instances(world)["orders"]["DbiResourceId"] == there["DbiResourceId"]


def test_a_restored_instance_that_came_up_and_broke_later_is_not_deleted_by_a_rollback(world):
    """It may hold rows that nothing else has."""
    goes_well(world.tidemark(*RESTORE))
    restored = instances(world)["orders"]["DbiResourceId"]
    of_instance(status="incompatible-parameters")(world)
    refused_to = world.tidemark(*ROLLBACK)
    assert refused_to.code == 16, refused_to
    assert "'incompatible-parameters', so it cannot step aside" in refused_to.err
    assert instances(world)["orders"]["DbiResourceId"] == restored
    assert "DeleteDBInstance" not in world.calls()
    of_instance(status=None)(world)
    assert world.tidemark(*ROLLBACK).code == 0
    check_rolled_back(world)


# -- time --------------------------------------------------------------------------------------

def test_a_restore_adds_less_than_two_seconds_and_says_which_calls_it_made(world):
    outcome = world.tidemark(*RESTORE, "--json")
    report = goes_well(outcome).json
    assert report["took_seconds"] < 2
    made = world.calls()
    assert len(made) < 45
    assert len(re.findall(r"[A-Z][A-Za-z]+", str(report["calls"]))) > 0
    assert set(made) <= set(str(report["calls"]).replace("'", " ").replace(":", " ").split())


def test_polling_backs_off(tmp_path):
    """Eight seconds of waiting cost few questions."""
    with lent(tmp_path, 1) as worlds:
        world = worlds.get()
        fault(RESTORE_CALL, "instance-stuck")(world)
        outcome = world.tidemark(*RESTORE, "--deadline", "8s")
        assert outcome.code == 17
        waited = world.calls()[world.calls().index(RESTORE_CALL):]
        assert waited.count("DescribeDBInstances") <= 25, waited
        worlds.put(world)


def test_a_key_that_is_disabled_is_told_and_once_it_is_enabled_the_same_command_goes_on(tmp_path):
    with lent(tmp_path, 1) as worlds:
        world = worlds.get()
        kms = world.client("kms")
        made = kms.create_key()["KeyMetadata"]
        key, key_id = made["Arn"], made["KeyId"]
        rds = world.client_for_waits
        rds.modify_db_instance(DBInstanceIdentifier="orders", DeletionProtection=False)
        world.wait("orders")
        rds.delete_db_instance(DBInstanceIdentifier="orders", SkipFinalSnapshot=True)
        world.wait_gone("orders")
        resource = world.create("orders", StorageEncrypted=True, KmsKeyId=key)["DbiResourceId"]
        world.clear()
        point = world.passes()["sources"][0]["last_good"]["id"]
        kms.disable_key(KeyId=key_id)
        words = [*RESTORE, "--no-safety-snapshot", "--point", point]
        refused = world.tidemark(*words)
        assert refused.code not in (0, 3), refused
        assert key in refused.err and "KMSKeyNotAccessible" in refused.err
        assert "the same command goes on" in refused.err
        kms.enable_key(KeyId=key_id)
        goes_well(world.tidemark(*words))
        assert instances(world)["orders"]["KmsKeyId"] == key
        assert instances(world)["orders"]["DbiResourceId"] != resource
        assert world.tidemark(*ROLLBACK).code == 0
        assert instances(world)["orders"]["DbiResourceId"] == resource
        worlds.put(world)
