"""Bad input and a hostile world: one clear message with what to do, the right exit code, and
nothing half-done."""

import json
import random
import subprocess

import pytest

from saved_settings import saved_settings
from split_credentials import SPLIT
from story import POLICY, TIDEMARK, World

LIMITED = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Resource": "*",
                   "Action": ["rds:DescribeDBInstances", "rds:DescribeDBSnapshots",
                              "rds:AddTagsToResource"]}],
}
PASS = ["run", "--once", "--deadline", "3s"]


def said(outcome) -> str:
    return outcome.out + outcome.err


def configured(world: World, text: str) -> None:
    world.config.write_text(text)


@pytest.fixture
def world(records):
    configured(records, POLICY)
    yield records
    for name in ("status", "fields"):
        records.control("POST", "instance", {"id": "orders", name: None if name == "status" else {
            "Engine": "postgres"}})
    records.control("POST", "instance", {"id": "orders", "tags": {}})


@pytest.mark.parametrize("text, parts", [
    ('[source.orders]\ninstanec = "orders"\n', [":2:", "instanec", "instance"]),
    ('[source.orders]\n[policy.default]\nschedule = "61 * * * *"\n', [":3:", "61"]),
    ('[source.orders]\n[policy.default]\nschedule = "dayly"\n', [":3:", "dayly"]),
    ('[source.orders]\n[policy.default]\ntime_zone = "Europe/Belrin"\n', [":3:", "Belrin"]),
    ('[source.orders]\npolicy = "gold"\n', ["gold", "default"]),
    ('[source.orders]\n[policy.default]\nkeep = { dayly = 7 }\n', [":3:", "dayly", "daily"]),
    ('[source.orders]\n[policy.default]\nkeep = { daily = -1 }\n', [":3:", "daily"]),
    ('[source.orders]\n[policy.default]\ngrace = "1h"\n', [":3:", "grace"]),
    ("[source.orders\n", [":1:", "TOML"]),
    ("", ["nothing would be protected"]),
    ("[source.Orders_1]\n", [":1:", "Orders_1"]),
], ids=["key", "cron", "word", "zone", "policy", "rule", "count", "grace", "toml", "empty", "name"])
def test_a_wrong_configuration_is_refused_with_its_line_and_a_suggestion(world, text, parts):
    configured(world, text)
    for words in (["config", "check"], PASS, ["run"], ["status"]):
        refused = world.tidemark(*words)
        assert refused.code == 2, refused
        assert refused.out == ""
        assert refused.err.startswith("error: ")
        assert "->" in refused.err
        for part in parts:
            assert part in refused.err, refused.err
    assert world.calls() == []


def test_a_missing_configuration_is_named_with_the_way_to_one(world):
    for changes in ({"TIDEMARK_CONFIG": "/nowhere/tidemark.toml"}, {"TIDEMARK_CONFIG": None}):
        missing = world.tidemark("run", **changes)
        assert missing.code == 2
        assert "tidemark config init" in missing.err
        assert missing.out == ""


def test_without_a_source_a_pass_never_looks_like_one(world):
    configured(world, '[repository]\nurl = "/nowhere"\nkey_file = "/nowhere"\n')
    for words in (PASS, ["run"], ["status"], ["list"], ["plan"], ["health"]):
        refused = world.tidemark(*words)
        assert refused.code != 0, (words, refused)
        if words != ["health"]:
            assert refused.code == 2 and "nothing would be protected" in said(refused)
    assert world.calls() == []


def test_an_instance_that_does_not_exist_is_named(world):
    configured(world, POLICY.replace("[source.orders]", '[source.orders]\ninstance = "ordrs"'))
    for words in (PASS, ["status"], ["backup"]):
        failed = world.tidemark(*words)
        assert failed.code == 16
        assert "there is no instance ordrs" in said(failed)
        assert "instance" in said(failed).split("->")[1]
    assert world.snapshots() == {}


def test_a_renamed_instance_is_found_by_its_points(build):
    world = build("--no-servers", "--delay", "0")
    world.create("orders")
    world.passes()
    world.client("rds").modify_db_instance(DBInstanceIdentifier="orders", ApplyImmediately=True,
                                           NewDBInstanceIdentifier="orders-2027")
    world.wait("orders-2027")
    before = world.snapshots()
    failed = world.tidemark(*PASS)
    assert failed.code == 16
    assert 'instance = "orders-2027"' in said(failed)
    assert world.snapshots() == before
    world.config.write_text(POLICY.replace("[source.orders]",
                                           '[source.orders]\ninstance = "orders-2027"'))
    world.passes()
    assert world.snapshots() == before, "its points still count"


