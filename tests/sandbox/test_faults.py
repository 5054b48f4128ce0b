"""Every kind of fault reaches the client as what it claims to be, and only as often as asked."""

import contextlib
import http.client
import time
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError
from botocore.parsers import ResponseParserError
from sandbox_driver import code_of, hold_against_model

DESCRIBE = "DescribeDBInstances"


@pytest.fixture(scope="module")
def rds(shared_records):
    """Answers are meant to be broken here, so they are not held against the model."""
    client = shared_records.client("rds")
    client.meta.events.unregister("before-parse.rds", hold_against_model)
    return client


def answer_to(client):
    try:
        client.describe_db_instances()
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]
    return 200, ""


@pytest.mark.parametrize(("fault", "answer"), [
    ({"kind": "throttle"}, (400, "Throttling")),
    ({"kind": "throttle", "code": "ThrottlingException"}, (400, "ThrottlingException")),
    ({"kind": "throttle", "code": "RequestLimitExceeded"}, (503, "RequestLimitExceeded")),
    ({"kind": "throttle", "code": "TooManyRequestsException"}, (429, "TooManyRequestsException")),
    ({"kind": "throttle", "code": "BandwidthLimitExceeded"}, (509, "BandwidthLimitExceeded")),
    ({"kind": "500"}, (500, "InternalFailure")),
    ({"kind": "503"}, (503, "ServiceUnavailable")),
    ({"kind": "error", "code": "AccessDenied", "status": 403}, (403, "AccessDenied")),
    ({"kind": "error", "code": "KMSKeyNotAccessibleFault"}, (400, "KMSKeyNotAccessibleFault")),
    ({"kind": "expired"}, (403, "ExpiredToken")),
    ({"kind": "skewed"}, (403, "SignatureDoesNotMatch")),
])
def test_error_faults(rds, records, fault, answer):
    records.faults({"action": DESCRIBE, **fault})
    assert answer_to(rds) == answer
    assert answer_to(rds) == (200, "")


@pytest.mark.parametrize("kind", ["reset", "reset-after", "close-after"])
def test_connection_faults(rds, records, kind):
    records.faults({"action": DESCRIBE, "kind": kind})
    with pytest.raises((ConnectionClosedError, EndpointConnectionError)):
        rds.describe_db_instances()
    assert answer_to(rds) == (200, "")


@pytest.mark.parametrize("kind", ["truncate", "malformed", "html"])
def test_unreadable_bodies(rds, records, kind):
    records.faults({"action": DESCRIBE, "kind": kind})
    with pytest.raises(ResponseParserError):
        rds.describe_db_instances()
    assert answer_to(rds) == (200, "")


@pytest.mark.parametrize("kind", ["slow", "delay"])
def test_slow_answers_are_right_in_the_end(rds, records, kind):
    records.faults({"action": DESCRIBE, "kind": kind, "seconds": 0.4})
    began = time.monotonic()
    assert answer_to(rds) == (200, "")
    assert time.monotonic() - began >= 0.35


def test_huge_and_deep_bodies_are_what_they_say(rds, records):
    bodies = []
    rds.meta.events.register("before-parse.rds", lambda response_dict, **_: bodies.append(
        response_dict["body"]), unique_id="keep")
    records.faults({"action": DESCRIBE, "kind": "huge", "bytes": 2_000_000},
                   {"action": DESCRIBE, "kind": "deep"})
    for _ in range(2):
        with contextlib.suppress(Exception):
            rds.describe_db_instances()
    rds.meta.events.unregister("before-parse.rds", unique_id="keep")
    assert len(bodies[0]) >= 2_000_000
    assert bodies[1].startswith(b"<a>" * 10_000)


def test_skip_and_count_choose_which_requests_suffer(rds, records):
    records.faults({"action": DESCRIBE, "kind": "throttle", "skip": 2, "count": 2})
    answers = [answer_to(rds)[0] for _ in range(6)]
    assert answers == [200, 200, 400, 400, 200, 200]


def test_a_fault_without_end_stays_until_replaced(rds, records):
    records.faults({"action": DESCRIBE, "kind": "500", "count": -1})
    assert [answer_to(rds)[0] for _ in range(4)] == [500] * 4
    assert records.control("GET", "faults")[0]["count"] == -1
    records.faults()
    assert answer_to(rds)[0] == 200


def test_the_action_is_done_when_only_the_reply_is_lost(rds, records):
    records.create("lossy")
    for kind, name in (("reset-after", "lost-1"), ("close-after", "lost-2"),
                       ("truncate", "lost-3")):
        records.faults({"action": "CreateDBSnapshot", "kind": kind})
        with pytest.raises(Exception, match="."):
            rds.create_db_snapshot(DBInstanceIdentifier="lossy", DBSnapshotIdentifier=name)
        found = rds.describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"]
        assert found[0]["Status"] == "available"
    records.faults({"action": "CreateDBSnapshot", "kind": "reset"})
    with pytest.raises(ConnectionClosedError):
        rds.create_db_snapshot(DBInstanceIdentifier="lossy", DBSnapshotIdentifier="undone")
    assert code_of(rds.describe_db_snapshots, DBSnapshotIdentifier="undone") == (
        "DBSnapshotNotFound")


def test_s3_requests_suffer_by_method_and_path(records):
    s3 = records.client("s3")
    s3.create_bucket(Bucket="faulty",
                     CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    records.faults({"action": "PUT /faulty/a", "kind": "throttle"})
    assert code_of(s3.put_object, Bucket="faulty", Key="a", Body=b"1") == "SlowDown"
    s3.put_object(Bucket="faulty", Key="a", Body=b"1")


def test_unknown_kinds_and_members_are_refused(records):
    for wrong in ({"action": "x", "kind": "thunder"}, {"action": "x", "kind": "500", "cuont": 1}):
        with pytest.raises(Exception, match="400"):
            records.faults(wrong)


def test_the_journal_has_what_was_sent(rds, records):
    records.control("DELETE", "log")
    records.faults({"action": DESCRIBE, "kind": "throttle"})
    answer_to(rds)
    entry = records.control("GET", "log")[-1]
    expected = {"action": DESCRIBE, "service": "rds", "status": 400, "fault": "throttle",
                "signature": "right", "region": "eu-west-1"}
    assert {k: entry[k] for k in expected} == expected
    assert entry["params"]["Version"] == "2014-10-31"


def test_connections_are_kept_open_and_dated(records):
    connection = http.client.HTTPConnection(urlsplit(records.url).netloc, timeout=10)
    sockets = []
    for _ in range(3):
        connection.request("GET", "/_sandbox/ready")
        reply = connection.getresponse()
        reply.read()
        sockets.append(connection.sock)
        assert reply.getheader("Date").endswith("GMT")
    assert sockets[0] is not None and len(set(map(id, sockets))) == 1


def test_the_clock_can_be_skewed(records):
    rds = records.client("rds")
    records.control("POST", "clock", {"offset_seconds": 600})
    records.create("later")
    made = rds.describe_db_instances(DBInstanceIdentifier="later")
    instance = made["DBInstances"][0]
    assert instance["InstanceCreateTime"].timestamp() > time.time() + 500
    records.control("POST", "clock", {"offset_seconds": 3600})
    assert code_of(rds.describe_db_instances) == "SignatureDoesNotMatch"
