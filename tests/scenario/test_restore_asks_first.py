"""What a restore asks, shows and refuses before it begins; and whose settings and which instance it
takes when the one there is not the one that was."""

import signal
from collections import Counter

from restore_worlds import (OF_A_NAME, RESTORE, RETIRE, ROLLBACK, check_restored,
                            check_rolled_back, goes_well, of_the_source, shared,
                            world)  # noqa: F401
from restoring import changing_calls, differences, instances, on_a_terminal, role_of
from story import until

PLAN = ["restore", "orders", "--no-checks"]


def remove(world, name="orders", **more):
    rds = world.client_for_waits
    rds.modify_db_instance(DBInstanceIdentifier=name, DeletionProtection=False)
    rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True, **more)
    world.wait_gone(name)


def rename(world, old, new):
    world.client_for_waits.modify_db_instance(
        DBInstanceIdentifier=old, NewDBInstanceIdentifier=new, ApplyImmediately=True)
    world.wait(new)


# -- before it begins ----------------------------------------------------------------------------

def test_a_dry_run_only_asks_questions(world):
    for words in (PLAN, [*PLAN, "--as", "beside"], [*PLAN, "--to-time", "latest"]):
        dry = world.tidemark(*words, "--dry-run")
        assert dry.code == 0, dry
    assert changing_calls(world) == []
    goes_well(world.tidemark(*RESTORE))
    world.control("DELETE", "log")
    for words in (ROLLBACK, RETIRE):
        assert world.tidemark(*words, "--dry-run").code == 0
    assert world.tidemark("restore", "status").code == 0
    assert changing_calls(world) == []


def test_the_plan_says_what_is_down_what_is_kept_and_how_each_step_is_undone(world):
    plan = world.tidemark(*PLAN, "--dry-run").out
    for words in (world.point, "safety snapshot", "rename orders to orders-replaced-",
                  "the database is down", "restore rollback", "endpoint", "downtime",
                  "will be private"):
        assert words in plan, words


def test_without_a_terminal_and_without_yes_it_does_not_begin(world):
    def refuses(words):
        world.control("DELETE", "log")
        refused = world.tidemark(*words)
        assert refused.code == 19, refused
        assert "--yes" in refused.err
        assert changing_calls(world) == []

    refuses(PLAN)
    goes_well(world.tidemark(*RESTORE))
    refuses(["restore", "rollback", "orders"])
    refuses(["restore", "retire", "orders"])


def test_read_only_refuses_it_and_shows_the_plan(world):
    assert world.tidemark(*RESTORE, "--read-only").code == 19
    assert world.tidemark(*PLAN, "--dry-run", "--read-only").code == 0
    assert changing_calls(world) == []


def test_the_identifier_typed_at_a_terminal_begins_it_and_nothing_else_does(world):
    for typed in ("\n", "y\n", "yes\n", "order\n"):
        refused = on_a_terminal(world, PLAN, typed)
        assert refused.returncode == 19, refused.stdout
        assert "nothing was changed" in refused.stdout
        assert changing_calls(world) == []
    unseen = on_a_terminal(world, [*PLAN, "--json"], "orders\n")
    assert unseen.returncode == 19, unseen.stdout
    assert "--yes" in unseen.stdout
    assert changing_calls(world) == []
    done = on_a_terminal(world, PLAN, "orders\n")
    assert done.returncode in (0, 3), done.stdout
    assert "Type orders to start" in done.stdout
    check_restored(world)


def test_json_has_the_plan_the_steps_and_every_call(world):
    report = goes_well(world.tidemark(*RESTORE, "--json")).json
    assert report["kind"] == "restore"
    assert report["plan"]["safety_snapshot"].startswith("tidemark-")
    assert [step["step"] for step in report["steps"]][:4] == [
        "claim", "safety snapshot", "rename", "restore"]
    listed = report["calls"]
    listed = {one["call"]: one["count"] for one in listed} if isinstance(listed, list) else listed
    made = Counter(world.calls())
    assert {k.removeprefix("rds:"): v for k, v in listed.items()} == made


