"""DeleteDBInstance: what it refuses, the final snapshot, and the automated backups that stay."""

from typing import Any

from sandbox.aws.messages import ServiceError
from sandbox.aws.rds_backups import keep_backup
from sandbox.aws.rds_instances import Instances
from sandbox.aws.rds_names import snapshot_identifier
from sandbox.aws.rds_replicas import part
from sandbox.aws.rds_snapshots import Snapshots, need_snapshot_able
from sandbox.aws.rds_stages import Stage
from sandbox.aws.rds_store import Instance, Region, Store

RETAINED_BACKUPS_MAX = 40


class Deletion:
    def __init__(self, store: Store, instances: Instances, snapshots: Snapshots):
        self.store, self.instances, self.snapshots = store, instances, snapshots

    def delete(self, region: Region, parameters: dict[str, Any]) -> Instance:
        instance = self.instances.find(region, parameters["DBInstanceIdentifier"])
        keep = not parameters.get("DeleteAutomatedBackups", True)
        self._check(region, instance, parameters, keep)
        last_work = self._take_final(region, instance, parameters)
        server, delay = instance.server, self.store.settings.delay_seconds

        def work() -> None:
            if last_work is not None:
                last_work.result()
            if server is not None:
                if keep:
                    server.flush_archive()
                server.destroy(keep_archive=keep)

        def done() -> None:
            keep_backup(self.store, region, instance, keep)
            region.instances.pop(instance.name, None)
            part(region, instance)

        instance.forced_status = None
        instance.stages.run(Stage("deleting", delay, work, done), then="deleting")
        instance.stages.override("deleting")
        return instance

    @staticmethod
    def _check(region: Region, instance: Instance, parameters: dict[str, Any], keep: bool) -> None:
        final = parameters.get("FinalDBSnapshotIdentifier")
        skip = parameters.get("SkipFinalSnapshot", False)
        if instance.fields["DBInstanceStatus"] == "deleting":
            raise ServiceError("InvalidDBInstanceState",
                               f"Instance {instance.name} is already being deleted.")
        if instance.fields["DeletionProtection"]:
            raise ServiceError(
                "InvalidParameterCombination", "Cannot delete protected DB Instance, please "
                "disable deletion protection and try again.")
        if bool(final) == bool(skip) and not instance.in_cluster:
            raise ServiceError(
                "InvalidParameterCombination", "FinalDBSnapshotIdentifier is required unless "
                "SkipFinalSnapshot is specified, and cannot be given together with it.")
        retained = sum(b.fields["Status"] == "retained" for b in region.backups.values())
        if keep and instance.resource_id in region.backups and retained >= RETAINED_BACKUPS_MAX:
            raise ServiceError(
                "DBInstanceAutomatedBackupQuotaExceeded", "The quota for retained automated "
                f"backups was exceeded: at most {RETAINED_BACKUPS_MAX} can be kept.")

    def _take_final(self, region: Region, instance: Instance, parameters: dict[str, Any]):
        """The running work of the final snapshot, if one is wanted and there is any."""
        final = parameters.get("FinalDBSnapshotIdentifier")
        if not final:
            return None
        need_snapshot_able(instance)
        name = snapshot_identifier(final, "FinalDBSnapshotIdentifier")
        return self.snapshots.take(region, instance, name, [])[1].running
