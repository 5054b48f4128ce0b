"""Tags and roles of instances and snapshots."""

from typing import Any

from sandbox.aws.messages import ServiceError
from sandbox.aws.rds_instances import Instances
from sandbox.aws.rds_names import check_tag_count, check_tags, split_arn, tag_list
from sandbox.aws.rds_snapshots import Snapshots
from sandbox.aws.rds_store import Instance, Region, Snapshot, Store

KINDS = ("db", "snapshot")


class Tags:
    def __init__(self, store: Store, instances: Instances, snapshots: Snapshots):
        self.store, self.instances, self.snapshots = store, instances, snapshots

    @staticmethod
    def ours(arn: str) -> bool:
        """Whether we keep the resource; moto keeps clusters, groups and the like."""
        return split_arn(arn)[1] in KINDS

    def _resource(self, region: Region, arn: str) -> Instance | Snapshot:
        place, kind, _ = split_arn(arn)
        if place != region.name:
            raise ServiceError("InvalidParameterValue",
                               f"The resource {arn} is not in the region {region.name}.")
        return (self.instances if kind == "db" else self.snapshots).find(region, arn)

    @staticmethod
    def _set(resource: Instance | Snapshot, tags: dict[str, str]) -> None:
        if isinstance(resource, Snapshot):
            resource.set_tags(tags)
        else:
            resource.tags = tags

    def add(self, region: Region, parameters: dict[str, Any]) -> None:
        resource = self._resource(region, parameters["ResourceName"])
        merged = resource.tags | check_tags(parameters["Tags"])
        check_tag_count(merged)
        self._set(resource, merged)

    def remove(self, region: Region, parameters: dict[str, Any]) -> None:
        resource = self._resource(region, parameters["ResourceName"])
        gone = set(parameters["TagKeys"])
        self._set(resource, {k: v for k, v in resource.tags.items() if k not in gone})

    def list(self, region: Region, parameters: dict[str, Any]) -> dict[str, Any]:
        resource = self._resource(region, parameters["ResourceName"])
        return {"TagList": tag_list(resource.tags)}

    # -- roles ----------------------------------------------------------------------------------

    def add_role(self, region: Region, parameters: dict[str, Any]) -> None:
        instance = self.instances.find(region, parameters["DBInstanceIdentifier"])
        self.instances.need_available(instance)
        arn, feature = parameters["RoleArn"], parameters["FeatureName"]
        roles = instance.fields["AssociatedRoles"]
        if any(r["RoleArn"] == arn and r["FeatureName"] == feature for r in roles):
            raise ServiceError("DBInstanceRoleAlreadyExists", f"Role {arn} already exists.")
        instance.fields["AssociatedRoles"] = [
            *roles, {"RoleArn": arn, "FeatureName": feature, "Status": "ACTIVE"}]

    def remove_role(self, region: Region, parameters: dict[str, Any]) -> None:
        instance = self.instances.find(region, parameters["DBInstanceIdentifier"])
        arn, feature = parameters["RoleArn"], parameters["FeatureName"]
        roles = instance.fields["AssociatedRoles"]
        kept = [r for r in roles if (r["RoleArn"], r["FeatureName"]) != (arn, feature)]
        if len(kept) == len(roles):
            raise ServiceError("DBInstanceRoleNotFound", f"Role {arn} not found.", 404)
        instance.fields["AssociatedRoles"] = kept
