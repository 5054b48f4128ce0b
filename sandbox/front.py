"""The way of a request: control or AWS; signature; fault; permission; service; journal."""

import logging
import time
from typing import Any

from sandbox.aws.credentials import KeyRing
from sandbox.aws.messages import Reply, Request, ServiceError, error_reply
from sandbox.aws.moto_service import MotoService
from sandbox.aws.rds_service import RdsService
from sandbox.aws.rds_store import Settings, Store
from sandbox.aws.signatures import SignatureCheck
from sandbox.clock import Clock
from sandbox.control import PREFIX, Control
from sandbox.faults import Faults, after, before
from sandbox.journal import Journal
from sandbox.postgres.fleet import Fleet
from sandbox.server import Delivery

log = logging.getLogger(__name__)


class Front:
    def __init__(self, settings: Settings, clock: Clock, fleet: Fleet | None):
        self.settings, self.clock = settings, clock
        self.faults, self.journal, self.keys = Faults(), Journal(), KeyRing()
        self.moto = MotoService()
        store = Store(settings, clock, fleet)
        self.rds = RdsService(store, self.moto)
        self.control = Control(store, self.rds, self.faults, self.journal, self.keys)
        self.guard = make_guard(store, clock) if settings.iam else None
        self.signatures = SignatureCheck(self.keys, clock)

    def answer(self, request: Request) -> Delivery:
        if request.path.startswith(PREFIX):
            return Delivery(self.control.answer(request))
        entry = self.entry(request)
        try:
            delivery = self.serve(request, entry)
        except ServiceError as error:
            entry["error"] = error.code
            delivery = Delivery(error_reply(request, error))
        except Exception:
            log.exception("%s failed inside the sandbox", request.action)
            broken = ServiceError("InternalFailure", "The sandbox itself failed; see its log.", 500)
            entry["error"] = broken.code
            delivery = Delivery(error_reply(request, broken))
        entry["status"] = delivery.reply.status
        self.journal.add(entry)
        return delivery

    def entry(self, request: Request) -> dict[str, Any]:
        access_key, region, service = request.scope
        return {
            "t": time.time() + self.clock.offset_seconds,
            "service": service or request.service,
            "region": region,
            "access_key": access_key,
            "action": request.action,
            "params": {k: v for k, v in request.form.items() if "Password" not in k},
            "request_id": request.request_id,
            "error": None,
            "fault": None,
            "signature": "not checked",
        }

    def serve(self, request: Request, entry: dict[str, Any]) -> Delivery:
        if self.settings.strict_signatures:
            try:
                self.signatures.check(request)
                entry["signature"] = "right"
            except ServiceError as error:
                entry["signature"] = error.message
                raise
        fault = self.faults.take(request.action)
        if fault is not None:
            entry["fault"] = fault.kind
            if (instead := before(fault, request)) is not None:
                return instead
        try:
            if self.guard is not None:
                self.guard.check(request)
            reply = self.reply(request, fault)
        except ServiceError as error:
            entry["error"] = error.code
            reply = error_reply(request, error)
        return after(fault, reply)

    def reply(self, request: Request, fault) -> Reply:
        if request.service == "rds":
            return self.rds.answer(request, fault)
        if request.service == "iam" and request.action == "SimulatePrincipalPolicy":
            return simulate(request)
        reply = self.moto.answer(request)
        self.keys.learn(request, reply)
        return reply


# moto's models behind these two take a while to load, and most sandboxes need neither.

def make_guard(store: Store, clock: Clock):
    from sandbox.aws.iam_guard import Guard

    return Guard(store, clock)


def simulate(request: Request) -> Reply:
    from sandbox.aws import iam_simulation

    return iam_simulation.simulate(request)
