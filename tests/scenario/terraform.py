"""Terraform's language, as much of it as `tidemark iam --format terraform` writes: one resource of
strings and here-documents. Anything else in it is refused.

Of the documentation: "Syntax" and "Strings and Templates" of the language, and in the AWS provider
the resources aws_iam_policy and aws_s3_bucket_policy.
"""

import re

REQUIRED = {"aws_iam_policy": {"policy"}, "aws_s3_bucket_policy": {"bucket", "policy"}}
OPTIONAL = {"aws_iam_policy": {"name", "name_prefix", "path", "description", "tags"},
            "aws_s3_bucket_policy": {"region"}}
NAME_OF_A_POLICY = r"[\w+=,.@-]{1,128}"  # IAM, CreatePolicy
DESCRIPTION_MAX = 1000

RESOURCE = re.compile(r'resource "(\w+)" "([A-Za-z_][\w-]*)" \{\n(.*)^\}\n\Z', re.S | re.M)
ARGUMENT = re.compile(
    r'  (\w+) += (?:"(?P<text>(?:[^"\\\n]|\\[nrt"\\])*)"|<<(?P<end>\w+)\n(?P<document>.*?)^(?P=end))\n',
    re.S | re.M)


def read(text: str) -> tuple[str, str, dict[str, str]]:
    """Type, name and arguments of the resource."""
    resource = RESOURCE.match(text)
    assert resource, text
    kind, name, body = resource.groups()
    arguments: dict[str, str] = {}
    at = 0
    while at < len(body):
        found = ARGUMENT.match(body, at)
        assert found, body[at:]
        assert found[1] not in arguments, f"{found[1]} twice"
        arguments[found[1]] = unescaped(found["text"] if found["end"] is None
                                        else found["document"])
        at = found.end()
    check_arguments(kind, arguments)
    return kind, name, arguments


def unescaped(template: str) -> str:
    """Terraform would put something in place of ${...} and %{...}: none may be left."""
    assert not re.search(r"(?<!\$)\$\{|(?<!%)%\{", template), template
    return re.sub(r"(\$|%)\1\{", r"\1{", template)


def check_arguments(kind: str, arguments: dict[str, str]) -> None:
    given = set(arguments)
    assert REQUIRED[kind] <= given <= REQUIRED[kind] | OPTIONAL[kind], (kind, given)
    assert re.fullmatch(NAME_OF_A_POLICY, arguments.get("name", "x")), arguments
    assert len(arguments.get("description", "")) <= DESCRIPTION_MAX
