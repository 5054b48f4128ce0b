"""Our signatures before a real S3 server that checks them: Ceph's radosgw.

Requests go out byte for byte as they were signed. Where a test expects a refusal, the same request
untampered is accepted first: a server that refuses everything would prove nothing.
"""

import datetime
import http.client
import xml.etree.ElementTree
from urllib.parse import quote, unquote, urlencode, urlsplit

import pytest
from botocore.credentials import Credentials

import s3_servers

BUCKET = "odd-keys"
KEYS = ["plain", "sp ace", "uni-ü-日本", "pl+us", "eq=u", "dbl//sl", "a&b?c#d%e", 'quo"te<x>',
        "~tilde*", "(x)'!", "./dot/../x", "trail/", "semi;colon:at@", "tab\tkey", "per%2Fcent",
        "back\\slash|^`{}[]", "comma,dollar$", "..", "\U0001f600"]


class Server:
    """The server, spoken to in signed requests of ours."""

    def __init__(self, signer, settings):
        self._signer = signer
        self.role_arn = settings["READER_ROLE_ARN"]
        self.endpoint = settings["S3_ENDPOINT"]
        self.credentials = Credentials(settings["AWS_ACCESS_KEY_ID"],
                                       settings["AWS_SECRET_ACCESS_KEY"])

    def signed(self, method, target, body=b"", headers=(), credentials=None, time=None,
               service="s3"):
        """The headers to send."""
        added = self._signer.sign(
            method=method, url=self.endpoint + target, headers=headers, body=body,
            credentials=credentials or self.credentials,
            time=time or datetime.datetime.now(datetime.timezone.utc), region="us-east-1",
            service=service)
        return [*headers, *added.items()]

    def send(self, method, target, headers, body=b""):
        """Sends exactly these bytes. Returns status and body."""
        connection = http.client.HTTPConnection(urlsplit(self.endpoint).netloc, timeout=30)
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        if body or method in ("PUT", "POST"):
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        answer = response.read()
        connection.close()
        return response.status, answer

    def call(self, method, target, body=b"", headers=(), **options):
        signed = self.signed(method, target, body, headers, **options)
        return self.send(method, target, signed, body)

    def presigned(self, method, target, seconds, time=None):
        url = self._signer.presign(
            method=method, url=self.endpoint + target, credentials=self.credentials,
            time=time or datetime.datetime.now(datetime.timezone.utc), region="us-east-1",
            service="s3", seconds=seconds)
        return url.removeprefix(self.endpoint)

    def send_presigned(self, method, target, body=b""):
        return self.send(method, target, [("Host", urlsplit(self.endpoint).netloc)], body)


@pytest.fixture(scope="module")
def server(signer, tmp_path_factory):
    with s3_servers.radosgw(tmp_path_factory.mktemp("radosgw") / "cluster") as settings:
        running = Server(signer, settings)
        assert running.call("PUT", f"/{BUCKET}")[0] == 200
        assert running.call(
            "PUT", f"/{BUCKET}?versioning",
            b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
        )[0] == 200
        yield running


def path_of(key):
    return f"/{BUCKET}/" + quote(key, safe="/~")


def texts(document, name):
    return [node.text for node in xml.etree.ElementTree.fromstring(document).iter()
            if node.tag.rpartition("}")[2] == name]


@pytest.mark.parametrize("key", KEYS)
def test_odd_keys_are_accepted(server, key):
    body = f"content of {key}".encode()
    assert server.call("PUT", path_of(key), body)[0] == 200
    assert server.call("GET", path_of(key)) == (200, body)
    assert server.call("GET", path_of(key), headers=[("Range", "bytes=0-6")]) == (206, b"content")
    assert server.call("HEAD", path_of(key))[0] == 200

    listed = server.call("GET", f"/{BUCKET}?list-type=2&prefix={quote(key, safe='')}"
                                "&encoding-type=url")
    assert listed[0] == 200
    assert key in [unquote(text) for text in texts(listed[1], "Key")]
    versions = server.call("GET", f"/{BUCKET}?versions&prefix={quote(key, safe='')}&max-keys=5")
    assert versions[0] == 200
    version = texts(versions[1], "VersionId")[0]
    assert server.call("GET", f"{path_of(key)}?versionId={quote(version, safe='')}") == (200, body)

    started = server.call("POST", path_of(key) + "?uploads")
    assert started[0] == 200
    upload = quote(texts(started[1], "UploadId")[0], safe="")
    part = server.call("PUT", f"{path_of(key)}?partNumber=1&uploadId={upload}", b"part")
    assert part[0] == 200
    assert server.call("DELETE", f"{path_of(key)}?uploadId={upload}")[0] == 204
    assert server.call("DELETE", path_of(key))[0] == 204
    assert server.call("HEAD", path_of(key))[0] == 404


