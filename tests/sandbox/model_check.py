"""Holds an answer's raw XML against botocore's model, strictly.

botocore's own parser drops unknown elements in silence, and takes what it finds for the rest. Here
an element must be a member of its shape, come once, have the right type, and an enum value be
listed.
"""

import re
import xml.etree.ElementTree as ElementTree

from botocore.model import OperationModel, Shape

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")

# Codes of the query protocol itself, which no operation lists.
COMMON_CODES = {
    "AccessDenied", "ExpiredToken", "InvalidAction", "InvalidClientTokenId", "MalformedInput",
    "InternalFailure", "InvalidParameterCombination", "InvalidParameterValue", "MissingParameter",
    "MissingAuthenticationToken", "ServiceUnavailable", "SignatureDoesNotMatch", "Throttling",
    "ValidationError",
}  # fmt: skip


def name_of(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def problems(operation: OperationModel, status: int, body: bytes) -> list[str]:
    root = ElementTree.fromstring(body)
    if status >= 300:
        return error_problems(operation, status, root)
    found = []
    namespace = operation.service_model.metadata["xmlNamespace"]
    if root.tag != f"{{{namespace}}}{operation.name}Response":
        found.append(f"root is {root.tag}")
    if root.find("{*}ResponseMetadata/{*}RequestId") is None:
        found.append("no RequestId")
    shape = operation.output_shape
    if shape is not None:
        wrapper = shape.serialization["resultWrapper"]
        result = root.find(f"{{*}}{wrapper}")
        if result is None:
            found.append(f"no {wrapper}")
        else:
            found += walk(shape, result, wrapper)
    return found


def error_problems(operation: OperationModel, status: int, root: ElementTree.Element) -> list[str]:
    code = root.findtext(".//{*}Code")
    declared = {s.metadata["error"].get("code", s.name): s.metadata["error"]["httpStatusCode"]
                for s in operation.error_shapes}
    if code in declared:
        right = declared[code]
        return [] if status == right else [f"{code} came with {status}, not {right}"]
    return [] if code in COMMON_CODES else [f"{code} is not declared for {operation.name}"]


def walk(shape: Shape, element: ElementTree.Element, path: str) -> list[str]:
    if shape.type_name == "structure":
        return walk_structure(shape, element, path)
    if shape.type_name == "list":
        item = shape.member.serialization.get("name", "member")
        found = [f"{path}/{name_of(e)}: wants <{item}>" for e in element if name_of(e) != item]
        return found + [p for e in element for p in walk(shape.member, e, f"{path}/{item}")]
    return walk_scalar(shape, element, path)


def walk_structure(shape: Shape, element: ElementTree.Element, path: str) -> list[str]:
    found, seen = [], set()
    for child in element:
        name = name_of(child)
        if name not in shape.members:
            found.append(f"{path}/{name}: not a member of {shape.name}")
            continue
        if name in seen:
            found.append(f"{path}/{name}: twice")
        seen.add(name)
        found += walk(shape.members[name], child, f"{path}/{name}")
    return found + [f"{path}/{n}: missing" for n in set(shape.required_members) - seen]


def walk_scalar(shape: Shape, element: ElementTree.Element, path: str) -> list[str]:
    text = element.text or ""
    if len(element):
        return [f"{path}: a {shape.type_name} with children"]
    right = {
        "integer": lambda: re.fullmatch(r"-?\d+", text),
        "long": lambda: re.fullmatch(r"-?\d+", text),
        "boolean": lambda: text in ("true", "false"),
        "timestamp": lambda: MOMENT.fullmatch(text),
    }.get(shape.type_name, lambda: True)()
    if not right:
        return [f"{path}: {text!r} is no {shape.type_name}"]
    allowed = getattr(shape, "enum", [])
    return [f"{path}: {text!r} is not one of {allowed}"] if allowed and text not in allowed else []
