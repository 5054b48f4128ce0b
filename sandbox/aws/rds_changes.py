"""ModifyDBInstance: what changes at once, what waits in PendingModifiedValues, and renaming.

A parameter group's values reach the real server here and when the group itself is modified.
"""

from typing import Any

from sandbox.aws import rds_defaults as defaults
from sandbox.aws.messages import ServiceError
from sandbox.aws.rds_backups import keep_backup, note_first_backup
from sandbox.aws.rds_groups import check_groups, parameter_values
from sandbox.aws.rds_instances import Instances, host_of
from sandbox.aws.rds_names import instance_identifier, invalid
from sandbox.aws.rds_stages import Stage
from sandbox.aws.rds_store import Instance, Region, Store

# Without ApplyImmediately these wait for the maintenance window; all others change at once.
DEFERRABLE = {
    "DBInstanceClass", "AllocatedStorage", "Port", "BackupRetentionPeriod", "MultiAZ",
    "EngineVersion", "LicenseModel", "Iops", "StorageThroughput", "StorageType",
    "CACertificateIdentifier", "ProcessorFeatures", "DedicatedLogVolume",
    "IAMDatabaseAuthenticationEnabled",
}  # fmt: skip
STORAGE_GROWTH_MIN = 1.1


class Changes:
    def __init__(self, store: Store, instances: Instances):
        self.store, self.instances = store, instances

    def modify(self, region: Region, parameters: dict[str, Any]) -> Instance:
        instance = self.instances.find(region, parameters["DBInstanceIdentifier"])
        self.instances.need_available(instance, "storage-full")
        check_groups(region.name, parameters)
        new_name = self._new_name(region, instance, parameters)
        members = defaults.members_from(parameters)
        if "DBPortNumber" in parameters:
            members["Port"] = parameters["DBPortNumber"]
        self._check(instance, members)
        self._change_logs(instance, parameters)
        at_once = parameters.get("ApplyImmediately", False)
        if groups := members.pop("DBParameterGroups", None):
            self._change_group(instance, groups[0]["DBParameterGroupName"])
        pending = {k: members.pop(k) for k in DEFERRABLE & set(members)}
        pending = {k: v for k, v in pending.items() if instance.fields.get(k) != v}
        instance.fields.update(members)
        instance.fields["PendingModifiedValues"] |= pending
        password = parameters.get("MasterUserPassword")
        if password is not None:
            self._check_password(password)
            instance.fields["PendingModifiedValues"]["MasterUserPassword"] = "****"
        if at_once:
            pending = dict(instance.fields["PendingModifiedValues"])
        if password is not None or (at_once and pending):
            self._apply(instance, pending if at_once else {}, password)
        if new_name:
            if at_once:
                self._rename(region, instance, new_name)
            else:
                instance.fields["PendingModifiedValues"]["DBInstanceIdentifier"] = new_name
        return instance

    def apply_pending(self, region: Region, instance: Instance) -> None:
        """What the maintenance window does."""
        pending = dict(instance.fields["PendingModifiedValues"])
        new_name = pending.pop("DBInstanceIdentifier", None)
        if pending:
            self._apply(instance, pending, None)
        if new_name:
            self._rename(region, instance, new_name)

    def _new_name(self, region: Region, instance: Instance, parameters: dict[str, Any]) -> str:
        if "NewDBInstanceIdentifier" not in parameters:
            return ""
        name = instance_identifier(parameters["NewDBInstanceIdentifier"],
                                   "NewDBInstanceIdentifier")
        if name == instance.name:
            return ""
        self.instances.check_free(region, name)
        return name

    @staticmethod
    def _check(instance: Instance, members: dict[str, Any]) -> None:
        now, wanted = instance.fields["AllocatedStorage"], members.get("AllocatedStorage")
        if wanted is not None and wanted != now and wanted < now * STORAGE_GROWTH_MIN:
            raise ServiceError(
                "InvalidParameterCombination",
                f"Invalid storage size for engine name postgres: {wanted}. The new size must be "
                f"at least 10 percent larger than {now}.")
        merged = instance.fields | members
        if merged["MonitoringInterval"] and not merged.get("MonitoringRoleArn"):
            raise invalid("A MonitoringRoleArn value is required if you specify a "
                          "MonitoringInterval value other than 0.")
        major = defaults.major_of(members.get("EngineVersion", instance.fields["EngineVersion"]))
        if instance.server is not None and major != instance.server.major:
            raise ServiceError("InvalidParameterCombination",
                               "This sandbox does not upgrade real servers.")

    @staticmethod
    def _check_password(password: str) -> None:
        if len(password) < 8 or set(password) & set("/@\" "):
            raise invalid("The parameter MasterUserPassword is not a valid password.")

    @staticmethod
    def _change_logs(instance: Instance, parameters: dict[str, Any]) -> None:
        wanted = parameters.get("CloudwatchLogsExportConfiguration", {})
        logs = instance.fields.get("EnabledCloudwatchLogsExports", [])
        logs = [k for k in logs if k not in wanted.get("DisableLogTypes", [])]
        logs += [k for k in wanted.get("EnableLogTypes", []) if k not in logs]
        if wanted:
            instance.fields["EnabledCloudwatchLogsExports"] = logs

    def _change_group(self, instance: Instance, name: str) -> None:
        if instance.fields["DBParameterGroups"][0]["DBParameterGroupName"] != name:
            instance.fields["DBParameterGroups"] = defaults.parameter_groups(
                name, "pending-reboot")

    def _apply(self, instance: Instance, pending: dict[str, Any], password: str | None) -> None:
        server = instance.server
        port = pending.get("Port")

        def work() -> None:
            if password is not None:
                server.set_password(instance.fields["MasterUsername"], password)
            if "BackupRetentionPeriod" in pending:
                server.archiving = pending["BackupRetentionPeriod"] > 0
                server.configure()
            if port is not None:
                server.stop()
                server.port = port
                server.start()

        def done() -> None:
            for name, value in pending.items():
                if name not in ("Port", "MasterUserPassword"):
                    instance.fields[name] = value
            if port is not None:
                self.instances.show_endpoint(instance, port)
            if password is not None:
                instance.password = password
            applied = set(pending) | ({"MasterUserPassword"} if password is not None else set())
            left = instance.fields["PendingModifiedValues"]
            instance.fields["PendingModifiedValues"] = {
                k: v for k, v in left.items() if k not in applied}

        status = "resetting-master-credentials" if password is not None and not pending else (
            "modifying")
        stages = [Stage(status, self.store.settings.delay_seconds, work if server else None, done)]
        region = self.store.region(instance.region)
        before, after = instance.fields["BackupRetentionPeriod"], pending.get(
            "BackupRetentionPeriod")
        if before == 0 and after:
            stages.append(note_first_backup(self.store, region, instance))
        elif before and after == 0:
            keep_backup(self.store, region, instance, keep=False)
        instance.stages.run(*stages, then="available")

    def _rename(self, region: Region, instance: Instance, new_name: str) -> None:
        """Renaming under the old name, during which the server stops; then, under the new one, it
        starts at that name's address. Snapshots and automated backups follow."""
        server, half = instance.server, self.store.settings.delay_seconds / 2
        region.reserved_names.add(new_name)

        def renamed() -> None:
            region.instances.pop(instance.name)
            region.reserved_names.discard(new_name)
            instance.fields |= {"DBInstanceIdentifier": new_name,
                                "DBInstanceArn": region.arn("db", new_name)}
            instance.fields.pop("Endpoint", None)
            instance.fields["PendingModifiedValues"].pop("DBInstanceIdentifier", None)
            region.instances[new_name] = instance
            for snapshot in region.snapshots.values():
                if snapshot.fields["DbiResourceId"] == instance.resource_id:
                    snapshot.change(DBInstanceIdentifier=new_name)
            if backup := region.backups.get(instance.resource_id):
                backup.fields |= {"DBInstanceIdentifier": new_name,
                                  "DBInstanceArn": instance.fields["DBInstanceArn"]}

        def move() -> None:
            server.move(host_of(region.name, new_name), self.store.settings.stale_dns_seconds)

        old_port = instance.fields.get("Endpoint", {}).get("Port", 5432)
        instance.fields["PendingModifiedValues"]["DBInstanceIdentifier"] = new_name
        instance.stages.run(
            Stage("renaming", half, move if server else None, renamed),
            Stage("renaming", half, server.start if server else None,
                  lambda: self.instances.show_endpoint(instance, old_port)),
            then="available",
        )

    def group_changed(self, region: Region, group: str, static: bool) -> None:
        """Gives a modified parameter group's values to the servers that use it: at once what
        PostgreSQL can reload, and the rest at the next reboot."""
        for instance in region.instances.values():
            used = instance.fields["DBParameterGroups"][0]
            if used["DBParameterGroupName"] != group:
                continue
            if static:
                used["ParameterApplyStatus"] = "pending-reboot"
            if instance.server is not None and used["ParameterApplyStatus"] != "pending-reboot":
                instance.server.parameters = parameter_values(region.name, group)
                self.store.workers.submit(instance.server.configure)
