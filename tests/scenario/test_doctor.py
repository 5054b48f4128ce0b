"""`tidemark doctor` against a sandbox where everything is wrong, and one where it is right."""

import json

import pytest
from roles import ACCOUNT, ENFORCED, FILES, REPOSITORY, Principal, holder_of, printed
from s3_attack import old_application_policy
from story import World

CONFIG = f"""[aws]
account = "{ACCOUNT}"
[repository]
url = "s3://{REPOSITORY}/repo"
key_file = "unused"
[source.orders]
[policy.default]
schedule = "daily"
keep = {{{{ daily = {{daily}} }}}}
"""
EVERYBODY = "http://acs.amazonaws.com/groups/global/AllUsers"
LOOK = ["doctor", "--files-bucket", FILES, "--app-user"]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    made = World(tmp_path_factory.mktemp("doctor"), "--no-servers", "--delay", "0", *ENFORCED)
    made.config.write_text(CONFIG.format(daily=200))
    yield made
    made.down()


def findings(outcome) -> dict[tuple[str, str], dict]:
    return {(one["check"], one["object"]): one for one in outcome.json["findings"]}


def user_of(world, name: str, policy: dict) -> str:
    iam = world.client("iam")
    arn = iam.create_user(UserName=name)["User"]["Arn"]
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
    return arn


@pytest.fixture(scope="module")
def auditor(world):
    return holder_of(world, "auditor")


@pytest.fixture(scope="module")
def wrong(world, auditor):
    """Everything as the earlier document had it, and then some."""
    world.create("orders", BackupRetentionPeriod=0, PubliclyAccessible=True,
                 StorageEncrypted=False, DeletionProtection=False, EngineVersion="13.4")
    s3 = world.client("s3")
    for bucket in (FILES, REPOSITORY):
        s3.create_bucket(Bucket=bucket,
                         CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [
            {"ID": "tidy", "Status": "Enabled", "Filter": {"Prefix": ""},
             "Expiration": {"Days": 365}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1}}]})
    # moto shows one permission of each grantee.
    s3.put_bucket_acl(Bucket=FILES, GrantWrite=f'uri="{EVERYBODY}"')
    s3.put_bucket_policy(Bucket=FILES, Policy=json.dumps(
        {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "s3:*",
             "Resource": f"arn:aws:s3:::{FILES}/*"}]}))
    rds = world.client("rds")
    point = world.add_point("2026-11-01T00:00")
    public = world.add_point("2026-11-02T00:00")
    for name, account in ((point, "999999999999"), (public, "all")):
        rds.modify_db_snapshot_attribute(DBSnapshotIdentifier=name, AttributeName="restore",
                                         ValuesToAdd=[account])
    rds.create_db_snapshot(DBInstanceIdentifier="orders", DBSnapshotIdentifier="by-hand")
    policy = old_application_policy()
    policy["Statement"][0]["Condition"] = {"IpAddress": {"aws:SourceIp": "172.31.0.0/16"}}
    web = user_of(world, "web", policy)
    outcome = world.tidemark(*LOOK, web, "--json", **auditor.variables)
    assert outcome.code == 14, outcome
    return web, findings(outcome), outcome


def test_each_hole_of_the_earlier_documents_policy_is_named(wrong):
    web, found, _ = wrong
    for action in ("PutBucketPolicy", "PutLifecycleConfiguration", "PutBucketAcl", "PutObjectAcl",
                   "PutObjectVersionAcl", "PutBucketWebsite", "PutBucketLogging",
                   "PutBucketNotification"):
        assert found[f"permission-s3:{action}", web]["means"], action
    assert found["permission-s3:PutBucketPolicy", web]["severity"] == "critical"
    assert found["permission-s3:PutLifecycleConfiguration", web]["severity"] == "critical"
    assert "172" not in json.dumps(found["permission-by-private-address", web])
    assert found["permission-by-omission", web]["severity"] == "warning"
    assert "Resource is too wide" in found["permission-elsewhere", web]["means"]
    bucket = f"bucket {FILES}"
    for check in ("bucket-object-lock", "bucket-replication"):
        assert (check, bucket) in found


