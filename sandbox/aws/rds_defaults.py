"""What RDS fills in when a call is silent, and how call parameters become members of DBInstance.

A restore falls back to these, not to the source's settings: that is the trap the sandbox must keep.
"""

import secrets
import uuid
from datetime import datetime, timezone
from typing import Any

from sandbox import ACCOUNT_ID
from sandbox.aws import rds_windows as windows
from sandbox.aws.messages import ServiceError
from sandbox.aws.rds_names import invalid

MAJORS = [13, 14, 15, 16, 17, 18]
MINORS = {13: 23, 14: 20, 15: 15, 16: 11, 17: 7, 18: 1}
VPC_ID = "vpc-0a1b2c3d"
DEFAULT_SECURITY_GROUP = "sg-default"
SHORT_CA_END = datetime(2061, 5, 22, tzinfo=timezone.utc)
LONG_CA_END = datetime(2121, 5, 22, tzinfo=timezone.utc)
CERTIFICATES = {"rds-ca-rsa2048-g1": SHORT_CA_END, "rds-ca-rsa4096-g1": LONG_CA_END,
                "rds-ca-ecc384-g1": LONG_CA_END}
GP3_FREE_CHOICE_GIB = 400  # below this IOPS and throughput of gp3 cannot be chosen
GP3_BASE = {"Iops": 3000, "StorageThroughput": 125}
GP3_STRIPED_BASE = {"Iops": 12000, "StorageThroughput": 500}
INSIGHTS_DAYS_DEFAULT = 7
INSIGHTS_DAYS = {7, 731, *(31 * n for n in range(1, 24))}

# Call parameter -> member of DBInstance, where the name differs.
RENAMED = {
    "EnableIAMDatabaseAuthentication": "IAMDatabaseAuthenticationEnabled",
    "EnablePerformanceInsights": "PerformanceInsightsEnabled",
    "EnableCloudwatchLogsExports": "EnabledCloudwatchLogsExports",
}
COPIED = {
    "DBInstanceClass", "Engine", "EngineVersion", "AllocatedStorage", "MasterUsername", "DBName",
    "PreferredMaintenanceWindow", "PreferredBackupWindow", "BackupRetentionPeriod", "MultiAZ",
    "AutoMinorVersionUpgrade", "LicenseModel", "Iops", "StorageThroughput", "StorageType",
    "StorageEncrypted", "KmsKeyId", "PubliclyAccessible", "AvailabilityZone",
    "CopyTagsToSnapshot", "MonitoringInterval", "MonitoringRoleArn", "PromotionTier",
    "DatabaseInsightsMode", "PerformanceInsightsKMSKeyId", "PerformanceInsightsRetentionPeriod",
    "DeletionProtection", "MaxAllocatedStorage", "NetworkType", "BackupTarget",
    "CACertificateIdentifier", "DedicatedLogVolume", "EngineLifecycleSupport",
    "ProcessorFeatures", "DBClusterIdentifier", "CustomIamInstanceProfile",
}  # fmt: skip


def default_version(major: int = 15) -> str:
    return f"{major}.{MINORS[major]}"


def major_of(engine_version: str) -> int:
    return int(engine_version.partition(".")[0])


def default_fields(region: str, engine_version: str,
                   given: dict[str, Any] | None = None) -> dict[str, Any]:
    """The members of an instance of which a call gives none, or only these."""
    major = major_of(engine_version)
    return {
        "DBInstanceClass": "db.t3.micro",
        "Engine": "postgres",
        "EngineVersion": engine_version,
        "LicenseModel": "postgresql-license",
        "BackupRetentionPeriod": 1,
        "MultiAZ": False,
        "AutoMinorVersionUpgrade": True,
        "ReadReplicaDBInstanceIdentifiers": [],
        "PubliclyAccessible": True,  # as in a default VPC with an internet gateway
        "StorageType": "gp3",
        "StorageEncrypted": False,
        "AvailabilityZone": f"{region}a",
        "CopyTagsToSnapshot": False,
        "MonitoringInterval": 0,
        "DatabaseInsightsMode": "standard",
        "PerformanceInsightsEnabled": False,
        "IAMDatabaseAuthenticationEnabled": False,
        "DeletionProtection": False,
        "NetworkType": "IPV4",
        "BackupTarget": "region",
        "CACertificateIdentifier": "rds-ca-rsa2048-g1",
        "DedicatedLogVolume": False,
        "EngineLifecycleSupport": "open-source-rds-extended-support",
        "CustomerOwnedIpEnabled": False,
        "ActivityStreamStatus": "stopped",
        "DBSecurityGroups": [],
        "DomainMemberships": [],
        "AssociatedRoles": [],
        "PendingModifiedValues": {},
        "VpcSecurityGroups": security_groups([DEFAULT_SECURITY_GROUP]),
        "DBParameterGroups": parameter_groups(f"default.postgres{major}"),
        "OptionGroupMemberships": option_groups(f"default:postgres-{major}"),
        "DBSubnetGroup": subnet_group("default"),
        **windows.choose(given or {}),
        **(given or {}),
    }


def security_groups(ids: list[str]) -> list[dict[str, str]]:
    return [{"VpcSecurityGroupId": i, "Status": "active"} for i in ids]


def parameter_groups(name: str, status: str = "in-sync") -> list[dict[str, str]]:
    return [{"DBParameterGroupName": name, "ParameterApplyStatus": status}]


