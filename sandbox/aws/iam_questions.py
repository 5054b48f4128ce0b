"""Which permissions a request needs: (action, resource ARN, condition keys of that resource).

From the service authorization reference. RDS, S3, KMS, STS and IAM; a call may need several.
"""

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, unquote

from sandbox import ACCOUNT_ID
from sandbox.aws.messages import Request
from sandbox.aws.rds_names import make_arn

Question = tuple[str, str, dict[str, list[str]]]
TagLookup = Callable[[str], dict[str, str]]

# Sub-resource in the query -> what follows Get, Put or Delete in the action's name.
BUCKET_PARTS = {
    "versioning": "BucketVersioning", "policy": "BucketPolicy", "acl": "BucketAcl",
    "lifecycle": "LifecycleConfiguration", "tagging": "BucketTagging",
    "encryption": "EncryptionConfiguration", "cors": "BucketCORS", "logging": "BucketLogging",
    "notification": "BucketNotification", "object-lock": "BucketObjectLockConfiguration",
    "publicAccessBlock": "BucketPublicAccessBlock", "replication": "ReplicationConfiguration",
    "website": "BucketWebsite", "location": "BucketLocation", "policyStatus": "BucketPolicyStatus",
    "ownershipControls": "BucketOwnershipControls", "requestPayment": "BucketRequestPayment",
    "accelerate": "AccelerateConfiguration", "analytics": "AnalyticsConfiguration",
    "intelligent-tiering": "IntelligentTieringConfiguration", "abac": "BucketAbac",
    "inventory": "InventoryConfiguration", "metrics": "MetricsConfiguration",
    "metadataTable": "BucketMetadataTableConfiguration",
    "metadataConfiguration": "BucketMetadataTableConfiguration",
    "metadataInventoryTable": "BucketMetadataTableConfiguration",
    "metadataJournalTable": "BucketMetadataTableConfiguration",
}  # fmt: skip
OBJECT_PARTS = {"acl": "Acl", "tagging": "Tagging", "retention": "Retention",
                "legal-hold": "LegalHold", "attributes": "Attributes", "torrent": "Torrent"}
DELETE_AS_PUT = {"lifecycle", "encryption", "cors", "tagging", "publicAccessBlock", "replication",
                 "ownershipControls", "analytics", "intelligent-tiering", "inventory", "metrics"}
# Headers that S3 gives to policies under their own name.
S3_HEADER_KEYS = ("x-amz-server-side-encryption", "x-amz-acl", "if-none-match", "if-match",
                  "x-amz-server-side-encryption-customer-algorithm", "x-amz-storage-class",
                  "x-amz-copy-source", "x-amz-metadata-directive")
GRANT_HEADERS = ("x-amz-acl", "x-amz-grant-full-control", "x-amz-grant-read",
                 "x-amz-grant-read-acp", "x-amz-grant-write", "x-amz-grant-write-acp")


def questions(request: Request, tags_of: TagLookup) -> list[Question]:
    ask = {"rds": ask_rds, "s3": ask_s3, "kms": ask_kms}.get(request.service)
    if ask is not None:
        return ask(request, tags_of)
    action = f"{request.service}:{request.action}"
    return [] if action == "sts:GetCallerIdentity" else [(action, named_resource(request), {})]


def named_resource(request: Request) -> str:
    """The ARN that an IAM or STS call names."""
    form, base = request.form, f"arn:aws:iam::{ACCOUNT_ID}"
    for parameter in ("RoleArn", "PolicyArn", "PolicySourceArn"):
        if parameter in form:
            return form[parameter]
    for parameter, kind in (("UserName", "user"), ("RoleName", "role"), ("GroupName", "group"),
                            ("PolicyName", "policy")):
        if parameter in form:
            return f"{base}:{kind}/{form[parameter]}"
    return "*"


# -- RDS ----------------------------------------------------------------------------------------

# Parameter -> kind of resource that the call touches.
RDS_RESOURCES = [
    ("DBInstanceIdentifier", "db"), ("SourceDBInstanceIdentifier", "db"),
    ("TargetDBInstanceIdentifier", "db"), ("DBSnapshotIdentifier", "snapshot"),
    ("SourceDBSnapshotIdentifier", "snapshot"), ("TargetDBSnapshotIdentifier", "snapshot"),
    ("DBClusterIdentifier", "cluster"), ("DBClusterSnapshotIdentifier", "cluster-snapshot"),
    ("SourceDBInstanceAutomatedBackupsArn", "auto-backup"), ("DBProxyName", "db-proxy"),
    ("DBParameterGroupName", "pg"), ("OptionGroupName", "og"), ("DBSubnetGroupName", "subgrp"),
]  # fmt: skip
DESCRIBED = {"DescribeDBInstances": "db", "DescribeDBSnapshots": "snapshot",
             "DescribeDBClusters": "cluster", "DescribeDBClusterSnapshots": "cluster-snapshot"}
