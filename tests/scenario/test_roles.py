"""Every verb around snapshots and instances runs under exactly the role that is printed for it, and
what the role is not for is refused."""

import json
import subprocess
from datetime import datetime, timedelta, timezone

import pytest
import terraform
import yaml
from restore_worlds import Records
from restoring import differences, instances, role_of
from roles import (ACCOUNT, BREAK_GLASS, ENFORCED, FILES, REPOSITORY, Principal, holder_of,
                   make_bucket, printed, refusals)
from saved_settings import tags_of
from story import ROOT

NOW = datetime.now(timezone.utc)
CONFIG = f"""thin = false
[repository]
url = "s3://{REPOSITORY}/repo"
key_file = "unused"
[source.orders]
[policy.default]
schedule = "daily"
keep = {{ daily = 7 }}
"""
IDENTITY_ROLES = ["snapshotter", "condemner", "pruner", "restorer", "repo-writer", "repo-reader",
                  "repo-pruner", "repo-keeper", "auditor", "files-restorer", "app-user"]


def days_ago(days: int) -> str:
    return f"{NOW - timedelta(days=days):%Y-%m-%dT00:00}"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    world = Records(tmp_path_factory.mktemp("guarded"), *ENFORCED)
    world.config.write_text(CONFIG)
    yield world
    world.down()


@pytest.fixture(scope="module")
def holders(guarded):
    return {role: holder_of(guarded, role) for role in IDENTITY_ROLES}


@pytest.fixture
def world(guarded):
    guarded.renew()
    return guarded


def test_the_snapshotter_does_what_the_daemon_does(world, holders):
    world.clear()
    report = holders["snapshotter"].does("run", "--once")
    point = report["sources"][0]["last_good"]["id"]
    assert point in world.snapshots()
    assert world.snapshots()[point]["tags"]["tidemark:owner"] == "tidemark"
    holders["snapshotter"].does("backup")
    for words in (["status"], ["list"], ["show", point], ["plan"], ["prune"]):
        holders["snapshotter"].does(*words)


def test_the_condemner_marks_holds_and_releases(world, holders):
    old = [world.add_point(days_ago(days)) for days in range(1, 20)]
    holders["condemner"].does("hold", old[-1], "--reason", "audit")
    holders["condemner"].does("prune", "--yes")
    tags = {name: one["tags"] for name, one in world.snapshots().items()}
    assert tags[old[-1]]["tidemark:hold"] == "audit"
    assert "tidemark:condemned" not in tags[old[-1]]
    assert tags[old[-2]]["tidemark:condemned"].startswith("20")
    holders["condemner"].does("release", old[-1])
    assert "tidemark:hold" not in world.snapshots()[old[-1]]["tags"]


def test_the_pruner_deletes_what_is_condemned_and_nothing_else(world, holders):
    mark = f"{NOW - timedelta(days=8):%Y-%m-%dT%H:%M:%SZ}"
    for days in range(1, 7):
        world.add_point(days_ago(days))
    due = [world.add_point(days_ago(days), tags={"tidemark:condemned": mark}) for days in (20, 21)]
    held = world.add_point(days_ago(22), tags={"tidemark:condemned": mark, "tidemark:hold": "x"})
    reprieved = world.add_point(days_ago(23), tags={"tidemark:condemned": "reprieved"})
    foreign = world.add_point(days_ago(24), tags={"tidemark:condemned": mark,
                                                  "tidemark:owner": "another"})
    outcome = world.tidemark("prune", "--yes", "--json", **holders["pruner"].variables)
    assert outcome.code in (0, 15), outcome  # the reprieved one it may not condemn
    assert not set(due) & set(world.snapshots())
    rds = holders["pruner"].client("rds")
    for name in (held, reprieved, foreign, world.point):
        with pytest.raises(rds.exceptions.ClientError, match="not authorized"):
            rds.delete_db_snapshot(DBSnapshotIdentifier=name)
        with pytest.raises(rds.exceptions.ClientError, match="not authorized"):
            rds.add_tags_to_resource(
                ResourceName=f"arn:aws:rds:eu-west-1:{ACCOUNT}:snapshot:{name}",
                Tags=[{"Key": "tidemark:condemned", "Value": mark}])
        assert name in world.snapshots()


def test_the_snapshotter_cannot_condemn_even_with_its_own_tag(world, holders):
    rds = holders["snapshotter"].client("rds")
    for key in ("tidemark:condemned", "tidemark:hold"):
        with pytest.raises(rds.exceptions.ClientError, match="explicit deny"):
            rds.add_tags_to_resource(
                ResourceName=f"arn:aws:rds:eu-west-1:{ACCOUNT}:snapshot:{world.point}",
                Tags=[{"Key": "tidemark:owner", "Value": "tidemark"}, {"Key": key, "Value": "20"}])


def test_the_restorer_restores_undoes_and_retires(world, holders):
    restorer = holders["restorer"]
    restorer.does("restore", "orders", "--yes", "--no-checks")
    assert differences(world.before, instances(world)["orders"]) == {}
    restorer.does("restore", "status", "orders")
    restorer.does("restore", "rollback", "orders", "--yes")
    restorer.does("restore", "orders", "--yes", "--no-checks")
    restorer.does("restore", "retire", "orders", "--yes")
    roles = {name: role_of(one) for name, one in instances(world).items()}
    assert list(roles) == ["orders"], roles


