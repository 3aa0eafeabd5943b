"""Pictures of every page of the web app, light and dark, wide and as wide as a phone.

    uv run python tools/screenshots.py WORKSPACE FOLDER

Serves the workspace on this machine, makes an account for the occasion, and opens each page in Chromium. Copy the
workspace first when it is a real one.
"""

import argparse
import secrets
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
    address, password = _serve(given.workspace, given.as_of)
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
                _walk(context.pages[0], address, password, given.folder, f"{theme}-{width}")
                context.close()


def _serve(workspace: Path, as_of: datetime | None) -> tuple[str, str]:
    application = prepare(workspace, "http://127.0.0.1:8433", as_of)
    from observant.web.state.models import Account

    password = secrets.token_urlsafe(16)
    Account.objects.filter(email="screenshots@example.com").delete()
    account = Account(email="screenshots@example.com", name="Screen Shots", role="admin", reviewer="ada")
    account.set_password(password)
    account.save()
    server = waitress.create_server(application, host="127.0.0.1", port=8433, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    return "http://127.0.0.1:8433", password


def _walk(page: Page, address: str, password: str, folder: Path, suffix: str) -> None:
    page.goto(f"{address}/sign-in")
    page.screenshot(path=folder / f"sign-in-{suffix}.png", full_page=True)
    page.fill("input[name=email]", "screenshots@example.com")
    page.fill("input[name=password]", password)
    page.click("button.main")
    for name, place in PLACES.items():
        if place.startswith("/"):
            page.goto(f"{address}{place}")
        elif page.locator(place).count():
            page.goto(address + str(page.locator(place).first.get_attribute("href")))
        else:
            continue
        page.screenshot(path=folder / f"{name}-{suffix}.png", full_page=True)


if __name__ == "__main__":
    main()