def option_groups(name: str) -> list[dict[str, str]]:
    return [{"OptionGroupName": name, "Status": "in-sync"}]


def subnet_group(name: str) -> dict[str, Any]:
    return {
        "DBSubnetGroupName": name,
        "DBSubnetGroupDescription": name,
        "VpcId": VPC_ID,
        "SubnetGroupStatus": "Complete",
        "Subnets": [],
    }


def members_from(parameters: dict[str, Any]) -> dict[str, Any]:
    """The members of DBInstance that these call parameters set."""
    members = {k: v for k, v in parameters.items() if k in COPIED}
    members |= {m: parameters[p] for p, m in RENAMED.items() if p in parameters}
    if ids := parameters.get("VpcSecurityGroupIds"):
        members["VpcSecurityGroups"] = security_groups(ids)
    if name := parameters.get("DBParameterGroupName"):
        members["DBParameterGroups"] = parameter_groups(name)
    if name := parameters.get("OptionGroupName"):
        members["OptionGroupMemberships"] = option_groups(name)
    if parameters.get("MultiAZ") and "AvailabilityZone" in parameters:
        raise ServiceError("InvalidParameterCombination", "Requesting a specific availability zone "
                           "is not valid for Multi-AZ instances.")
    check_members(members)
    return members


def check_members(members: dict[str, Any]) -> None:
    interval = members.get("MonitoringInterval", 0)
    if interval not in (0, 1, 5, 10, 15, 30, 60):
        raise invalid(f"Invalid value {interval} for MonitoringInterval")
    days = members.get("PerformanceInsightsRetentionPeriod", INSIGHTS_DAYS_DEFAULT)
    if days not in INSIGHTS_DAYS:
        raise invalid(f"Invalid Performance Insights retention period: {days}")
    authority = members.get("CACertificateIdentifier")
    if authority is not None and authority not in CERTIFICATES:
        raise ServiceError("CertificateNotFound", f"Certificate {authority} not found.", 404)
    retention = members.get("BackupRetentionPeriod", 0)
    if not 0 <= retention <= 35:
        raise invalid(f"Invalid backup retention period: {retention}. Must be between 0 and 35")


def check_merged(fields: dict[str, Any], given: dict[str, Any]) -> None:
    """What must hold between the members of an instance, and those that a call gives."""
    if fields["StorageType"] == "gp3" and fields["AllocatedStorage"] < GP3_FREE_CHOICE_GIB and (
            set(GP3_BASE) & set(given)):
        raise ServiceError(
            "InvalidParameterCombination", "You can't specify IOPS or storage throughput for "
            f"engine postgres and a storage size less than {GP3_FREE_CHOICE_GIB}.")
    if fields["MonitoringInterval"] and not fields.get("MonitoringRoleArn"):
        raise invalid("A MonitoringRoleArn value is required if you specify a "
                      "MonitoringInterval value other than 0.")


def check_speed(fields: dict[str, Any], given: dict[str, Any]) -> None:
    """A change of storage whose IOPS can be chosen has to say how many."""
    kind = fields["StorageType"]
    chooses = kind in ("io1", "io2") or (
        kind == "gp3" and fields["AllocatedStorage"] >= GP3_FREE_CHOICE_GIB)
    if chooses and {"StorageType", "AllocatedStorage"} & set(given) and "Iops" not in given:
        raise ServiceError("InvalidParameterCombination",
                           f"You must specify Iops with a change of {kind} storage.")


def complete(fields: dict[str, Any], region: str) -> None:
    """Members that come and go with another one."""
    if not fields["MonitoringInterval"]:
        fields.pop("MonitoringRoleArn", None)
    if fields["PerformanceInsightsEnabled"]:
        fields.setdefault("PerformanceInsightsRetentionPeriod", INSIGHTS_DAYS_DEFAULT)
        fields.setdefault("PerformanceInsightsKMSKeyId", default_key(region))
    else:
        fields.pop("PerformanceInsightsRetentionPeriod", None)
        fields.pop("PerformanceInsightsKMSKeyId", None)
    if fields["StorageType"] == "gp3":
        small = fields.get("AllocatedStorage", 0) < GP3_FREE_CHOICE_GIB
        fields |= GP3_BASE if small else GP3_STRIPED_BASE | {
            k: fields[k] for k in GP3_STRIPED_BASE if fields.get(k, 0) >= GP3_STRIPED_BASE[k]}
    elif not fields["StorageType"].startswith("io"):
        fields.pop("Iops", None)
        fields.pop("StorageThroughput", None)
    if fields.get("MaxAllocatedStorage", 0) <= fields.get("AllocatedStorage", 0):
        fields.pop("MaxAllocatedStorage", None)  # how autoscaling is switched off
    authority = fields["CACertificateIdentifier"]
    fields["CertificateDetails"] = {"CAIdentifier": authority, "ValidTill": CERTIFICATES[authority]}


def default_key(region: str) -> str:
    return f"arn:aws:kms:{region}:{ACCOUNT_ID}:key/aws-rds-default"


def random_password() -> str:
    return secrets.token_urlsafe(24)


def master_user_secret(region: str, key: str | None) -> dict[str, str]:
    arn = f"arn:aws:secretsmanager:{region}:{ACCOUNT_ID}:secret:rds!db-{uuid.uuid4()}-abcdef"
    return {"SecretArn": arn, "SecretStatus": "active",
            "KmsKeyId": key or f"arn:aws:kms:{region}:{ACCOUNT_ID}:key/aws-secretsmanager-default"}