def test_the_plan_names_the_proxies_that_have_to_be_pointed_anew(world):
    rds = world.client_for_waits
    rds.create_db_proxy(
        DBProxyName="pool", EngineFamily="POSTGRESQL", VpcSubnetIds=["subnet-1", "subnet-2"],
        RoleArn="arn:aws:iam::123456789012:role/p", Auth=[{"AuthScheme": "SECRETS"}])
    rds.register_db_proxy_targets(DBProxyName="pool", DBInstanceIdentifiers=["orders"])
    shown = world.tidemark(*PLAN, "--dry-run").out
    rds.delete_db_proxy(DBProxyName="pool")
    assert "these RDS proxies lead to the instance that gives way" in shown
    assert "pool" in shown


def test_at_is_the_newest_point_that_is_not_after_it(world):
    for slot in ("2026-01-01T00:00", "2026-01-02T00:00", "2026-01-03T00:00"):
        world.add_point(slot)
    plan = world.tidemark(*PLAN, "--dry-run", "--json", "--at", "2026-01-02T12:00:00Z").json
    assert plan["origin"] == "tidemark-202601-orders-20260102t0000z"
    early = world.tidemark(*PLAN, "--dry-run", "--at", "2025-01-01T00:00:00Z")
    assert early.code == 16, early


# -- two at once -----------------------------------------------------------------------------------

def test_of_two_operators_at_once_one_is_told_of_the_other_and_one_finishes(world):
    world.faults({"action": "CreateDBSnapshot", "kind": "slow", "seconds": 2})
    first = world.start(*RESTORE)
    until(lambda: "CreateDBSnapshot" in world.calls(), "the first to be at it")
    first.send_signal(signal.SIGSTOP)  # so that it is at it as long as the others ask
    for words in (RESTORE, ROLLBACK):
        second = world.tidemark(*words)
        assert second.code == 11, second
        assert "another run is at it" in second.err
        assert str(first.pid) in second.err
    first.send_signal(signal.SIGCONT)
    out, err = first.communicate(timeout=60)
    assert first.returncode in (0, 3), out + err
    check_restored(world)


# -- when the instance is not what it was ------------------------------------------------------------

def test_of_an_instance_that_is_gone_the_settings_come_from_the_point(world):
    remove(world)
    done = goes_well(world.tidemark(*RESTORE))
    assert "orders" in done.out
    assert list(of_the_source(world)) == ["orders"]
    assert differences(world.before, instances(world)["orders"]) == {}
    assert world.tidemark(*ROLLBACK).code == 16


def test_of_settings_that_nobody_knows_nothing_is_switched_off(world):
    tags = {key: value for key, value in world.snapshots()[world.point]["tags"].items()
            if not key.startswith("tidemark:settings")}
    world.control("POST", "snapshot", {"id": world.point, "tags": tags})
    remove(world)
    unknown = world.tidemark(*RESTORE)
    assert unknown.code == 16, unknown
    assert "--settings defaults" in unknown.err
    world.control("DELETE", "log")
    goes_well(world.tidemark(*RESTORE, "--settings", "defaults"))
    (asked,) = (one["params"] for one in world.control("GET", "log")
                if one["action"] == "RestoreDBInstanceFromDBSnapshot")
    said = {name for name, value in asked.items() if value in ("true", "false")}
    assert said == {"PubliclyAccessible", "DeletionProtection"}
    assert "ModifyDBInstance" not in world.calls()


def test_an_instance_renamed_by_hand_is_left_alone_and_a_rollback_gives_it_its_name_back(world):
    rename(world, "orders", "orders-old")
    goes_well(world.tidemark(*RESTORE))
    found = instances(world)
    assert found["orders-old"]["DbiResourceId"] == world.resource
    assert differences(world.before, found["orders"]) == {}
    assert world.tidemark(*ROLLBACK).code == 0
    check_rolled_back(world)


def test_another_instance_of_the_same_name_gives_way_and_is_kept(world):
    rename(world, "orders", "orders-old")
    other = world.create("orders", DBInstanceClass="db.t3.small")["DbiResourceId"]
    plan = world.tidemark(*PLAN, "--dry-run").out
    assert "is not the instance that the point was taken of" in plan
    assert "db.t3.small" in plan, "the drift is not shown"
    goes_well(world.tidemark(*RESTORE, "--settings", "point"))
    found = instances(world)
    assert differences(world.before, found["orders"]) == {}
    assert other in [one["DbiResourceId"] for one in found.values()]
    assert found["orders-old"]["DbiResourceId"] == world.resource
    assert world.tidemark(*ROLLBACK).code == 0
    assert instances(world)["orders"]["DbiResourceId"] == other


