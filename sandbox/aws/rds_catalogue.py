"""Answers about the account and the engine rather than about one resource."""

from typing import Any

from sandbox.aws import rds_defaults as defaults
from sandbox.aws.messages import ServiceError
from sandbox.aws.rds_names import make_marker, page_size, read_marker
from sandbox.aws.rds_store import Region, Store
from sandbox.postgres.fleet import Fleet


def available_majors(store: Store, servers: bool) -> list[int]:
    """With real servers only majors installed on this machine exist."""
    majors = Fleet.majors() if servers else defaults.MAJORS
    return [m for m in majors if str(m) not in store.withdrawn]


def check_version(store: Store, version: str | None, servers: bool) -> str:
    """The full version that a call means, which is one that RDS still has."""
    available = available_majors(store, servers)
    if version is None:
        return defaults.default_version(15 if 15 in available else available[-1])
    major = version.partition(".")[0]
    if not major.isdigit() or int(major) not in available or version in store.withdrawn:
        raise ServiceError("InvalidParameterCombination",
                           f"Cannot find version {version} for postgres")
    return version if "." in version else defaults.default_version(int(version))


def engine_versions(store: Store, parameters: dict[str, Any]) -> dict[str, Any]:
    majors = defaults.MAJORS if store.fleet is None else Fleet.majors()
    versions = [v for v in map(defaults.default_version, majors)
                if parameters.get("Engine", "postgres") == "postgres"
                and parameters.get("EngineVersion", v) in (v, v.partition(".")[0])
                and (parameters.get("IncludeAll") or not withdrawn(store, v))]
    if parameters.get("DefaultOnly"):
        versions = versions[-1:]
    size, after = page_size(parameters), read_marker(parameters.get("Marker", ""))
    versions = [v for v in versions if v > after]
    listed = [engine_version(store, v) for v in versions[:size]]
    answer: dict[str, Any] = {"DBEngineVersions": listed}
    if len(versions) > size:
        answer["Marker"] = make_marker(versions[size - 1])
    return answer


def withdrawn(store: Store, version: str) -> bool:
    return bool({version, version.partition(".")[0]} & store.withdrawn)


def engine_version(store: Store, version: str) -> dict[str, Any]:
    major = defaults.major_of(version)
    return {
        "Engine": "postgres",
        "MajorEngineVersion": str(major),
        "EngineVersion": version,
        "DBParameterGroupFamily": f"postgres{major}",
        "DBEngineDescription": "PostgreSQL",
        "DBEngineVersionDescription": f"PostgreSQL {version}",
        "ValidUpgradeTarget": [
            {"Engine": "postgres", "EngineVersion": v, "Description": f"PostgreSQL {v}",
             "AutoUpgrade": False, "IsMajorVersionUpgrade": True}
            for v in map(defaults.default_version, defaults.MAJORS)
            if defaults.major_of(v) > major and not withdrawn(store, v)],
        "SupportsReadReplica": True,
        "Status": "deprecated" if withdrawn(store, version) else "available",
    }


def account_attributes(store: Store, region: Region) -> dict[str, Any]:
    manual = sum(s.kind == "manual" for s in region.snapshots.values())
    quotas = [
        ("DBInstances", len(region.instances), store.settings.instance_quota),
        ("AllocatedStorage", region.storage_gib, store.settings.storage_quota_gib),
        ("ManualSnapshots", manual, store.settings.snapshot_quota),
        ("DBParameterGroups", 0, 50),
    ]
    return {"AccountQuotas": [
        {"AccountQuotaName": n, "Used": used, "Max": limit} for n, used, limit in quotas]}


def pending_maintenance(region: Region, parameters: dict[str, Any]) -> dict[str, Any]:
    """Nothing is ever pending unless the control has put an action on an instance."""
    page_size(parameters)
    if wanted := parameters.get("ResourceIdentifier"):
        if not any(i.fields["DBInstanceArn"] == wanted for i in region.instances.values()):
            raise ServiceError("ResourceNotFoundFault", f"Resource {wanted} not found.", 404)
    return {"PendingMaintenanceActions": []}


def certificates() -> dict[str, Any]:
    return {"Certificates": [
        {"CertificateIdentifier": name, "CertificateType": "CA", "ValidTill": end,
         "CustomerOverride": False} for name, end in defaults.CERTIFICATES.items()]}