def test_one_principal_with_three_roles_does_all_of_it(world):
    both = holder_of(world, "snapshotter", "condemner", "pruner")
    world.config.write_text(CONFIG.replace("thin = false\n", ""))
    try:
        mark = f"{NOW - timedelta(days=8):%Y-%m-%dT%H:%M:%SZ}"
        due = world.add_point(days_ago(40), tags={"tidemark:condemned": mark})
        condemned = [world.add_point(days_ago(days)) for days in range(1, 20)][-1]
        both.does("run", "--once")
    finally:
        world.config.write_text(CONFIG)
    assert due not in world.snapshots()
    assert "tidemark:condemned" in world.snapshots()[condemned]["tags"]
    rds = both.client("rds")
    with pytest.raises(rds.exceptions.ClientError, match="explicit deny"):
        rds.modify_db_snapshot_attribute(DBSnapshotIdentifier=condemned, AttributeName="restore",
                                         ValuesToAdd=["999999999999"])


def test_every_destruction_is_refused_to_every_role(world, holders):
    world.create("other")
    world.client("iam").create_role(RoleName="break-glass",
                                    AssumeRolePolicyDocument='{"Statement": []}')
    buckets = {bucket: make_bucket(world, bucket) for bucket in (FILES, REPOSITORY)}
    for role, principal in holders.items():
        for bucket, version in buckets.items():
            done = {act: code for act, code in refusals(
                principal, bucket=bucket, key="a key", version=version,
                snapshot=world.point).items() if code != "AccessDenied"}
            assert done == {}, role
    assert world.point in world.snapshots()


def test_the_restorer_may_not_touch_another_instance_nor_history(world, holders):
    """What it may do is to its own instance; the rest is in the table of destructions."""
    rds = holders["restorer"].client("rds")
    with pytest.raises(rds.exceptions.ClientError, match="explicit deny"):
        rds.delete_db_snapshot(DBSnapshotIdentifier=world.point)
    rds.add_tags_to_resource(ResourceName=instances(world)["orders"]["DBInstanceArn"],
                             Tags=[{"Key": "a", "Value": "b"}])
    assert tags_of(instances(world)["orders"])["a"] == "b"


def test_only_the_break_glass_role_may_change_a_guarded_bucket(guarded):
    version = make_bucket(guarded, "guarded", printed_for_bucket(guarded, "guarded"))
    iam = guarded.client("iam")
    admin = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    refused = refusals(Principal(guarded, "admin", admin), bucket="guarded", key="a key",
                       version=version, snapshot="none")
    assert {code for act, code in refused.items() if "bucket" in act or "object" in act} == {
        "AccessDenied"}, refused
    name = BREAK_GLASS.rpartition("/")[2]
    try:
        iam.delete_role(RoleName=name)
    except iam.exceptions.NoSuchEntityException:
        pass
    glass = Principal(guarded, name, admin)
    glass.client("s3").put_bucket_versioning(Bucket="guarded",
                                             VersioningConfiguration={"Status": "Enabled"})


def printed_for_bucket(world, bucket: str):
    policy = printed(world, "files-bucket")
    return json.loads(json.dumps(policy).replace(FILES, bucket))


def test_what_terraform_and_iam_would_take_for_theirs_is_escaped(guarded):
    hostile = f"{FILES}/*${{aws:username}}%{{if true}}?"
    more = ["--account", ACCOUNT, "--files-bucket", hostile]
    plain = json.loads(guarded.tidemark("iam", "app-user", *more).out)
    literal = f"arn:aws:s3:::{FILES}/${{*}}${{$}}{{aws:username}}%{{if true}}${{?}}/*"
    assert plain["Statement"][0]["Resource"] == literal
    text = guarded.tidemark("iam", "app-user", "--format", "terraform", *more).out
    assert json.loads(terraform.read(text)[2]["policy"]) == plain


def test_other_tools_read_what_is_printed(guarded, tmp_path):
    """cfn-lint knows the rules of IAM policies; Terraform's language and the arguments of its
    resources are read as documented."""
    files, names = [], set()
    for role in [*IDENTITY_ROLES, "repo-bucket", "files-bucket"]:
        more = ["--account", ACCOUNT, "--files-bucket", FILES, "--break-glass", BREAK_GLASS]
        stack = guarded.tidemark("iam", role, "--format", "cloudformation", *more).out
        files.append(tmp_path / f"{role}.json")
        files[-1].write_text(stack)
        document = next(iter(yaml.safe_load(stack)["Resources"].values()))
        assert document["Properties"]["PolicyDocument"] == printed(guarded, role)
        kind, name, arguments = terraform.read(
            guarded.tidemark("iam", role, "--format", "terraform", *more).out)
        assert (kind == "aws_s3_bucket_policy") == role.endswith("-bucket")
        assert json.loads(arguments["policy"]) == printed(guarded, role)
        names.add((kind, name))
    assert len(names) == len(files)
    lint = subprocess.run([ROOT / ".venv/bin/cfn-lint", "--", *files], capture_output=True,
                          text=True, timeout=120)
    assert lint.returncode == 0, lint.stdout
