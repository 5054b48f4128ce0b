"""The policy evaluator on its own: one statement, one question."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sandbox.aws.iam_policies import BadPolicy, Verdict, evaluate  # noqa: E402

CONTEXT = {"aws:username": ["ada"], "aws:sourceip": ["127.0.0.1"], "s3:max-keys": ["10"],
           "aws:tagkeys": ["a", "b"], "aws:securetransport": ["false"]}


def allowed(action="s3:GetObject", resource="arn:aws:s3:::b/k", **statement):
    full = {"Effect": "Allow", "Action": "*", "Resource": "*"} | statement
    for name in ("Action", "Resource"):
        if "Not" + name in full:
            del full[name]
    return evaluate([{"Statement": full}], action, resource, CONTEXT) is Verdict.ALLOWED


@pytest.mark.parametrize(("statement", "expected"), [
    ({"Action": "s3:Get*"}, True),
    ({"Action": "S3:getobject"}, True),
    ({"Action": "s3:GetObjectVersion"}, False),
    ({"NotAction": "s3:Get*"}, False),
    ({"NotAction": ["rds:*"]}, True),
    ({"Resource": "arn:aws:s3:::b/?"}, True),
    ({"Resource": "arn:aws:s3:::b"}, False),
    ({"Resource": "arn:aws:s3:::b/[k]"}, False),
    ({"NotResource": "arn:aws:s3:::b/*"}, False),
    ({"Resource": "arn:aws:s3:::b/${aws:username}"}, False),
    ({"Condition": {"StringEquals": {"aws:UserName": ["bob", "ada"]}}}, True),
    ({"Condition": {"StringNotEquals": {"aws:username": "ada"}}}, False),
    ({"Condition": {"StringEquals": {"aws:absent": "x"}}}, False),
    ({"Condition": {"StringNotEquals": {"aws:absent": "x"}}}, True),
    ({"Condition": {"StringEqualsIfExists": {"aws:absent": "x"}}}, True),
    ({"Condition": {"Null": {"aws:absent": "true"}}}, True),
    ({"Condition": {"Null": {"aws:username": "true"}}}, False),
    ({"Condition": {"Bool": {"aws:SecureTransport": "false"}}}, True),
    ({"Condition": {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}}, True),
    ({"Condition": {"NotIpAddress": {"aws:SourceIp": "127.0.0.0/8"}}}, False),
    ({"Condition": {"NumericLessThanEquals": {"s3:max-keys": "10"}}}, True),
    ({"Condition": {"NumericLessThan": {"s3:max-keys": "10"}}}, False),
    ({"Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b", "c"]}}}, True),
    ({"Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}}}, False),
    ({"Condition": {"ForAnyValue:StringEquals": {"aws:TagKeys": ["a"]}}}, True),
    ({"Condition": {"ForAnyValue:StringLike": {"aws:TagKeys": ["z*"]}}}, False),
])
def test_statement(statement, expected):
    assert allowed(**statement) is expected


def test_variables_are_filled_in():
    assert allowed(resource="arn:aws:s3:::b/ada", Resource="arn:aws:s3:::b/${aws:username}")


def test_what_a_variable_stands_for_is_no_wildcard():
    escaped = "arn:aws:s3:::b/a${*}${?}${$}{x}/*"
    assert allowed(resource="arn:aws:s3:::b/a*?${x}/key", Resource=escaped)
    assert not allowed(resource="arn:aws:s3:::b/abcd/key", Resource=escaped)
    literal = {"StringLike": {"aws:username": "a${*}"}}
    assert not allowed(Condition=literal)
    assert allowed(Condition={"StringLike": {"aws:username": "a*"}})


def test_an_explicit_deny_wins_over_any_allow():
    policies = [{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]},
                {"Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}]
    for order in (policies, policies[::-1]):
        assert evaluate(order, "s3:GetObject", "x", {}) is Verdict.EXPLICIT_DENY
        assert evaluate(order, "rds:X", "x", {}) is Verdict.ALLOWED


def test_an_unknown_operator_is_an_error():
    with pytest.raises(BadPolicy):
        allowed(Condition={"StringEqals": {"aws:username": "ada"}})
