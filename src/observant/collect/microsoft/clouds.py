"""The national clouds: the same services under other names.

Source: "National cloud deployments" of the Microsoft Graph documentation and the ARM endpoints of each cloud.
"""

from typing import NamedTuple


class Endpoints(NamedTuple):
    """Addresses of one cloud, without a slash at the end."""

    login: str
    graph: str
    arm: str

    @property
    def hosts(self) -> tuple[str, str]:
        """What may be sent a token."""
        return self.graph, self.arm


CLOUDS = {
    "global": Endpoints(
        "https://login.microsoftonline.com", "https://graph.microsoft.com", "https://management.azure.com"
    ),
    "us-government": Endpoints(
        "https://login.microsoftonline.us", "https://graph.microsoft.us", "https://management.usgovcloudapi.net"
    ),
    "us-defense": Endpoints(
        "https://login.microsoftonline.us", "https://dod-graph.microsoft.us", "https://management.usgovcloudapi.net"
    ),
    "china": Endpoints(
        "https://login.chinacloudapi.cn",
        "https://microsoftgraph.chinacloudapi.cn",
        "https://management.chinacloudapi.cn",
    ),
}
"""`us-government` is GCC High (L4), `us-defense` the Department of Defense (L5), `china` is operated by 21Vianet."""
