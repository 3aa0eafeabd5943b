"""How lists and single objects are answered in Graph's way: shape, pages, counts, expansions."""

from collections.abc import Callable, Mapping
from typing import Any

from observant_clouds.microsoft.message import Answer, Refusal
from observant_clouds.microsoft.paging import link
from observant_clouds.microsoft.query import Expansion, Query, Shape
from observant_clouds.microsoft.routing import Call, Respond, Route
from observant_clouds.microsoft.state import Json

Rows = Callable[[Call], list[Json]]
Expansions = Callable[[Call], Mapping[str, Expansion]]

EXPIRED = Refusal(
    400,
    "Directory_ExpiredPageToken",
    "The specified page token value has expired and can no longer be included in your request.",
)


def nothing(call: Call) -> Mapping[str, Expansion]:
    """No property can be expanded."""
    return {}


def context(call: Call, name: str) -> str:
    return f"{call.request.origin}/{call.version}/$metadata#{name}"


def listing(
    template: str,
    rows: Rows,
    permissions: tuple[str, ...],
    shape: Shape,
    *,
    expand: Expansions = nothing,
    check: Callable[[Call, Query], None] | None = None,
    **more: Any,
) -> Route:
    """A route that answers a list. `check` may refuse a query before anything is read."""

    def respond(call: Call) -> Answer:
        query = Query(call.request, shape)
        if check is not None:
            check(call, query)
        whole: list[Json] = []

        def selected_rows() -> list[Json]:
            whole.extend(query.rows(rows(call)))
            return whole

        page, following = call.pages.page(query.token, selected_rows, query.size(), EXPIRED)
        body: Json = {"@odata.context": context(call, template.strip("/"))}
        if query.counted and query.eventual and query.token is None:
            body["@odata.count"] = len(whole)
        if following is not None:
            body["@odata.nextLink"] = link(call.request, "$skiptoken", following)
        can = expand(call)
        body["value"] = [query.shaped(each, can) for each in page]
        return Answer(200, body)

    return Route(template, respond, permissions, **more)


def one(
    template: str,
    find: Callable[[Call], Json],
    permissions: tuple[str, ...],
    shape: Shape,
    *,
    expand: Expansions = nothing,
    **more: Any,
) -> Route:
    """A route that answers one object."""

    def respond(call: Call) -> Answer:
        query = Query(call.request, shape)
        shaped = query.shaped(find(call), expand(call))
        return Answer(200, {"@odata.context": context(call, f"{template.strip('/')}/$entity"), **shaped})

    return Route(template, respond, permissions, **more)


def counting(template: str, rows: Rows, permissions: tuple[str, ...], shape: Shape, **more: Any) -> Route:
    """`/users/$count`: a number as text, from the eventually consistent index only."""

    def respond(call: Call) -> Answer:
        query = Query(call.request, shape)
        if not query.eventual:
            raise Refusal(400, "Request_BadRequest", "$count is not currently supported.")
        found = query.rows(rows(call)) if not call.request.query.get("$filter") else _counted(query, rows(call))
        return Answer(200, raw=str(len(found)).encode(), headers={"Content-Type": "text/plain"})

    return Route(template, respond, permissions, **more)


def _counted(query: Query, everything: list[Json]) -> list[Json]:
    query.given["$count"] = "true"
    return query.rows(everything)


def named(kind: str, place: str) -> Callable[[Call], Json]:
    """Finds the object of `kind` that the path names. Raises the 404 Graph answers."""

    def find(call: Call) -> Json:
        wanted = call.places[place]
        objects = call.tenant.objects[kind]
        found = objects.get(wanted.lower()) or objects.get(call.tenant.names.get((kind, wanted.lower()), ""))
        if found is None:
            raise missing(wanted)
        return found

    return find


def missing(wanted: str) -> Refusal:
    message = f"Resource '{wanted}' does not exist or one of its queried reference-property objects are not present."
    return Refusal(404, "Request_ResourceNotFound", message)


def single(template: str, kind: str, permissions: tuple[str, ...], **more: Any) -> Route:
    """A route that answers one of the tenant-wide policies."""
    return one(template, lambda call: call.tenant.single(kind), permissions, Shape(kind), **more)


def everything(kind: str) -> Rows:
    return lambda call: call.tenant.all(kind)


__all__ = ["Respond", "counting", "everything", "listing", "missing", "named", "nothing", "one", "single"]
