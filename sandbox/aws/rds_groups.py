"""Parameter and option groups and clusters: kept by moto, looked up here.

Instances refer to them by name. A parameter group's values configure a real server.
"""

from typing import Any

from sandbox import ACCOUNT_ID
from sandbox.aws import rds_networks as networks
from sandbox.aws.messages import ServiceError
from sandbox.aws.rds_names import invalid
from sandbox.aws.rds_store import Region


def backend(region: str):
    # Imported at the first use, because it takes a second to load and few tests name a group.
    from moto.rds.models import rds_backends

    return rds_backends[ACCOUNT_ID][region]


def check_groups(region: Region, parameters: dict[str, Any], engine_version: str) -> None:
    """Refuses a call that names a missing group, with the code RDS has for its kind."""
    networks.check(region, parameters)
    if name := parameters.get("DBParameterGroupName"):
        check_parameter_group(region.name, name, engine_version)
    name = parameters.get("OptionGroupName")
    if name and not name.startswith("default:") and name.lower() not in backend(
            region.name).option_groups:
        raise ServiceError(
            "OptionGroupNotFoundFault", f"Specified OptionGroupName: {name} not found.", 404
        )


def check_parameter_group(region: str, name: str, engine_version: str) -> None:
    if name.startswith("default."):
        family = name.removeprefix("default.")
    else:
        group = backend(region).db_parameter_groups.get(name)
        if group is None:
            raise ServiceError("DBParameterGroupNotFound",
                               f"DBParameterGroup not found: {name}", 404)
        family = group.family
    fitting = f"postgres{engine_version.partition('.')[0]}"
    if family.startswith("postgres") and family != fitting:
        raise ServiceError(
            "InvalidParameterCombination",
            f"The Parameter Group {name} with DBParameterGroupFamily {family} cannot be used for "
            f"this instance. Please use a Parameter Group with DBParameterGroupFamily {fitting}")


def check_known(region: str, name: str | None) -> None:
    """moto describes a group that does not exist as none at all."""
    if name and not name.startswith("default.") and name not in backend(region).db_parameter_groups:
        raise ServiceError("DBParameterGroupNotFound", f"DBParameterGroup not found: {name}", 404)


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


def check_unused(region: Region, action: str, parameters: dict[str, str]) -> None:
    """Refuses to delete a group that an instance, or for option groups a snapshot, still has."""
    name = parameters.get("DBParameterGroupName") or parameters.get("OptionGroupName", "")
    if action == "DeleteDBParameterGroup" and networks.used(
            region, "DBParameterGroups", "DBParameterGroupName", name):
        raise ServiceError("InvalidDBParameterGroupState",
                           "One or more database instances are still members of this parameter "
                           f"group {name}, so the group cannot be deleted")
    if action == "DeleteOptionGroup" and (
            networks.used(region, "OptionGroupMemberships", "OptionGroupName", name)
            or any(s.fields.get("OptionGroupName") == name for s in region.snapshots.values())):
        raise ServiceError("InvalidOptionGroupStateFault",
                           f"The option group '{name}' cannot be deleted because it is in use.")


def create_option_group(region: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Taken over from moto, which keeps the group but knows no PostgreSQL after 13."""
    name = parameters["OptionGroupName"].lower()
    if name in backend(region).option_groups:
        raise ServiceError("OptionGroupAlreadyExistsFault",
                           f"An option group named {name} already exists.")
    if parameters["EngineName"] != "postgres":
        raise invalid(f"This sandbox has no engine {parameters['EngineName']}")
    group = backend(region).create_option_group({
        "option_group_name": name, "engine_name": "postgres", "major_engine_version": "13",
        "option_group_description": parameters["OptionGroupDescription"],
        "tags": parameters.get("Tags", []),
    })
    group.major_engine_version = parameters["MajorEngineVersion"]
    return {"OptionGroup": {
        "OptionGroupName": name, "OptionGroupDescription": group.description,
        "EngineName": "postgres", "MajorEngineVersion": group.major_engine_version, "Options": [],
        "AllowsVpcAndNonVpcInstanceMemberships": False, "OptionGroupArn": group.arn,
    }}


def check_cluster(region: str, name: str) -> None:
    if name not in backend(region).clusters:
        raise ServiceError("DBClusterNotFoundFault", f"DBCluster {name} not found.", 404)
