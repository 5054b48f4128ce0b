"""Answers about the account and the engine rather than about one resource."""

from typing import Any

from sandbox.aws import rds_defaults as defaults
from sandbox.aws.messages import ServiceError
from sandbox.aws.rds_names import make_marker, page_size, read_marker
from sandbox.aws.rds_store import Region, Store
from sandbox.postgres.fleet import Fleet


def engine_versions(store: Store, parameters: dict[str, Any]) -> dict[str, Any]:
    majors = defaults.MAJORS if store.fleet is None else Fleet.majors()
    versions = [v for v in map(defaults.default_version, majors)
                if parameters.get("Engine", "postgres") == "postgres"
                and parameters.get("EngineVersion", v) in (v, v.partition(".")[0])]
    if parameters.get("DefaultOnly"):
        versions = versions[-1:]
    size, after = page_size(parameters), read_marker(parameters.get("Marker", ""))
    versions = [v for v in versions if v > after]
    answer: dict[str, Any] = {"DBEngineVersions": [engine_version(v) for v in versions[:size]]}
    if len(versions) > size:
        answer["Marker"] = make_marker(versions[size - 1])
    return answer


def engine_version(version: str) -> dict[str, Any]:
    return {
        "Engine": "postgres",
        "EngineVersion": version,
        "DBParameterGroupFamily": f"postgres{defaults.major_of(version)}",
        "DBEngineDescription": "PostgreSQL",
        "DBEngineVersionDescription": f"PostgreSQL {version}",
        "ValidUpgradeTarget": [],
        "SupportsReadReplica": True,
        "Status": "available",
    }


def account_attributes(store: Store, region: Region) -> dict[str, Any]:
    manual = sum(s.kind == "manual" for s in region.snapshots.values())
    storage = sum(i.fields["AllocatedStorage"] for i in region.instances.values())
    quotas = [
        ("DBInstances", len(region.instances), 40),
        ("AllocatedStorage", storage, 100_000),
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
