"""Reads the instance settings out of a snapshot's tags, by docs/snapshot-tags.md and not by
Tidemark's code: base64 and json are Python's, zstd is the system's library."""

import base64
import ctypes
import hashlib
import json
from typing import Any

SIZE_MAX = 65536


def decompressed(packed: bytes) -> bytes:
    zstd = ctypes.CDLL("libzstd.so.1")
    zstd.ZSTD_decompress.restype = ctypes.c_size_t
    zstd.ZSTD_decompress.argtypes = [ctypes.c_char_p, ctypes.c_size_t] * 2
    buffer = ctypes.create_string_buffer(SIZE_MAX)
    size = zstd.ZSTD_decompress(buffer, SIZE_MAX, packed, len(packed))
    assert size <= SIZE_MAX, "not a zstd frame"
    return buffer.raw[:size]


def saved_settings(tags: dict[str, str]) -> dict[str, Any]:
    version, parts, checksum, text = tags["tidemark:settings-0"].split(":", 3)
    assert version == "1"
    text += "".join(tags[f"tidemark:settings-{part}"] for part in range(1, int(parts)))
    assert f"tidemark:settings-{parts}" not in tags
    plain = decompressed(base64.b64decode(text, validate=True))
    assert hashlib.sha256(plain).hexdigest()[:8] == checksum
    return json.loads(plain)


def tags_of(described: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in described["TagList"]}


def expected_settings(instance: dict[str, Any]) -> dict[str, Any]:
    """What should have been saved of an instance as boto3 describes it; defaults are left out."""
    groups = {
        "security_groups": [g["VpcSecurityGroupId"] for g in instance["VpcSecurityGroups"]],
        "parameter_groups": [g["DBParameterGroupName"] for g in instance["DBParameterGroups"]],
        "option_groups": [g["OptionGroupName"] for g in instance["OptionGroupMemberships"]],
        "log_exports": instance.get("EnabledCloudwatchLogsExports"),
        "subnet_group": instance.get("DBSubnetGroup", {}).get("DBSubnetGroupName"),
        "vpc": instance.get("DBSubnetGroup", {}).get("VpcId"),
        "port": instance["Endpoint"]["Port"],
        "tags": tags_of(instance),
    }
    members = {
        "instance": "DBInstanceIdentifier", "resource": "DbiResourceId", "engine": "Engine",
        "engine_version": "EngineVersion", "class": "DBInstanceClass",
        "storage_type": "StorageType", "storage_gib": "AllocatedStorage",
        "storage_max_gib": "MaxAllocatedStorage", "iops": "Iops",
        "throughput_mibps": "StorageThroughput", "multi_az": "MultiAZ",
        "public": "PubliclyAccessible", "deletion_protection": "DeletionProtection",
        "auto_minor_upgrade": "AutoMinorVersionUpgrade", "copy_tags": "CopyTagsToSnapshot",
        "iam_authentication": "IAMDatabaseAuthenticationEnabled",
        "insights": "PerformanceInsightsEnabled", "insights_key": "PerformanceInsightsKMSKeyId",
        "insights_days": "PerformanceInsightsRetentionPeriod",
        "monitoring_seconds": "MonitoringInterval", "monitoring_role": "MonitoringRoleArn",
        "backup_days": "BackupRetentionPeriod", "backup_window": "PreferredBackupWindow",
        "maintenance_window": "PreferredMaintenanceWindow", "zone": "AvailabilityZone",
        "ca": "CACertificateIdentifier", "kms_key": "KmsKeyId", "license": "LicenseModel",
        "network": "NetworkType", "master": "MasterUsername", "database": "DBName",
        "lifecycle_support": "EngineLifecycleSupport", "insights_mode": "DatabaseInsightsMode",
        "dedicated_log_volume": "DedicatedLogVolume",
    }
    settings = {name: instance.get(member) for name, member in members.items()} | groups
    return {name: value for name, value in settings.items()
            if value is not None and value is not False and value not in ("", [], {})}
