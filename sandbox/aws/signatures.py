"""Checks AWS Signature Version 4 on the bytes that came over the wire.

Specification: "AWS Signature Version 4 for API requests" in the IAM user guide. The canonical
request is rebuilt from the raw request line, so a client that signs one spelling and sends another
is found out. Stricter than AWS where that is cheap: every x-amz-* header must be signed,
SignedHeaders must be in order, and the payload hash must be that of the body.
"""

import hashlib
import hmac
import re
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qsl, unquote_to_bytes

from sandbox.aws.credentials import Key, KeyRing
from sandbox.aws.messages import Request, ServiceError
from sandbox.clock import Clock

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/,\s]+)/(\d{8})/([^/,]+)/([^/,]+)/aws4_request,\s*"
    r"SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})"
)
SERVICES = {"rds", "s3", "sts", "iam", "kms"}
SKEW_MAX = timedelta(minutes=15)
UNSIGNED = {"UNSIGNED-PAYLOAD"}
STREAMING = "STREAMING-"
UNRESERVED = re.compile(rb"[^A-Za-z0-9_.~-]")


def refuse(code: str, message: str, status: int = 403) -> ServiceError:
    return ServiceError(code, message, status)


def mismatch(detail: str) -> ServiceError:
    return refuse(
        "SignatureDoesNotMatch", "The request signature we calculated does not match the signature "
        f"you provided. Check your AWS Secret Access Key and signing method. {detail}")


