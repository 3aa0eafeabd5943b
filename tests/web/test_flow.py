"""What people do, in a real Chromium: the first administrator, a reviewer, an auditor."""

from typing import Any

from observant.app.reviews.drafts import Drafts
from web.browser import PASSWORD, apart, code, needs_chromium, password, sign_in
from web.conftest import CAMPAIGN, SCRIPT, Site

pytestmark = needs_chromium


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
