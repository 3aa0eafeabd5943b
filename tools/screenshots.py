"""Pictures of every page of the web app, light and dark, wide and as wide as a phone.

    uv run python tools/screenshots.py WORKSPACE FOLDER

Serves the workspace on this machine, makes an account for the occasion, and opens each page in Chromium. Copy the
workspace first when it is a real one.
"""

import argparse
import tempfile
import threading
from datetime import datetime
from pathlib import Path

import waitress
from playwright.sync_api import Page, sync_playwright

from observant.model.time import moment
from observant.web.serve import prepare

CHROMIUM = "/usr/bin/chromium"
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
PLACES = {
    "readiness": "/readiness",
    "control": "main table a[href^='/controls/']",
    "exceptions": "/exceptions",
    "exception": "main table a[href^='/exceptions/']",
    "check": "main a[href^='/checks/']",
    "evidence": "/evidence",
    "record": "main table a[href^='/evidence/']",
    "sources": "/sources",
    "reviews": "/reviews",
    "review": "main table a[href^='/reviews/']",
    "signed": "main table a[href*='/signed/']",
    "review-items": "/reviews/{campaign}/items?show=all",
    "review-open": "/open-review",
    "passkeys": "/passkeys",
    "people": "/people",
    "person": "main table a[href^='/person']",
    "unlinked": "/people?show=unlinked",
    "frameworks": "/frameworks",
    "framework": "/frameworks/soc-2",
    "package": "/packages",
    "search": "/search?find=a",
    "member": "main table a[href^='/member']",
    "accounts": "/accounts",
    "visits": "/visits",
}
"""Name -> address, or the link to follow from the page before."""
WIDTHS = {"wide": (1280, 900), "phone": (390, 844)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--as-of", type=moment, metavar="MOMENT")
    parser.add_argument("--chromium", default=CHROMIUM)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    address, cookie, campaign = _serve(given.workspace, given.as_of)
    with sync_playwright() as driver, tempfile.TemporaryDirectory() as profile:
        for theme in ("light", "dark"):
            for width, (across, down) in WIDTHS.items():
                context = driver.chromium.launch_persistent_context(
                    f"{profile}/{theme}-{width}",
                    executable_path=given.chromium,
                    args=ARGUMENTS,
                    color_scheme=theme,
                    viewport={"width": across, "height": down},
                )
                page, suffix = context.pages[0], f"{theme}-{width}"
                page.goto(f"{address}/sign-in")
                page.screenshot(path=given.folder / f"sign-in-{suffix}.png", full_page=True)
                context.add_cookies([{"name": "observant-session", "value": cookie, "url": address}])
                _walk(page, address, campaign, given.folder, suffix)
                context.close()


def _serve(workspace: Path, as_of: datetime | None) -> tuple[str, str, str]:
    """Address, the session of an account made for the occasion, and the newest campaign."""
    address = "http://localhost:8433"
    application = prepare(workspace, address, as_of)
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
    from django.test import Client

    from observant.web.board import board
    from observant.web.state.models import Account

    mine = Account.objects.filter(email="screenshots@example.com")
    account = mine.first() or Account.objects.create(email="screenshots@example.com", name="Screen Shots", role="admin")
    mine.update(role="admin", reviewer="ada", is_active=True)
    if not account.authenticator_set.exists():
        TOTP.activate(account, generate_totp_secret())
    client = Client(headers={"host": "localhost:8433"})
    client.force_login(account)
    campaigns = board().campaigns()
    server = waitress.create_server(application, host="127.0.0.1", port=8433, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    return address, client.cookies["observant-session"].value, campaigns[0].campaign if campaigns else "none"


def _walk(page: Page, address: str, campaign: str, folder: Path, suffix: str) -> None:
    for name, place in PLACES.items():
        if place.startswith("/"):
            page.goto(f"{address}{place.format(campaign=campaign)}")
        elif page.locator(place).count():
            page.goto(address + str(page.locator(place).first.get_attribute("href")))
        else:
            continue
        page.screenshot(path=folder / f"{name}-{suffix}.png", full_page=True)


if __name__ == "__main__":
    main()