class SignatureCheck:
    def __init__(self, keys: KeyRing, clock: Clock):
        self.keys, self.clock = keys, clock

    def check(self, request: Request) -> None:
        """Raises the ServiceError that the service would answer; returns when all is right."""
        if request.form.get("Action", "").startswith("AssumeRoleWith"):
            return  # unsigned by design
        if "X-Amz-Signature=" in request.query:
            return self.check_presigned(request)
        authorization = request.header("authorization")
        found = AUTHORIZATION.fullmatch(authorization)
        if not found:
            code = "AccessDenied" if request.service == "s3" else "MissingAuthenticationToken"
            raise refuse(code, f"Request has no usable Authorization header: {authorization[:60]}")
        access_key, day, region, service, signed, signature = found.groups()
        date = request.header("x-amz-date")
        self.check_scope(request, service, day, date)
        key = self.find_key(request, access_key, request.header("x-amz-security-token"))
        names = signed.split(";")
        self.check_signed_headers(request, names)
        payload = self.payload_hash(request, service)
        canonical = "\n".join([
            request.method, canonical_path(request.path, service),
            canonical_query(request.query), canonical_headers(request, names), "", signed, payload])
        scope = f"{day}/{region}/{service}/aws4_request"
        if signature_of(key.secret, date, scope, canonical) != signature:
            raise mismatch(f"The canonical request should have been: {canonical!r}")
        return None

    def check_scope(self, request: Request, service: str, day: str, date: str) -> None:
        if service not in SERVICES:
            raise mismatch(f"Credential should be scoped to correct service: {service}")
        if not re.fullmatch(r"\d{8}T\d{6}Z", date) or date[:8] != day:
            raise mismatch("Date in Credential scope does not match YYYYMMDD from ISO-8601 "
                           "version of date from HTTP.")
        self.check_service_matches(request, service)
        moment = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
        now = self.clock.now()
        if abs(now - moment) <= SKEW_MAX:
            return
        if service == "s3":
            raise refuse("RequestTimeTooSkewed", "The difference between the request time and the "
                         "current time is too large.")
        edge = now - SKEW_MAX if moment < now else now + SKEW_MAX
        side = "expired" if moment < now else "not yet current"
        word = "earlier" if moment < now else "later"
        raise refuse(
            "SignatureDoesNotMatch", f"Signature {side}: {date} is now {word} than "
            f"{edge:%Y%m%dT%H%M%SZ} ({now:%Y%m%dT%H%M%SZ} {'-' if moment < now else '+'} 15 min.)")

    @staticmethod
    def check_service_matches(request: Request, service: str) -> None:
        """Everything shares one port here, so the API version tells whose call a form is."""
        versions = {"2014-10-31": "rds", "2011-06-15": "sts", "2010-05-08": "iam"}
        target = request.header("x-amz-target")
        meant = versions.get(request.form.get("Version", ""))
        meant = meant or ("kms" if target.startswith("TrentService.") else "s3")
        if service != meant:
            raise mismatch(f"Credential should be scoped to correct service: '{meant}'.")

    def find_key(self, request: Request, access_key: str, token: str) -> Key:
        s3 = request.service == "s3"
        key = self.keys.find(access_key)
        if key is None:
            raise refuse("InvalidAccessKeyId" if s3 else "InvalidClientTokenId",
                         "The security token included in the request is invalid.")
        if key.token != token:
            raise refuse("InvalidToken" if s3 else "InvalidClientTokenId",
                         "The security token included in the request is invalid.",
                         400 if s3 else 403)
        if key.expires is not None and key.expires < self.clock.now():
            raise refuse("ExpiredToken", "The security token included in the request is expired",
                         400 if s3 else 403)
        return key

    @staticmethod
    def check_signed_headers(request: Request, names: list[str]) -> None:
        present = {k.lower() for k, _ in request.headers}
        if names != sorted(names) or "host" not in names:
            raise mismatch("SignedHeaders must be sorted and include host.")
        loose = {k for k in present if k.startswith("x-amz-") or k == "content-md5"} - set(names)
        if loose:
            raise refuse("AccessDenied", "There were headers present in the request which were "
                         f"not signed: {', '.join(sorted(loose))}")
        if absent := set(names) - present:
            raise mismatch(f"Signed headers are absent: {sorted(absent)}")

    @staticmethod
    def payload_hash(request: Request, service: str) -> str:
        real = hashlib.sha256(request.body).hexdigest()
        stated = request.header("x-amz-content-sha256")
        if not stated:
            if service == "s3":
                raise refuse("InvalidRequest", "Missing required header for this request: "
                             "x-amz-content-sha256", 400)
            return real
        if stated in UNSIGNED or stated.startswith(STREAMING):
            return stated
        if stated != real:
            raise refuse("XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header "
                         "does not match what was computed.", 400)
        return stated

    def check_presigned(self, request: Request) -> None:
        query = dict(parse_qsl(request.query, keep_blank_values=True))
        access_key, day, region, service, _ = query.get("X-Amz-Credential", "////").split("/")
        date = query.get("X-Amz-Date", "")
        if date[:8] != day or not re.fullmatch(r"\d{8}T\d{6}Z", date):
            raise refuse("AuthorizationQueryParametersError", "Invalid X-Amz-Date", 400)
        moment = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
        life = timedelta(seconds=int(query.get("X-Amz-Expires", "0")))
        if not moment - SKEW_MAX <= self.clock.now() <= moment + life:
            raise refuse("AccessDenied", "Request has expired")
        key = self.find_key(request, access_key, query.get("X-Amz-Security-Token", ""))
        signed = query.get("X-Amz-SignedHeaders", "")
        pairs = [p for p in request.query.split("&") if not p.startswith("X-Amz-Signature=")]
        canonical = "\n".join([
            request.method, canonical_path(request.path, service), canonical_query("&".join(pairs)),
            canonical_headers(request, signed.split(";")), "", signed, "UNSIGNED-PAYLOAD"])
        scope = f"{day}/{region}/{service}/aws4_request"
        if signature_of(key.secret, date, scope, canonical) != query["X-Amz-Signature"]:
            raise mismatch(f"The canonical request should have been: {canonical!r}")


def encode(raw: bytes) -> str:
    return UNRESERVED.sub(lambda m: b"%%%02X" % m.group()[0], raw).decode()


def canonical_path(path: str, service: str) -> str:
    """S3 signs the path encoded once; the others encode the sent path again."""
    if service == "s3":
        return "/".join(encode(unquote_to_bytes(step)) for step in path.split("/"))
    return "/".join(encode(step.encode()) for step in path.split("/"))


def canonical_query(query: str) -> str:
    pairs = []
    for part in query.split("&") if query else []:
        name, _, value = part.partition("=")
        pairs.append((encode(unquote_to_bytes(name)), encode(unquote_to_bytes(value))))
    return "&".join(f"{n}={v}" for n, v in sorted(pairs))


def canonical_headers(request: Request, names: list[str]) -> str:
    lines = []
    for name in names:
        values = [" ".join(v.split()) for k, v in request.headers if k.lower() == name]
        lines.append(f"{name}:{','.join(values)}")
    return "\n".join(lines)


def signature_of(secret: str, date: str, scope: str, canonical: str) -> str:
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = "\n".join(["AWS4-HMAC-SHA256", date, scope, digest])
    key = ("AWS4" + secret).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
