"""The worst day, told from its beginning to its end: an application takes orders, somebody destroys
the rows, and `tidemark restore` brings back the instance under its name with everything that it was;
then it is taken back, done again, and what it replaced is retired.

The chapters are fixtures, each of which goes on from the one before and keeps what it saw; the tests
look at that.
"""

from dataclasses import dataclass
from typing import Any

import pytest
from restoring import (EVERYTHING, ROLE, TICKS, Application, configure, create_everything,
                       differences, fill, instances, marks, role_of, rows, safety_snapshots,
                       settings, ticks, url_of, users_tags)
from story import Outcome, World

DESTRUCTION = "truncate orders, users cascade; create table scar as select 'was here' as note"


@dataclass
class Chapter:
    outcome: Outcome
    instances: dict[str, dict[str, Any]]
    rows: dict[str, str]
    calls: list[dict[str, Any]]

    @property
    def replaced(self) -> dict[str, Any]:
        (name,) = (name for name in self.instances if "-replaced-" in name)
        return self.instances[name]


def tell(world: World, *words: str) -> Chapter:
    world.control("DELETE", "log")
    outcome = world.tidemark(*words)
    calls = world.control("GET", "log")
    found = instances(world)
    alive = [name for name in found if name.startswith("orders")]
    return Chapter(outcome, found, {name: rows(world, name) for name in alive}, calls)


@pytest.fixture(scope="module")
def world(build) -> World:
    world = build("--delay", "0.2")
    create_everything(world)
    configure(world)
    fill(world)
    world.sql("orders", TICKS)
    return world


@pytest.fixture(scope="module")
def application(world):
    with Application(url_of(world)) as application:
        application.wait_for_orders()
        yield application


@pytest.fixture(scope="module")
def before(world, application) -> dict[str, Any]:
    """The instance as it was on the last good day, and its point."""
    report = world.passes()
    point = report["sources"][0]["last_good"]["id"]
    world.client("rds").restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="witness", DBSnapshotIdentifier=point)
    world.wait("witness")
    return {"point": point, "orders": instances(world)["orders"], "rows": rows(world, "witness")}


@pytest.fixture(scope="module")
def restored(world, application, before) -> Chapter:
    application.wait_for_orders()
    assert not world.sql("orders", DESTRUCTION)
    chapter = tell(world, "restore", "orders", "--latest", "--yes")
    chapter.parameters = world.sql(
        "orders", "select current_setting('max_connections'), current_setting('work_mem')")
    since = len(application.taken)
    application.wait_for_orders()
    chapter.taken_since = set(application.taken[since:])
    chapter.ticks = ticks(world, "orders")
    chapter.list = world.tidemark("list", "orders", "--json").json
    chapter.status = world.tidemark("restore", "status")
    return chapter


@pytest.fixture(scope="module")
def rolled_back(world, application, restored) -> Chapter:
    chapter = tell(world, "restore", "rollback", "orders", "--yes")
    application.wait_for_orders()
    chapter.scar = world.sql("orders", "select note from scar")
    chapter.taken = set(application.taken)
    chapter.ticks = {name: ticks(world, name) for name in chapter.rows}
    return chapter


@pytest.fixture(scope="module")
def restored_again(world, rolled_back) -> Chapter:
    return tell(world, "restore", "orders", "--latest", "--yes")


@pytest.fixture(scope="module")
def retired(world, restored_again) -> Chapter:
    return tell(world, "restore", "retire", "orders", "--yes")


# -- restored ----------------------------------------------------------------------------------

def test_the_instance_is_back_under_its_name_and_the_one_before_is_kept(restored, before):
    assert restored.outcome.code in (0, 3), restored.outcome
    after = restored.instances["orders"]
    assert after["DBInstanceStatus"] == "available"
    assert after["DbiResourceId"] != before["orders"]["DbiResourceId"]
    assert restored.replaced["DbiResourceId"] == before["orders"]["DbiResourceId"]
    assert (role_of(after), role_of(restored.replaced)) == ("restored done", "replaced done")
    for word in ("orders is restored from", restored.replaced["DBInstanceIdentifier"],
                 "tidemark restore rollback orders", "tidemark restore retire orders"):
        assert word in restored.outcome.out


