"""What people do, in a real Chromium: the first administrator, a reviewer, an auditor."""

import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

from observant.app.reviews.drafts import Drafts
from web.conftest import CAMPAIGN, PASSWORD, SCRIPT, SECRET, Site, code

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
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium: apt-get install chromium")


@pytest.fixture(scope="module")
def served(site: Site) -> Iterator[str]:
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


def test_the_first_administrator_finds_an_exception(site: Site, served: str, page: Any) -> None:
    from observant.web.invitations import first_administrator
    from observant.web.state.models import Account

    administrators = Account.objects.filter(role="admin")
    apart(lambda: administrators.update(is_active=False))
    token = apart(first_administrator)
    try:
        page.goto(f"{served}/welcome/{token}")
        page.fill("input[name=email]", "first@example.com")
        page.fill("input[name=name]", "First")
        page.fill("input[name=password]", PASSWORD)
        page.fill("input[name=again]", PASSWORD)
        page.click("button.main")
        page.wait_for_url(f"{served}/second-factor")
        page.click("text=Enrol an app")
        page.fill("input[name=code]", code(page.inner_text("main p code")))
        page.click("button.main")
        page.click("text=Go on")
        page.wait_for_url(f"{served}/readiness")
        page.keyboard.press("Tab")
        assert "Skip to the content" == page.evaluate("document.activeElement.textContent")
        page.click("svg a[href='/controls/AC/01']")
        page.wait_for_url(f"{served}/controls/AC/01")
        page.get_by_role("link", name=SCRIPT).first.click()
        page.wait_for_url(f"{served}/exceptions/*")

        assert SCRIPT in page.inner_text("h1")
        assert "owned" != page.title()
    finally:
        apart(lambda: administrators.update(is_active=True))
        apart(lambda: Account.objects.filter(email="first@example.com").update(is_active=False, role="reviewer"))


def test_a_reviewer_decides_from_the_keyboard(site: Site, served: str, page: Any) -> None:
    sign_in(page, served, "reviewer@example.com")
    page.click("text=Go on reviewing")
    page.focus("input[name=item] >> nth=0")
    page.keyboard.press("Space")
    page.check("input[value=revoke]")
    page.fill("input[name=reason]", "left the company")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=1 of 5 items decided")
    page.click("button[name=keep] >> nth=0")
    page.wait_for_selector("text=2 of 5 items decided")

    made = Drafts(site.root, CAMPAIGN).decisions()
    Drafts(site.root, CAMPAIGN).path.unlink()
    assert [("revoke", "left the company"), ("keep", "")] == [(one.choice.value, one.reason) for one in made]


def test_an_auditor_reads_and_leaves_a_trace(site: Site, served: str, page: Any) -> None:
    from observant.web.state.models import Visit

    before = apart(Visit.objects.count)
    sign_in(page, served, "auditor@example.com")
    page.wait_for_url(f"{served}/readiness")
    page.click("nav >> text=Evidence")
    page.click("main table a >> nth=0")
    page.click("nav >> text=Package")

    assert 0 == page.locator("main form[method=post]").count()
    assert 0 == page.locator("nav >> text=Accounts").count()
    wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    page.set_viewport_size({"width": 360, "height": 800})
    for address in ("/readiness", "/evidence", "/exceptions", "/sources", "/reviews"):
        page.goto(f"{served}{address}")
        assert page.evaluate(wide), address

    assert apart(Visit.objects.count) >= before + 9


def test_a_passkey_is_enrolled_and_opens_by_itself(site: Site, served: str, page: Any) -> None:
    from allauth.mfa.models import Authenticator

    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    kind = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    device = devices.send("WebAuthn.addVirtualAuthenticator", {"options": kind | {"isUserVerified": True}})
    try:
        password(page, served, "newcomer@example.com")
        page.wait_for_url(f"{served}/second-factor")
        page.click("text=Enrol a passkey")
        page.fill("input[name=name]", "Test device")
        page.click("text=Make the passkey")
        page.wait_for_url(f"{served}/second-factor/codes")
        page.click("text=Go on")
        page.wait_for_url(f"{served}/readiness")
        page.click("text=Sign out")
        page.wait_for_url(f"{served}/sign-in")
        page.goto(f"{served}/readiness")
        page.wait_for_url(f"{served}/sign-in")
        page.click("text=Sign in with a passkey")
        page.wait_for_url(f"{served}/readiness")
        (kept,) = devices.send("WebAuthn.getCredentials", device)["credentials"]
        assert ("localhost", True) == (kept["rpId"], kept["isResidentCredential"])

        # Without the device the password leads to the second factor, and a passkey is asked for there.
        page.click("text=Sign out")
        password(page, served, "newcomer@example.com")
        page.wait_for_url(f"{served}/sign-in/factor")
        page.click("text=Use a passkey")
        page.wait_for_url(f"{served}/readiness")

        # A device that does not know the person gets no further than the message.
        page.click("text=Sign out")
        devices.send("WebAuthn.setUserVerified", device | {"isUserVerified": False})
        page.click("text=Sign in with a passkey")
        page.wait_for_selector("text=The browser gave no passkey")
    finally:
        apart(lambda: Authenticator.objects.filter(user__email="newcomer@example.com").delete())
