"""ModifyDBInstance: what changes at once, what waits in PendingModifiedValues, and renaming.

A parameter group's values reach the real server here and when the group itself is modified.
"""

from typing import Any

from sandbox.aws import rds_defaults as defaults
from sandbox.aws import rds_windows as windows
from sandbox.aws.messages import ServiceError
from sandbox.aws.rds_catalogue import check_version
from sandbox.aws.rds_backups import keep_backup, note_first_backup
from sandbox.aws.rds_groups import check_groups, parameter_values
from sandbox.aws.rds_instances import Instances, host_of, members_from
from sandbox.aws.rds_names import instance_identifier, invalid
from sandbox.aws.rds_replicas import follow_rename
from sandbox.aws.rds_stages import Stage
from sandbox.aws.rds_store import Instance, Region, Store

# Without ApplyImmediately these wait for the maintenance window.
DEFERRABLE = {
    "DBInstanceClass", "AllocatedStorage", "Port", "BackupRetentionPeriod", "MultiAZ",
    "EngineVersion", "LicenseModel", "Iops", "StorageThroughput", "StorageType",
    "CACertificateIdentifier", "ProcessorFeatures", "DedicatedLogVolume",
    "IAMDatabaseAuthenticationEnabled",
}  # fmt: skip
# These show at once and change nothing else. All others are applied as soon as possible, whether
# immediately or not, and until then the instance shows what it had.
QUIET = {
    "DeletionProtection", "CopyTagsToSnapshot", "AutoMinorVersionUpgrade", "PromotionTier",
    "PreferredMaintenanceWindow", "PreferredBackupWindow", "MaxAllocatedStorage",
    "EngineLifecycleSupport",
}  # fmt: skip
# What an instance shows while it applies nothing but the members on the right.
STATUSES = {
    "resetting-master-credentials": {"MasterUserPassword"},
    "configuring-enhanced-monitoring": {"MonitoringInterval", "MonitoringRoleArn"},
    "configuring-log-exports": {"EnabledCloudwatchLogsExports"},
    "configuring-iam-database-auth": {"IAMDatabaseAuthenticationEnabled"},
}
STORAGE_GROWTH_MIN = 1.1


class Changes:
    def __init__(self, store: Store, instances: Instances):
        self.store, self.instances = store, instances

    def modify(self, region: Region, parameters: dict[str, Any]) -> Instance:
        instance = self.instances.find(region, parameters["DBInstanceIdentifier"])
        new_name = self._new_name(region, instance, parameters)
        self._need_modifiable(instance, new_name)
        check_groups(region, parameters, instance.fields["EngineVersion"])
        members = members_from(region, parameters)
        if "DBPortNumber" in parameters:
            members["Port"] = parameters["DBPortNumber"]
        if "CloudwatchLogsExportConfiguration" in parameters:
            members["EnabledCloudwatchLogsExports"] = changed_logs(instance, parameters)
        self._check(instance, members)
        password = new_password(instance, parameters)
        at_once = parameters.get("ApplyImmediately", False)
        work = self._note(instance, members, at_once)
        if password is not None:
            instance.fields["PendingModifiedValues"]["MasterUserPassword"] = "****"
        if password is not None or work or (new_name and at_once):
            instance.stages.run(*self.instances.lag(), then="available")
        if password is not None or work:
            self._apply(instance, work, password)
        if new_name:
            instance.fields["PendingModifiedValues"]["DBInstanceIdentifier"] = new_name
            if at_once:
                self._rename(region, instance, new_name)
        return instance

    def _note(self, instance: Instance, members: dict[str, Any], at_once: bool) -> dict[str, Any]:
        """Shows what was asked for, as far as RDS shows it at once; returns what is to be applied
        now, in a stage."""
        fields, waiting = instance.fields, instance.fields["PendingModifiedValues"]
        before = fields | {"Port": fields.get("Endpoint", {}).get("Port")}
        changed = {k: v for k, v in members.items() if before.get(k) != v}
        for name in QUIET & set(changed):
            fields[name] = changed.pop(name)
        defaults.complete(fields, instance.region)
        for name in DEFERRABLE & set(members):
            waiting.pop(name, None)
        deferred = {k: changed.pop(k) for k in DEFERRABLE & set(changed)}
        waiting |= deferred
        if "EnabledCloudwatchLogsExports" in changed:
            waiting["PendingCloudwatchLogsExports"] = log_difference(
                fields.get("EnabledCloudwatchLogsExports", []),
                changed["EnabledCloudwatchLogsExports"])
        if "VpcSecurityGroups" in changed:
            fields["VpcSecurityGroups"] = mixed_groups(
                fields["VpcSecurityGroups"], changed["VpcSecurityGroups"])
        if "DBParameterGroups" in changed:
            same = (fields["DBParameterGroups"][0]["DBParameterGroupName"]
                    == changed["DBParameterGroups"][0]["DBParameterGroupName"])
            if same:
                del changed["DBParameterGroups"]
            else:
                for group, status in ((fields, "applying"), (changed, "pending-reboot")):
                    group["DBParameterGroups"] = [
                        changed["DBParameterGroups"][0] | {"ParameterApplyStatus": status}]
        if at_once:
            changed |= {k: v for k, v in waiting.items() if k in DEFERRABLE and (
                k in deferred or k not in instance.in_flight)}
        return changed

    @staticmethod
    def _need_modifiable(instance: Instance, new_name: str) -> None:
        """A full or misconfigured instance can be mended by a change, but it cannot be renamed."""
        also = () if new_name else ("storage-full", "incompatible-parameters")
        Instances.need_available(instance, *also)

    def apply_pending(self, region: Region, instance: Instance) -> None:
        """What the maintenance window does."""
        waiting = instance.fields["PendingModifiedValues"]
        new_name = waiting.get("DBInstanceIdentifier")
        pending = {k: v for k, v in waiting.items() if k in DEFERRABLE}
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

    def _check(self, instance: Instance, members: dict[str, Any]) -> None:
        now, wanted = instance.fields["AllocatedStorage"], members.get("AllocatedStorage")
        if wanted is not None and wanted != now and wanted < now * STORAGE_GROWTH_MIN:
            raise ServiceError(
                "InvalidParameterCombination",
                f"Invalid storage size for engine name postgres: {wanted}. The new size must be "
                f"at least 10 percent larger than {now}.")
        ceiling = members.get("MaxAllocatedStorage")
        if ceiling is not None and ceiling < max(now, wanted or 0):
            raise ServiceError(
                "InvalidParameterCombination", f"Invalid max storage size for engine name postgres "
                f"and storage type {instance.fields['StorageType']}: {ceiling}")
        merged = instance.fields | members
        defaults.check_merged(merged, members)
        defaults.check_speed(merged, members)
        windows.check(members, instance.fields)
        if "EngineVersion" in members:
            members["EngineVersion"] = check_version(self.store, members["EngineVersion"],
                                                     instance.server is not None)
        major = defaults.major_of(merged["EngineVersion"])
        if instance.server is not None and major != instance.server.major:
            raise ServiceError("InvalidParameterCombination",
                               "This sandbox does not upgrade real servers.")

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
            instance.fields.update({k: v for k, v in pending.items() if k != "Port"})
            defaults.complete(instance.fields, instance.region)
            if port is not None:
                self.instances.show_endpoint(instance, port)
            if password is not None:
                instance.password = password
            if "AllocatedStorage" in pending and instance.forced_status == "storage-full":
                instance.forced_status = None
            left = instance.fields["PendingModifiedValues"]
            instance.fields["PendingModifiedValues"] = {
                k: v for k, v in left.items() if k not in applied or pending.get(k, v) != v}
            instance.in_flight -= applied

        names = set(pending) | ({"MasterUserPassword"} if password is not None else set())
        applied = names | {"PendingCloudwatchLogsExports"}
        instance.in_flight |= applied
        status = next((s for s, own in STATUSES.items() if names <= own), "modifying")
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
        old_name = instance.name
        region.reserved_names.add(new_name)

        def renamed() -> None:
            region.instances.pop(old_name)
            region.reserved_names.discard(new_name)
            instance.fields |= {"DBInstanceIdentifier": new_name,
                                "DBInstanceArn": region.arn("db", new_name)}
            instance.fields.pop("Endpoint", None)
            instance.fields["PendingModifiedValues"].pop("DBInstanceIdentifier", None)
            region.instances[new_name] = instance
            follow_rename(region, old_name, new_name)
            for snapshot in region.snapshots.values():
                if snapshot.fields["DbiResourceId"] == instance.resource_id:
                    snapshot.change(DBInstanceIdentifier=new_name)
            if backup := region.backups.get(instance.resource_id):
                backup.fields |= {"DBInstanceIdentifier": new_name,
                                  "DBInstanceArn": instance.fields["DBInstanceArn"]}

        def move() -> None:
            server.move(host_of(region.name, new_name), self.store.settings.stale_dns_seconds)

        old_port = instance.fields.get("Endpoint", {}).get("Port", 5432)
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
            if instance.server is not None and used["ParameterApplyStatus"] == "in-sync":
                instance.server.parameters = parameter_values(region.name, group)
                self.store.workers.submit(instance.server.configure)


