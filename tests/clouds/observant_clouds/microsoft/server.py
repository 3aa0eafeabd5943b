"""The tenant as an HTTP server on 127.0.0.1, for programs that open real connections.

    with server(Service(tenant)) as url:
        ...                     # Graph at url/v1.0, Resource Manager at url, tokens at url/{tenant}/oauth2/v2.0/token

`python -m observant_clouds.microsoft --users 10000` serves a seeded tenant as a process of its own and prints, as one
line of JSON, where it is and what to ask a token with.
"""

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from observant_clouds.microsoft.carry import wsgi
from observant_clouds.microsoft.seed import seed
from observant_clouds.microsoft.service import Service
from observant_clouds.microsoft.tenant import Tenant


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    """Connections stay open, as those to Graph do."""

    def send_response(self, code: int, message: str | None = None) -> None:
        """Without the server's own Date: time is the tenant's."""
        self.log_request(code)
        self.send_response_only(code, message)


def listen(service: Service, port: int = 0) -> BaseWSGIServer:
    """A bound threaded server; port 0 takes a free one. The caller runs `serve_forever`."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    return make_server("127.0.0.1", port, wsgi(service), threaded=True, request_handler=_Handler)


@contextmanager
def server(service: Service, port: int = 0) -> Iterator[str]:
    """The server in a thread of this process; its address."""
    made = listen(service, port)
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{made.server_port}"
    finally:
        made.shutdown()
        made.server_close()
        thread.join()


@dataclass(frozen=True)
class Served:
    """A server in another process: where it is, and who may ask."""

    url: str
    tenant_id: str
    client_id: str
    client_secret: str
    subscriptions: list[str]


@contextmanager
def process(users: int = 0, *, limits: bool = False) -> Iterator[Served]:
    """A seeded tenant in a process of its own: what is measured in this one is then the client alone."""
    command = [sys.executable, "-m", "observant_clouds.microsoft", "--users", str(users)]
    command += ["--limits"] if limits else []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            yield Served(**json.loads(running.stdout.readline()))
        finally:
            running.terminate()


def main(port: int, users: int, *, limits: bool) -> None:
    """Serve a seeded tenant until terminated; the first line on standard output is a `Served`."""
    tenant = Tenant()
    seed(tenant, users)
    service = Service(tenant)
    if limits:
        service.traffic.real_limits("L")
    made = listen(service, port)
    told: dict[str, Any] = {
        "url": f"http://127.0.0.1:{made.server_port}",
        **service.credentials(),
        "subscriptions": list(tenant.objects["subscriptions"]),
    }
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
    made.serve_forever()
