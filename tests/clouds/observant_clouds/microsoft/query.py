"""The query options of a Graph request, applied to a list of objects."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from observant_clouds.microsoft.filters import chosen, value_at
from observant_clouds.microsoft.message import Refusal, Request
from observant_clouds.microsoft.state import Json

Expansion = Callable[[Json, "Expand"], Any]
"""(object, how to expand it) -> the value"""
_OPTIONS = {"$select", "$filter", "$expand", "$top", "$count", "$orderby", "$skiptoken", "$search"}


@dataclass(frozen=True)
class Shape:
    """What may be asked of one kind of object."""

    entity: str
    """Graph's name, such as `user`."""
    filters: Mapping[str, str] = field(default_factory=dict)
    """Property path -> operators."""
    defaults: tuple[str, ...] | None = None
    """Answered when nothing is selected; None is everything but what is in `on_request`."""
    known: frozenset[str] | None = None
    """What may be selected; None is anything."""
    on_request: frozenset[str] = frozenset()
    orders: tuple[str, ...] = ()
    page: int = 100
    largest: int = 999


@dataclass(frozen=True)
class Expand:
    """One item of `$expand`: `owners($select=id)`."""

    name: str
    select: tuple[str, ...] | None
    inner: tuple["Expand", ...]


class Query:
    """The options of one request. Raises the refusal Graph answers to options it does not know."""

    def __init__(self, request: Request, shape: Shape) -> None:
        self.given = {name.lower(): value for name, value in request.query.items()}
        unknown = sorted(name for name in self.given if name.startswith("$") and name not in _OPTIONS)
        if unknown:
            raise Refusal(
                400, "BadRequest", f"Query option '{unknown[0]}' was specified more than once or is not supported."
            )
        if "$search" in self.given:
            raise Refusal(400, "Request_UnsupportedQuery", "This test tenant does not search.")
        eventual = {**request.headers, **self.given}.get("consistencylevel", "")
        self.eventual = eventual.lower() == "eventual"
        self.shape = shape
        self.select = _names(self.given.get("$select"))
        self.expand = expansions(self.given.get("$expand", ""))
        self._check_select(self.select)

    @property
    def token(self) -> str | None:
        return self.given.get("$skiptoken")

    @property
    def counted(self) -> bool:
        return self.given.get("$count", "").lower() == "true"

    def size(self) -> int:
        """Items in a page."""
        asked = self.given.get("$top")
        if asked is None:
            return self.shape.page
        if not asked.isdigit() or not 1 <= int(asked) <= self.shape.largest:
            message = f"Invalid page size specified: '{asked}'. Must be between 1 and {self.shape.largest} inclusive."
            raise Refusal(400, "Request_UnsupportedQuery", message)
        return int(asked)

    def rows(self, everything: list[Json]) -> list[Json]:
        """Filtered and in the order asked for."""
        found, advanced = chosen(everything, self.given.get("$filter"), self.shape.filters, self.shape.entity)
        if advanced and not (self.eventual and self.counted):
            message = "This filter needs the 'ConsistencyLevel:eventual' header and $count=true."
            raise Refusal(400, "Request_UnsupportedQuery", message)
        order = self.given.get("$orderby")
        return found if order is None else self._ordered(found, order)

    def _ordered(self, found: list[Json], order: str) -> list[Json]:
        name, _, direction = order.strip().partition(" ")
        if name not in self.shape.orders:
            raise Refusal(
                400, "Request_UnsupportedQuery", f"Sorting by '{name}' is not supported for '{self.shape.entity}'."
            )
        return sorted(found, key=lambda one: str(value_at(one, name) or ""), reverse=direction.strip() == "desc")

    def shaped(self, one: Json, expand: Mapping[str, Expansion]) -> Json:
        """What is answered of one object: the selected properties and what was expanded."""
        kept = selected(one, self.select, self.shape)
        for each in self.expand:
            if each.name not in expand:
                message = f"Parsing OData Select and Expand failed: Could not find a property named '{each.name}'."
                raise Refusal(400, "BadRequest", message)
            kept[each.name] = _narrowed(expand[each.name](one, each), each)
        return kept

    def _check_select(self, names: tuple[str, ...] | None) -> None:
        for name in names or ():
            if self.shape.known is not None and name not in self.shape.known:
                message = (
                    "Parsing OData Select and Expand failed: "
                    f"Could not find a property named '{name}' on type 'microsoft.graph.{self.shape.entity}'."
                )
                raise Refusal(400, "BadRequest", message)


def selected(one: Json, names: tuple[str, ...] | None, shape: Shape) -> Json:
    kept = names if names is not None else shape.defaults
    if kept is None:
        return {name: value for name, value in one.items() if name not in shape.on_request}
    transport = {name: one[name] for name in one if name.startswith("@odata.")}
    if names is not None and shape.known is not None:
        return {**transport, **{name: one.get(name) for name in kept}}
    return {**transport, **{name: one[name] for name in kept if name in one}}


def _narrowed(value: Any, expand: Expand) -> Any:
    if isinstance(value, list):
        return [_narrowed(each, expand) for each in value]
    if not isinstance(value, dict) or expand.select is None:
        return value
    return {name: value[name] for name in value if name.startswith("@odata.") or name in expand.select}


def _names(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(name.strip() for name in text.split(",") if name.strip())


def expansions(text: str) -> tuple[Expand, ...]:
    """`owners($select=id),policy($expand=rules)` as a tree."""
    return tuple(_expansion(part) for part in _split(text, ",") if part.strip())


def _expansion(part: str) -> Expand:
    match = re.fullmatch(r"\s*([\w.]+)\s*(?:\((.*)\))?\s*", part)
    if match is None:
        raise Refusal(400, "BadRequest", f"Parsing OData Select and Expand failed: '{part}'.")
    options = dict(option.strip().partition("=")[::2] for option in _split(match[2] or "", ";") if option.strip())
    return Expand(match[1], _names(options.get("$select")), expansions(options.get("$expand", "")))


def _split(text: str, mark: str) -> list[str]:
    """Split at marks that are not inside parentheses."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == mark and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return parts
