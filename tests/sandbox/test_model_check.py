"""The checker itself must see what is wrong, or the other tests prove nothing."""

import botocore.session
import pytest
from model_check import problems

MODEL = botocore.session.get_session().get_service_model("rds")
DESCRIBE = MODEL.operation_model("DescribeDBSnapshots")
ANSWER = (
    '<DescribeDBSnapshotsResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/">'
    "<DescribeDBSnapshotsResult><DBSnapshots><DBSnapshot>"
    "<DBSnapshotIdentifier>s</DBSnapshotIdentifier><Port>5432</Port><Encrypted>false</Encrypted>"
    "<SnapshotCreateTime>2026-01-02T03:04:05.678Z</SnapshotCreateTime>"
    "</DBSnapshot></DBSnapshots></DescribeDBSnapshotsResult>"
    "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></DescribeDBSnapshotsResponse>"
)


def test_right_answer_has_no_problems():
    assert problems(DESCRIBE, 200, ANSWER.encode()) == []


@pytest.mark.parametrize(("was", "becomes"), [
    ("<Port>5432</Port>", "<Port>many</Port>"),
    ("<Port>5432</Port>", "<Prot>5432</Prot>"),
    ("<Port>5432</Port>", "<Port>1</Port><Port>2</Port>"),
    ("<Encrypted>false</Encrypted>", "<Encrypted>False</Encrypted>"),
    ("2026-01-02T03:04:05.678Z", "2026-01-02 03:04:05"),
    ("<DBSnapshot>", "<member>"),
    ("2014-10-31", "2014-09-01"),
    ("<RequestId>r</RequestId>", ""),
    ("DescribeDBSnapshotsResult>", "DescribeDBSnapshotsOutput>"),
])
def test_wrong_answer_is_noticed(was, becomes):
    wrong = ANSWER.replace(was, becomes)
    if becomes == "<member>":
        wrong = wrong.replace("</DBSnapshot>", "</member>")
    assert problems(DESCRIBE, 200, wrong.encode()) != []


def test_undeclared_error_code_is_noticed():
    error = b"<ErrorResponse><Error><Code>DBSnapshotNotFoundFault</Code></Error></ErrorResponse>"
    right = error.replace(b"FoundFault", b"Found")
    assert problems(DESCRIBE, 404, right) == []
    assert problems(DESCRIBE, 404, error) != []
    assert problems(DESCRIBE, 400, right) != []
