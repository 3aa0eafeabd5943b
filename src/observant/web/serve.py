"""`observant serve`: settings, tables, the first administrator's link, the server."""

import ipaddress
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command

from observant.app.workspace import Workspace
from observant.errors import UsageError
from observant.model.time import now
from observant.web.privacy import keep_private
from observant.web.settings import settings_for

Tell = Callable[[str], None]

THREADS = 8


def prepare(root: Path, url: str, as_of: datetime | None) -> WSGIHandler:
    """The application of one workspace, its database brought up to date. Once in each process."""
    workspace = Workspace.open(root.resolve())
    _check_url(url)
    settings.configure(**settings_for(workspace, url))
    keep_private()
    django.setup()
    call_command("migrate", verbosity=0)
    from observant.web.board import Board, put_up

    moment = as_of
    put_up(Board(workspace, now if moment is None else lambda: moment, now))
    return WSGIHandler()


def serve(root: Path, url: str, listen: str, as_of: datetime | None, tell: Tell) -> None:
    """Serve until interrupted. Raises UsageError when the addresses cannot be used."""
    host, port = _host_and_port(listen, url)
    application = prepare(root, url, as_of)
    from observant.web.invitations import FIRST_VALID, first_administrator

    token = first_administrator()
    if token:
        tell(
            "There is no administrator yet. Make the first account with this link; it can be used once, within "
            f"{FIRST_VALID.seconds // 60} minutes:\n  {url}/welcome/{token}"
        )
    tell(f"Serving {root.resolve()} at {url}; end with Ctrl-C.")
    from observant.web.board import board
    from observant.web.trail import Keeper

    keeper = Keeper(board())
    keeper.start()
    try:
        _listen(application, host, port, url)
    finally:
        keeper.end()


def _listen(application: WSGIHandler, host: str, port: int, url: str) -> None:
    import waitress

    proxy: dict[str, Any] = {}
    if urlsplit(url).scheme == "https":
        # Whatever ends TLS runs on this machine and says whom it speaks for.
        proxy = {
            "trusted_proxy": "127.0.0.1",
            "trusted_proxy_count": 1,
            "trusted_proxy_headers": {"x-forwarded-for"},
            "url_scheme": "https",
        }
    waitress.serve(
        application,
        host=host,
        port=port,
        threads=THREADS,
        ident=None,
        clear_untrusted_proxy_headers=True,
        max_request_body_size=8_000_000,
        **proxy,
    )


def _check_url(url: str) -> None:
    place = urlsplit(url)
    if place.scheme not in ("http", "https") or not place.hostname or place.path or place.query:
        raise UsageError(f"{url!r} is no address to serve at", "write it as https://observant.example.com")
    if place.scheme == "http" and not _loopback(place.hostname):
        raise UsageError(
            f"{url} would send passwords in the clear",
            "give the https address of the proxy in front as --url; plain http is for this machine alone",
        )


def _host_and_port(listen: str, url: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal():
        raise UsageError(f"{listen!r} is no address to listen at", "write it as 127.0.0.1:8400")
    if urlsplit(url).scheme == "http" and not _loopback(host.strip("[]")):
        raise UsageError(f"listening at {listen} without TLS would send passwords in the clear", "listen at 127.0.0.1")
    return host.strip("[]"), int(port)


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
