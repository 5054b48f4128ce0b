"""The query protocol of RDS, driven by botocore's model: form parameters in, XML out.

Reading is stricter than RDS, on purpose: a parameter the model does not know is refused by name
where the service would ignore it in silence, so a misspelt one cannot pass a test. Writing raises
on a member that the shape lacks, so an answer of ours cannot carry an element that RDS does not
have.
"""

from collections.abc import Callable
from datetime import datetime, timezone
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

import botocore.session
from botocore.model import OperationModel, Shape

from sandbox.aws.messages import RDS_NAMESPACE, ServiceError


@cache
def rds_model():
    return botocore.session.get_session().get_service_model("rds")


@cache
def operation(action: str) -> OperationModel:
    return rds_model().operation_model(action)


def read_parameters(action: str, form: dict[str, str]) -> dict[str, Any]:
    """The typed parameters of a call; raises the service's own errors for unusable ones."""
    shape = operation(action).input_shape
    tree: dict[str, Any] = {}
    for key, value in form.items():
        if key not in ("Action", "Version"):
            insert(tree, key.split("."), value)
    parameters = read_structure(shape, tree, "")
    for name in shape.required_members:
        if parameters.get(name) in (None, ""):
            raise ServiceError(
                "MissingParameter", f"The request must contain the parameter {name}"
            )
    return parameters


def insert(tree: dict[str, Any], path: list[str], value: str) -> None:
    for step in path[:-1]:
        tree = tree.setdefault(step, {})
        if not isinstance(tree, dict):
            raise ServiceError("MalformedInput", f"{'.'.join(path)} is both a value and a list")
    tree[path[-1]] = value


def read_structure(shape: Shape, tree: dict[str, Any], path: str) -> dict[str, Any]:
    unknown = set(tree) - set(shape.members)
    if unknown:
        raise ServiceError("ValidationError", f"unknown parameter {path}{min(unknown)}")
    return {n: read_value(shape.members[n], tree[n], f"{path}{n}") for n in tree}


def read_value(shape: Shape, node: Any, path: str) -> Any:
    if shape.type_name == "list":
        return read_list(shape, node, path)
    if shape.type_name == "structure":
        return read_structure(shape, node if isinstance(node, dict) else {}, path + ".")
    if not isinstance(node, str):
        raise ServiceError("ValidationError", f"unknown parameter {path}.{min(node)}")
    try:
        return SCALARS[shape.type_name](node)
    except (KeyError, ValueError):
        raise ServiceError(
            "MalformedInput", f"{node!r} is not a valid {shape.type_name} for {path}"
        ) from None


def read_list(shape: Shape, node: Any, path: str) -> list[Any]:
    if node == "":
        return []  # how clients send an empty list
    item = shape.member.serialization.get("name", "member")
    unknown = set(node) - {item, "member"}
    if unknown:
        raise ServiceError("ValidationError", f"unknown parameter {path}.{min(unknown)}")
    numbered = next(iter(node.values()))
    try:
        order = sorted(numbered, key=int)
    except (ValueError, TypeError):
        raise ServiceError("MalformedInput", f"{path} is not numbered from 1") from None
    return [read_value(shape.member, numbered[n], f"{path}.{item}.{n}") for n in order]


def read_boolean(text: str) -> bool:
    return {"true": True, "false": False}[text.lower()]


def read_moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


SCALARS: dict[str, Callable[[str], Any]] = {
    "string": str,
    "integer": int,
    "long": int,
    "double": float,
    "boolean": read_boolean,
    "timestamp": read_moment,
}


def write_moment(moment: datetime) -> str:
    utc = moment.astimezone(timezone.utc)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03d}Z"


def write_scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return write_moment(value)
    return escape(str(value))


def writer(shape: Shape) -> Callable[[Any], str]:
    """Turns a value of this shape into the XML between its tags."""
    if shape.type_name == "structure":
        return structure_writer(shape)
    if shape.type_name == "list":
        item = shape.member.serialization.get("name", "member")
        inner = writer(shape.member)
        return lambda values: "".join(f"<{item}>{inner(v)}</{item}>" for v in values)
    return write_scalar


def structure_writer(shape: Shape) -> Callable[[dict[str, Any]], str]:
    inner = {name: writer(member) for name, member in shape.members.items()}

    def write(value: dict[str, Any]) -> str:
        return "".join(
            f"<{k}>{inner[k](v)}</{k}>" for k, v in value.items() if v is not None
        )

    return write


@cache
def shape_writer(shape_name: str) -> Callable[[dict[str, Any]], str]:
    """Built once for each shape: the model makes a new object at every look."""
    return writer(rds_model().shape_for(shape_name))


def write_member(shape_name: str, value: dict[str, Any]) -> str:
    return shape_writer(shape_name)(value)


def write_answer(action: str, inner_xml: str, request_id: str) -> bytes:
    """The whole answer of an action, given the XML inside its result element."""
    shape = operation(action).output_shape
    wrapper = shape.serialization.get("resultWrapper") if shape is not None else None
    result = f"<{wrapper}>{inner_xml}</{wrapper}>" if wrapper else ""
    return (
        f'<{action}Response xmlns="{RDS_NAMESPACE}">{result}<ResponseMetadata>'
        f"<RequestId>{request_id}</RequestId></ResponseMetadata></{action}Response>"
    ).encode()


@cache
def result_writer(action: str) -> Callable[[dict[str, Any]], str]:
    shape = operation(action).output_shape
    return writer(shape) if shape is not None else lambda _: ""


def write_result(action: str, value: dict[str, Any]) -> str:
    """The XML inside the result element of an action."""
    return result_writer(action)(value)