def test_the_settings_of_today_or_of_the_point_as_one_likes(world):
    world.client_for_waits.modify_db_instance(
        DBInstanceIdentifier="orders", DBInstanceClass="db.m6g.xlarge", ApplyImmediately=True)
    today = world.wait("orders")
    world.before = today
    goes_well(world.tidemark(*RESTORE))
    assert instances(world)["orders"]["DBInstanceClass"] == "db.m6g.xlarge"
    assert world.tidemark(*ROLLBACK).code == 0
    goes_well(world.tidemark(*RESTORE, "--settings", "point"))
    assert instances(world)["orders"]["DBInstanceClass"] == "db.m6g.large"


def test_the_zone_is_left_to_rds_unless_one_is_named(world):
    def zone_of(*words):
        world.control("DELETE", "log")
        goes_well(world.tidemark(*RESTORE, *words))
        (call,) = (one for one in world.control("GET", "log")
                   if one["action"] == "RestoreDBInstanceFromDBSnapshot")
        return call["params"].get("AvailabilityZone")

    assert world.tidemark(*PLAN, "--zone", "eu-west-1b", "--dry-run").code == 2, "it is Multi-AZ"
    world.client_for_waits.modify_db_instance(
        DBInstanceIdentifier="orders", MultiAZ=False, ApplyImmediately=True)
    world.wait("orders")
    assert "before it was eu-west-1a" in world.tidemark(*PLAN, "--dry-run").out
    assert zone_of("--as", "anywhere") is None
    assert zone_of("--as", "there", "--zone", "eu-west-1b") == "eu-west-1b"


def test_what_stays_behind_is_told_in_the_plan(world):
    rds = world.client_for_waits
    rds.create_db_instance_read_replica(DBInstanceIdentifier="a-reader",
                                        SourceDBInstanceIdentifier="orders")
    world.wait("a-reader")
    world.control("POST", "instance", {"id": "orders", "fields": {
        "DBInstanceAutomatedBackupsReplications": [
            {"DBInstanceAutomatedBackupsArn": "arn:aws:rds:eu-central-1:1:auto-backup:ab-x"}]}})
    rds.create_integration(IntegrationName="to-warehouse", TargetArn="arn:aws:redshift:x",
                           SourceArn=world.before["DBInstanceArn"])
    rds.create_event_subscription(SubscriptionName="on-failover", SnsTopicArn="arn:aws:sns:x",
                                  SourceType="db-instance", SourceIds=["orders"])
    plan = world.tidemark(*PLAN, "--dry-run").out
    for words in ("read replicas stay with the instance that gives way: a-reader",
                  "automated backups to another region stays with",
                  "arn:aws:rds:eu-central-1:1:auto-backup:ab-x", "zero-ETL", "to-warehouse",
                  "RDS event subscriptions name", "on-failover"):
        assert words in plan, words
    world.faults({"action": "DescribeIntegrations|DescribeEventSubscriptions",
                  "kind": "error", "code": "AccessDenied", "status": 403, "count": -1})
    plan = world.tidemark(*PLAN, "--dry-run")
    assert plan.code == 0, plan
    assert "zero-ETL integrations could not be checked" in plan.out
    assert "RDS event subscriptions could not be checked" in plan.out


def test_beside_a_restore_carries_everything_too(world):
    done = goes_well(world.tidemark(*RESTORE, "--as", "orders-look"))
    assert differences(world.before, instances(world)["orders-look"]).keys() <= OF_A_NAME
    assert role_of(instances(world)["orders"]) == ""
    assert "orders-look is restored from" in done.out


def test_beside_what_is_not_done_names_the_command_that_fits(world):
    world.faults({"action": "RestoreDBInstanceFromDBSnapshot", "kind": "instance-failed"})
    failed = world.tidemark(*RESTORE, "--as", "orders-look")
    assert failed.code == 1, failed
    assert "delete-db-instance --db-instance-identifier orders-look" in failed.err
    assert "rollback" not in failed.err
    assert "DOWN" not in failed.out + failed.err
    said = world.tidemark("restore", "status")
    assert "tidemark restore orders --as orders-look goes on" in said.out
    assert "SOURCE" not in said.out
