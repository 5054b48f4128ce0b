"""Instances: create, describe, reboot, stop, start.

Methods are called under the store's lock with checked parameters and return the result's members.
"""

from typing import Any

from sandbox.aws import rds_defaults as defaults
from sandbox.aws import rds_networks as networks
from sandbox.aws import rds_windows as windows
from sandbox.aws.messages import ServiceError
from sandbox.aws.rds_backups import note_first_backup
from sandbox.aws.rds_catalogue import check_version
from sandbox.aws.rds_groups import check_cluster, check_groups, parameter_values
from sandbox.aws.rds_names import (
    bare_name,
    check_tags,
    instance_identifier,
    invalid,
    make_marker,
    page_size,
    read_filters,
    read_marker,
)
from sandbox.aws.rds_stages import FOREVER, Stage
from sandbox.aws.rds_store import Instance, Region, Store, new_resource_id
from sandbox.faults import Fault
from sandbox.postgres.server import PostgresServer

# Where an instance under a fault ends that will never be available.
INSTANCE_ENDS = {"instance-stuck": "creating", "instance-failed": "failed",
                 "instance-incompatible": "incompatible-restore"}
FILTERS = {"db-cluster-id", "db-instance-id", "dbi-resource-id", "engine", "domain"}


def wrong_state(instance: Instance) -> ServiceError:
    return ServiceError(
        "InvalidDBInstanceState", f"Database instance is not in available state: {instance.name} "
        f"is {instance.status}."
    )


def not_found(name: str) -> ServiceError:
    return ServiceError("DBInstanceNotFound", f"DBInstance {name} not found.", 404)


def members_from(region: Region, parameters: dict[str, Any]) -> dict[str, Any]:
    """The members of DBInstance that checked parameters set, subnet group included."""
    members = defaults.members_from(parameters)
    if name := parameters.get("DBSubnetGroupName"):
        members["DBSubnetGroup"] = networks.find(region, name.lower())
    return members


def host_of(region: str, name: str) -> str:
    """The host name of an identifier, as far as it tells one from another."""
    return f"{name}.{region}"


