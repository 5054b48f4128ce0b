"""SimulatePrincipalPolicy, which moto lacks: the guard's own judgement, asked in advance."""

from xml.sax.saxutils import escape

from sandbox.aws.iam_guard import iam, role_caller, user_caller
from sandbox.aws.iam_policies import Context
from sandbox.aws.messages import NAMESPACES, Reply, Request, ServiceError


def simulate(request: Request) -> Reply:
    source = request.form.get("PolicySourceArn", "")
    kind, _, name = source.rpartition(":")[2].partition("/")
    name = name.rpartition("/")[2]
    if kind == "user" and name in iam().users:
        caller = user_caller(iam().users[name])
    elif kind == "role" and (found := [r for r in iam().roles.values() if r.name == name]):
        caller = role_caller(found[0], source, None)
    else:
        raise ServiceError("NoSuchEntity", f"The entity {source} does not exist.", 404)
    context = read_context(request.form)
    context.setdefault("aws:username", [name])
    resources = numbered(request.form, "ResourceArns.member.") or ["*"]
    results = "".join(
        "<member>"
        f"<EvalActionName>{escape(action)}</EvalActionName>"
        f"<EvalResourceName>{escape(resource)}</EvalResourceName>"
        f"<EvalDecision>{caller.verdict(action, resource, context).value}</EvalDecision>"
        "<MatchedStatements/><MissingContextValues/>"
        "</member>"
        for action in numbered(request.form, "ActionNames.member.") for resource in resources)
    body = (
        f'<SimulatePrincipalPolicyResponse xmlns="{NAMESPACES["iam"]}">'
        "<SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated>"
        f"<EvaluationResults>{results}</EvaluationResults></SimulatePrincipalPolicyResult>"
        f"<ResponseMetadata><RequestId>{request.request_id}</RequestId></ResponseMetadata>"
        "</SimulatePrincipalPolicyResponse>")
    return Reply(200, [("Content-Type", "text/xml"), ("x-amzn-RequestId", request.request_id)],
                 body.encode())


def numbered(form: dict[str, str], prefix: str) -> list[str]:
    """The values of a list parameter in the order of their numbers."""
    found = [(int(k.removeprefix(prefix)), v) for k, v in form.items()
             if k.startswith(prefix) and k.removeprefix(prefix).isdigit()]
    return [value for _, value in sorted(found)]


def read_context(form: dict[str, str]) -> Context:
    context: Context = {}
    n = 1
    while key := form.get(f"ContextEntries.member.{n}.ContextKeyName"):
        prefix = f"ContextEntries.member.{n}.ContextKeyValues.member."
        context[key.lower()] = numbered(form, prefix)
        n += 1
    return context
