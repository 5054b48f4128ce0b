"""Read replicas, as records: nothing is replicated, but who follows whom is kept as on RDS."""

import copy
from typing import Any

from sandbox.aws.messages import ServiceError
from sandbox.aws.rds_groups import check_groups
from sandbox.aws.rds_instances import Instances, members_from
from sandbox.aws.rds_names import check_tags, instance_identifier
from sandbox.aws.rds_store import Instance, Region
from sandbox.faults import Fault

SOURCE, REPLICAS = "ReadReplicaSourceDBInstanceIdentifier", "ReadReplicaDBInstanceIdentifiers"
REPLICATING = {"StatusType": "read replication", "Normal": True, "Status": "replicating"}
# What a replica does not take over from its source.
OWN = {"DBInstanceIdentifier", "DBInstanceArn", "DbiResourceId", "DBInstanceStatus", "Endpoint",
       "InstanceCreateTime", "AssociatedRoles", "MasterUserSecret"}
FRESH = {"BackupRetentionPeriod": 0, "MultiAZ": False, "DeletionProtection": False,
         "PubliclyAccessible": True, "PendingModifiedValues": {}, REPLICAS: [],
         "AssociatedRoles": [], "StatusInfos": [REPLICATING]}


class Replicas:
    def __init__(self, instances: Instances):
        self.instances = instances

    def create(self, region: Region, parameters: dict[str, Any], fault: Fault | None) -> Instance:
        source = self.instances.find(region, parameters["SourceDBInstanceIdentifier"])
        name = instance_identifier(parameters["DBInstanceIdentifier"])
        self.instances.check_free(region, name)
        self.instances.need_available(source)
        if not source.fields["BackupRetentionPeriod"]:
            raise ServiceError("InvalidDBInstanceState",
                               "Automated backups are not enabled for this database instance. To "
                               "enable automated backups, use ModifyDBInstance to set the backup "
                               "retention period to a non-zero value.")
        check_groups(region, parameters, source.fields["EngineVersion"])
        taken = {k: v for k, v in source.fields.items() if k not in OWN}
        fields = copy.deepcopy(taken | FRESH) | members_from(region, parameters)
        fields[SOURCE] = source.name
        replica = self.instances.add(region, name, fields, check_tags(parameters.get("Tags", [])))
        replica.password = source.password
        source.fields[REPLICAS] = [*source.fields[REPLICAS], name]
        port = parameters.get("Port", source.fields["Endpoint"]["Port"])
        self.instances.launch(region, replica, None, port, fault)
        return replica

    def promote(self, region: Region, parameters: dict[str, Any]) -> Instance:
        replica = self.instances.find(region, parameters["DBInstanceIdentifier"])
        self.instances.need_available(replica)
        if SOURCE not in replica.fields:
            raise ServiceError("InvalidDBInstanceState",
                               f"DB Instance {replica.name} is not a read replica.")
        forget(region, replica)
        stand_alone(replica)
        return replica


def follow_rename(region: Region, old: str, new: str) -> None:
    for instance in region.instances.values():
        if instance.fields.get(SOURCE) == old:
            instance.fields[SOURCE] = new
        instance.fields[REPLICAS] = [new if n == old else n for n in instance.fields[REPLICAS]]


def part(region: Region, leaving: Instance) -> None:
    """What a deletion does: the source forgets its replica, and replicas of the same region are
    promoted."""
    forget(region, leaving)
    for instance in region.instances.values():
        if instance.fields.get(SOURCE) == leaving.name:
            stand_alone(instance)


def forget(region: Region, replica: Instance) -> None:
    source = region.instances.get(replica.fields.get(SOURCE, ""))
    if source is not None:
        source.fields[REPLICAS] = [n for n in source.fields[REPLICAS] if n != replica.name]


def stand_alone(replica: Instance) -> None:
    replica.fields.pop(SOURCE, None)
    replica.fields.pop("StatusInfos", None)
