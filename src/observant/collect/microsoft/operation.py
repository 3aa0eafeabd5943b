"""One kind of request: its address, what it needs to be allowed, and which limit it counts towards."""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote, urlencode

from observant.collect.microsoft.clouds import Endpoints
from observant.collect.microsoft.pace import Service


class Operation(NamedTuple):
    """`GET` of one address. `{names}` in the path are filled in when it is called."""

    path: str
    permission: str
    """Graph: the application permission. ARM: the action of a role."""
    version: str = "v1.0"
    """Graph: `v1.0` or `beta`. ARM: the api-version."""
    service: Service = Service.DIRECTORY
    units: int = 1
    detail: str = ""
    """Tells requests apart whose addresses look alike and which need different permissions."""

    @property
    def arm(self) -> bool:
        return self.service is Service.ARM

    @property
    def name(self) -> str:
        """As it stands in the request log and in gaps."""
        api = "arm" if self.arm else "graph" if self.version == "v1.0" else f"graph-{self.version}"
        return f"{api}:{self.path}" + (f" ({self.detail})" if self.detail else "")

    def filled(self, parts: Mapping[str, str]) -> str:
        """The path with its names filled in. ARM ids are paths themselves, so their slashes stay."""
        safe = "/" if self.arm else ""
        return self.path.format(**{name: quote(part, safe=safe) for name, part in parts.items()})

    def url(self, endpoints: Endpoints, parts: Mapping[str, str], query: Mapping[str, str]) -> str:
        base = endpoints.arm if self.arm else f"{endpoints.graph}/{self.version}"
        asked = {"api-version": self.version, **query} if self.arm else query
        written = urlencode(asked, safe="$,/()':", quote_via=quote)
        return f"{base}{self.filled(parts)}" + (f"?{written}" if written else "")


def graph(
    path: str, permission: str, service: Service = Service.DIRECTORY, units: int = 1, detail: str = ""
) -> Operation:
    return Operation(path, permission, "v1.0", service, units, detail)


def beta(path: str, permission: str, service: Service = Service.DIRECTORY, units: int = 1) -> Operation:
    return Operation(path, permission, "beta", service, units)


def arm(path: str, permission: str, version: str, detail: str = "") -> Operation:
    return Operation(path, permission, version, Service.ARM, 1, detail)
