"""Principals that hold exactly what `tidemark iam` prints, in a sandbox that enforces it."""

import json
from typing import Any

from split_credentials import ACCOUNT
from story import World

BREAK_GLASS = f"arn:aws:iam::{ACCOUNT}:role/break-glass"
FILES = "acme-files"
REPOSITORY = "acme-archives"
ENFORCED = ("--strict-signatures", "--iam", "--as-if-tls")
TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ACCOUNT}}]}
# What nobody of ours does, whoever asks: (service, method, parameters). {…} are filled in.
DESTRUCTION = [
    ("s3", "delete_object", {"Bucket": "{bucket}", "Key": "{key}", "VersionId": "{version}"}),
    ("s3", "put_bucket_versioning",
     {"Bucket": "{bucket}", "VersioningConfiguration": {"Status": "Suspended"}}),
    ("s3", "put_bucket_lifecycle_configuration", {
        "Bucket": "{bucket}", "LifecycleConfiguration": {"Rules": [
            {"ID": "x", "Status": "Enabled", "Filter": {"Prefix": ""},
             "NoncurrentVersionExpiration": {"NoncurrentDays": 1}}]}}),
    ("s3", "delete_bucket_lifecycle", {"Bucket": "{bucket}"}),
    ("s3", "put_bucket_policy", {"Bucket": "{bucket}", "Policy": '{"Statement": []}'}),
    ("s3", "delete_bucket_policy", {"Bucket": "{bucket}"}),
    ("s3", "put_bucket_acl", {"Bucket": "{bucket}", "ACL": "public-read"}),
    ("s3", "delete_bucket", {"Bucket": "{bucket}"}),
    ("rds", "modify_db_snapshot_attribute",
     {"DBSnapshotIdentifier": "{snapshot}", "AttributeName": "restore",
      "ValuesToAdd": ["999999999999"]}),
    ("rds", "delete_db_snapshot", {"DBSnapshotIdentifier": "{snapshot}"}),
    ("rds", "create_db_snapshot", {"DBInstanceIdentifier": "other", "DBSnapshotIdentifier": "x"}),
    ("rds", "restore_db_instance_from_db_snapshot",
     {"DBInstanceIdentifier": "orders-open", "DBSnapshotIdentifier": "{snapshot}",
      "PubliclyAccessible": True}),
    ("rds", "restore_db_instance_from_db_snapshot",
     {"DBInstanceIdentifier": "orders-open", "DBSnapshotIdentifier": "{snapshot}"}),
    ("rds", "modify_db_instance", {"DBInstanceIdentifier": "other", "PubliclyAccessible": True}),
    ("rds", "delete_db_instance", {"DBInstanceIdentifier": "other", "SkipFinalSnapshot": True}),
    ("iam", "put_role_policy", {"RoleName": "{role}", "PolicyName": "more", "PolicyDocument": "{}"}),
    ("sts", "assume_role", {"RoleArn": BREAK_GLASS, "RoleSessionName": "x"}),
]


def printed(world: World, *roles: str) -> dict[str, Any]:
    """The policy that `tidemark iam` prints, with nothing left open."""
    outcome = world.tidemark("iam", *roles, "--account", ACCOUNT, "--files-bucket", FILES,
                             "--break-glass", BREAK_GLASS)
    assert outcome.code == 0, outcome
    assert "REPLACE_WITH" not in outcome.out, outcome
    return json.loads(outcome.out)


class Principal:
    """A session of a role that has these policies and no other."""

    def __init__(self, world: World, name: str, *policies: dict[str, Any]):
        self.world, self.name = world, name
        iam = world.client("iam")
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
        for number, policy in enumerate(policies):
            iam.put_role_policy(RoleName=name, PolicyName=f"p{number}",
                                PolicyDocument=json.dumps(policy))
        self.session = world.client("sts").assume_role(
            RoleArn=role["Arn"], RoleSessionName="story")["Credentials"]

    @property
    def variables(self) -> dict[str, str]:
        return {"AWS_ACCESS_KEY_ID": self.session["AccessKeyId"],
                "AWS_SECRET_ACCESS_KEY": self.session["SecretAccessKey"],
                "AWS_SESSION_TOKEN": self.session["SessionToken"]}

    def client(self, service: str, **options: Any):
        return self.world.client(service, self.session, **options)

    def does(self, *words: str, **changes: str) -> Any:
        """Runs it as this principal: it succeeds, and AWS refused nothing on the way."""
        self.world.control("DELETE", "log")
        outcome = self.world.tidemark(*words, "--json", **self.variables, **changes)
        assert outcome.code == 0, outcome
        refused = [(entry["action"], entry["error"]) for entry in self.world.control("GET", "log")
                   if "Denied" in (entry["error"] or "")]
        assert not refused, refused
        first = outcome.out.partition("\n")[0]  # a retirement prints one for each
        return json.loads(first) if first.startswith("{") else outcome.out


def holder_of(world: World, *roles: str) -> Principal:
    return Principal(world, "holds-" + "-".join(roles), printed(world, *roles))


def fill_in(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: fill_in(one, names) for key, one in value.items()}
    for name, text in names.items():
        if value == "{" + name + "}":
            return text
    return value


def refusals(principal: Principal, **names: str) -> dict[str, str]:
    """What came of each destruction: an error code, or "done"."""
    outcome = {}
    for number, (service, method, parameters) in enumerate(DESTRUCTION):
        client = principal.client(service)
        try:
            getattr(client, method)(**fill_in(parameters, names | {"role": principal.name}))
            code = "done"
        except client.exceptions.ClientError as error:
            code = error.response["Error"]["Code"]
        outcome[f"{number} {method}"] = code
    return outcome


def make_bucket(world: World, name: str, *policies: dict[str, Any]) -> str:
    """With versions on, a lifecycle, a policy, and an object that was written twice; the older
    version of it."""
    s3 = world.client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": [
        {"ID": "parts", "Status": "Enabled", "Filter": {"Prefix": ""},
         "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}]})
    first = s3.put_object(Bucket=name, Key="a key", Body=b"first")
    s3.put_object(Bucket=name, Key="a key", Body=b"second")
    for policy in policies:
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))
    return first["VersionId"]
