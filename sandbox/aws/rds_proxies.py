"""RDS Proxy, as records: a proxy and the instances registered with it. Nothing is proxied.

A target is kept by DbiResourceId, so it follows its instance through a rename; an instance that is
restored under the old name is not a target until it is registered.
"""

from dataclasses import dataclass, field
from typing import Any

from sandbox.aws.messages import ServiceError
from sandbox.aws.rds_defaults import VPC_ID
from sandbox.aws.rds_instances import Instances
from sandbox.aws.rds_names import make_marker, page_size, read_marker
from sandbox.aws.rds_store import Instance, Region, Store

TARGET_GROUP = "default"


@dataclass
class Proxy:
    fields: dict[str, Any]  # members of the shape DBProxy
    targets: list[str] = field(default_factory=list)  # DbiResourceIds


class Proxies:
    def __init__(self, store: Store, instances: Instances):
        self.store, self.instances = store, instances

    def find(self, region: Region, parameters: dict[str, Any]) -> Proxy:
        name = parameters["DBProxyName"].lower()
        if parameters.get("TargetGroupName", TARGET_GROUP) != TARGET_GROUP:
            raise ServiceError("DBProxyTargetGroupNotFoundFault", "No such target group.", 404)
        if name not in region.proxies:
            raise ServiceError("DBProxyNotFoundFault",
                               f"The specified proxy name {name} doesn't correspond to a proxy.",
                               404)
        return region.proxies[name]

    def create(self, region: Region, parameters: dict[str, Any]) -> dict[str, Any]:
        name = parameters["DBProxyName"].lower()
        if name in region.proxies:
            raise ServiceError("DBProxyAlreadyExistsFault", f"The proxy {name} already exists.")
        now = self.store.clock.now()
        region.proxies[name] = Proxy({
            "DBProxyName": name, "DBProxyArn": region.arn("db-proxy", name),
            "Status": "available", "EngineFamily": parameters["EngineFamily"], "VpcId": VPC_ID,
            "VpcSecurityGroupIds": parameters.get("VpcSecurityGroupIds", []),
            "VpcSubnetIds": parameters["VpcSubnetIds"], "Auth": parameters.get("Auth", []),
            "RoleArn": parameters["RoleArn"],
            "Endpoint": f"{name}.proxy-sandbox000000.{region.name}.rds.amazonaws.com",
            "RequireTLS": parameters.get("RequireTLS", False),
            "IdleClientTimeout": parameters.get("IdleClientTimeout", 1800),
            "DebugLogging": parameters.get("DebugLogging", False),
            "CreatedDate": now, "UpdatedDate": now,
        })
        return {"DBProxy": region.proxies[name].fields}

    def delete(self, region: Region, parameters: dict[str, Any]) -> dict[str, Any]:
        proxy = self.find(region, parameters)
        del region.proxies[proxy.fields["DBProxyName"]]
        return {"DBProxy": proxy.fields | {"Status": "deleting"}}

    def describe(self, region: Region, parameters: dict[str, Any]) -> dict[str, Any]:
        if "DBProxyName" in parameters:
            return {"DBProxies": [self.find(region, parameters).fields]}
        size, after = page_size(parameters), read_marker(parameters.get("Marker", ""))
        names = [n for n in sorted(region.proxies) if n > after]
        answer: dict[str, Any] = {"DBProxies": [region.proxies[n].fields for n in names[:size]]}
        if len(names) > size:
            answer["Marker"] = make_marker(names[size - 1])
        return answer

    def register(self, region: Region, parameters: dict[str, Any]) -> dict[str, Any]:
        proxy = self.find(region, parameters)
        added = [self.instances.find(region, n)
                 for n in parameters.get("DBInstanceIdentifiers", [])]
        if any(i.resource_id in proxy.targets for i in added):
            raise ServiceError("DBProxyTargetAlreadyRegisteredFault",
                               "The proxy is already associated with the specified target.")
        proxy.targets += [i.resource_id for i in added]
        return {"DBProxyTargets": [target(i) for i in added]}

    def deregister(self, region: Region, parameters: dict[str, Any]) -> dict[str, Any]:
        proxy = self.find(region, parameters)
        gone = {self.instances.find(region, n).resource_id
                for n in parameters.get("DBInstanceIdentifiers", [])}
        if not gone <= set(proxy.targets):
            raise ServiceError("DBProxyTargetNotFoundFault",
                               "The specified target isn't registered with the proxy.", 404)
        proxy.targets = [t for t in proxy.targets if t not in gone]
        return {}

    def describe_targets(self, region: Region, parameters: dict[str, Any]) -> dict[str, Any]:
        proxy = self.find(region, parameters)
        page_size(parameters)
        return {"Targets": [target(i) for i in region.instances.values()
                            if i.resource_id in proxy.targets]}


def target(instance: Instance) -> dict[str, Any]:
    up = instance.status in ("available", "backing-up")
    health = {"State": "AVAILABLE"} if up else {"State": "UNAVAILABLE", "Reason": "UNREACHABLE"}
    endpoint = instance.fields.get("Endpoint", {})
    return {"RdsResourceId": instance.name, "Type": "RDS_INSTANCE", "Role": "READ_WRITE",
            "Endpoint": endpoint.get("Address"), "Port": endpoint.get("Port"),
            "TargetHealth": health}
