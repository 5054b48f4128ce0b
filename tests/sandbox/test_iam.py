"""With --iam, policies decide: resources, conditions and tags included."""

import json

import pytest
from sandbox_driver import code_of, message_of

SNAPSHOTTER = [
    {"Effect": "Allow", "Action": ["rds:Describe*", "rds:ListTagsForResource"], "Resource": "*"},
    {"Effect": "Allow", "Action": ["rds:CreateDBSnapshot", "rds:AddTagsToResource"],
     "Resource": ["arn:aws:rds:*:*:db:guarded", "arn:aws:rds:*:*:snapshot:tidy-*"]},
]
PRUNER = [
    {"Effect": "Allow", "Action": "rds:DeleteDBSnapshot", "Resource": "*",
     "Condition": {"StringEquals": {"aws:ResourceTag/condemned": "yes"}}},
    {"Effect": "Deny", "Action": "rds:DeleteDBSnapshot", "Resource": "*",
     "Condition": {"Null": {"rds:snapshot-tag/hold": "false"}}},
]
FILES = [
    {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
     "Resource": "arn:aws:s3:::guarded-files/mine/*"},
    {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::guarded-files",
     "Condition": {"StringLike": {"s3:prefix": "mine/*"}}},
]


@pytest.fixture(scope="module")
def guarded(start):
    sandbox = start("--no-servers", "--delay", "0", "--strict-signatures", "--iam")
    sandbox.create("guarded")
    sandbox.create("other")
    return sandbox


def user(sandbox, name, statements):
    iam = sandbox.client("iam")
    iam.create_user(UserName=name)
    if statements:
        policy = {"Version": "2012-10-17", "Statement": statements}
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
    return iam.create_access_key(UserName=name)["AccessKey"]


def test_snapshots_only_of_the_right_instance_under_the_right_prefix(guarded):
    rds = guarded.client("rds", user(guarded, "snapshotter", SNAPSHOTTER))
    tags = [{"Key": "a", "Value": "b"}]
    rds.create_db_snapshot(DBInstanceIdentifier="guarded", DBSnapshotIdentifier="tidy-1",
                           Tags=tags)
    for instance, name in (("other", "tidy-2"), ("guarded", "mine-1")):
        call = {"DBInstanceIdentifier": instance, "DBSnapshotIdentifier": name}
        assert code_of(rds.create_db_snapshot, **call) == "AccessDenied"
    message = message_of(rds.delete_db_snapshot, DBSnapshotIdentifier="tidy-1")
    assert message.startswith(
        "User: arn:aws:iam::123456789012:user/snapshotter is not authorized to perform: "
        "rds:DeleteDBSnapshot on resource: arn:aws:rds:eu-west-1:123456789012:snapshot:tidy-1")


def test_tags_of_the_resource_decide(guarded):
    root = guarded.client("rds")
    rds = guarded.client("rds", user(guarded, "pruner", PRUNER))
    for name, tags in (("plain", {}), ("doomed", {"condemned": "yes"}),
                       ("held", {"condemned": "yes", "hold": ""})):
        root.create_db_snapshot(
            DBInstanceIdentifier="guarded", DBSnapshotIdentifier=name,
            Tags=[{"Key": k, "Value": v} for k, v in tags.items()])
    assert code_of(rds.delete_db_snapshot, DBSnapshotIdentifier="plain") == "AccessDenied"
    assert "explicit deny" in message_of(rds.delete_db_snapshot, DBSnapshotIdentifier="held")
    rds.delete_db_snapshot(DBSnapshotIdentifier="doomed")


