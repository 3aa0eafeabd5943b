"""What people do, in a real Chromium: the first administrator, a reviewer, an auditor."""

import contextlib
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from observant.app.reviews.drafts import Drafts
from web.conftest import CAMPAIGN, PASSWORD, SCRIPT, Site

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium: apt-get install chromium")


@pytest.fixture
def served(site: Site) -> Iterator[str]:
    """Where the workspace is served."""
    import waitress

    server = waitress.create_server(site.application, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.task_dispatcher.shutdown()


@contextlib.contextmanager
def browser(profile: Path) -> Iterator[Any]:
    """A page in a new Chromium, and what went wrong on it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        context = driver.chromium.launch_persistent_context(
            profile, executable_path=CHROMIUM, args=ARGUMENTS, color_scheme="dark"
        )
        context.set_default_timeout(30_000)
        yield context.pages[0]
        context.close()


def sign_in(page: Any, served: str, email: str) -> None:
    page.goto(f"{served}/sign-in")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", PASSWORD)
    page.click("text=Sign in >> nth=-1")


def test_the_first_administrator_finds_an_exception(site: Site, served: str, tmp_path: Path) -> None:
    from observant.web.invitations import first_administrator
    from observant.web.state.models import Account

    Account.objects.filter(role="admin").update(is_active=False)
    token = first_administrator()
    try:
        with browser(tmp_path) as page:
            troubles: list[str] = []
            page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
            page.goto(f"{served}/welcome/{token}")
            page.fill("input[name=email]", "first@example.com")
            page.fill("input[name=name]", "First")
            page.fill("input[name=password]", PASSWORD)
            page.fill("input[name=again]", PASSWORD)
            page.click("button.main")
            page.wait_for_url(f"{served}/readiness")
            page.keyboard.press("Tab")
            assert "Skip to the content" == page.evaluate("document.activeElement.textContent")
            page.click("svg a[href='/controls/AC/01']")
            page.wait_for_url(f"{served}/controls/AC/01")
            page.get_by_role("link", name=SCRIPT).first.click()
            page.wait_for_url(f"{served}/exceptions/*")

            assert SCRIPT in page.inner_text("h1")
            assert "owned" != page.title()
            assert [] == troubles
    finally:
        Account.objects.filter(role="admin").update(is_active=True)
        Account.objects.filter(email="first@example.com").delete()


def test_a_reviewer_decides_from_the_keyboard(site: Site, served: str, tmp_path: Path) -> None:
    with browser(tmp_path) as page:
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


def test_an_auditor_reads_and_leaves_a_trace(site: Site, served: str, tmp_path: Path) -> None:
    from observant.web.state.models import Visit

    before = Visit.objects.count()
    with browser(tmp_path) as page:
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

    assert Visit.objects.count() >= before + 9
