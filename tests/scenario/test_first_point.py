"""From nothing to a protected database with real rows, and every verb on the way."""

import json
import subprocess
from datetime import datetime, timedelta

import pytest

from saved_settings import expected_settings, saved_settings, tags_of
from split_credentials import KEYS
from story import TIDEMARK, World, command

INSTANCE_TAGS = {"team": "shop", "cost centre": "4711", "résumé": "naïve Größe"}
COUNT = "select count(*) || ':' || sum(id) from orders"


@pytest.fixture(scope="module")
def world(build) -> World:
    world = build("--delay", "0.2")
    world.create("orders", MultiAZ=True, BackupRetentionPeriod=3, CopyTagsToSnapshot=True,
                 PreferredBackupWindow="03:00-03:30", DeletionProtection=True,
                 Tags=[{"Key": k, "Value": v} for k, v in INSTANCE_TAGS.items()])
    filled = command("fill", "--dir", world.folder, "--instance", "orders", "--size", "small")
    assert filled.returncode == 0, filled.stderr
    before = world.tidemark("status")
    assert before.code == 14
    assert before.out.startswith("NOT PROTECTED: orders: there is no good point yet")
    world.report = world.passes()
    return world


@pytest.fixture(scope="module")
def point(world) -> str:
    return world.report["sources"][0]["last_good"]["id"]


def described(world, point):
    found = world.client("rds").describe_db_snapshots(DBSnapshotIdentifier=point)["DBSnapshots"]
    assert len(found) == 1
    return found[0]


def test_boto3_sees_the_point_available_and_tagged(world, point):
    snapshot = described(world, point)
    assert snapshot["Status"] == "available"
    assert snapshot["DBInstanceIdentifier"] == "orders"
    tags = tags_of(snapshot)
    slot = world.report["sources"][0]["latest_slot"]
    day = slot[:10].replace("-", "")
    assert point == f"tidemark-{day[:6]}-orders-{day}t0000z"
    ours = {key: value for key, value in tags.items() if not key.startswith("tidemark:settings")}
    asked = datetime.fromisoformat(ours.pop("tidemark:asked"))
    assert asked <= snapshot["SnapshotCreateTime"] + timedelta(seconds=1)
    assert ours == INSTANCE_TAGS | {
        "tidemark:owner": "tidemark", "tidemark:source": "orders", "tidemark:policy": "default",
        "tidemark:point": slot}


def test_the_tags_carry_the_instance_settings_as_boto3_describes_them(world, point):
    instance = world.client("rds").describe_db_instances(DBInstanceIdentifier="orders")
    expected = expected_settings(instance["DBInstances"][0])
    assert expected["multi_az"] and expected["class"] == "db.t3.micro"
    assert expected["tags"] == INSTANCE_TAGS
    assert saved_settings(tags_of(described(world, point))) == expected
    assert world.tidemark("show", point, "--json").json["settings"] == expected


def test_status_is_green(world, point):
    shown = world.tidemark("status")
    assert shown.code == 0
    assert shown.out.startswith("Protected: orders\n")
    assert point in shown.out
    assert world.tidemark("status", "--json").json["healthy"] is True


def test_a_second_pass_makes_no_second_point(world, point):
    again = world.passes()
    assert again["sources"][0]["events"] == []
    assert list(world.snapshots()) == [point]


def test_a_restore_by_boto3_has_the_rows(world, point):
    rds = world.client("rds")
    rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="orders-copy",
                                             DBSnapshotIdentifier=point)
    world.wait("orders-copy")
    rows = world.sql("orders-copy", COUNT)
    assert rows == world.sql("orders", COUNT)
    assert int(rows.split(":")[0]) == 500


def test_hold_and_release_are_tags_that_boto3_sees(world, point):
    reason = "before the migration: see TM-12"
    assert world.tidemark("hold", point, "--reason", reason).code == 0
    assert tags_of(described(world, point))["tidemark:hold"] == reason
    shown = {one["id"]: one for one in world.tidemark("list", "--json").json["points"]}
    assert shown[point]["hold"] == reason
    assert world.tidemark("release", point).code == 0
    assert "tidemark:hold" not in tags_of(described(world, point))


def test_a_point_that_does_not_exist_is_named_and_the_right_one_suggested(world, point):
    missed = world.tidemark("hold", point[:-1] + "y")
    assert missed.code == 16
    assert point in missed.err
    assert missed.out == ""


def test_backup_takes_a_point_now(world, point):
    taken = world.tidemark("backup", "orders", "--json")
    assert taken.code == 0
    done = {(event["act"], event["snapshot"]) for event in taken.json["sources"][0]["events"]}
    extra = next(snapshot for act, snapshot in done if act == "complete")
    assert extra != point
    assert described(world, extra)["Status"] == "available"
    assert sorted(world.snapshots()) == sorted([point, extra])
    world.control("POST", "snapshot", {"id": extra, "delete": True})