def test_objects_only_below_the_prefix(guarded):
    root = guarded.client("s3")
    root.create_bucket(Bucket="guarded-files",
                       CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    root.put_bucket_versioning(Bucket="guarded-files",
                               VersioningConfiguration={"Status": "Enabled"})
    s3 = guarded.client("s3", user(guarded, "filer", FILES))
    put = s3.put_object(Bucket="guarded-files", Key="mine/a b", Body=b"1")
    assert code_of(s3.put_object, Bucket="guarded-files", Key="yours/a") == "AccessDenied"
    s3.list_objects_v2(Bucket="guarded-files", Prefix="mine/")
    assert code_of(s3.list_objects_v2, Bucket="guarded-files") == "AccessDenied"
    assert code_of(s3.delete_object, Bucket="guarded-files", Key="mine/a b",
                   VersionId=put["VersionId"]) == "AccessDenied"
    assert code_of(s3.put_bucket_versioning, Bucket="guarded-files",
                   VersioningConfiguration={"Status": "Suspended"}) == "AccessDenied"
    s3.delete_object(Bucket="guarded-files", Key="mine/a b")


def test_a_bucket_policy_can_deny_even_the_owner_of_the_key(guarded):
    root = guarded.client("s3")
    root.create_bucket(Bucket="locked-files",
                       CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    policy = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject*",
         "Resource": "arn:aws:s3:::locked-files/*"}]}
    root.put_bucket_policy(Bucket="locked-files", Policy=json.dumps(policy))
    root.put_object(Bucket="locked-files", Key="k", Body=b"")
    assert code_of(root.delete_object, Bucket="locked-files", Key="k") == "AccessDenied"


def test_a_role_needs_trust_and_gives_its_own_permissions(guarded):
    iam = guarded.client("iam")
    key = user(guarded, "climber", [{"Effect": "Allow", "Action": "sts:AssumeRole",
                                     "Resource": "*"}])
    arns = {}
    for name, trusted in (("open", "123456789012"), ("shut", "999999999999")):
        trust = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": trusted}}]}
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
        arns[name] = made["Role"]["Arn"]
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": SNAPSHOTTER}))
    sts = guarded.client("sts", key)
    assert code_of(sts.assume_role, RoleArn=arns["shut"], RoleSessionName="s") == "AccessDenied"
    session = sts.assume_role(RoleArn=arns["open"], RoleSessionName="s")["Credentials"]
    rds = guarded.client("rds", session)
    rds.describe_db_snapshots()
    assert "assumed-role/open/s" in message_of(rds.delete_db_instance,
                                               DBInstanceIdentifier="guarded")
    narrow = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "rds:DescribeDBInstances", "Resource": "*"}]})
    session = sts.assume_role(RoleArn=arns["open"], RoleSessionName="n", Policy=narrow)
    rds = guarded.client("rds", session["Credentials"])
    rds.describe_db_instances()
    assert code_of(rds.describe_db_snapshots) == "AccessDenied"


def test_a_role_is_given_to_an_instance_only_by_who_may_pass_it(guarded):
    role = "arn:aws:iam::123456789012:role/"
    rds = guarded.client("rds", user(guarded, "passer", [
        {"Effect": "Allow", "Action": ["rds:ModifyDBInstance", "rds:AddRoleToDBInstance"],
         "Resource": "*"},
        {"Effect": "Allow", "Action": "iam:PassRole", "Resource": role + "mine",
         "Condition": {"StringEquals": {
             "iam:PassedToService": ["rds.amazonaws.com", "monitoring.rds.amazonaws.com"]}}}]))
    for name, code in (("mine", None), ("yours", "AccessDenied")):
        monitor = {"MonitoringInterval": 5, "MonitoringRoleArn": role + name}
        load = {"FeatureName": "s3Import", "RoleArn": role + name}
        for call, more in ((rds.modify_db_instance, monitor), (rds.add_role_to_db_instance, load)):
            parameters = {"DBInstanceIdentifier": "guarded", **more}
            if code is None:
                call(**parameters)
            else:
                assert code_of(call, **parameters) == code


def test_simulation_agrees_with_enforcement(guarded):
    user(guarded, "simulated", SNAPSHOTTER + PRUNER)
    iam = guarded.client("iam")
    answer = iam.simulate_principal_policy(
        PolicySourceArn="arn:aws:iam::123456789012:user/simulated",
        ActionNames=["rds:DescribeDBSnapshots", "rds:DeleteDBSnapshot", "s3:GetObject"],
        ResourceArns=["arn:aws:rds:eu-west-1:123456789012:snapshot:x"],
        ContextEntries=[{"ContextKeyName": "rds:snapshot-tag/hold", "ContextKeyValues": [""],
                         "ContextKeyType": "string"}])
    decisions = {r["EvalActionName"]: r["EvalDecision"] for r in answer["EvaluationResults"]}
    assert decisions == {"rds:DescribeDBSnapshots": "allowed",
                         "rds:DeleteDBSnapshot": "explicitDeny", "s3:GetObject": "implicitDeny"}