# Parameter -> service that takes on the role it names, which the caller must be allowed to pass.
PASSED_ROLES = {"MonitoringRoleArn": "monitoring.rds.amazonaws.com", "RoleArn": "rds.amazonaws.com"}
# The calls that the reference gives rds:PubliclyAccessible for: ModifyDBInstance is none of them.
PUBLICITY_CALLS = {"CreateDBInstance", "RestoreDBInstanceFromDBSnapshot",
                   "RestoreDBInstanceToPointInTime", "CreateDBInstanceReadReplica"}
TAG_CALLS = {"AddTagsToResource", "RemoveTagsFromResource", "ListTagsForResource"}


def ask_rds(request: Request, tags_of: TagLookup) -> list[Question]:
    form, region = request.form, request.scope[1]
    action = form.get("Action", "")
    named = [(value if value.startswith("arn:") else make_arn(region, kind, value.lower()))
             for parameter, kind in RDS_RESOURCES if (value := form.get(parameter))]
    if "ResourceName" in form:
        named = [form["ResourceName"]]
    if not named:
        kind = DESCRIBED.get(action)
        named = [make_arn(region, kind, "*")] if kind else ["*"]
    sent = request_tags(form)
    of_call = {}
    if action in PUBLICITY_CALLS and "PubliclyAccessible" in form:
        of_call["rds:publiclyaccessible"] = [form["PubliclyAccessible"]]
    asked = [(f"rds:{action}", arn, tag_keys(arn, tags_of(arn), sent) | of_call) for arn in named]
    asked += [("iam:PassRole", form[parameter], {"iam:passedtoservice": [service]})
              for parameter, service in PASSED_ROLES.items()
              if form.get(parameter) and not action.startswith("Remove")]
    if sent and action not in TAG_CALLS:
        # Tagging at creation needs the permission to tag what is created, which is named last.
        created = created_arn(action, form, region) or named[-1]
        asked.append(("rds:AddTagsToResource", created, tag_keys(created, {}, sent)))
    return asked


def created_arn(action: str, form: dict[str, str], region: str) -> str | None:
    kinds = {"CreateDBSnapshot": ("snapshot", "DBSnapshotIdentifier"),
             "CopyDBSnapshot": ("snapshot", "TargetDBSnapshotIdentifier"),
             "RestoreDBInstanceFromDBSnapshot": ("db", "DBInstanceIdentifier"),
             "RestoreDBInstanceToPointInTime": ("db", "TargetDBInstanceIdentifier"),
             "CreateDBInstanceReadReplica": ("db", "DBInstanceIdentifier"),
             "CreateDBInstance": ("db", "DBInstanceIdentifier")}
    kind, parameter = kinds.get(action, ("", ""))
    return make_arn(region, kind, form.get(parameter, "").lower()) if kind else None


def request_tags(form: dict[str, str]) -> dict[str, str]:
    keys = {k.rpartition(".")[0]: v for k, v in form.items()
            if k.startswith("Tags.") and k.endswith(".Key")}
    sent = {v: form.get(f"{prefix}.Value", "") for prefix, v in keys.items()}
    removed = {v: "" for k, v in form.items() if k.startswith("TagKeys.")}
    return sent | removed


def tag_keys(arn: str, present: dict[str, str], sent: dict[str, str]) -> dict[str, list[str]]:
    keys = {f"aws:resourcetag/{k.lower()}": [v] for k, v in present.items()}
    kind = {"db": "rds:db-tag", "snapshot": "rds:snapshot-tag"}.get(arn.split(":")[5:6][0]
                                                                   if arn != "*" else "")
    if kind:
        keys |= {f"{kind}/{k.lower()}": [v] for k, v in present.items()}
    for name, value in sent.items():
        keys[f"aws:requesttag/{name.lower()}"] = keys[f"rds:req-tag/{name.lower()}"] = [value]
    if sent:
        keys["aws:tagkeys"] = list(sent)
    return keys


# -- S3 -----------------------------------------------------------------------------------------

