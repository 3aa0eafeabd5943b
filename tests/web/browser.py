"""A real Chromium and a served workspace: one of each for every module that asks."""

import base64
import hmac
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
"""Of everybody's authenticator app."""
PASSWORD = "a long enough pass phrase"
T = TypeVar("T")

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium: apt-get install chromium")


@pytest.fixture(scope="module")
def served(site: Any) -> Iterator[str]:
    """Where the workspace is served. Browsers take passkeys from localhost, and from no address of digits."""
    import waitress

    server = waitress.create_server(site.application, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    yield f"http://localhost:{server.effective_port}"
    server.task_dispatcher.shutdown()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    """A page of a visitor whom the browser does not know; what it complains about fails the test."""
    context = chromium.new_context(color_scheme="dark")
    context.set_default_timeout(30_000)
    made = context.new_page()
    troubles: list[str] = []
    made.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    yield made
    context.close()
    assert [] == troubles


def code(secret: str, moment: float | None = None) -> str:
    """What an authenticator app shows: RFC 6238 with SHA-1, six digits, 30 seconds."""
    counter = int(time.time() if moment is None else moment) // 30
    mac = hmac.digest(base64.b32decode(secret), counter.to_bytes(8, "big"), "sha1")
    at = mac[-1] & 15
    return f"{(int.from_bytes(mac[at : at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def apart(use: Callable[[], T]) -> T:
    """In a thread of its own: Django talks to no database where Playwright's loop runs."""

    def used() -> T:
        from django.db import connections

        try:
            return use()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(used).result()


def sign_in(page: Any, served: str, email: str) -> None:
    password(page, served, email)
    page.fill("input[name=code]", code(SECRET))
    page.click("text=Go on")


def password(page: Any, served: str, email: str) -> None:
    page.goto(f"{served}/sign-in")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    page.click("main >> text=Sign in >> nth=-1")


def virtual_passkeys(page: Any) -> tuple[Any, dict[str, str]]:
    """A device that makes passkeys and knows its person: the session to talk to it, and its id."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    return devices, devices.send("WebAuthn.addVirtualAuthenticator", {"options": kind | {"isUserVerified": True}})