class Instances:
    def __init__(self, store: Store):
        self.store = store

    def find(self, region: Region, name_or_arn: str) -> Instance:
        name = bare_name(name_or_arn).lower()
        if name not in region.instances:
            raise not_found(name)
        return region.instances[name]

    def check_free(self, region: Region, name: str) -> None:
        if name in region.instances or name in region.reserved_names:
            raise ServiceError("DBInstanceAlreadyExists", "DB instance already exists")

    def check_quotas(self, region: Region, storage_gib: int) -> None:
        settings = self.store.settings
        if len(region.instances) >= settings.instance_quota:
            raise ServiceError("InstanceQuotaExceeded", "The request cannot be processed because "
                               "it would exceed the maximum number of instances.")
        if region.storage_gib + storage_gib > settings.storage_quota_gib:
            raise ServiceError("StorageQuotaExceeded", "The request cannot be processed because it "
                               "would exceed the maximum total storage.")

    # -- create ---------------------------------------------------------------------------------

    def create(self, region: Region, parameters: dict[str, Any], fault: Fault | None) -> Instance:
        name = instance_identifier(parameters["DBInstanceIdentifier"])
        self.check_free(region, name)
        members = members_from(region, parameters)
        clustered = "DBClusterIdentifier" in parameters
        if clustered:
            check_cluster(region.name, parameters["DBClusterIdentifier"])
        elif parameters["Engine"] != "postgres":
            raise ServiceError("InvalidParameterCombination",
                               f"This sandbox has no engine {parameters['Engine']}")
        else:
            self._check_creatable(parameters)
        servers = self.store.fleet is not None and not clustered
        version = check_version(self.store, parameters.get("EngineVersion"), servers)
        fields = defaults.default_fields(region.name, version, members)
        windows.check(members, fields)
        fields |= {"EngineVersion": version}
        check_groups(region, parameters, version)
        fields.setdefault("AllocatedStorage", 1)
        defaults.check_merged(fields, members)
        if parameters.get("ManageMasterUserPassword"):
            fields["MasterUserSecret"] = defaults.master_user_secret(
                region.name, parameters.get("MasterUserSecretKmsKeyId"))
        instance = self.add(region, name, fields, check_tags(parameters.get("Tags", [])))
        instance.password = parameters.get("MasterUserPassword") or defaults.random_password()
        port = parameters.get("Port", 5432)
        if servers:
            server = self.new_server(instance, port)
            self.launch(region, instance, lambda: server.create(
                fields["MasterUsername"], instance.password, fields.get("DBName")), fault=fault)
        else:
            self.launch(region, instance, None, port, fault)
        return instance

    @staticmethod
    def _check_creatable(parameters: dict[str, Any]) -> None:
        for needed in ("MasterUsername", "AllocatedStorage"):
            if needed not in parameters:
                raise invalid(f"The parameter {needed} must be provided and must not be blank.")
        managed = parameters.get("ManageMasterUserPassword", False)
        if managed and "MasterUserPassword" in parameters:
            raise ServiceError("InvalidParameterCombination",
                               "You can't specify MasterUserPassword together with "
                               "ManageMasterUserPassword.")
        if not managed and len(parameters.get("MasterUserPassword", "")) < 8:
            raise invalid("The parameter MasterUserPassword is not a valid password because it is "
                          "shorter than 8 characters.")
        if parameters["MasterUsername"].lower() in ("rdsadmin", "admin", "postgres_rds"):
            raise invalid(f"MasterUsername {parameters['MasterUsername']} cannot be used as it is "
                          "a reserved word used by the engine")

    def add(self, region: Region, name: str, fields: dict[str, Any],
            tags: dict[str, str]) -> Instance:
        """Puts a new instance into the region, with an identity of its own."""
        self.check_quotas(region, fields["AllocatedStorage"])
        instance = Instance(fields, tags, None, region.name)
        instance.stages = self.store.stages(instance.set_status)
        head = {"DBInstanceIdentifier": name, "DBInstanceStatus": "creating"}
        defaults.complete(fields, region.name)
        instance.fields = head | fields | {
            "DBInstanceArn": region.arn("db", name),
            "DbiResourceId": new_resource_id(),
            "DbInstancePort": 0,
        }
        region.instances[name] = instance
        return instance

    def new_server(self, instance: Instance, port: int) -> PostgresServer:
        major = defaults.major_of(instance.fields["EngineVersion"])
        server = PostgresServer(self.store.fleet, instance.resource_id, major,
                                host_of(instance.region, instance.name), port)
        group = instance.fields["DBParameterGroups"][0]["DBParameterGroupName"]
        server.parameters = parameter_values(instance.region, group)
        server.archiving = instance.fields["BackupRetentionPeriod"] > 0
        instance.server = server
        return server

    def launch(self, region: Region, instance: Instance, work, port: int = 5432,
               fault: Fault | None = None) -> None:
        """creating, then the first automated backup, then available; or as a fault has it."""
        delay = self.store.settings.delay_seconds
        if fault is not None:
            instance.server = None
            seconds = FOREVER if fault.kind == "instance-stuck" else delay
            instance.stages.run(Stage("creating", seconds), then=INSTANCE_ENDS[fault.kind])
            return

        def created() -> None:
            instance.fields["InstanceCreateTime"] = self.store.clock.now()
            self.show_endpoint(instance, port)

        stages = [Stage("creating", delay, work, created)]
        if instance.fields["BackupRetentionPeriod"] > 0 and not instance.in_cluster:
            stages.append(note_first_backup(self.store, region, instance))
        instance.stages.run(*stages, then="available")

    def show_endpoint(self, instance: Instance, port: int = 5432) -> None:
        if instance.server is not None:
            address, port = instance.server.address, instance.server.port
        else:
            address = f"{instance.name}.sandbox000000.{instance.region}.rds.amazonaws.com"
        instance.fields["Endpoint"] = {"Address": address, "Port": port,
                                       "HostedZoneId": "Z29XKXDKYMONMX"}

    # -- describe -------------------------------------------------------------------------------

    def describe(self, region: Region, parameters: dict[str, Any]) -> str:
        """The XML inside DescribeDBInstancesResult."""
        filters = read_filters(parameters, FILTERS)
        if wanted := parameters.get("DBInstanceIdentifier"):
            instance = self.find(region, wanted)
            chosen = [instance] if matches(instance, filters) else []
            return self._wrap(region, chosen, "")
        size, after = page_size(parameters), read_marker(parameters.get("Marker", ""))
        names = [n for n in sorted(region.instances) if n > after]
        found = [i for n in names if matches(i := region.instances[n], filters)]
        page = found[:size]
        marker = make_marker(page[-1].name) if len(found) > size else ""
        return self._wrap(region, page, marker)

    def _wrap(self, region: Region, instances: list[Instance], marker: str) -> str:
        now = self.store.clock.now()
        listed = "".join(
            f"<DBInstance>{i.xml(now if i.resource_id in region.backups else None)}</DBInstance>"
            for i in instances)
        head = f"<Marker>{marker}</Marker>" if marker else ""
        return f"{head}<DBInstances>{listed}</DBInstances>"

    # -- modify ---------------------------------------------------------------------------------

    def lag(self) -> list[Stage]:
        """How long an instance looks as if it had not heard of a change."""
        seconds = self.store.settings.modify_lag_seconds
        return [Stage("available", seconds)] if seconds > 0 else []

    def reboot(self, region: Region, parameters: dict[str, Any]) -> Instance:
        instance = self.find(region, parameters["DBInstanceIdentifier"])
        self.need_available(instance, "incompatible-parameters")
        server = instance.server

        def work() -> None:
            group = instance.fields["DBParameterGroups"][0]["DBParameterGroupName"]
            server.parameters = parameter_values(instance.region, group)
            server.stop()
            server.start()

        def done() -> None:
            for group in instance.fields["DBParameterGroups"]:
                group["ParameterApplyStatus"] = "in-sync"
            if instance.forced_status == "incompatible-parameters":
                instance.forced_status = None

        delay = self.store.settings.delay_seconds
        instance.stages.run(
            *self.lag(), Stage("rebooting", delay, work if server else None, done),
            then="available")
        return instance

    @staticmethod
    def need_available(instance: Instance, *also: str) -> None:
        if instance.status not in ("available", "storage-optimization", *also):
            raise wrong_state(instance)

    def stop(self, region: Region, parameters: dict[str, Any]) -> Instance:
        instance = self.find(region, parameters["DBInstanceIdentifier"])
        self.need_available(instance)
        work = instance.server.stop if instance.server else None
        delay = self.store.settings.delay_seconds
        instance.stages.run(Stage("stopping", delay, work), then="stopped")
        return instance

    def start(self, region: Region, parameters: dict[str, Any]) -> Instance:
        instance = self.find(region, parameters["DBInstanceIdentifier"])
        if instance.status != "stopped":
            raise wrong_state(instance)
        instance.forced_status = None
        work = instance.server.start if instance.server else None
        delay = self.store.settings.delay_seconds
        instance.stages.run(Stage("starting", delay, work), then="available")
        return instance


def matches(instance: Instance, filters: dict[str, set[str]]) -> bool:
    own = {
        "db-cluster-id": instance.fields.get("DBClusterIdentifier"),
        "db-instance-id": instance.name,
        "dbi-resource-id": instance.resource_id,
        "engine": instance.fields["Engine"],
        "domain": None,
    }
    return all(
        own[name] in values or (name.endswith("-id") and any(
            own[name] == bare_name(v).lower() for v in values))
        for name, values in filters.items()
    )