def test_what_endangers_instance_snapshots_and_buckets_is_named(wrong):
    _, found, _ = wrong
    instance, snapshots = "instance orders", "snapshots in eu-west-1"
    expected = {
        ("instance-backup-retention", instance): "critical", ("instance-public", instance): "critical",
        ("instance-deletion-protection", instance): "warning",
        ("instance-encryption", instance): "warning",
        ("instance-engine-end-of-life", instance): "warning",
        ("snapshot-public", snapshots): "critical", ("snapshot-quota", snapshots): "warning",
        ("snapshot-shared", "snapshot tidemark-202611-orders-20261101t0000z"): "warning",
        ("snapshot-encryption", snapshots): "warning", ("snapshot-foreign", snapshots): "note",
        ("repository-overwrites", f"bucket {REPOSITORY}"): "warning",
        ("repository-verify", f"repository s3://{REPOSITORY}/repo"): "warning",
        ("bucket-lifecycle-expiration", f"bucket {REPOSITORY}"): "critical",
        ("bucket-acl-WRITE", f"bucket {FILES}"): "critical",
        ("bucket-policy-s3:DeleteObjectVersion", f"bucket {FILES}"): "critical",
    }
    for bucket in (FILES, REPOSITORY):
        expected |= {("bucket-versioning", f"bucket {bucket}"): "critical",
                     ("bucket-lifecycle-noncurrent", f"bucket {bucket}"): "critical",
                     ("bucket-public-access", f"bucket {bucket}"): "warning"}
    assert {name: found[name]["severity"] for name in expected if name in found} == expected
    assert "full on 20" in found["snapshot-quota", snapshots]["what"]
    for one in found.values():
        assert one["fix"] and one["means"], one


def test_what_it_may_not_see_is_said_and_not_passed_over(world, wrong):
    nobody = Principal(world, "nobody")
    outcome = world.tidemark(*LOOK, wrong[0], "--json", **nobody.variables)
    assert outcome.code == 0, outcome
    unknown = {name for name, one in findings(outcome).items() if one["severity"] == "unknown"}
    for check in ("instance", "snapshots", "permissions"):
        assert any(name[0] == check for name in unknown), check
    for check in ("versioning", "object-lock", "lifecycle", "public-access", "acl", "replication",
                  "policy"):
        assert {(f"bucket-{check}", f"bucket {bucket}") for bucket in (FILES, REPOSITORY)} <= unknown
    assert "tidemark iam auditor" in outcome.out


def test_credentials_that_may_too_much_are_told_so(world):
    admin = Principal(world, "administrator", {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    found = findings(world.tidemark("doctor", "--json", **admin.variables))
    told = {check.removeprefix("permission-") for check, _ in found if check.startswith("perm")}
    assert {"rds:DeleteDBSnapshot", "rds:ModifyDBSnapshotAttribute", "rds:CreateDBSnapshot",
            "s3:DeleteObjectVersion"} <= told
    quiet = holder_of(world, "snapshotter", "auditor")
    found = findings(world.tidemark("doctor", "--json", **quiet.variables))
    assert not [check for check, _ in found if check.startswith("permission-")]


def test_with_everything_as_it_should_be_nothing_is_in_danger(world, wrong, auditor):
    s3, rds = world.client("s3"), world.client("rds")
    world.clear()
    world.config.write_text(CONFIG.format(daily=7))
    rds.modify_db_instance(DBInstanceIdentifier="orders", PubliclyAccessible=False,
                           BackupRetentionPeriod=14, DeletionProtection=True,
                           ApplyImmediately=True)
    world.control("POST", "instance", {"id": "orders", "fields": {
        "StorageEncrypted": True, "EngineVersion": "17.4"}})
    for bucket, role in ((FILES, "files-bucket"), (REPOSITORY, "repo-bucket")):
        s3.delete_bucket_lifecycle(Bucket=bucket)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={
            "BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True})
        s3.put_bucket_acl(Bucket=bucket, ACL="private")
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(printed(world, role)))
    user = user_of(world, "good-web", printed(world, "app-user"))
    outcome = world.tidemark(*LOOK, user, "--json", **auditor.variables)
    assert outcome.code == 0, outcome
    left = {check for (check, _), one in findings(outcome).items() if one["severity"] != "note"}
    assert left <= {"bucket-object-lock", "bucket-replication", "repository-verify",
                    "instance-force-ssl"}, left
    assert world.tidemark(*LOOK, user, **auditor.variables).out.endswith(
        "none of them endangers recovery now\n")