def changed_logs(instance: Instance, parameters: dict[str, Any]) -> list[str]:
    wanted = parameters["CloudwatchLogsExportConfiguration"]
    logs = instance.fields.get("EnabledCloudwatchLogsExports", [])
    kept = [k for k in logs if k not in wanted.get("DisableLogTypes", [])]
    return kept + [k for k in wanted.get("EnableLogTypes", []) if k not in kept]


def log_difference(before: list[str], after: list[str]) -> dict[str, list[str]]:
    return {"LogTypesToEnable": [k for k in after if k not in before],
            "LogTypesToDisable": [k for k in before if k not in after]}


def mixed_groups(before: list[dict[str, str]],
                 after: list[dict[str, str]]) -> list[dict[str, str]]:
    """How security groups show while one set gives way to another."""
    old, new = ([g["VpcSecurityGroupId"] for g in groups] for groups in (before, after))
    shown = {i: "active" if i in old else "adding" for i in new}
    shown |= {i: "removing" for i in old if i not in new}
    return [{"VpcSecurityGroupId": i, "Status": status} for i, status in shown.items()]


def new_password(instance: Instance, parameters: dict[str, Any]) -> str | None:
    """The master password that a change sets: the one given, or one that RDS keeps as a secret."""
    kept = "MasterUserSecret" in instance.fields
    given = parameters.get("MasterUserPassword")
    managed = parameters.get("ManageMasterUserPassword")
    if given is not None and (kept if managed is None else managed):
        raise ServiceError("InvalidParameterCombination",
                           "You can't specify MasterUserPassword when the master user password is "
                           "managed in Secrets Manager.")
    if given is not None and (len(given) < 8 or set(given) & set("/@\" ")):
        raise invalid("The parameter MasterUserPassword is not a valid password.")
    if managed is False and kept:
        if given is None:
            raise ServiceError("InvalidParameterCombination",
                               "You must specify MasterUserPassword to end its management.")
        del instance.fields["MasterUserSecret"]
    if managed and not kept:
        instance.fields["MasterUserSecret"] = defaults.master_user_secret(
            instance.region, parameters.get("MasterUserSecretKmsKeyId"))
        return defaults.random_password()
    return given
