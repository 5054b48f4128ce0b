"""Our signatures against botocore's, over thousands of random and hostile requests."""

import datetime
import random
from unittest import mock
from urllib.parse import quote, urlsplit

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

CASES = 10_000
SEED = 20261122

# What trips signers up, alone and in company.
HOSTILE = [
    "=", "*", " ", "%", "+", "//", "/./", "/../", "~", "'", '"', "&", "?", "#", ";", ":", "@",
    "!", "(", ")", ",", "$", "[", "]", "\\", "<", ">", "%2F", "%25", "\t", "ü", "日本", "😀",
    "é", "a", "Z", "0", "-", "_", ".",
]
REGIONS = ["us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1"]
SERVICES = ["rds", "sts", "iam", "kms", "sns", "monitoring"]


def hostile_text(rng, longest):
    return "".join(rng.choice(HOSTILE) for _ in range(rng.randrange(longest)))


def random_query(rng):
    parameters = []
    for _ in range(rng.randrange(6)):
        name = rng.choice(["prefix", "versions", "marker", "X", "x", "a-b", "a",
                           hostile_text(rng, 4)])
        pair = quote(name or "n", safe="-_.~")
        if rng.random() < 0.8:
            pair += "=" + quote(hostile_text(rng, 8), safe="-_.~")
        parameters.append(pair)
    return "&".join(parameters)


def random_headers(rng):
    headers = []
    for _ in range(rng.randrange(5)):
        name = rng.choice(["X-Amz-Meta-A", "x-amz-meta-a-b", "Range", "Content-Type", "If-Match",
                           "X-Amz-Copy-Source", "x-amz-tagging", "User-Agent", "Expect", "Zeta"])
        value = rng.choice(["bytes=0-9", "  a   b  ", "x,y;z", "", '"tag"', "\ta\t b", "k=v&l=w"])
        headers.append((name, value))
    return headers


def random_request(rng, is_s3):
    path = "/" + quote(hostile_text(rng, 12), safe="/~")
    host = rng.choice(["example.amazonaws.com", "Bucket.s3.example:9000", "127.0.0.1:5000",
                       "[::1]:8000", "rds.eu-central-1.amazonaws.com:443"])
    query = random_query(rng)
    return {
        "method": rng.choice(["GET", "PUT", "POST", "DELETE", "HEAD"]),
        "url": f"{rng.choice(['http', 'https'])}://{host}{path}" + (f"?{query}" if query else ""),
        "headers": random_headers(rng),
        "body": rng.randbytes(rng.randrange(200)) if rng.random() < 0.5 else b"",
        "credentials": Credentials(
            f"AKIA{rng.randrange(10**12):012d}", f"{rng.getrandbits(240):x}/+=",
            f"token/{rng.getrandbits(300):x}+/==" if rng.random() < 0.4 else None),
        "time": datetime.datetime(2026, 1, 1) + datetime.timedelta(seconds=rng.randrange(10**9)),
        "region": rng.choice(REGIONS),
        "service": "s3" if is_s3 else rng.choice(SERVICES),
    }


def by_botocore(case, signer_class, **options):
    """The request as botocore signs it."""
    request = AWSRequest(method=case["method"], url=case["url"], data=case.get("body") or b"")
    for name, value in case.get("headers", ()):
        request.headers.add_header(name, value)
    auth = signer_class(case["credentials"], case["service"], case["region"], **options)
    with mock.patch("botocore.auth.get_current_datetime", return_value=case["time"]):
        auth.add_auth(request)
    return request


@pytest.mark.parametrize("signer_class, is_s3", [
    (botocore.auth.SigV4Auth, False),
    (botocore.auth.S3SigV4Auth, True),
])
def test_signatures_equal_botocores(signer, signer_class, is_s3):
    rng = random.Random(SEED + is_s3)
    for number in range(CASES // 2):
        case = random_request(rng, is_s3)
        theirs = by_botocore(case, signer_class).headers
        ours = signer.sign(**case)
        assert ours["Authorization"] == theirs["Authorization"], (number, case)
        assert ours["X-Amz-Date"] == theirs["X-Amz-Date"]
        assert ours.get("X-Amz-Security-Token") == theirs.get("X-Amz-Security-Token")
        assert ours.get("X-Amz-Content-Sha256") == theirs.get("X-Amz-Content-SHA256")


@pytest.mark.parametrize("signer_class, is_s3", [
    (botocore.auth.SigV4QueryAuth, False),
    (botocore.auth.S3SigV4QueryAuth, True),
])
def test_presigned_urls_equal_botocores(signer, signer_class, is_s3):
    rng = random.Random(SEED + 10 + is_s3)
    for number in range(500):
        case = random_request(rng, is_s3)
        parts = urlsplit(case["url"])
        case.update(headers=(), body=b"", url=f"{parts.scheme}://{parts.netloc}{parts.path}")
        seconds = rng.randrange(1, 604_800)
        theirs = by_botocore(case, signer_class, expires=seconds).url
        asked = {key: value for key, value in case.items() if key not in ("headers", "body")}
        assert signer.presign(**asked, seconds=seconds) == theirs, (number, case)


def test_database_password_equals_botocores(signer):
    """The token by which RDS lets an IAM user log in to PostgreSQL."""
    import botocore.session

    session = botocore.session.Session()
    session.set_credentials("AKIDEXAMPLE", "secret", "to/ken+=")
    client = session.create_client("rds", region_name="eu-central-1")
    now = datetime.datetime(2026, 11, 22, 2, 0, 0)
    host = "orders.abc.eu-central-1.rds.amazonaws.com"
    with mock.patch("botocore.auth.get_current_datetime", return_value=now):
        theirs = client.generate_db_auth_token(host, 5432, "backup")
    ours = signer.presign(
        method="GET", url=f"https://{host}:5432/?Action=connect&DBUser=backup",
        credentials=Credentials("AKIDEXAMPLE", "secret", "to/ken+="), time=now,
        region="eu-central-1", service="rds-db", seconds=900)
    assert ours == "https://" + theirs
