"""Paths with places in them, and what answers each."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from observant_clouds.microsoft.message import Answer, Request
from observant_clouds.microsoft.paging import Pages
from observant_clouds.microsoft.tenant import Tenant


@dataclass(frozen=True)
class Call:
    """One request on its way to what answers it."""

    tenant: Tenant
    request: Request
    places: Mapping[str, str]
    """What stood in the path's places, by name."""
    roles: frozenset[str]
    """Permissions in the caller's token."""
    version: str
    pages: Pages
    reads: tuple[str, ...] = ()
    """Scopes at which the caller is Reader in Azure."""


Respond = Callable[[Call], Answer]


@dataclass(frozen=True)
class Route:
    """`template` has places like `{group-id}`; `{+scope}` takes any number of segments, also none."""

    template: str
    respond: Respond
    permissions: tuple[str, ...] = ()
    """Any one of them opens the path."""
    limit: str = "directory"
    cost: int = 1
    versions: tuple[str, ...] = ("v1.0", "beta")
    licence: str = ""
    method: str = "GET"
    pattern: re.Pattern[str] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pattern", _pattern(self.template))


def _pattern(template: str) -> re.Pattern[str]:
    def place(match: re.Match[str]) -> str:
        name = re.sub(r"\W", "_", match[2])
        return f"(?P<{name}>.*)" if match[1] else f"(?P<{name}>[^/]+)"

    pieces = re.split(r"(\{\+?[\w-]+\})", template)
    spelled = "".join(
        re.sub(r"\{(\+?)([\w-]+)\}", place, piece) if piece.startswith("{") else re.escape(piece) for piece in pieces
    )
    return re.compile(spelled, re.IGNORECASE)


class Routes:
    """A table of routes; the first that fits answers."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = list(routes)

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        for route in self.routes:
            match = route.pattern.fullmatch(path)
            if match is not None and route.method == method:
                return route, {name.replace("_", "-"): value for name, value in match.groupdict().items()}
        return None