def test_a_replaced_instance_is_flagged_and_its_points_stay(build):
    world = build("--no-servers", "--delay", "0")
    world.create("orders")
    world.passes()
    rds = world.client("rds")
    rds.delete_db_instance(DBInstanceIdentifier="orders", SkipFinalSnapshot=True)
    world.wait_gone("orders")
    replaced = world.create("orders")
    before = world.snapshots()
    flagged = world.tidemark("status")
    assert "instance orders was replaced" in flagged.out
    assert replaced["DbiResourceId"] in flagged.out
    assert "tidemark backup orders" in flagged.out
    world.tidemark(*PASS)
    assert {name: world.snapshots()[name] for name in before} == before


@pytest.mark.parametrize("fields, words", [
    ({"Engine": "mysql"}, "mysql"), ({"DBClusterIdentifier": "fleet"}, "fleet")], ids=str)
def test_an_instance_of_another_kind_is_refused(build, fields, words):
    world = build("--no-servers", "--delay", "0")
    world.create("orders")
    world.control("POST", "instance", {"id": "orders", "fields": fields})
    refused = world.tidemark(*PASS)
    assert refused.code == 16
    assert words in said(refused)
    assert "RDS for PostgreSQL" in said(refused)
    assert world.snapshots() == {}


@pytest.mark.parametrize("status", ["modifying", "stopped", "storage-full", "never-heard-of"])
def test_an_instance_that_cannot_be_snapshotted_now_is_waited_for(world, status):
    world.control("POST", "instance", {"id": "orders", "status": status})
    blocked = world.tidemark(*PASS)
    assert blocked.code == 14
    assert f"'{status}'" in blocked.out
    assert world.snapshots() == {}
    world.control("POST", "instance", {"id": "orders", "status": None})
    world.passes()


@pytest.fixture(scope="module")
def guarded(build):
    world = build("--no-servers", "--delay", "0", "--iam", "--strict-signatures")
    world.create("orders")
    iam = world.client("iam")
    iam.create_user(UserName="reader")
    iam.put_user_policy(UserName="reader", PolicyName="some", PolicyDocument=json.dumps(LIMITED))
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    world.key = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"],
                 "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    return world


def test_a_missing_permission_is_named_with_its_action_and_resource(guarded):
    denied = guarded.tidemark(*PASS, **guarded.key)
    assert denied.code == 15
    assert "rds:CreateDBSnapshot" in said(denied)
    assert "arn:aws:rds:eu-west-1:" in said(denied)
    assert guarded.key["AWS_SECRET_ACCESS_KEY"] not in said(denied)
    assert guarded.snapshots() == {}


def test_without_permission_to_delete_the_rest_of_the_pass_is_done(guarded):
    guarded.passes()
    for day in (1, 2, 3, 4):
        guarded.add_point(f"2020-01-{day:02}T00:00",
                          tags={"tidemark:condemned": "2020-03-01T00:00:00Z"})
    guarded.control("DELETE", "log")
    guarded.config.write_text(
        '[source.orders]\n[policy.default]\nkeep = { last = 1 }\nkeep_min = 1\n')
    before = guarded.snapshots()
    denied = guarded.tidemark(*PASS, **guarded.key)
    assert denied.code == 15
    assert "rds:DeleteDBSnapshot" in said(denied)
    assert guarded.calls().count("DeleteDBSnapshot") == 1, "asked once, not for each"
    assert guarded.snapshots().keys() == before.keys()


def test_a_wrong_secret_is_refused_and_stays_secret(guarded):
    wrong = "wrong/secret+canary/0000000000000000000B"
    denied = guarded.tidemark(*PASS, AWS_SECRET_ACCESS_KEY=wrong)
    assert denied.code == 15
    assert wrong not in said(denied)
    unknown = guarded.tidemark("whoami", AWS_ACCESS_KEY_ID="AKIANOBODY0000000000")
    assert unknown.code == 15


