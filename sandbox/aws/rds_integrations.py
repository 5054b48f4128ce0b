"""Zero-ETL integrations, as records: nothing is replicated."""

import uuid
from typing import Any

from sandbox.aws.messages import ServiceError
from sandbox.aws.rds_names import make_marker, page_size, read_marker
from sandbox.aws.rds_store import Region, Store


def create(store: Store, region: Region, parameters: dict[str, Any]) -> dict[str, Any]:
    name = parameters["IntegrationName"]
    if name in region.integrations:
        raise ServiceError("IntegrationAlreadyExistsFault", f"The integration {name} exists.")
    region.integrations[name] = {
        "SourceArn": parameters["SourceArn"], "TargetArn": parameters["TargetArn"],
        "IntegrationName": name, "Status": "active", "CreateTime": store.clock.now(),
        "IntegrationArn": region.arn("integration", str(uuid.uuid4())),
    }
    return region.integrations[name]


def describe(region: Region, parameters: dict[str, Any]) -> dict[str, Any]:
    size, after = page_size(parameters), read_marker(parameters.get("Marker", ""))
    names = [n for n in sorted(region.integrations) if n > after]
    answer: dict[str, Any] = {"Integrations": [region.integrations[n] for n in names[:size]]}
    if len(names) > size:
        answer["Marker"] = make_marker(names[size - 1])
    return answer
