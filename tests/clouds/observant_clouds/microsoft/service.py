"""Graph, Resource Manager and the token endpoint of one tenant, as one function from request to answer.

`Service.answer` knows nothing of sockets; `carry.py` makes it an ASGI and a WSGI application, `server.py` serves it.
"""

import json
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from email.utils import format_datetime

from observant_clouds.microsoft import (
    arm_access,
    arm_logs,
    arm_tree,
    graph_directory,
    graph_grants,
    graph_logs,
    graph_policies,
    graph_roles,
    traffic,
)
from observant_clouds.microsoft.message import Answer, Refusal, Request
from observant_clouds.microsoft.paging import Pages
from observant_clouds.microsoft.permissions import RECOMMENDED
from observant_clouds.microsoft.routing import Call, Route, Routes
from observant_clouds.microsoft.state import Json
from observant_clouds.microsoft.tenant import Tenant
from observant_clouds.microsoft.tokens import ARM, GRAPH, Tokens, challenge
from observant_clouds.microsoft.traffic import Fault, Traffic

READS = ("/", "/providers/microsoft.aadiam")
"""Where the application is Reader in Azure: everywhere, and at the tenant's own log settings."""
_BATCH = 20
_TOKEN = "/{tenant}/oauth2/v2.0/token"
GRAPH_ROUTES = [
    *graph_directory.ROUTES,
    *graph_grants.ROUTES,
    *graph_roles.ROUTES,
    *graph_policies.ROUTES,
    *graph_logs.ROUTES,
]
ARM_ROUTES = [*arm_tree.ROUTES, *arm_logs.ROUTES, *arm_access.ROUTES]
"""Those with a scope of any length come last."""
_GRAPH, _ARM = Routes(GRAPH_ROUTES), Routes(ARM_ROUTES)
_LICENCE = {
    "P1": Refusal(
        403,
        "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
        "Neither tenant is B2C or tenant doesn't have premium license",
    ),
    "P2": Refusal(
        400,
        "AadPremiumLicenseRequired",
        "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.",
    ),
}
_ARM_LICENCE = Refusal(400, "AadPremiumLicenseRequired", "The tenant needs an AAD Premium 2 license.")


