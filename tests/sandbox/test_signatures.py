"""The signature check accepts what AWS accepts and finds what is signed wrongly."""

import urllib.error
import urllib.request

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from sandbox_driver import code_of

ODD_KEYS = ["sp ace", "uni-ü-日本", "pl+us", "eq=u", "dbl//sl", "a&b?c#d%e", 'quo"te<x>', "(x)'!*",
            "./dot/../x", "trail/", "~tilde", "a%2Fb", "tab\there"]
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}


@pytest.fixture(scope="module")
def bucket(shared_records):
    shared_records.client("s3").create_bucket(
        Bucket="signed", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return "signed"


@pytest.fixture(autouse=True)
def without_faults(records):
    """Every test begins without faults and with the right time."""


def send(sandbox, body="Action=DescribeDBInstances&Version=2014-10-31", service="rds",
         region="eu-west-1", secret=None, change=None, auth=SigV4Auth):
    environment = sandbox.environment
    request = AWSRequest("POST", sandbox.url + "/", data=body, headers=dict(FORM))
    key = Credentials(environment["AWS_ACCESS_KEY_ID"],
                      secret or environment["AWS_SECRET_ACCESS_KEY"])
    auth(key, service, region).add_auth(request)
    if change:
        change(request)
    sent = urllib.request.Request(sandbox.url + "/", request.body, dict(request.headers))
    try:
        with urllib.request.urlopen(sent, timeout=10) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_right_signature_is_accepted(records):
    assert send(records)[0] == 200


@pytest.mark.parametrize("key", ODD_KEYS)
def test_odd_keys_pass_the_check_and_come_back(records, bucket, key):
    s3 = records.client("s3")
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode(), Metadata={"a_b": "c"})
    got = s3.get_object(Bucket=bucket, Key=key)
    assert got["Body"].read() == key.encode() and got["Metadata"] == {"a_b": "c"}
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=key, EncodingType="url")
    assert listed["KeyCount"] >= 1
    s3.list_object_versions(Bucket=bucket, Prefix=key, KeyMarker=key + "/")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key})
    with urllib.request.urlopen(url) as reply:
        assert reply.read() == key.encode()


def tamper_body(request):
    request.data = request.data.replace("DescribeDBInstances", "DescribeDBSnapshots")


def add_unsigned_header(request):
    request.headers["X-Amz-Extra"] = "1"


def other_day(request):
    sent = request.headers["X-Amz-Date"]
    del request.headers["X-Amz-Date"]
    request.headers["X-Amz-Date"] = "20200101" + sent[8:]


@pytest.mark.parametrize(("options", "code"), [
    ({"secret": "wrong"}, "SignatureDoesNotMatch"),
    ({"change": tamper_body}, "SignatureDoesNotMatch"),
    ({"change": add_unsigned_header}, "AccessDenied"),
    ({"change": other_day}, "SignatureDoesNotMatch"),
    ({"service": "sts"}, "SignatureDoesNotMatch"),
    ({"service": "s3", "auth": S3SigV4Auth}, "SignatureDoesNotMatch"),
])
def test_wrong_signature_is_refused(records, options, code):
    status, body = send(records, **options)
    assert status == 403 and f"<Code>{code}</Code>" in body


def test_unsigned_request_is_refused(records):
    request = urllib.request.Request(
        records.url, b"Action=DescribeDBInstances&Version=2014-10-31", FORM)
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)
    assert b"MissingAuthenticationToken" in caught.value.read()


@pytest.mark.parametrize(("skew", "accepted"), [(-840, True), (840, True), (-960, False),
                                                (960, False)])
def test_fifteen_minutes_of_skew_are_the_limit(records, bucket, skew, accepted):
    rds, s3 = records.client("rds"), records.client("s3")
    records.control("POST", "clock", {"offset_seconds": skew})
    if accepted:
        rds.describe_db_instances()
        s3.list_objects_v2(Bucket=bucket)
        return
    with pytest.raises(ClientError, match="Signature (expired|not yet current)"):
        rds.describe_db_instances()
    assert code_of(s3.list_objects_v2, Bucket=bucket) == "RequestTimeTooSkewed"


def test_keys_from_iam_work_until_deleted(records):
    iam = records.client("iam")
    iam.create_user(UserName="keyed")
    key = iam.create_access_key(UserName="keyed")["AccessKey"]
    rds = records.client("rds", key)
    rds.describe_db_instances()
    iam.update_access_key(UserName="keyed", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert code_of(rds.describe_db_instances) == "InvalidClientTokenId"


def test_session_keys_need_their_token_and_expire(records):
    iam, sts = records.client("iam"), records.client("sts")
    trust = '{"Version": "2012-10-17", "Statement": []}'
    arn = iam.create_role(RoleName="worn", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    key = sts.assume_role(RoleArn=arn, RoleSessionName="s", DurationSeconds=900)["Credentials"]
    records.client("rds", key).describe_db_instances()
    without = {k: key[k] for k in ("AccessKeyId", "SecretAccessKey")}
    assert code_of(records.client("rds", without).describe_db_instances) == "InvalidClientTokenId"
    records.control("POST", "clock", {"offset_seconds": 890})
    later = records.client("rds", key)
    later.describe_db_instances()


def test_every_service_is_checked(records):
    wrong = {"AccessKeyId": records.environment["AWS_ACCESS_KEY_ID"], "SecretAccessKey": "no"}
    for service, call in (("sts", "get_caller_identity"), ("iam", "list_users"),
                          ("kms", "list_keys"), ("s3", "list_buckets"),
                          ("rds", "describe_db_snapshots")):
        getattr(records.client(service), call)()
        assert code_of(getattr(records.client(service, wrong), call)) == "SignatureDoesNotMatch"


def test_an_unknown_key_has_each_services_own_code(records):
    unknown = {"AccessKeyId": "AKIANOBODY0000000000", "SecretAccessKey": "x"}
    assert code_of(records.client("s3", unknown).list_buckets) == "InvalidAccessKeyId"
    assert code_of(records.client("rds", unknown).describe_db_instances) == "InvalidClientTokenId"
