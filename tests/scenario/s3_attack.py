"""Every S3 action that botocore's model knows, against one bucket, with parameters that make sense.

Parameters come from the shapes: what is required is filled in, by name where a name has a meaning
here. The calls that can end history are written out, each in its worst form.
"""

import json
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

KEY = "a key"
DEPTH_MAX = 6
ROUNDS = 2  # what one call opened, the next round uses
END_OF_HISTORY = {"Rules": [{"ID": "end", "Status": "Enabled", "Filter": {"Prefix": ""},
                             "NoncurrentVersionExpiration": {"NoncurrentDays": 1}}]}


def old_application_policy() -> dict[str, Any]:
    """That of the earlier script's document, without its condition on an address."""
    acts = ["Get*", "List*", "PutObject", "DeleteObject", "PutObjectAcl", "PutObjectVersionAcl",
            "PutBucketAcl", "PutBucketPolicy", "PutBucketLogging", "PutBucketNotification",
            "PutBucketWebsite", "PutLifecycleConfiguration", "PutBucketCORS"]
    return {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": [f"s3:{act}" for act in acts], "Resource": "*"}]}


def history(s3, bucket: str) -> dict[tuple[str, str], str]:
    """The ETag, which tells the content, of every version by key and version."""
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket)
    try:
        return {(one["Key"], one["VersionId"]): one["ETag"]
                for page in pages for one in page.get("Versions", [])}
    except s3.exceptions.NoSuchBucket:
        return {}


def worst(bucket: str, account: str, versions: list[str]) -> list[tuple[str, dict[str, Any]]]:
    """In the order in which somebody would go about it."""
    everything = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:*",
         "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]}]})
    calls: list[tuple[str, dict[str, Any]]] = [
        ("DeleteBucketPolicy", {}),
        ("PutBucketPolicy", {"Policy": everything}),
        ("PutBucketPolicy", {"Policy": everything, "ConfirmRemoveSelfBucketAccess": True}),
        ("PutBucketVersioning", {"VersioningConfiguration": {"Status": "Suspended"}}),
        ("PutBucketLifecycleConfiguration", {"LifecycleConfiguration": END_OF_HISTORY}),
        ("DeleteBucketLifecycle", {}),
        ("PutBucketAcl", {"ACL": "public-read-write"}),
        ("PutPublicAccessBlock", {"PublicAccessBlockConfiguration": {"BlockPublicPolicy": False}}),
        ("PutObject", {"Key": KEY, "Body": b"rubbish"}),
        ("PutObject", {"Key": KEY, "Body": b"rubbish", "ACL": "public-read"}),
        ("PutObject", {"Key": KEY, "Body": b"rubbish", "Tagging": "expire=now"}),
        ("CopyObject", {"Key": KEY, "CopySource": {"Bucket": bucket, "Key": KEY},
                        "MetadataDirective": "REPLACE"}),
        ("DeleteObject", {"Key": KEY}),
        ("DeleteObjects", {"Delete": {"Objects": [{"Key": KEY}]}}),
    ]
    for version in versions:
        named = {"Key": KEY, "VersionId": version}
        calls += [
            ("PutObjectRetention", named | {"BypassGovernanceRetention": True, "Retention": {}}),
            ("PutObjectLegalHold", named | {"LegalHold": {"Status": "OFF"}}),
            ("PutObjectTagging", named | {"Tagging": {"TagSet": [{"Key": "a", "Value": "b"}]}}),
            ("PutObjectAcl", named | {"ACL": "public-read"}),
            ("DeleteObjects", {"Delete": {"Objects": [named]}, "BypassGovernanceRetention": True}),
            ("DeleteObject", named | {"BypassGovernanceRetention": True}),
            ("DeleteObject", named),
            ("DeleteObject", {"Key": KEY, "VersionId": "null"}),
        ]
    return [*calls, ("DeleteBucket", {})]


class Filler:
    """Plausible values for the required members of a shape."""

    def __init__(self, bucket: str, account: str, version: str):
        self.named = {"Bucket": bucket, "Key": KEY, "VersionId": version, "UploadId": "upload",
                      "CopySource": {"Bucket": bucket, "Key": KEY}, "PartNumber": 1, "Id": "x",
                      "ExpectedBucketOwner": account, "Policy": "{}", "AccountId": account,
                      "RenameSource": f"{bucket}/{KEY}", "ID": "x", "Days": 1, "Body": b"x",
                      "Expression": "select * from s3object", "TargetBucket": bucket,
                      "Prefix": "", "TargetPrefix": "", "RequestRoute": "x", "RequestToken": "x"}

    def value(self, name: str, shape: Any, depth: int = 0) -> Any:
        if name in self.named:
            return self.named[name]
        if depth > DEPTH_MAX:
            return None
        if shape.type_name == "structure":
            wanted = shape.required_members or list(shape.members)[:1]
            return {one: self.value(one, shape.members[one], depth + 1) for one in wanted}
        if shape.type_name == "list":
            return [self.value(name, shape.member, depth + 1)]
        if shape.type_name == "map":
            return {}
        if shape.type_name == "string":
            return shape.enum[0] if shape.enum else "x"
        simple = {"boolean": True, "blob": b"x", "timestamp": "2020-01-01T00:00:00Z"}
        return simple.get(shape.type_name, 1)


def outcome_of(s3, operation: str, parameters: dict[str, Any]) -> str:
    try:
        s3._make_api_call(operation, parameters)
    except ClientError as error:
        return error.response["Error"]["Code"]
    except (ParamValidationError, BotoCoreError, TypeError, ValueError) as error:
        return f"not sent: {error}"
    return "done"


def attack(s3, bucket: str, account: str, present: dict[tuple[str, str], str],
           rounds: int = ROUNDS) -> dict[str, str]:
    """What came of each call: "done", or an error code."""
    versions = [version for _, version in present]
    filler = Filler(bucket, account, versions[0])
    model = s3.meta.service_model
    outcomes = {}
    for number in range(rounds):
        for index, (operation, parameters) in enumerate(worst(bucket, account, versions)):
            outcomes[f"{operation} worst {index} {number}"] = outcome_of(
                s3, operation, {"Bucket": bucket} | parameters)
        for operation in model.operation_names:
            shape = model.operation_model(operation).input_shape
            required = filler.value("", shape) if shape else {}
            forms = [required]
            if shape and "VersionId" in shape.members:
                forms.append(required | {"VersionId": versions[0]})
            for index, parameters in enumerate(forms):
                outcomes[f"{operation} {index} {number}"] = outcome_of(s3, operation, parameters)
    return outcomes
