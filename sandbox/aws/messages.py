"""A request off the wire, the reply that goes back, and errors in each service's dialect.

The raw target and raw header values are kept, because a signature covers bytes, not meanings.
"""

import json
import uuid
from dataclasses import dataclass, field
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

RDS_NAMESPACE = "http://rds.amazonaws.com/doc/2014-10-31/"
NAMESPACES = {
    "rds": RDS_NAMESPACE,
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
}


@dataclass
class Reply:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((v for k, v in self.headers if k.lower() == name.lower()), None)


@dataclass
class Request:
    method: str
    target: str  # path and query exactly as sent
    headers: list[tuple[str, str]]
    body: bytes
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    _form: dict[str, str] | None = None

    def header(self, name: str, default: str = "") -> str:
        return next((v for k, v in self.headers if k.lower() == name), default)

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]

    @property
    def form(self) -> dict[str, str]:
        """The parameters of a query-protocol call; empty for any other request."""
        if self._form is None:
            kind = self.header("content-type")
            text = ""
            if self.method == "POST" and kind.startswith("application/x-www-form-urlencoded"):
                text = self.body.decode("utf-8", "replace")
            elif self.method == "GET" and "Action=" in self.query:
                text = self.query
            self._form = dict(parse_qsl(text, keep_blank_values=True))
        return self._form

    @property
    def scope(self) -> tuple[str, str, str]:
        """(access key, region, service) that the request claims; empty strings when unsigned."""
        credential = ""
        authorization = self.header("authorization")
        if "Credential=" in authorization:
            credential = authorization.partition("Credential=")[2].partition(",")[0].strip()
        elif "X-Amz-Credential=" in self.query:
            credential = dict(parse_qsl(self.query)).get("X-Amz-Credential", "")
        parts = credential.split("/")
        return (parts[0], parts[2], parts[3]) if len(parts) == 5 else ("", "", "")

    @property
    def service(self) -> str:
        claimed = self.scope[2]
        if claimed:
            return claimed
        if self.form.get("Action", "").startswith("AssumeRoleWith"):
            return "sts"  # web identity and SAML calls are unsigned by design
        return "rds" if self.form.get("Version") == "2014-10-31" else "s3"

    @property
    def action(self) -> str:
        """The API's name of the call; for S3 the method and the raw target."""
        name = self.form.get("Action") or self.header("x-amz-target").rpartition(".")[2]
        return name or f"{self.method} {self.target}"


class ServiceError(Exception):
    """An error that the service itself answers: code as it is on the wire, and its HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400):
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


def error_reply(request: Request, error: ServiceError) -> Reply:
    """Words an error as the service of the request words its errors."""
    side = "Receiver" if error.status >= 500 else "Sender"
    service, ident = request.service, request.request_id
    if service == "kms":
        body = json.dumps({"__type": error.code, "message": error.message})
        kind = "application/x-amz-json-1.1"
    elif service == "s3":
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f"<Error><Code>{error.code}</Code><Message>{escape(error.message)}</Message>"
            f"<RequestId>{ident}</RequestId><HostId>sandbox</HostId></Error>"
        )
        kind = "application/xml"
    else:
        namespace = NAMESPACES.get(service, RDS_NAMESPACE)
        body = (
            f'<ErrorResponse xmlns="{namespace}"><Error><Type>{side}</Type>'
            f"<Code>{error.code}</Code><Message>{escape(error.message)}</Message></Error>"
            f"<RequestId>{ident}</RequestId></ErrorResponse>"
        )
        kind = "text/xml"
    data = b"" if request.method == "HEAD" else body.encode()
    return Reply(error.status, [("Content-Type", kind), ("x-amzn-RequestId", ident)], data)
