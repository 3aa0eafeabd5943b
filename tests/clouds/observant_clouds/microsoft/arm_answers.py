"""How Resource Manager answers: API versions, scopes and who may read them, pages."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from observant_clouds.microsoft.message import Answer, Refusal, Request
from observant_clouds.microsoft.paging import link
from observant_clouds.microsoft.routing import Call, Route
from observant_clouds.microsoft.state import Json

SUBSCRIPTION = "/subscriptions/{subscription}"
_PAGE = 500
_BAD_TOKEN = Refusal(400, "InvalidSkipToken", "The skip token is invalid or has expired.")


def may_read(call: Call, scope: str) -> None:
    """Raises the 403 when the caller is Reader neither at the scope nor above it."""
    above = call.tenant.above(scope) if not scope.lower().startswith("/providers/microsoft.aadiam") else [scope.lower()]
    if not set(above) & {each.lower() for each in call.reads}:
        raise _denied(call, scope)


def _denied(call: Call, scope: str) -> Refusal:
    message = (
        f"The client '{call.tenant.guid('app', 'observant')}' does not have authorization to perform the action over "
        f"scope '{scope}' or the scope is invalid. If access was recently granted, please refresh your credentials."
    )
    return Refusal(403, "AuthorizationFailed", message)


def check_version(request: Request, versions: Iterable[str], kind: str) -> None:
    """Raises the 400 Resource Manager answers without a known `api-version`."""
    asked = {name.lower(): value for name, value in request.query.items()}.get("api-version")
    if not asked:
        message = "The api-version query parameter (?api-version=) is required for all requests."
        raise Refusal(400, "MissingApiVersionParameter", message)
    if asked not in versions:
        message = (
            f"The resource type '{kind}' does not support the api-version '{asked}'. Supported: '{','.join(versions)}'."
        )
        raise Refusal(400, "InvalidResourceType", message)


def route(template: str, versions: tuple[str, ...], respond: Callable[[Call], Any], *, paged: bool = True) -> Route:
    """A route that answers what `respond` gives: one object, or a list as pages with nextLink, where there are such."""
    kind = template.rpartition("/providers/")[2] or template

    def answer(call: Call) -> Answer:
        check_version(call.request, versions, kind)
        token = call.request.query.get("$skipToken")
        found = [] if token else respond(call)
        if isinstance(found, dict):
            return Answer(200, found)
        if not paged:
            return Answer(200, {"value": found})
        page, following = call.pages.page(token, lambda: found, _PAGE, _BAD_TOKEN)
        body: Json = {"value": page}
        if following is not None:
            body["nextLink"] = link(call.request, "$skipToken", following)
        return Answer(200, body)

    return Route(template, answer, limit="arm", versions=versions)


def scope_of(call: Call) -> str:
    """The scope that stands in the path; unknown subscriptions and management groups are refused as in Azure."""
    scope = call.places["scope"].rstrip("/") or "/"
    match = re.match(r"/subscriptions/([^/]+)", scope, re.IGNORECASE)
    if match and match[1].lower() not in call.tenant.objects["subscriptions"]:
        raise Refusal(404, "SubscriptionNotFound", f"The subscription '{match[1]}' could not be found.")
    may_read(call, scope)
    return scope