def test_prune_is_a_dry_run_unless_told_otherwise(world, point):
    doomed = [world.add_point("2020-01-01T00:00"), world.add_point("2020-01-01T06:00")]
    # The newest of its day, and the third newest of all: those are never touched.
    kept = [world.add_point("2020-01-01T12:00"), world.add_point("2020-01-01T18:00")]
    before = world.snapshots()
    dry = world.tidemark("prune", "orders")
    assert dry.code == 0
    assert all(name in dry.out for name in doomed)
    assert "nothing was changed" in dry.out
    assert world.tidemark("prune", "--yes", "--dry-run").code == 0
    assert world.snapshots() == before
    assert world.tidemark("plan", "--detailed-exitcode").code == 20

    assert world.tidemark("prune", "--yes").code == 0
    after = world.snapshots()
    assert after.keys() == before.keys()
    condemned = {name for name, one in after.items() if "tidemark:condemned" in one["tags"]}
    assert condemned == set(doomed)
    assert world.tidemark("plan", "--detailed-exitcode").code == 0

    long_ago = {"tidemark:condemned": "2020-02-01T00:00:00Z"}
    for name in doomed:
        tags = after[name]["tags"] | long_ago
        world.control("POST", "snapshot", {"id": name, "tags": tags})
    assert world.tidemark("hold", doomed[0]).code == 0
    assert world.tidemark("prune", "--yes").code == 0
    assert sorted(world.snapshots()) == sorted([point, doomed[0], *kept])
    for name in [doomed[0], *kept]:
        world.control("POST", "snapshot", {"id": name, "delete": True})


def test_whoami_names_the_identity_and_never_the_secret(world):
    shown = world.tidemark("whoami", "--json")
    assert shown.code == 0
    shown_key = dict(zip(("AccessKeyId", "SecretAccessKey"), (
        world.variables(words=["whoami"])[name] for name in KEYS), strict=True))
    account = world.client("sts", shown_key).get_caller_identity()
    assert shown.json["account"] == account["Account"]
    assert shown.json["arn"] == account["Arn"]
    assert shown.json["provider"] == "environment"


@pytest.mark.parametrize("words", [
    ["status"], ["list"], ["plan"], ["prune"], ["whoami"], ["run", "--once"], ["version"],
    ["config", "show"], ["config", "check"], ["schedule", "preview"],
    ["retention", "simulate", "--for", "1y"]], ids=" ".join)
def test_json_goes_to_standard_output_alone_with_a_schema_version(world, words):
    shown = world.tidemark(*words, "--json")
    assert shown.code == 0, shown
    assert isinstance(shown.json["schema_version"], int)
    assert isinstance(shown.json["kind"], str)


def test_an_error_in_json_goes_to_standard_error_and_says_its_exit_code(world):
    failed = world.tidemark("show", "nothing", "--json")
    assert failed.code == 16
    assert failed.out == ""
    error = json.loads(failed.err.splitlines()[-1])
    assert error["kind"] == "exit_error"
    assert error["exit_code"] == failed.code
    assert error["schema_version"] == 1


def test_read_only_refuses_whatever_changes_something(world, point):
    before = world.snapshots()
    for words in (["run", "--once"], ["backup"], ["prune", "--yes"], ["hold", point],
                  ["release", point], ["run"]):
        refused = world.tidemark(*words, "--read-only")
        assert refused.code == 19, words
    assert world.tidemark("status", "--read-only").code == 0
    assert world.snapshots() == before


def test_wrong_usage_exits_with_2_and_a_suggestion(world):
    for words, suggestion in ((["stauts"], "status"), (["status", "--jsno"], "--json"),
                              (["hold"], "POINT"), (["status", "ordres"], "orders")):
        wrong = world.tidemark(*words)
        assert wrong.code == 2, words
        assert suggestion in wrong.err
        assert wrong.out == ""


def test_colour_is_for_terminals_unless_forced(world):
    assert "\x1b" not in world.tidemark("status").out
    assert "\x1b" in world.tidemark("status", FORCE_COLOR="1").out
    assert "\x1b" not in world.tidemark("status", "--color", "never", FORCE_COLOR="1").out


def test_a_result_that_nobody_can_read_is_no_success(world):
    for words in (["status"], ["list"], ["version"], ["run", "--once"], ["--help"]):
        with open("/dev/full", "w") as full:
            done = subprocess.run([TIDEMARK, *words], env=world.variables(words=words), stdout=full,
                                  stderr=subprocess.PIPE, text=True, timeout=60)
        assert done.returncode == 18, words