def test_every_setting_is_as_before(restored, before):
    assert differences(before["orders"], restored.instances["orders"]) == {}


def test_the_settings_that_were_compared_are_all_that_boto3_knows_of_and_not_the_defaults(
        world, before):
    witness = instances(world)["witness"]
    differing = differences(before["orders"], witness)
    assert {"MultiAZ", "VpcSecurityGroups", "DBSubnetGroup", "DBParameterGroups",
            "OptionGroupMemberships", "MaxAllocatedStorage", "MonitoringInterval",
            "MonitoringRoleArn", "PerformanceInsightsEnabled", "AssociatedRoles",
            "PerformanceInsightsRetentionPeriod", "PreferredMaintenanceWindow",
            "PreferredBackupWindow", "DeletionProtection", "CACertificateIdentifier",
            "IAMDatabaseAuthenticationEnabled", "AutoMinorVersionUpgrade",
            "EnabledCloudwatchLogsExports", "CopyTagsToSnapshot"} <= differing.keys()
    shown = settings(before["orders"])
    assert shown["DBInstanceClass"] == EVERYTHING["DBInstanceClass"]
    assert [role["RoleArn"] for role in shown["AssociatedRoles"]] == [
        ROLE + "lambda", ROLE + "import"]


def test_what_was_public_is_private_and_the_plan_says_so(restored, before):
    assert before["orders"]["PubliclyAccessible"] is True
    assert restored.instances["orders"]["PubliclyAccessible"] is False
    assert "was publicly accessible; the restored one will be private" in restored.outcome.out


def test_the_rows_are_those_of_the_snapshot(restored, before):
    held = before["rows"].split("|")
    assert all(not digest.startswith("0:") for digest in held)
    # The application went on with orders at once; all else is as it was.
    assert restored.rows["orders"].split("|")[1:] == held[1:]


def test_the_parameters_are_in_the_server_and_no_restart_is_outstanding(restored):
    assert restored.parameters == "77|5MB"
    groups = restored.instances["orders"]["DBParameterGroups"]
    assert [group["ParameterApplyStatus"] for group in groups] == ["in-sync"]


def test_the_application_goes_on_by_the_same_connection_string(application, restored):
    assert application.failed > 0, "it never was down"
    assert restored.taken_since <= restored.ticks


def test_the_one_before_is_as_it_was_but_for_its_name_and_marks(restored, before):
    changed = differences(before["orders"], restored.replaced)
    assert changed.keys() <= {"DBInstanceIdentifier", "DBInstanceArn", "Endpoint"}
    assert restored.replaced["DeletionProtection"] is True
    assert restored.replaced["PubliclyAccessible"] is True
    assert restored.rows[restored.replaced["DBInstanceIdentifier"]].startswith("0:0|0:0|")


def test_a_safety_snapshot_of_the_broken_instance_is_held(world, restored, before):
    (safety, *_) = sorted(safety_snapshots(world))
    snapshot = world.snapshots()[safety]
    assert snapshot["Status"] == "available"
    assert snapshot["DbiResourceId"] == before["orders"]["DbiResourceId"]
    assert "before the restore" in snapshot["tags"]["tidemark:hold"]


def test_the_history_is_unbroken(restored, before):
    points = {one["id"]: one for one in restored.list["points"]}
    assert points[before["point"]]["state"] == "good"


def test_the_status_names_both_instances_and_the_next_commands(restored):
    said = restored.status
    assert said.code == 0
    for words in ("orders", restored.replaced["DBInstanceIdentifier"],
                  "tidemark restore retire orders", "tidemark restore rollback orders"):
        assert words in said.out


# -- rolled back -------------------------------------------------------------------------------

