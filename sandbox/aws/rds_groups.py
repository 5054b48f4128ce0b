"""Parameter, option and subnet groups and clusters: kept by moto, looked up here.

Instances refer to them by name. A parameter group's values configure a real server.
"""

from typing import Any

from sandbox import ACCOUNT_ID
from sandbox.aws.messages import ServiceError
from sandbox.aws.rds_names import invalid


def backend(region: str):
    # Imported at the first use, because it takes a second to load and few tests name a group.
    from moto.rds.models import rds_backends

    return rds_backends[ACCOUNT_ID][region]


def check_groups(region: str, parameters: dict[str, Any]) -> None:
    """Refuses a call that names a missing group, with the code RDS has for its kind."""
    name = parameters.get("DBParameterGroupName")
    if name and not name.startswith("default.") and name not in backend(
            region).db_parameter_groups:
        raise ServiceError("DBParameterGroupNotFound", f"DBParameterGroup not found: {name}", 404)
    name = parameters.get("OptionGroupName")
    if name and not name.startswith("default:") and name not in backend(
            region).option_groups:
        raise ServiceError(
            "OptionGroupNotFoundFault", f"Specified OptionGroupName: {name} not found.", 404
        )
    name = parameters.get("DBSubnetGroupName")
    if name and name != "default" and name not in backend(region).subnet_groups:
        raise ServiceError(
            "DBSubnetGroupNotFoundFault", f"DB subnet group '{name}' does not exist.", 404
        )
    for ident in parameters.get("VpcSecurityGroupIds", []):
        if not ident.startswith("sg-"):
            raise invalid(f"Invalid security group , groupId= {ident}, groupName=.")


def parameter_values(region: str, group: str) -> dict[str, str]:
    """The values a group sets itself; formulas over the instance's memory are left out."""
    if group.startswith("default."):
        return {}
    found = backend(region).db_parameter_groups.get(group)
    if found is None:
        return {}
    values = {}
    for name, parameter in found.parameters.items():
        value = parameter.get("ParameterValue", parameter.get("parameter_value"))
        if value is not None and "{" not in str(value):
            values[name] = str(value)
    return values


def check_cluster(region: str, name: str) -> None:
    if name not in backend(region).clusters:
        raise ServiceError("DBClusterNotFoundFault", f"DBCluster {name} not found.", 404)
