"""Faults on demand: which request is to suffer, how often, and what happens to it.

A fault has a pattern for the action, a kind, and how many requests to skip and to hit. The first
fault in the list that matches and is due takes the request. Kinds come in three groups: an answer
in place of the service's (`before`), ill treatment of the real answer (`after`), and a different
course of the action itself (the snapshot and instance kinds, which the emulated RDS reads).
"""

import re
import threading
from dataclasses import asdict, dataclass, fields
from typing import Any

from sandbox.aws.messages import Reply, Request, ServiceError, error_reply
from sandbox.clock import pause
from sandbox.server import Delivery

SNAPSHOT_KINDS = {"snapshot-stuck", "snapshot-failed", "snapshot-vanish"}
INSTANCE_KINDS = {"instance-stuck", "instance-failed", "instance-incompatible"}
AFTER_KINDS = {"reset-after", "close-after", "slow", "truncate", "malformed", "delay"}
BEFORE_KINDS = {
    "throttle", "error", "500", "503", "reset", "html", "huge", "deep", "expired", "skewed",
}
KINDS = SNAPSHOT_KINDS | INSTANCE_KINDS | AFTER_KINDS | BEFORE_KINDS

# Spellings of "slow down" with a status other than 400.
THROTTLE_STATUS = {
    "TooManyRequestsException": 429,
    "BandwidthLimitExceeded": 509,
    "RequestLimitExceeded": 503,
    "SlowDown": 503,
    "EC2ThrottledException": 503,
    "ServiceUnavailable": 503,
}
DEEP_LEVELS = 100_000
HUGE_PIECE = b"<DBSnapshot><DBSnapshotIdentifier>x</DBSnapshotIdentifier></DBSnapshot>" * 1000


@dataclass
class Fault:
    action: str
    kind: str
    count: int = 1
    skip: int = 0
    seconds: float = 1.0
    code: str = ""
    status: int = 0
    message: str = ""
    bytes: int = 64 * 2**20


class Faults:
    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def replace(self, described: list[dict[str, Any]]) -> None:
        faults = [read_fault(d) for d in described]
        with self._lock:
            self._faults = faults

    def left(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(f) for f in self._faults if f.count != 0]

    def take(self, action: str) -> Fault | None:
        """The fault that this request suffers, counted down; every match counts towards skips."""
        taken = None
        with self._lock:
            for fault in self._faults:
                if fault.count == 0 or not re.search(fault.action, action):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                elif taken is None:
                    taken = fault
                    fault.count -= 1 if fault.count > 0 else 0
        return taken


def read_fault(described: dict[str, Any]) -> Fault:
    known = {f.name for f in fields(Fault)}
    if unknown := set(described) - known:
        raise ValueError(f"unknown member of a fault: {min(unknown)}")
    fault = Fault(**described)
    if fault.kind not in KINDS:
        raise ValueError(f"unknown kind of fault: {fault.kind}")
    re.compile(fault.action)
    return fault


def before(fault: Fault, request: Request) -> Delivery | None:
    """The delivery that replaces the service's answer; None when the action is to be done."""
    if fault.kind == "reset":
        return Delivery(Reply(0, [], b""), "reset")
    if fault.kind == "html":
        page = b"<html><head><title>Gateway</title></head><body><h1>Oops</h1><br></body></html>"
        return Delivery(Reply(fault.status or 200, [("Content-Type", "text/html")], page))
    if fault.kind == "huge":
        return huge_delivery(request, fault.bytes)
    if fault.kind == "deep":
        body = b"<a>" * DEEP_LEVELS + b"</a>" * DEEP_LEVELS
        return Delivery(Reply(200, [("Content-Type", "text/xml")], body))
    if fault.kind in BEFORE_KINDS:
        return Delivery(error_reply(request, as_error(fault, request)))
    return None


def as_error(fault: Fault, request: Request) -> ServiceError:
    s3 = request.service == "s3"
    if fault.kind == "throttle":
        code = fault.code or ("SlowDown" if s3 else "Throttling")
        status = fault.status or THROTTLE_STATUS.get(code, 400)
        return ServiceError(code, fault.message or "Rate exceeded", status)
    if fault.kind == "500":
        code = fault.code or ("InternalError" if s3 else "InternalFailure")
        return ServiceError(code, "An internal error has occurred.", 500)
    if fault.kind == "503":
        return ServiceError(fault.code or "ServiceUnavailable", "Service is unavailable.", 503)
    if fault.kind == "expired":
        code = "ExpiredToken" if fault.code == "" else fault.code
        status = 400 if s3 else 403
        return ServiceError(
            code, "The security token included in the request is expired", fault.status or status
        )
    if fault.kind == "skewed":
        return skewed_error(request)
    return ServiceError(fault.code or "InternalFailure", fault.message or "Injected.",
                        fault.status or 400)


def skewed_error(request: Request) -> ServiceError:
    if request.service == "s3":
        text = "The difference between the request time and the current time is too large."
        return ServiceError("RequestTimeTooSkewed", text, 403)
    sent = request.header("x-amz-date", "20200101T000000Z")
    text = f"Signature expired: {sent} is now earlier than the earliest accepted time (- 15 min.)"
    return ServiceError("SignatureDoesNotMatch", text, 403)


def huge_delivery(request: Request, size: int) -> Delivery:
    action = request.action if request.action.isalnum() else "Describe"
    head = f"<{action}Response><{action}Result><DBSnapshots>".encode()
    tail = f"</DBSnapshots></{action}Result></{action}Response>".encode()
    flood = (head, HUGE_PIECE, size // len(HUGE_PIECE) + 1, tail)
    return Delivery(Reply(200, [("Content-Type", "text/xml")], b""), "flood", flood=flood)


def after(fault: Fault | None, reply: Reply) -> Delivery:
    """How the real answer leaves."""
    kind = fault.kind if fault else "whole"
    if kind == "delay":
        pause(fault.seconds)
    elif kind == "reset-after":
        return Delivery(reply, "reset")
    elif kind == "close-after":
        return Delivery(reply, "close")
    elif kind == "slow":
        return Delivery(reply, "slow", fault.seconds)
    elif kind == "truncate":
        return Delivery(reply, "truncate")
    elif kind == "malformed":
        broken = reply.body[: len(reply.body) * 2 // 3] + b"</unexpected><&"
        headers = [(k, v) for k, v in reply.headers if k.lower() != "content-length"]
        return Delivery(Reply(200, headers, broken))
    return Delivery(reply)
