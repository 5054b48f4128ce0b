"""What a set of IAM policies says about one action on one resource. Pure; no I/O.

Follows "Policy evaluation logic" in the IAM user guide: an explicit Deny wins, then any Allow, else
nothing is said. Unlike many emulators it reads Resource, NotResource, NotAction and Condition. An
operator it does not know makes the statement an error, so that no test passes by ignorance.
"""

import fnmatch
import ipaddress
import re
from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from typing import Any

Context = dict[str, list[str]]  # condition keys in lower case
VARIABLE = re.compile(r"\$\{([^}]+)\}")


class Verdict(Enum):
    ALLOWED = "allowed"
    IMPLICIT_DENY = "implicitDeny"
    EXPLICIT_DENY = "explicitDeny"


class BadPolicy(Exception):
    """A policy that this evaluator cannot read."""


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def evaluate(policies: Iterable[dict[str, Any]], action: str, resource: str, context: Context,
             principal: set[str] | None = None) -> Verdict:
    """`principal` is given for resource policies only: the names by which the caller is known."""
    verdict = Verdict.IMPLICIT_DENY
    for policy in policies:
        for statement in as_list(policy.get("Statement", [])):
            if not applies(statement, action, resource, context, principal):
                continue
            if statement["Effect"] == "Deny":
                return Verdict.EXPLICIT_DENY
            verdict = Verdict.ALLOWED
    return verdict


def applies(statement: dict[str, Any], action: str, resource: str, context: Context,
            principal: set[str] | None) -> bool:
    if principal is not None and not matches_principal(statement, principal):
        return False
    if "NotAction" in statement:
        acts = not any(is_action(action, p) for p in as_list(statement["NotAction"]))
    else:
        acts = any(is_action(action, p) for p in as_list(statement["Action"]))
    if "NotResource" in statement:
        concerns = not any(like(resource, glob(p, context))
                           for p in as_list(statement["NotResource"]))
    else:
        concerns = any(like(resource, glob(p, context))
                       for p in as_list(statement.get("Resource", "*")))
    return acts and concerns and all(
        condition_holds(operator, tests, context)
        for operator, tests in statement.get("Condition", {}).items())


def matches_principal(statement: dict[str, Any], names: set[str]) -> bool:
    def listed(value: Any) -> bool:
        if value == "*":
            return True
        kinds = ("AWS", "Service", "Federated")
        return any(v == "*" or v in names for k in kinds for v in as_list(value.get(k, [])))

    if "NotPrincipal" in statement:
        return not listed(statement["NotPrincipal"])
    return listed(statement.get("Principal", {}))


def is_action(action: str, pattern: str) -> bool:
    return like(action.lower(), glob(pattern.lower(), {}))


def like(text: str, pattern: str) -> bool:
    """By a pattern of glob()."""
    return fnmatch.fnmatchcase(text, pattern)


def glob(pattern: str, context: Context) -> str:
    """For fnmatch. IAM's wildcards are * and ? alone; brackets are ordinary characters, and so is
    all that a policy variable stands for, such as the * of ${*}."""
    pieces = re.split(VARIABLE, pattern)
    return "".join(re.sub(r"[\[*?]", r"[\g<0>]", value_of(piece, context)) if n % 2
                   else piece.replace("[", "[[]") for n, piece in enumerate(pieces))


def fill_in(text: str, context: Context) -> str:
    """Puts values in place of policy variables such as ${aws:username}."""
    return re.sub(VARIABLE, lambda found: value_of(found.group(1), context), text)


def value_of(name: str, context: Context) -> str:
    if name in ("*", "?", "$"):
        return name
    return (context.get(name.lower()) or ["${" + name + "}"])[0]


# -- conditions ------------------------------------------------------------------------------------

def condition_holds(operator: str, tests: dict[str, Any], context: Context) -> bool:
    quantifier, _, name = operator.rpartition(":")
    if_exists = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    if name == "Null":
        return all((key.lower() not in context) == (str(as_list(wanted)[0]).lower() == "true")
                   for key, wanted in tests.items())
    compare = COMPARISONS.get(name)
    if compare is None:
        raise BadPolicy(f"unknown condition operator {operator}")
    negative = "Not" in name
    for key, wanted in tests.items():
        values = context.get(key.lower())
        fill = glob if compare is like else fill_in
        choices = [fill(str(w), context) for w in as_list(wanted)]
        if values is None:
            if if_exists or negative or quantifier == "ForAllValues":
                continue
            return False

        def passes(value: str, choices: list[str] = choices) -> bool:
            hit = any(compare(value, choice) for choice in choices)
            return hit != negative

        combine = any if quantifier == "ForAnyValue" else all
        if not combine(passes(v) for v in values):
            return False
    return True


def number(compare):
    return lambda value, wanted: compare(float(value), float(wanted))


def moment(compare):
    def read(text: str) -> datetime:
        return datetime.fromisoformat(text.replace("Z", "+00:00"))

    return lambda value, wanted: compare(read(value), read(wanted))


def in_network(value: str, network: str) -> bool:
    return ipaddress.ip_address(value) in ipaddress.ip_network(network, strict=False)


def equal(value: str, wanted: str) -> bool:
    return value == wanted


def equal_in_any_case(value: str, wanted: str) -> bool:
    return value.lower() == wanted.lower()


# A negated operator has the comparison of its positive form; condition_holds turns it round.
COMPARISONS = {
    "StringEquals": equal, "StringNotEquals": equal,
    "StringEqualsIgnoreCase": equal_in_any_case, "StringNotEqualsIgnoreCase": equal_in_any_case,
    "StringLike": like, "StringNotLike": like,
    "ArnEquals": like, "ArnNotEquals": like, "ArnLike": like, "ArnNotLike": like,
    "Bool": equal_in_any_case,
    "IpAddress": in_network, "NotIpAddress": in_network,
    "NumericEquals": number(lambda a, b: a == b), "NumericNotEquals": number(lambda a, b: a == b),
    "NumericLessThan": number(lambda a, b: a < b),
    "NumericLessThanEquals": number(lambda a, b: a <= b),
    "NumericGreaterThan": number(lambda a, b: a > b),
    "NumericGreaterThanEquals": number(lambda a, b: a >= b),
    "DateEquals": moment(lambda a, b: a == b), "DateNotEquals": moment(lambda a, b: a == b),
    "DateLessThan": moment(lambda a, b: a < b), "DateLessThanEquals": moment(lambda a, b: a <= b),
    "DateGreaterThan": moment(lambda a, b: a > b),
    "DateGreaterThanEquals": moment(lambda a, b: a >= b),
}
