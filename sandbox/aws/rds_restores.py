"""Restores: always a new instance, with RDS's defaults wherever the call is silent."""

from datetime import datetime
from pathlib import Path
from typing import Any

from sandbox.aws import rds_defaults as defaults
from sandbox.aws import rds_windows as windows
from sandbox.aws.messages import ServiceError
from sandbox.aws.kms_keys import check_key, inaccessible
from sandbox.aws.rds_catalogue import check_version
from sandbox.aws.rds_groups import check_groups
from sandbox.aws.rds_instances import Instances, members_from
from sandbox.aws.rds_names import check_tags, instance_identifier
from sandbox.aws.rds_snapshots import Snapshots, wrong_state
from sandbox.aws.rds_store import AutomatedBackup, Instance, Region, Snapshot, Store
from sandbox.faults import Fault

# What a restore takes from its source when the call does not say otherwise.
INHERITED = {
    "Engine", "EngineVersion", "AllocatedStorage", "MasterUsername", "BackupRetentionPeriod",
    "LicenseModel", "KmsKeyId", "Iops",
}  # fmt: skip


def invalid_restore(message: str) -> ServiceError:
    return ServiceError("InvalidRestoreFault", message)


class Restores:
    def __init__(self, store: Store, instances: Instances, snapshots: Snapshots):
        self.store, self.instances, self.snapshots = store, instances, snapshots

    def from_snapshot(self, region: Region, parameters: dict[str, Any],
                      fault: Fault | None) -> Instance:
        if "DBSnapshotIdentifier" not in parameters:
            raise ServiceError("MissingParameter",
                               "The request must contain the parameter DBSnapshotIdentifier")
        snapshot = self.snapshots.find(region, parameters["DBSnapshotIdentifier"])
        name = instance_identifier(parameters["DBInstanceIdentifier"])
        self.instances.check_free(region, name)
        if snapshot.status != "available":
            raise wrong_state(snapshot)
        if snapshot.region != region.name:
            raise invalid_restore("Cannot restore a snapshot of another region. Copy it first.")
        instance = self._add(region, name, parameters, snapshot.fields, snapshot,
                             snapshot.data is not None)
        port = parameters.get("Port", snapshot.fields["Port"])
        if snapshot.data is None:
            self.instances.launch(region, instance, None, port, fault)
        else:
            server = self.instances.new_server(instance, port)
            folder = Path(snapshot.data)
            self.instances.launch(region, instance, lambda: server.restore(folder), fault=fault)
        return instance

    def _add(self, region: Region, name: str, parameters: dict[str, Any],
             source: dict[str, Any], origin: Snapshot | AutomatedBackup, real: bool) -> Instance:
        check_version(self.store, source["EngineVersion"], real)
        check_key(region.name, source.get("KmsKeyId"))
        check_groups(region, parameters, source["EngineVersion"])
        inherited = {k: v for k, v in source.items() if k in INHERITED}
        inherited["StorageEncrypted"] = source["Encrypted"]
        given = members_from(region, parameters)
        inherited["DBInstanceClass"] = origin.instance_class
        if origin.database:
            inherited["DBName"] = origin.database
        fields = defaults.default_fields(region.name, source["EngineVersion"], given)
        windows.check(given, fields)
        fields |= inherited
        if given.get("AllocatedStorage", fields["AllocatedStorage"]) < fields["AllocatedStorage"]:
            raise ServiceError("InvalidParameterCombination",
                               "The storage of a restored instance cannot be smaller than before.")
        defaults.check_merged(fields | given, given)
        given.pop("DBName", None)  # does not apply to PostgreSQL
        tags = check_tags(parameters.get("Tags", []))
        kept = {k: v for k, v in origin.tags.items() if not k.startswith("aws:")}
        chosen = tags if "Tags" in parameters else kept
        instance = self.instances.add(region, name, fields | given, chosen)
        instance.password = origin.password
        return instance

    # -- point in time --------------------------------------------------------------------------

    def to_point_in_time(self, region: Region, parameters: dict[str, Any],
                         fault: Fault | None) -> Instance:
        name = instance_identifier(parameters["TargetDBInstanceIdentifier"],
                                   "TargetDBInstanceIdentifier")
        backup, source = self._source(region, parameters)
        self.instances.check_free(region, name)
        latest = backup.latest or self.store.clock.now()
        moment = parameters.get("RestoreTime")
        if (moment is None) == (not parameters.get("UseLatestRestorableTime", False)):
            raise ServiceError(
                "InvalidParameterCombination",
                "Either RestoreTime or UseLatestRestorableTime must be given, and not both.")
        if moment is not None and not backup.earliest <= moment < latest:
            raise invalid_restore(
                "The specified instance cannot be restored to that time: it is not between "
                f"{backup.earliest.isoformat()} and {latest.isoformat()}.")
        base = self._base(region, backup, moment)
        instance = self._add(region, name, parameters, backup.fields, backup, base is not None)
        port = parameters.get("Port", backup.fields["Port"])
        if base is None:
            self.instances.launch(region, instance, None, port, fault)
            return instance
        server = self.instances.new_server(instance, port)
        archive = self.store.fleet.wal / backup.fields["DbiResourceId"]

        def work() -> None:
            if source is not None and source.server is not None:
                source.server.flush_archive()
            server.restore_to(Path(base), archive, moment)

        self.instances.launch(region, instance, work, fault=fault)
        return instance

    def _source(self, region: Region,
                parameters: dict[str, Any]) -> tuple[AutomatedBackup, Instance | None]:
        if wanted := parameters.get("SourceDBInstanceIdentifier"):
            source = self.instances.find(region, wanted)
            if source.status.startswith("inaccessible-encryption-credentials"):
                raise inaccessible(source.fields.get("KmsKeyId", ""))
            backup = region.backups.get(source.resource_id)
            if backup is None or not source.fields["BackupRetentionPeriod"]:
                raise ServiceError("PointInTimeRestoreNotEnabled",
                                   f"Point in time restore is not enabled for {source.name}.")
            backup.password, backup.tags = source.password, dict(source.tags)
            return backup, source
        by_id = parameters.get("SourceDbiResourceId")
        by_arn = parameters.get("SourceDBInstanceAutomatedBackupsArn")
        for resource_id, backup in region.backups.items():
            if by_id == resource_id or (
                    by_arn and by_arn == backup.fields["DBInstanceAutomatedBackupsArn"]):
                owners = [i for i in region.instances.values() if i.resource_id == resource_id]
                return backup, owners[0] if owners else None
        raise ServiceError("DBInstanceAutomatedBackupNotFound",
                           "DBInstanceAutomatedBackup not found.", 404)

    def _base(self, region: Region, backup: AutomatedBackup,
              moment: datetime | None) -> str | None:
        """The data folder of the last automated snapshot before the moment."""
        if self.store.fleet is None:
            return None
        own = [
            s for s in region.snapshots.values()
            if s.kind == "automated" and s.status == "available" and s.data is not None
            and s.fields["DbiResourceId"] == backup.fields["DbiResourceId"]
            and (moment is None or s.fields["SnapshotCreateTime"] <= moment)
        ]
        if not own:
            raise invalid_restore("There is no automated backup before that time.")
        return max(own, key=lambda s: s.fields["SnapshotCreateTime"]).data
