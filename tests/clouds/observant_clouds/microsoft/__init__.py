"""A fictional Entra tenant with its Azure: Microsoft Graph and Resource Manager, with a controlled clock and faults.

tenant = Tenant()
tenant.user("ada")
service = Service(tenant)
httpx.AsyncClient(transport=httpx.ASGITransport(asgi(service)))      # in this process
with server(service) as url: ...                                     # on loopback
"""

from observant_clouds.microsoft.carry import asgi, wsgi
from observant_clouds.microsoft.permissions import RECOMMENDED
from observant_clouds.microsoft.programs import Certificate, Secret
from observant_clouds.microsoft.seed import seed
from observant_clouds.microsoft.server import Served, process, server
from observant_clouds.microsoft.service import READS, Service
from observant_clouds.microsoft.state import Clock, When
from observant_clouds.microsoft.storage import Container
from observant_clouds.microsoft.tenant import Tenant
from observant_clouds.microsoft.traffic import Bucket, Fault, Traffic, Window

__all__ = [
    "READS",
    "RECOMMENDED",
    "Bucket",
    "Certificate",
    "Clock",
    "Container",
    "Fault",
    "Secret",
    "Served",
    "Service",
    "Tenant",
    "Traffic",
    "When",
    "Window",
    "asgi",
    "process",
    "seed",
    "server",
    "wsgi",
]