def test_a_full_quota_is_told_with_what_fills_it(build):
    world = build("--no-servers", "--delay", "0", "--snapshot-quota", "5")
    world.create("orders")
    world.control("POST", "snapshots", {"prefix": "by-hand", "instance": "orders", "count": 5})
    full = world.tidemark(*PASS)
    assert full.code == 18
    assert "quota" in said(full)
    assert "5 manual snapshots" in said(full)
    assert len(world.snapshots()) == 5


def test_too_many_copies_under_way_is_told_as_such(world):
    world.faults({"action": "CreateDBSnapshot", "kind": "error", "code": "SnapshotQuotaExceeded",
                  "message": "Cannot have more than 20 in-progress snapshot copies"})
    full = world.tidemark(*PASS)
    assert full.code == 18
    assert "in-progress snapshot copies" in said(full)


def test_an_unreachable_endpoint_is_a_passing_failure(world):
    for url in ("http://127.0.0.1:9", "https://127.0.0.1:9"):
        failed = world.tidemark("whoami", AWS_ENDPOINT_URL=url)
        assert failed.code == 17
        assert "127.0.0.1:9" in failed.err or "connect" in failed.err.lower()
    refused = world.tidemark(*PASS, AWS_ENDPOINT_URL="gopher://example.com")
    assert refused.code == 2


def test_a_name_that_a_foreign_snapshot_bears_is_told_and_left_alone(world):
    report = world.passes()
    name = report["sources"][0]["last_good"]["id"]
    world.clear()
    world.control("POST", "snapshots", {"identifier": name, "instance": "orders",
                                        "tags": {"tidemark:owner": "somebody-else"}})
    before = world.snapshots()
    taken = world.tidemark(*PASS)
    assert taken.code == 16
    assert name in said(taken) and "owner" in said(taken)
    assert world.snapshots() == before


@pytest.mark.skipif(SPLIT, reason="no role may touch the mark of what is not known to be ours")
def test_a_point_whose_tags_were_stripped_is_shown_and_never_deleted(world):
    name = world.passes()["sources"][0]["last_good"]["id"]
    old = [world.add_point(f"2020-01-{day:02}T00:00") for day in range(1, 5)]
    for one in old:
        world.control("POST", "snapshot", {"id": one, "tags": {
            "tidemark:condemned": "2020-03-01T00:00:00Z"}})
    configured(world, '[source.orders]\n[policy.default]\nkeep = { last = 1 }\nkeep_min = 1\n')
    world.tidemark("run", "--once")
    assert set(world.snapshots()) == {name, *old}
    listed = {one["id"]: one for one in world.tidemark("list", "--json").json["points"]}
    assert all("tidemark:owner" in listed[one]["hold"] for one in old)


def test_tags_of_the_instance_never_stand_in_the_way_of_a_point(world):
    """The most tags, as long as they may be, in letters that cannot be compressed."""
    chance = random.Random(7)
    letters = [chr(code) for code in range(0x4E00, 0x9F00)]

    def word(length: int) -> str:
        return "".join(chance.choices(letters, k=length))

    for tags in ({f"größe {n}": "ß" * n * 5 for n in range(49)},
                 {word(128): word(256) for n in range(49)}):
        world.clear()
        world.control("POST", "instance", {"id": "orders", "tags": tags})
        world.passes()
        snapshot, = world.snapshots().values()
        assert len(snapshot["tags"]) <= 48, "room for a hold and a condemnation"
        copied = {k: v for k, v in snapshot["tags"].items() if not k.startswith("tidemark:")}
        assert copied.items() <= tags.items()
        assert saved_settings(snapshot["tags"])["class"] == "db.t3.micro"


def test_control_characters_from_the_service_never_reach_the_terminal(world):
    world.faults({"action": "DescribeDBInstances", "kind": "error", "code": "Evil",
                  "message": "\u009b31m\u202e moc.live"})
    outcome = world.tidemark(*PASS)
    assert outcome.code == 1
    assert not {"\u009b", "\u202e", "\x1b"} & set(said(outcome))


def test_a_result_that_cannot_be_written_is_no_success(world):
    for words in (["status"], ["list", "--json"], ["plan"], PASS):
        with open("/dev/full", "w") as full:
            done = subprocess.run([TIDEMARK, *words], env=world.variables(words=words), stdout=full,
                                  stderr=subprocess.PIPE, text=True, timeout=60)
        assert done.returncode == 18
        assert "standard output" in done.stderr