def test_a_user_without_policies_may_do_nothing_but_ask_who_it_is(guarded):
    key = user(guarded, "nobody", [])
    guarded.client("sts", key).get_caller_identity()
    assert code_of(guarded.client("rds", key).describe_db_instances) == "AccessDenied"
    assert code_of(guarded.client("kms", key).list_keys) == "AccessDeniedException"
    assert code_of(guarded.client("iam", key).list_users) == "AccessDenied"


def test_a_sent_public_flag_decides_where_aws_gives_it(guarded):
    """The reference lists the key for creating and restoring, not for ModifyDBInstance."""
    guarded.client("rds").create_db_snapshot(DBInstanceIdentifier="guarded",
                                             DBSnapshotIdentifier="public-or-not")
    rds = guarded.client("rds", user(guarded, "restorer", [
        {"Effect": "Allow", "Action": "rds:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "rds:*", "Resource": "arn:aws:rds:*:*:db:*",
         "Condition": {"Bool": {"rds:PubliclyAccessible": "true"}}}]))
    restore = {"DBInstanceIdentifier": "restored", "DBSnapshotIdentifier": "public-or-not"}
    assert code_of(rds.restore_db_instance_from_db_snapshot, **restore,
                   PubliclyAccessible=True) == "AccessDenied"
    rds.restore_db_instance_from_db_snapshot(**restore, PubliclyAccessible=False)
    rds.modify_db_instance(DBInstanceIdentifier="restored", PubliclyAccessible=True)


def test_a_condition_of_a_bucket_policy_sees_the_role_of_a_session(guarded):
    root, iam = guarded.client("s3"), guarded.client("iam")
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "123456789012"}}]}
    arn = iam.create_role(RoleName="glass", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName="glass", PolicyName="p", PolicyDocument=json.dumps(
        {"Version": "2012-10-17",
         "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}))
    root.create_bucket(Bucket="behind-glass",
                       CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    root.put_bucket_policy(Bucket="behind-glass", Policy=json.dumps(
        {"Version": "2012-10-17", "Statement": [
            {"Effect": "Deny", "Principal": "*", "Action": "s3:PutBucketVersioning",
             "Resource": "arn:aws:s3:::behind-glass",
             "Condition": {"ArnNotLike": {"aws:PrincipalArn": arn}}}]}))
    enable = {"Bucket": "behind-glass", "VersioningConfiguration": {"Status": "Enabled"}}
    assert code_of(root.put_bucket_versioning, **enable) == "AccessDenied"
    session = guarded.client("sts").assume_role(RoleArn=arn, RoleSessionName="s")["Credentials"]
    guarded.client("s3", session).put_bucket_versioning(**enable)


def test_only_the_end_of_an_upload_creates_an_object(guarded):
    root = guarded.client("s3")
    root.create_bucket(Bucket="created-once",
                       CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    root.put_bucket_policy(Bucket="created-once", Policy=json.dumps(
        {"Version": "2012-10-17", "Statement": [
            {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
             "Resource": "arn:aws:s3:::created-once/*",
             "Condition": {"Bool": {"s3:ObjectCreationOperation": "true"}}}]}))
    assert code_of(root.put_object, Bucket="created-once", Key="k", Body=b"") == "AccessDenied"
    upload = root.create_multipart_upload(Bucket="created-once", Key="k")["UploadId"]
    root.upload_part(Bucket="created-once", Key="k", UploadId=upload, PartNumber=1, Body=b"1")
    assert code_of(root.complete_multipart_upload, Bucket="created-once", Key="k",
                   UploadId=upload) == "AccessDenied"
