"""The rules for identifiers, ARNs, tags and pages, with the errors RDS has for breaking them."""

import base64
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from sandbox import ACCOUNT_ID
from sandbox.aws.messages import ServiceError

TAGS_MAX = 50
TAG_KEY_MAX = 128
TAG_VALUE_MAX = 256
TAG_PUNCTUATION = set("_.:/=+-@")
PAGE_MIN, PAGE_MAX = 20, 100


def invalid(message: str) -> ServiceError:
    return ServiceError("InvalidParameterValue", message)


def check_identifier(name: str, parameter: str, length_max: int) -> str:
    """The identifier in lower case, as RDS stores it."""
    right = re.fullmatch(r"[A-Za-z](-?[A-Za-z0-9])*", name) is not None
    if not right or len(name) > length_max:
        raise invalid(
            f"The parameter {parameter} is not a valid identifier. Identifiers must begin with a "
            "letter; must contain only ASCII letters, digits, and hyphens; and must not end with a "
            "hyphen or contain two consecutive hyphens."
        )
    return name.lower()


def instance_identifier(name: str, parameter: str = "DBInstanceIdentifier") -> str:
    return check_identifier(name, parameter, 63)


def snapshot_identifier(name: str, parameter: str = "DBSnapshotIdentifier") -> str:
    return check_identifier(name, parameter, 255)


def make_arn(region: str, kind: str, name: str) -> str:
    return f"arn:aws:rds:{region}:{ACCOUNT_ID}:{kind}:{name}"


def split_arn(arn: str) -> tuple[str, str, str]:
    """(region, kind, name) of an RDS ARN; an automated snapshot has a colon in its name."""
    parts = arn.split(":", 6)
    if len(parts) != 7 or parts[0] != "arn" or parts[2] != "rds":
        raise invalid(f"Invalid resource name: {arn}")
    return parts[3], parts[5], parts[6]


def bare_name(name_or_arn: str) -> str:
    return split_arn(name_or_arn)[2] if name_or_arn.startswith("arn:") else name_or_arn


def check_tags(tags: Iterable[dict[str, str]]) -> dict[str, str]:
    """The tags as a mapping; a repeated key and a forbidden character are errors, as on RDS."""
    checked: dict[str, str] = {}
    for tag in tags:
        key, value = tag.get("Key", ""), tag.get("Value", "")
        if not key or len(key) > TAG_KEY_MAX:
            raise invalid(f"Tag keys must be between 1 and {TAG_KEY_MAX} characters long: {key}")
        if len(value) > TAG_VALUE_MAX:
            raise invalid(f"Tag values must be at most {TAG_VALUE_MAX} characters long: {value}")
        if key.lower().startswith("aws:"):
            raise invalid(f"The tag key {key} uses the reserved prefix aws:")
        for text in (key, value):
            if not all(allowed_in_tag(c) for c in text):
                raise invalid(f"The tag {key}={value} has characters that are not allowed")
        if key in checked:
            raise invalid(f"Duplicate tag key: {key}")
        checked[key] = value
    check_tag_count(checked)
    return checked


def allowed_in_tag(character: str) -> bool:
    return unicodedata.category(character)[0] in "LZN" or character in TAG_PUNCTUATION


def check_tag_count(tags: dict[str, str]) -> None:
    if len(tags) > TAGS_MAX:
        raise invalid(f"A resource can have at most {TAGS_MAX} tags, and this one would have "
                      f"{len(tags)}")


def tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": k, "Value": v} for k, v in tags.items()]


def page_size(parameters: dict[str, Any]) -> int:
    size = parameters.get("MaxRecords", PAGE_MAX)
    if not PAGE_MIN <= size <= PAGE_MAX:
        raise invalid(f"Invalid value {size} for MaxRecords. Must be between 20 and 100")
    return size


def make_marker(last_name: str) -> str:
    return base64.urlsafe_b64encode(b"after:" + last_name.encode()).decode()


def read_marker(marker: str) -> str:
    """The name after which the page begins; empty for the first page."""
    if not marker:
        return ""
    try:
        text = base64.urlsafe_b64decode(marker.encode()).decode()
    except ValueError:
        text = ""
    if not text.startswith("after:"):
        raise invalid("The parameter Marker is not a valid marker.")
    return text.removeprefix("after:")


def read_filters(parameters: dict[str, Any], known: set[str]) -> dict[str, set[str]]:
    filters: dict[str, set[str]] = {}
    for entry in parameters.get("Filters", []):
        name, values = entry.get("Name", ""), entry.get("Values", [])
        if name not in known:
            raise invalid(f"Unrecognized filter name: {name}")
        if not values:
            raise ServiceError("InvalidParameterCombination", f"No values for filter {name}")
        filters[name] = set(values)
    return filters