class Service:
    """What answers for a tenant. `permissions` and `reads` say what the calling application was granted."""

    def __init__(
        self,
        tenant: Tenant,
        permissions: Iterable[str] = RECOMMENDED,
        reads: Iterable[str] = READS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.tenant = tenant
        self.tokens = Tokens(tenant, set(permissions))
        self.reads = list(reads)
        self.traffic = Traffic(monotonic)
        self.pages = Pages()
        self._numbers = 0

    @property
    def permissions(self) -> set[str]:
        """Granted application permissions; a change shows in tokens issued from then on."""
        return self.tokens.permissions

    def credentials(self) -> dict[str, str]:
        """What an application needs to ask for a token."""
        return {
            "tenant_id": self.tenant.tenant_id,
            "client_id": self.tokens.client_id,
            "client_secret": self.tokens.client_secret,
        }

    # -- one request

    def answer(self, request: Request) -> Answer:
        """The answer to a request, counted and with the headers the services send."""
        with self.traffic.lock:
            self._numbers += 1
            number = self._numbers
        template, answer = self._dispatch(request)
        self.traffic.count(template, f"{request.path}?{_spelled(request)}", answer)
        headers = self._headers(request, self.tenant.guid("request", number))
        return replace(answer, headers={**headers, **answer.headers})

    def _headers(self, request: Request, id_: str) -> dict[str, str]:
        common = {
            "Content-Type": "application/json; charset=utf-8",
            "Date": format_datetime(self.tenant.now, usegmt=True),
        }
        if _is_graph(request):
            asked = request.headers.get("client-request-id", id_)
            return {**common, "request-id": id_, "client-request-id": asked, "OData-Version": "4.0"}
        return {**common, "x-ms-request-id": id_, "x-ms-correlation-request-id": id_}

    def _dispatch(self, request: Request) -> tuple[str, Answer]:
        signed = re.fullmatch(r"/([^/]+)/oauth2/v2\.0/token", request.path)
        if signed and request.method == "POST":
            return _TOKEN, self._faulty(_TOKEN, request, lambda: self.tokens.endpoint(request, signed[1]))
        version, path = _version(request.path)
        if version is None:
            return self._answered(_ARM, request, request.path, "")
        if path.lower() == "/$batch":
            return "/$batch", self._faulty("/$batch", request, lambda: self._batch(request, version))
        return self._answered(_GRAPH, request, path, version)

    def _answered(self, routes: Routes, request: Request, path: str, version: str) -> tuple[str, Answer]:
        found = routes.find(request.method, path)
        template = found[0].template if found else path

        def respond() -> Answer:
            claims = self.tokens.claims(request, GRAPH if version else ARM)
            if found is None:
                raise _unknown(path, version)
            route, places = found
            roles = frozenset(claims.get("roles", ()))
            self._permit(route, roles, version)
            more = self.traffic.admit(route.limit, self._cost(route, request))
            call = Call(self.tenant, request, places, roles, version, self.pages, tuple(self.reads))
            return route.respond(call).with_headers(more)

        return template, self._faulty(template, request, respond, bare=path)

    def _permit(self, route: Route, roles: frozenset[str], version: str) -> None:
        if version and version not in route.versions:
            raise _unknown(route.template, version)
        if route.permissions and not roles & set(route.permissions):
            message = "Insufficient privileges to complete the operation."
            raise Refusal(403, "Authorization_RequestDenied", message)
        if route.licence and not self._licensed(route.licence):
            raise _LICENCE[route.licence]
        if not version and "schedule" in route.template.lower() and self.tenant.licence != "P2":
            raise _ARM_LICENCE

    def _licensed(self, licence: str) -> bool:
        return self.tenant.licence == "P2" or (licence == "P1" and self.tenant.premium)

    def _cost(self, route: Route, request: Request) -> float:
        names = {name.lower() for name in request.query}
        return max(1, route.cost - ("$select" in names) + ("$expand" in names))

    # -- what goes wrong on demand

    def _faulty(self, template: str, request: Request, respond: Callable[[], Answer], *, bare: str = "") -> Answer:
        """The answer, or what a fault or a refusal makes of it."""
        fault = self.traffic.fault_for(template, bare or request.path, f"{request.path}?{_spelled(request)}")
        try:
            if fault is not None:
                self._refuse(fault)
            answer = respond()
        except Refusal as refusal:
            inner: Json | None = None
            if _is_graph(request):
                inner = {
                    "date": self.tenant.at().removesuffix("Z"),
                    "request-id": self.tenant.guid("request", self._numbers),
                }
            body = refusal.body(inner)
            if template == _TOKEN:
                body = {"error": refusal.code, "error_description": refusal.message}
            answer = Answer(refusal.status, body, refusal.headers)
        return answer if fault is None else self._spoil(fault, answer, request)

    def _refuse(self, fault: Fault) -> None:
        if fault.does == traffic.CHALLENGE:
            raise challenge(self.tenant.now.timestamp())
        if fault.does == traffic.REFUSE:
            headers = {} if fault.retry_after is None else {"Retry-After": str(int(fault.retry_after))}
            raise Refusal(fault.status, fault.code, fault.message, headers)

    def _spoil(self, fault: Fault, answer: Answer, request: Request) -> Answer:
        answer = replace(answer, delay=fault.delay)
        if fault.does == traffic.BREAK:
            return replace(answer, raw=answer.content[: len(answer.content) // 2])
        if not isinstance(answer.body, dict) or "value" not in answer.body:
            return answer
        name = "@odata.nextLink" if _is_graph(request) else "nextLink"
        if fault.does == traffic.REPEAT:
            return replace(answer, body={**answer.body, name: f"{request.origin}{request.path}?{_spelled(request)}"})
        if fault.does == traffic.EMPTY:
            again = f"{request.origin}{request.path}?{_spelled(request)}"
            return replace(answer, body={**answer.body, "value": [], name: again})
        return answer

    # -- many requests in one

    def _batch(self, request: Request, version: str) -> Answer:
        self.tokens.claims(request, GRAPH)
        asked = json.loads(request.body or b"{}").get("requests", [])
        if not 1 <= len(asked) <= _BATCH:
            message = f"Number of batch request steps exceeds the maximum value of {_BATCH}."
            raise Refusal(400, "BadRequest", message)
        if len({each["id"] for each in asked}) < len(asked):
            raise Refusal(400, "BadRequest", "Request Id has to be unique in a batch.")
        done: dict[str, Answer] = {}
        for each in asked:
            failed = any(other not in done or done[other].status >= 400 for other in each.get("dependsOn", []))
            done[each["id"]] = _FAILED_DEPENDENCY if failed else self._part(request, version, each)
        # Answers come in no particular order.
        whole = Answer(200, {"responses": [_shown(id_, answer) for id_, answer in reversed(done.items())]})
        broken = any(answer.raw is not None for answer in done.values())
        return replace(whole, raw=whole.content[: len(whole.content) // 2]) if broken else whole

    def _part(self, outer: Request, version: str, part: Json) -> Answer:
        headers = {**part.get("headers", {}), "authorization": outer.headers.get("authorization", "")}
        body = json.dumps(part["body"]).encode() if "body" in part else b""
        url = f"{outer.origin}/{version}/{str(part['url']).lstrip('/')}"
        return self.answer(Request.of(part.get("method", "GET"), url, headers, body))


_FAILED_DEPENDENCY = Answer(
    424, {"error": {"code": "FailedDependency", "message": "A request this one depends on failed."}}
)


def _shown(id_: str, answer: Answer) -> Json:
    """An answer inside of another one, with its own status and little of its headers."""
    headers = {name: value for name, value in answer.headers.items() if name in ("Content-Type", "Retry-After")}
    return {"id": id_, "status": answer.status, "headers": headers, "body": answer.body}


def _unknown(path: str, version: str) -> Refusal:
    if version:
        return Refusal(400, "BadRequest", f"Resource not found for the segment '{path.strip('/').split('/')[0]}'.")
    return Refusal(404, "InvalidResourceType", f"The resource type could not be found for '{path}'.")


def _version(path: str) -> tuple[str | None, str]:
    match = re.fullmatch(r"/(v1\.0|beta)(/.*)", path)
    return (match[1], match[2]) if match else (None, path)


def _is_graph(request: Request) -> bool:
    return _version(request.path)[0] is not None


def _spelled(request: Request) -> str:
    return "&".join(f"{name}={value}" for name, value in request.query.items())