@pytest.mark.parametrize("target", [
    f"/{BUCKET}/raw+plus", f"/{BUCKET}/raw=equals&and@colon:", f"/{BUCKET}/raw*(star)'!,$;",
    f"/{BUCKET}/needless%41%7eescape", f"/{BUCKET}/lower%c3%bccase",
])
def test_every_spelling_of_a_path_is_signed_as_the_server_reads_it(server, target):
    assert server.call("PUT", target, b"x")[0] == 200
    assert server.call("GET", target) == (200, b"x")


def test_headers_are_signed_as_they_are_sent(server):
    headers = [("x-amz-meta-a", "  two   words "), ("x-amz-meta-a-b", "1"),
               ("Content-Type", "text/plain; charset=utf-8"), ("User-Agent", "test"),
               ("x-amz-tagging", "k=v&l=w%20x")]
    assert server.call("PUT", path_of("headers"), b"x", headers)[0] == 200
    copy = [("x-amz-copy-source", path_of("headers")),
            ("x-amz-copy-source-if-unmodified-since", "Sun, 22 Nov 2099 02:00:00 GMT")]
    assert server.call("PUT", path_of("copied"), b"", copy)[0] == 200


def tampered(headers, name, value):
    return [(key, value if key.lower() == name else old) for key, old in headers]


def test_tampered_requests_are_refused(server):
    target = path_of("tamper")
    headers = server.signed("PUT", target, b"right", [("x-amz-meta-a", "1")])
    assert server.send("PUT", target, headers, b"right")[0] == 200
    authorization = dict(headers)["Authorization"]
    last = authorization[-1]
    changed = authorization[:-1] + ("0" if last != "0" else "1")
    refused = [
        ("PUT", target, headers, b"wrong"),
        ("PUT", target + "?x=y", headers, b"right"),
        ("PUT", path_of("another"), headers, b"right"),
        ("PUT", target, tampered(headers, "x-amz-meta-a", "2"), b"right"),
        ("PUT", target, tampered(headers, "authorization", changed), b"right"),
        ("PUT", target, tampered(headers, "x-amz-date", "20200101T000000Z"), b"right"),
        ("PUT", target, [pair for pair in headers if pair[0] != "Authorization"], b"right"),
        ("DELETE", target, headers, b""),
    ]
    for method, where, sent, body in refused:
        assert server.send(method, where, sent, body)[0] in (400, 403), (method, where, sent)
    assert server.call("GET", target) == (200, b"right")


def test_wrong_keys_and_wrong_times_are_refused(server):
    target = path_of("refused")
    right = server.credentials
    for wrong in (Credentials(right.access_key, right.secret_key[:-1] + "!"),
                  Credentials("AKIAUNKNOWN", right.secret_key),
                  Credentials(right.access_key, right.secret_key, "no-such-session")):
        assert server.call("PUT", target, b"x", credentials=wrong)[0] in (400, 403)
    now = datetime.datetime.now(datetime.timezone.utc)
    for minutes, status in ((-20, 403), (20, 403), (-10, 200), (10, 200)):
        time = now + datetime.timedelta(minutes=minutes)
        assert server.call("PUT", target, b"x", time=time)[0] == status, minutes


def test_presigned_urls_work_until_they_expire(server):
    target = path_of("pre signed+*")
    assert server.send_presigned("PUT", server.presigned("PUT", target, 60), b"x")[0] == 200
    good = server.presigned("GET", target, 60)
    assert server.send_presigned("GET", good) == (200, b"x")
    assert server.send_presigned("DELETE", good)[0] == 403
    assert server.send_presigned("GET", good.replace("Expires=60", "Expires=600"))[0] == 403
    past = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=120)
    assert server.send_presigned("GET", server.presigned("GET", target, 60, past))[0] == 403


def test_a_session_reads_and_does_no_more(server):
    target = path_of("session")
    assert server.call("PUT", target, b"x")[0] == 200
    form = urlencode({"Action": "AssumeRole", "Version": "2011-06-15",
                      "RoleArn": server.role_arn, "RoleSessionName": "oracle"}).encode()
    headers = [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")]
    status, answer = server.call("POST", "/", form, headers, service="sts")
    assert status == 200, answer
    session = Credentials(*(texts(answer, name)[0] for name in
                            ("AccessKeyId", "SecretAccessKey", "SessionToken")))
    assert server.call("GET", target, credentials=session) == (200, b"x")
    assert server.call("PUT", target, b"y", credentials=session)[0] == 403
    tokenless = Credentials(session.access_key, session.secret_key)
    assert server.call("GET", target, credentials=tokenless)[0] == 403