def ask_s3(request: Request, _: TagLookup) -> list[Question]:
    bucket, _, key = unquote(request.path.lstrip("/")).partition("/")
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    if not bucket:
        return [("s3:ListAllMyBuckets", "*", {})]
    arn = f"arn:aws:s3:::{bucket}"
    keys = {f"s3:{k}": [query[k]] for k in ("prefix", "delimiter", "max-keys") if k in query}
    keys |= {f"s3:{name}": [value] for name in S3_HEADER_KEYS if (value := request.header(name))}
    if not key:
        return ask_bucket(request, arn, query, keys)
    action = object_action(request.method, query)
    if action == "PutObject":
        keys["s3:objectcreationoperation"] = [str(creates_object(request.method, query)).lower()]
    asked = [(f"s3:{action}", f"{arn}/{key}", keys)]
    if source := request.header("x-amz-copy-source"):
        path, _, version = unquote(source).lstrip("/").partition("?versionId=")
        read = "s3:GetObjectVersion" if version else "s3:GetObject"
        asked.append((read, f"arn:aws:s3:::{path}", {}))
    for header, action in (("x-amz-tagging", "PutObjectTagging"),
                           ("x-amz-object-lock-mode", "PutObjectRetention"),
                           ("x-amz-object-lock-legal-hold", "PutObjectLegalHold"),
                           ("x-amz-bypass-governance-retention", "BypassGovernanceRetention")):
        if request.header(header):
            asked.append((f"s3:{action}", f"{arn}/{key}", keys))
    if any(request.header(name) for name in GRANT_HEADERS):
        asked.append(("s3:PutObjectAcl", f"{arn}/{key}", keys))
    return asked


def creates_object(method: str, query: dict[str, str]) -> bool:
    """Whether an object is there afterwards: not so for the parts of an upload, and its begin."""
    if "uploadId" in query:
        return method == "POST"
    return "uploads" not in query


def object_action(method: str, query: dict[str, str]) -> str:
    version = "Version" if "versionId" in query else ""
    if "uploadId" in query:
        return {"GET": "ListMultipartUploadParts", "DELETE": "AbortMultipartUpload"}.get(
            method, "PutObject")
    verb = {"GET": "Get", "HEAD": "Get", "PUT": "Put", "POST": "Put", "DELETE": "Delete"}[method]
    part = next((p for p in OBJECT_PARTS if p in query), None)
    if part in ("retention", "legal-hold"):
        return f"{verb}Object{OBJECT_PARTS[part]}"
    if part is not None:
        return f"{verb}Object{version}{OBJECT_PARTS[part]}"
    if "restore" in query:
        return "RestoreObject"
    if "encryption" in query:
        return "UpdateObjectEncryption"
    if "select" in query:
        return "GetObject"
    return f"{verb}Object{version if verb != 'Put' else ''}"


def ask_bucket(request: Request, arn: str, query: dict[str, str],
               keys: dict[str, list[str]]) -> list[Question]:
    method = request.method
    part = next((p for p in BUCKET_PARTS if p in query), None)
    if part is not None:
        verb = {"GET": "Get", "HEAD": "Get", "PUT": "Put", "DELETE": "Delete"}.get(method, "Put")
        if verb == "Delete" and part in DELETE_AS_PUT:
            verb = "Put"
        return [(f"s3:{verb}{BUCKET_PARTS[part]}", arn, keys)]
    if method == "POST" and "delete" in query:
        return [(action, f"{arn}/{key}", {}) for action, key in deleted_objects(request.body)]
    name = {"PUT": "CreateBucket", "DELETE": "DeleteBucket", "POST": "PutObject"}.get(
        method, "ListBucket")
    if "session" in query:
        name = "CreateSession"
    if "versions" in query:
        name = "ListBucketVersions"
    elif "uploads" in query:
        name = "ListBucketMultipartUploads"
    return [(f"s3:{name}", arn, keys)]


def deleted_objects(body: bytes) -> list[tuple[str, str]]:
    """(action, key) of each entry of a multi-object delete."""
    asked = []
    for entry in ElementTree.fromstring(body).iterfind("{*}Object"):
        version = entry.findtext("{*}VersionId")
        action = "s3:DeleteObjectVersion" if version else "s3:DeleteObject"
        asked.append((action, entry.findtext("{*}Key") or ""))
    return asked


# -- KMS ----------------------------------------------------------------------------------------

def ask_kms(request: Request, _: TagLookup) -> list[Question]:
    body: dict[str, Any] = json.loads(request.body or b"{}")
    key = body.get("KeyId", "*")
    if key != "*" and not key.startswith("arn:"):
        kind = "" if key.startswith("alias/") else "key/"
        key = f"arn:aws:kms:{request.scope[1]}:{ACCOUNT_ID}:{kind}{key}"
    return [(f"kms:{request.action}", key, {})]
