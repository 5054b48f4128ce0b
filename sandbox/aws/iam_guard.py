"""IAM enforcement: who the caller is, which policies speak, and the refusal as AWS words it.

Users, roles, groups and policies are those made through moto's IAM. The root key may do everything
that no bucket policy denies. Not considered: service control policies, KMS key policies,
permissions boundaries of anything but users and roles, and resource policies other than those of
buckets.
"""

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

from moto.iam.access_control import PermissionResult
from moto.iam.models import iam_backends
from moto.s3.models import FakeBucket, s3_backends
from moto.sts.models import sts_backends

from sandbox import ACCOUNT_ID
from sandbox.aws.credentials import ROOT_ACCESS_KEY
from sandbox.aws.iam_policies import Context, Verdict, evaluate
from sandbox.aws.iam_questions import questions
from sandbox.aws.messages import Request, ServiceError
from sandbox.aws.rds_names import split_arn
from sandbox.aws.rds_store import Store
from sandbox.clock import Clock

ACCOUNT_ROOT = f"arn:aws:iam::{ACCOUNT_ID}:root"
Policies = list[dict[str, Any]]


def iam():
    return iam_backends[ACCOUNT_ID]["aws"]


class Caller:
    """The principal behind an access key: its ARN, name, policies, and what narrows them."""

    def __init__(self, arn: str, name: str, policies: Policies, limits: list[Policies],
                 also_known_as: str = ""):
        self.arn, self.name, self.policies, self.limits = arn, name, policies, limits
        # Of a session, policies see the role (IAM user guide, "aws:PrincipalArn").
        self.principal_arn = also_known_as or arn
        self.names = {arn, ACCOUNT_ROOT, ACCOUNT_ID, also_known_as}

    def verdict(self, action: str, resource: str, context: Context) -> Verdict:
        verdicts = [evaluate(p, action, resource, context) for p in [self.policies, *self.limits]]
        for worst in (Verdict.EXPLICIT_DENY, Verdict.IMPLICIT_DENY):
            if worst in verdicts:
                return worst
        return Verdict.ALLOWED


def user_caller(user) -> Caller:
    holders = [user, *iam().get_groups_for_user(user.name)]
    return Caller(user.arn, user.name, documents(user_policies(holders)),
                  boundaries(getattr(user, "permissions_boundary_arn", None)))


def user_policies(holders) -> Iterable[Any]:
    for holder in holders:
        inline = holder.policies
        yield from inline.values() if isinstance(inline, dict) else inline
        yield from (p.document for p in holder.managed_policies.values())


def role_caller(role, arn: str, session_policy: str | None) -> Caller:
    limits = boundaries(role.permissions_boundary_arn)
    if session_policy:
        limits.append(documents([session_policy]))
    return Caller(arn, arn.rpartition("/")[2], documents(user_policies([role])), limits, role.arn)


def boundaries(arn: str | None) -> list[Policies]:
    return [documents([iam().managed_policies[arn].document])] if arn else []


def documents(texts: Iterable[Any]) -> Policies:
    read = []
    for text in texts:
        text = text.get("policy_document") if isinstance(text, dict) else text
        read.append(json.loads(text if text.lstrip().startswith("{") else unquote(text)))
    return read


def find_caller(access_key: str) -> Caller | None:
    """None for the account's root. An unknown key is refused."""
    if access_key == ROOT_ACCESS_KEY:
        return None
    for user in iam().users.values():
        if any(k.access_key_id == access_key and k.status == "Active" for k in user.access_keys):
            return user_caller(user)
    for session in sts_backends[ACCOUNT_ID]["aws"].assumed_roles:
        if session.access_key_id == access_key:
            return role_caller(iam().get_role_by_arn(session.role_arn), session.arn,
                               session.policy)
    raise ServiceError("InvalidClientTokenId",
                       "The security token included in the request is invalid.", 403)


class Guard:
    def __init__(self, store: Store, clock: Clock):
        self.store, self.clock = store, clock
        # moto reads the Denies of bucket policies without their conditions: this guard reads them.
        FakeBucket.get_permission = lambda *_: PermissionResult.PERMITTED

    def check(self, request: Request) -> None:
        """Raises AccessDenied unless every permission the request needs is given."""
        if not request.scope[0]:
            if request.action.startswith("AssumeRoleWith"):
                return  # unsigned by design
            raise ServiceError("AccessDenied", "Anonymous requests are not allowed.", 403)
        caller = find_caller(request.scope[0])
        names = caller.names if caller else {ACCOUNT_ROOT, ACCOUNT_ID}
        for action, resource, keys in questions(request, self.tags_of):
            context = self.context(request, caller) | keys
            own = caller.verdict(action, resource, context) if caller else Verdict.ALLOWED
            shared, trusted = self.resource_policies(action, resource)
            given = evaluate(shared, action, resource, context, names)
            if Verdict.EXPLICIT_DENY in (own, given):
                raise denied(caller, action, resource, "with an explicit deny in a policy")
            if trusted:  # a role lets in only whom its trust policy names
                direct = evaluate(shared, action, resource, context, names - {ACCOUNT_ROOT,
                                                                             ACCOUNT_ID})
                if direct is Verdict.ALLOWED or (given is own is Verdict.ALLOWED):
                    continue
            elif Verdict.ALLOWED in (own, given):
                continue
            raise denied(caller, action, resource,
                         f"because no identity-based policy allows the {action} action")

    def context(self, request: Request, caller: Caller | None) -> Context:
        context = {
            "aws:requestedregion": [request.scope[1]],
            "aws:sourceip": ["127.0.0.1"],
            "aws:securetransport": [str(self.store.settings.as_if_tls).lower()],
            "aws:currenttime": [self.clock.now().isoformat()],
            "aws:principalaccount": [ACCOUNT_ID],
        }
        if caller is not None:
            context |= {"aws:username": [caller.name], "aws:principalarn": [caller.principal_arn]}
        else:
            context["aws:principalarn"] = [ACCOUNT_ROOT]
        return context

    def tags_of(self, arn: str) -> dict[str, str]:
        if not arn.startswith("arn:aws:rds:"):
            return {}
        place, kind, name = split_arn(arn)
        with self.store.lock:
            region = self.store.region(place)
            found = {"db": region.instances, "snapshot": region.snapshots}.get(kind, {}).get(name)
            return dict(found.tags) if found is not None else {}

    @staticmethod
    def resource_policies(action: str, resource: str) -> tuple[Policies, bool]:
        """Policies attached to the resource, and whether it is a role being assumed."""
        if action.startswith("s3:") and resource.startswith("arn:aws:s3:::"):
            name = resource.removeprefix("arn:aws:s3:::").partition("/")[0]
            bucket = s3_backends[ACCOUNT_ID]["aws"].buckets.get(name)
            if bucket is not None and bucket.policy:
                return [json.loads(bucket.policy)], False
        if action == "sts:AssumeRole":
            for role in iam().roles.values():
                if role.arn == resource:
                    return documents([role.assume_role_policy_document]), True
        return [], False


def denied(caller: Caller | None, action: str, resource: str, why: str) -> ServiceError:
    who = caller.arn if caller else ACCOUNT_ROOT
    code = "AccessDeniedException" if action.startswith("kms:") else "AccessDenied"
    return ServiceError(
        code, f"User: {who} is not authorized to perform: {action} on resource: {resource} {why}",
        400 if action.startswith("kms:") else 403)