def test_a_rollback_gives_back_the_very_instance_with_the_rows_of_its_last_moment(
        rolled_back, before):
    assert rolled_back.outcome.code == 0, rolled_back.outcome
    back = rolled_back.instances["orders"]
    assert back["DbiResourceId"] == before["orders"]["DbiResourceId"]
    assert rolled_back.scar == "was here"
    assert differences(before["orders"], back) == {}
    assert back["PubliclyAccessible"] is True
    assert marks(back) == {}
    assert users_tags(back) == users_tags(before["orders"])


def test_no_order_that_was_acknowledged_is_in_neither_instance(rolled_back):
    assert rolled_back.taken - set().union(*rolled_back.ticks.values()) == set()


def test_what_was_restored_is_discarded_and_kept(rolled_back, restored):
    (name,) = (name for name in rolled_back.instances if "-discarded-" in name)
    discarded = rolled_back.instances[name]
    assert discarded["DbiResourceId"] == restored.instances["orders"]["DbiResourceId"]
    assert role_of(discarded).startswith("discarded")
    assert discarded["DeletionProtection"] is True


# -- and again ---------------------------------------------------------------------------------

def test_it_can_be_restored_again_after_a_rollback(restored_again, before):
    assert restored_again.outcome.code in (0, 3), restored_again.outcome
    assert differences(before["orders"], restored_again.instances["orders"]) == {}
    assert restored_again.rows["orders"].split("|")[1:] == before["rows"].split("|")[1:]


def test_retiring_deletes_what_was_put_aside_and_nothing_else(retired):
    assert retired.outcome.code == 0, retired.outcome
    assert sorted(retired.instances) == ["orders", "witness"]
    deletions = [call for call in retired.calls if call["action"] == "DeleteDBInstance"]
    assert len(deletions) == 2
    for call in deletions:
        assert call["params"]["DeleteAutomatedBackups"] == "false"
        assert call["params"]["FinalDBSnapshotIdentifier"]


def finals(world) -> dict[str, dict[str, Any]]:
    return {name: one for name, one in world.snapshots().items()
            if one["tags"].get("tidemark:kind") == "final"}


def test_final_snapshots_are_tagged_held_and_listed(world, retired):
    found = finals(world)
    assert len(found) == 2
    listed = {one["id"] for one in world.tidemark("list", "orders", "--json").json["points"]}
    for name, snapshot in found.items():
        assert snapshot["Status"] == "available"
        assert snapshot["tags"]["tidemark:owner"] == "tidemark"
        assert snapshot["tags"]["tidemark:source"] == "orders"
        assert "final snapshot of" in snapshot["tags"]["tidemark:hold"]
        assert snapshot["tags"]["team"] == "shop"
        assert name in listed


def test_automated_backups_of_the_retired_are_retained(world, retired, before):
    listed = world.client("rds").describe_db_instance_automated_backups()
    states = {one["DbiResourceId"]: one["Status"] for one in listed["DBInstanceAutomatedBackups"]}
    assert states[before["orders"]["DbiResourceId"]] == "retained"


def test_a_final_snapshot_is_restored_beside_with_the_rows_of_the_last_moment(
        world, retired, before):
    (final,) = (name for name, one in finals(world).items()
                if one["DbiResourceId"] == before["orders"]["DbiResourceId"])
    done = world.tidemark("restore", "orders", "--point", final, "--as", "last-moment", "--yes")
    assert done.code in (0, 3), done
    assert world.sql("last-moment", "select note from scar") == "was here"
    changed = differences(before["orders"], instances(world)["last-moment"])
    assert changed.keys() <= {"DBInstanceIdentifier", "DBInstanceArn", "Endpoint"}
    assert instances(world)["orders"]["DBInstanceStatus"] == "available"


def test_nothing_is_left_to_retire(world, retired):
    again = world.tidemark("restore", "retire", "orders", "--yes")
    assert again.code == 16
    assert "no restore put an instance of orders aside" in again.err
