"""RDS: the table of the actions answered here; every other action goes to moto."""

import threading
from collections.abc import Callable
from typing import Any

from sandbox.aws import rds_catalogue as catalogue
from sandbox.aws import rds_groups as groups
from sandbox.aws import rds_integrations as integrations
from sandbox.aws import rds_networks as networks
from sandbox.aws.messages import Reply, Request, ServiceError
from sandbox.aws.moto_service import MotoService
from sandbox.aws.query_protocol import rds_model, read_parameters, write_answer, write_result
from sandbox.aws.rds_backups import delete_backup, describe_backups
from sandbox.aws.rds_changes import Changes
from sandbox.aws.rds_deletion import Deletion
from sandbox.aws.rds_instances import Instances
from sandbox.aws.rds_proxies import Proxies
from sandbox.aws.rds_replicas import Replicas
from sandbox.aws.rds_restores import Restores
from sandbox.aws.rds_snapshots import Snapshots
from sandbox.aws.rds_store import Region, Store
from sandbox.aws.rds_tags import Tags
from sandbox.faults import INSTANCE_KINDS, SNAPSHOT_KINDS, Fault

SETTLE_SECONDS = 0.1
PARAMETER_GROUP_ACTIONS = {"ModifyDBParameterGroup", "ResetDBParameterGroup"}
Handler = Callable[[Region, dict[str, Any]], str]


