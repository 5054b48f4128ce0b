"""Automated backups: the daily snapshot an instance starts with, and what point in time needs.

An automated backup belongs to its instance and goes with it, unless the delete call keeps it.
"""

import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sandbox.aws.messages import ServiceError
from sandbox.aws.rds_names import make_marker, page_size, read_marker
from sandbox.aws.rds_stages import Stage
from sandbox.aws.rds_store import AutomatedBackup, Instance, Region, Snapshot, Store

SNAPSHOT_MEMBERS = {
    "DBInstanceIdentifier", "Engine", "EngineVersion", "AllocatedStorage", "AvailabilityZone",
    "InstanceCreateTime", "MasterUsername", "LicenseModel", "Iops", "StorageThroughput",
    "StorageType", "KmsKeyId", "IAMDatabaseAuthenticationEnabled", "DbiResourceId",
    "DedicatedLogVolume", "BackupRetentionPeriod", "PreferredBackupWindow",
}  # fmt: skip


def snapshot_of(store: Store, region: Region, instance: Instance, name: str, kind: str,
                tags: dict[str, str]) -> Snapshot:
    """A snapshot record as it stands while creating: no SnapshotCreateTime yet."""
    fields: dict[str, Any] = {"DBSnapshotIdentifier": name, "Status": "creating"}
    fields |= {k: v for k, v in instance.fields.items() if k in SNAPSHOT_MEMBERS}
    fields |= {
        "SnapshotType": kind,
        "Port": instance.fields.get("Endpoint", {}).get("Port", 5432),
        "VpcId": instance.fields["DBSubnetGroup"]["VpcId"],
        "OptionGroupName": instance.fields["OptionGroupMemberships"][0]["OptionGroupName"],
        "PercentProgress": 0,
        "Encrypted": instance.fields["StorageEncrypted"],
        "DBSnapshotArn": region.arn("snapshot", name),
        "SnapshotTarget": instance.fields["BackupTarget"],
    }
    snapshot = Snapshot(fields, tags, region.name)
    snapshot.stages = store.stages(snapshot.set_status)
    snapshot.password = instance.password
    snapshot.database = instance.fields.get("DBName")
    snapshot.instance_class = instance.fields["DBInstanceClass"]
    return snapshot


def data_folder(store: Store) -> Path:
    return store.fleet.snapshots / uuid.uuid4().hex


def finish_snapshot(store: Store, snapshot: Snapshot) -> None:
    now = store.clock.now()
    snapshot.change(SnapshotCreateTime=now, SnapshotDatabaseTime=now, PercentProgress=100)
    snapshot.fields.setdefault("OriginalSnapshotCreateTime", now)


def note_first_backup(store: Store, region: Region, instance: Instance) -> Stage:
    """The stage that takes the automated backup which a new instance with retention gets."""
    taken: list[Snapshot] = []

    def work() -> None:
        with store.lock:
            tags = dict(instance.tags) if instance.fields["CopyTagsToSnapshot"] else {}
            name = automated_name(region, instance.name, store.clock.now())
            snapshot = snapshot_of(store, region, instance, name, "automated", tags)
            taken.append(snapshot)
            region.add_snapshot(snapshot)
        if instance.server is not None:
            folder = data_folder(store)
            instance.server.copy_to(folder)
            snapshot.data = str(folder)

    def done() -> None:
        if not taken:
            work()
        finish_snapshot(store, taken[0])
        taken[0].set_status("available")
        region.backups[instance.resource_id] = backup_of(region, instance)
        region.backups[instance.resource_id].earliest = taken[0].fields["SnapshotCreateTime"]

    delay = store.settings.delay_seconds
    return Stage("backing-up", delay, work if instance.server else None, done)


def automated_name(region: Region, instance: str, moment: datetime) -> str:
    """Names are by the minute, and an instance that was renamed keeps those it had: the next one
    under its old name takes a later minute."""
    while True:
        name = f"rds:{instance}-{moment.strftime('%Y-%m-%d-%H-%M')}"
        if name not in region.snapshots:
            return name
        moment += timedelta(minutes=1)


