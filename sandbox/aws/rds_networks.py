"""Where instances stand in the network: subnet groups, kept here, and security groups, which are
EC2's: any `sg-...` exists unless the control has declared it gone.
"""

from typing import Any

from sandbox.aws import rds_defaults as defaults
from sandbox.aws.messages import ServiceError
from sandbox.aws.rds_names import invalid, make_marker, page_size, read_marker
from sandbox.aws.rds_store import Region

DEFAULT = "default"
ZONES = "abc"


def not_found(name: str) -> ServiceError:
    return ServiceError("DBSubnetGroupNotFoundFault", f"DB subnet group '{name}' does not exist.",
                        404)


def find(region: Region, name: str) -> dict[str, Any]:
    if name == DEFAULT:
        return defaults.subnet_group(DEFAULT)
    if name not in region.subnet_groups:
        raise not_found(name)
    return region.subnet_groups[name]


def check(region: Region, parameters: dict[str, Any]) -> None:
    """Refuses a call that names a subnet group or a security group that is not there."""
    if name := parameters.get("DBSubnetGroupName"):
        find(region, name.lower())
    for ident in parameters.get("VpcSecurityGroupIds", []):
        if not ident.startswith("sg-") or ident in region.gone_security_groups:
            raise invalid(f"Invalid security group , groupId= {ident}, groupName=.")


def create(region: Region, parameters: dict[str, Any]) -> dict[str, Any]:
    name = parameters["DBSubnetGroupName"].lower()
    if name == DEFAULT or name in region.subnet_groups:
        raise ServiceError("DBSubnetGroupAlreadyExists",
                           f"The DB subnet group '{name}' already exists.")
    subnets = parameters["SubnetIds"]
    if len(subnets) < 2:
        raise ServiceError(
            "DBSubnetGroupDoesNotCoverEnoughAZs", "The DB subnet group doesn't meet Availability "
            "Zone (AZ) coverage requirement. Please add subnets to cover at least 2 AZs.")
    region.subnet_groups[name] = defaults.subnet_group(name) | {
        "DBSubnetGroupDescription": parameters["DBSubnetGroupDescription"],
        "DBSubnetGroupArn": region.arn("subgrp", name),
        "Subnets": [subnet(region, s, n) for n, s in enumerate(subnets)],
    }
    return {"DBSubnetGroup": region.subnet_groups[name]}


def subnet(region: Region, ident: str, number: int) -> dict[str, Any]:
    zone = region.name + ZONES[number % len(ZONES)]
    return {"SubnetIdentifier": ident, "SubnetAvailabilityZone": {"Name": zone},
            "SubnetStatus": "Active"}


def delete(region: Region, parameters: dict[str, Any]) -> None:
    name = parameters["DBSubnetGroupName"].lower()
    find(region, name)
    if name == DEFAULT or used(region, "DBSubnetGroup", "DBSubnetGroupName", name):
        raise ServiceError("InvalidDBSubnetGroupStateFault",
                           f"Cannot delete the subnet group '{name}' because at least one database "
                           "instance is still using it.")
    del region.subnet_groups[name]


def describe(region: Region, parameters: dict[str, Any]) -> dict[str, Any]:
    if name := parameters.get("DBSubnetGroupName"):
        return {"DBSubnetGroups": [find(region, name.lower())]}
    size, after = page_size(parameters), read_marker(parameters.get("Marker", ""))
    names = [n for n in sorted(region.subnet_groups) if n > after]
    answer: dict[str, Any] = {"DBSubnetGroups": [region.subnet_groups[n] for n in names[:size]]}
    if len(names) > size:
        answer["Marker"] = make_marker(names[size - 1])
    return answer


def used(region: Region, member: str, key: str, name: str) -> bool:
    """Whether an instance has the group in this member, which is one group or a list of them."""
    for instance in region.instances.values():
        groups = instance.fields[member]
        if any(g[key] == name for g in (groups if isinstance(groups, list) else [groups])):
            return True
    return False