class RdsService:
    def __init__(self, store: Store, moto: MotoService):
        self.store, self.moto = store, moto
        self.instances = Instances(store)
        self.snapshots = Snapshots(store)
        self.tags = Tags(store, self.instances, self.snapshots)
        self.changes = Changes(store, self.instances)
        self.restores = Restores(store, self.instances, self.snapshots)
        self._fault = threading.local()
        self._handlers = self._table()
        if store.fleet is not None:
            threading.Thread(target=self._keep_settling, daemon=True).start()

    def _keep_settling(self) -> None:
        """Real servers are to start and stop even when nobody looks."""
        pause = threading.Event()
        while not pause.wait(SETTLE_SECONDS):
            with self.store.lock:
                self.store.settle()

    def _table(self) -> dict[str, Handler]:
        instances, snapshots = self.instances, self.snapshots
        changes, restores, tags = self.changes, self.restores, self.tags
        deletion = Deletion(self.store, instances, snapshots)
        replicas, proxies = Replicas(instances), Proxies(self.store, instances)

        def instance(act) -> Handler:
            return lambda r, p: f"<DBInstance>{act(r, p).xml()}</DBInstance>"

        def launched(act) -> Handler:
            return instance(lambda r, p: act(r, p, self._fault_of(INSTANCE_KINDS)))

        def snapshot(act) -> Handler:
            return lambda r, p: f"<DBSnapshot>{act(r, p).xml()}</DBSnapshot>"

        def result(action: str, act) -> Handler:
            return lambda r, p: write_result(action, act(r, p) or {})

        return {
            "DescribeDBInstances": instances.describe,
            "DescribeDBSnapshots": snapshots.describe,
            "CreateDBInstance": launched(instances.create),
            "ModifyDBInstance": instance(changes.modify),
            "RebootDBInstance": instance(instances.reboot),
            "StopDBInstance": instance(instances.stop),
            "StartDBInstance": instance(instances.start),
            "DeleteDBInstance": instance(deletion.delete),
            "CreateDBInstanceReadReplica": launched(replicas.create),
            "PromoteReadReplica": instance(replicas.promote),
            "RestoreDBInstanceFromDBSnapshot": launched(restores.from_snapshot),
            "RestoreDBInstanceToPointInTime": launched(restores.to_point_in_time),
            "CreateDBSnapshot": snapshot(self._create_snapshot),
            "CopyDBSnapshot": snapshot(snapshots.copy),
            "ModifyDBSnapshot": snapshot(snapshots.upgrade),
            "DeleteDBSnapshot": snapshot(snapshots.delete),
            **{name: result(name, act) for name, act in {
                "DescribeDBSnapshotAttributes": snapshots.describe_attributes,
                "ModifyDBSnapshotAttribute": snapshots.modify_attribute,
                "AddTagsToResource": tags.add,
                "RemoveTagsFromResource": tags.remove,
                "ListTagsForResource": tags.list,
                "AddRoleToDBInstance": tags.add_role,
                "RemoveRoleFromDBInstance": tags.remove_role,
                "CreateDBSubnetGroup": networks.create,
                "DeleteDBSubnetGroup": networks.delete,
                "DescribeDBSubnetGroups": networks.describe,
                "CreateOptionGroup": lambda r, p: groups.create_option_group(r.name, p),
                "CreateDBProxy": proxies.create,
                "DeleteDBProxy": proxies.delete,
                "DescribeDBProxies": proxies.describe,
                "DescribeDBProxyTargets": proxies.describe_targets,
                "RegisterDBProxyTargets": proxies.register,
                "DeregisterDBProxyTargets": proxies.deregister,
                "DeleteDBInstanceAutomatedBackup":
                    lambda r, p: delete_backup(self.store, r, p),
                "DescribeDBInstanceAutomatedBackups":
                    lambda r, p: describe_backups(self.store, r, p),
                "CreateIntegration": lambda r, p: integrations.create(self.store, r, p),
                "DescribeIntegrations": integrations.describe,
                "DescribeDBEngineVersions":
                    lambda r, p: catalogue.engine_versions(self.store, p),
                "DescribeAccountAttributes":
                    lambda r, p: catalogue.account_attributes(self.store, r),
                "DescribePendingMaintenanceActions": catalogue.pending_maintenance,
                "DescribeCertificates": lambda r, p: catalogue.certificates(),
            }.items()},
        }

    def answer(self, request: Request, fault: Fault | None) -> Reply:
        """Raises ServiceError for what RDS refuses."""
        action = request.form.get("Action", "")
        region_name = request.scope[1] or "us-east-1"
        handler = self._handlers.get(action)
        if handler is None or not self._keeps(request):
            return self._ask_moto(action, region_name, request)
        parameters = read_parameters(action, request.form)
        self._fault.taken = fault
        with self.store.lock:
            region = self.store.region(region_name)
            region.settle()
            inner = handler(region, parameters)
        if parameters.get("DBClusterIdentifier") and action == "CreateDBInstance":
            self.moto.answer(request)  # so that the cluster lists its member
        body = write_answer(action, inner, request.request_id)
        return Reply(200, answer_headers(request), body)

    def _keeps(self, request: Request) -> bool:
        """Tags of clusters, groups and the like are moto's, as these resources are."""
        arn = request.form.get("ResourceName")
        return arn is None or self.tags.ours(arn)

    def _ask_moto(self, action: str, region_name: str, request: Request) -> Reply:
        if action not in rds_model().operation_names:
            raise ServiceError("InvalidAction", f"Could not find operation {action}")
        if action in ("DeleteDBParameterGroup", "DeleteOptionGroup"):
            with self.store.lock:
                groups.check_unused(self.store.region(region_name), action, request.form)
        if action == "DescribeDBParameterGroups":
            groups.check_known(region_name, request.form.get("DBParameterGroupName"))
        try:
            reply = self.moto.answer(request)
        except NotImplementedError:
            raise ServiceError("InvalidAction", f"This sandbox does not know {action}") from None
        if action in PARAMETER_GROUP_ACTIONS and reply.status == 200:
            static = "pending-reboot" in request.form.values()
            with self.store.lock:
                self.changes.group_changed(
                    self.store.region(region_name), request.form["DBParameterGroupName"], static)
        kept = [(k, v) for k, v in reply.headers if k.lower() != "x-amzn-requestid"]
        return Reply(reply.status, [*kept, ("x-amzn-RequestId", request.request_id)], reply.body)

    def _fault_of(self, kinds: set[str]) -> Fault | None:
        """The fault of the request that this thread answers, if it is of these kinds."""
        fault = self._fault.taken
        return fault if fault is not None and fault.kind in kinds else None

    def _create_snapshot(self, region: Region, parameters: dict[str, Any]):
        instance = self.instances.find(region, parameters["DBInstanceIdentifier"])
        fault = self._fault_of(SNAPSHOT_KINDS)
        return self.snapshots.create(region, instance, parameters, fault and fault.kind)


def answer_headers(request: Request) -> list[tuple[str, str]]:
    return [("Content-Type", "text/xml"), ("x-amzn-RequestId", request.request_id)]