def backup_of(region: Region, instance: Instance) -> AutomatedBackup:
    fields = {k: v for k, v in instance.fields.items()
              if k in SNAPSHOT_MEMBERS and k != "OptionGroupName"}
    fields |= {
        "DBInstanceArn": instance.fields["DBInstanceArn"],
        "Region": region.name,
        "Status": "active",
        "Encrypted": instance.fields["StorageEncrypted"],
        "Port": instance.fields.get("Endpoint", {}).get("Port", 5432),
        "VpcId": instance.fields["DBSubnetGroup"]["VpcId"],
        "BackupTarget": instance.fields["BackupTarget"],
        "DBInstanceAutomatedBackupsArn":
            region.arn("auto-backup", "ab-" + instance.resource_id[3:].lower()),
    }
    return AutomatedBackup(fields, instance.password, instance.fields.get("DBName"),
                           instance.fields["DBInstanceClass"], dict(instance.tags))


def keep_backup(store: Store, region: Region, instance: Instance, keep: bool) -> None:
    """When backups of an instance end: what there is is retained, or gone with its snapshots."""
    backup = region.backups.get(instance.resource_id)
    if keep and backup is not None:
        earliest = backup.earliest
        region.backups[instance.resource_id] = backup = backup_of(region, instance)
        backup.earliest, backup.latest = earliest, store.clock.now()
        backup.fields["Status"] = "retained"
        return
    region.backups.pop(instance.resource_id, None)
    for snapshot in list(region.snapshots.values()):
        if snapshot.kind == "automated" and owned_by(snapshot, instance.resource_id):
            discard_snapshot(store, region, snapshot)


def owned_by(snapshot: Snapshot, resource_id: str) -> bool:
    return snapshot.fields["DbiResourceId"] == resource_id


def discard_snapshot(store: Store, region: Region, snapshot: Snapshot) -> None:
    region.remove_snapshot(snapshot.name)
    if snapshot.data is not None:
        store.workers.submit(store.fleet.discard, snapshot.data)


def delete_backup(store: Store, region: Region, parameters: dict[str, Any]) -> dict[str, Any]:
    found = describe_backups(store, region, {
        "DbiResourceId": parameters.get("DbiResourceId"),
        "DBInstanceAutomatedBackupsArn": parameters.get("DBInstanceAutomatedBackupsArn")})
    backup = found["DBInstanceAutomatedBackups"][0]
    if backup["Status"] != "retained":
        raise ServiceError("InvalidDBInstanceAutomatedBackupState",
                           "The automated backup of an existing instance cannot be deleted.")
    del region.backups[backup["DbiResourceId"]]
    for snapshot in list(region.snapshots.values()):
        if snapshot.kind == "automated" and owned_by(snapshot, backup["DbiResourceId"]):
            discard_snapshot(store, region, snapshot)
    return {"DBInstanceAutomatedBackup": backup | {"Status": "deleting"}}


def describe_backups(store: Store, region: Region, parameters: dict[str, Any]) -> dict[str, Any]:
    size, after = page_size(parameters), read_marker(parameters.get("Marker", ""))
    wanted = {
        "DBInstanceIdentifier": parameters.get("DBInstanceIdentifier"),
        "DbiResourceId": parameters.get("DbiResourceId"),
        "DBInstanceAutomatedBackupsArn": parameters.get("DBInstanceAutomatedBackupsArn"),
    }
    found = [
        shown(store, backup) for name, backup in sorted(region.backups.items())
        if name > after and all(v in (None, backup.fields[k]) for k, v in wanted.items())
    ]
    if not found and any(wanted.values()):
        raise ServiceError("DBInstanceAutomatedBackupNotFound",
                           "DBInstanceAutomatedBackup not found.", 404)
    page = found[:size]
    answer: dict[str, Any] = {"DBInstanceAutomatedBackups": page}
    if len(found) > size:
        answer["Marker"] = make_marker(page[-1]["DbiResourceId"])
    return answer


def shown(store: Store, backup: AutomatedBackup) -> dict[str, Any]:
    window = {"EarliestTime": backup.earliest, "LatestTime": backup.latest or store.clock.now()}
    return backup.fields | {"RestoreWindow": window}
