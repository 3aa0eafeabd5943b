"""A whole access review in a real Chromium: opened, decided, signed with passkeys, closed, and followed.

It lives in a copy of the workspace, with a clock of its own, so that what it records stays here.
"""

import html
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from observant.app.collection import collect
from observant.app.reviews.passkey_signing import lay_ready
from observant.app.workspace import Workspace
from observant.checks.registry import SOURCE_OF
from observant.errors import UsageError
from observant.evidence.verify import Trust, verify
from web.browser import SECRET, apart, needs_chromium, virtual_passkeys
from web.conftest import AS_OF, FORMULA, Site
from worlds import people
from worlds.directory import Directory, ago

pytestmark = needs_chromium
NAME = "2026-q2"
BO = {"email": "bo@example.com", "name": "Bo", "role": "reviewer", "reviewer": "bo"}


class Office:
    """The copy, its board, and its clock."""

    def __init__(self, root: Path) -> None:
        self.now = AS_OF + timedelta(hours=1)
        self.workspace = Workspace.open(root)

    def clock(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def collect_without(self, gone: str) -> None:
        """A later day on which somebody is no longer there."""
        self.now += timedelta(hours=23)
        directory = Directory()
        for name in ("ada", "bo"):
            directory.user(name, signed_in=ago(self.now, 2))
        for name in ("first", "second", "third"):
            directory.user(name, signed_in=ago(self.now, 2))
        assert gone not in str(directory.found)
        names = frozenset(name for name, source in SOURCE_OF.items() if source == "entra")
        snapshot = directory.read(self.now, names)
        collect(self.workspace, lambda tell: iter([snapshot]), "schedule", self.clock, lambda line: None)


@pytest.fixture(scope="module")
def office(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    from allauth.mfa.totp.internal.auth import TOTP

    from observant.web.board import Board, board, put_up
    from observant.web.state.models import Account

    root = tmp_path_factory.mktemp("campaign") / "workspace"
    shutil.copytree(site.root, root, ignore=shutil.ignore_patterns("web", "reviews", "packages"))
    (root / "web").mkdir()
    made, before = Office(root), board()
    clock = made.clock
    put_up(Board(made.workspace, clock, clock))
    board().patience = 120
    apart(lambda: TOTP.activate(Account.objects.create(**BO), SECRET))
    yield made
    put_up(before)
    apart(lambda: Account.objects.filter(email="bo@example.com").update(is_active=False))


def enter(page: Any, site: Site, served: str, who: str) -> None:
    """Signed in without typing: how people sign in is tested elsewhere."""
    client = apart(lambda: site.visitor(who))
    page.context.clear_cookies()
    page.context.add_cookies(
        [{"name": "observant-session", "value": client.cookies["observant-session"].value, "url": served}]
    )


def decide_and_sign(page: Any, served: str, total: int, others: int) -> None:
    """A passkey is enrolled, everything else is kept by its key, and the table is signed."""
    page.goto(f"{served}/passkeys")
    page.click("text=Enrol a passkey")
    page.wait_for_selector("text=It must not sign any more")
    page.goto(f"{served}/reviews/{NAME}/items#next")
    for done in range(total - others + 1, total + 1):
        page.wait_for_selector("tr[data-item] input:focus")
        page.keyboard.press("y")
        page.wait_for_selector(f"text={done} of {total} item")
    page.click("text=Sign with a passkey")
    page.wait_for_selector("text=SHA-256 of the table")
    page.click("text=Sign with your passkey")
    page.wait_for_url(f"{served}/reviews/{NAME}/signed/*")


def test_a_review_from_opening_to_the_proof(site: Site, served: str, page: Any, office: Office, tmp_path: Path) -> None:
    office_root = office.workspace.root
    enter(page, site, served, "compliance")
    page.goto(f"{served}/reviews")
    page.click("text=Open a review")
    page.wait_for_selector("text=Everything that the population is made from was read")
    page.fill("input[name=campaign]", NAME)
    page.click("text=Freeze who has access, and open")
    page.wait_for_url(f"{served}/reviews/{NAME}")
    assert "not signed" in page.inner_text("main")
    assert 0 == page.locator("text=Close the review").count()

    devices, device = virtual_passkeys(page)
    enter(page, site, served, "reviewer")
    page.goto(f"{served}/reviews/{NAME}/items#next")
    page.wait_for_selector("tr[data-item] input:focus")
    row = page.locator("tr[data-item]", has_text=FORMULA)
    row.locator("input").focus()
    page.keyboard.press("r")
    page.keyboard.type("left the company")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=1 of 5 items decided")
    decide_and_sign(page, served, 5, 4)
    assert "left the company" in page.inner_text("main")

    page.goto(f"{served}/reviews/{NAME}/items?show=all")
    assert "You signed your decisions" in page.inner_text("main")
    assert page.locator("button[name=decide]").count() <= 1
    assert 0 == page.locator("tr[data-item] input:enabled").count()

    devices.send("WebAuthn.clearCredentials", device)
    enter(page, site, served, "bo")
    decide_and_sign(page, served, 1, 1)

    enter(page, site, served, "compliance")
    page.goto(f"{served}/reviews/{NAME}")
    page.click("text=Close the review")
    page.wait_for_selector("text=Closed 2026-03-04")
    page.fill("form.inline input[name=ticket]", "https://tickets.example/7")
    page.click("text=Name it")
    page.wait_for_selector("a[href='https://tickets.example/7']")
    assert "still there" in page.inner_text("main")

    office.collect_without(FORMULA)
    page.reload()
    page.wait_for_selector("text=shown by record")
    assert "done" in page.inner_text("main")

    report = verify(office.workspace.store, Trust.load(office.workspace.trust))
    assert report.ok, report
    assert 2 == sum("enrolled after campaign" in note for note in report.notes)
    folder = office_root / "reviews" / NAME
    script = files("observant.evidence").joinpath("verify-passkey.sh")
    told = subprocess.run(
        ["sh", str(script), folder / "ada.csv", folder / "ada.csv.passkey.json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (0, "OK: signed by webauthn localhost ") == (told.returncode, told.stdout[:33]), told
    assert json.loads((folder / "ada.csv.passkey.json").read_bytes())["rpId"] == "localhost"
    with pytest.raises(UsageError, match=r"is closed"):
        lay_ready(office.workspace, NAME, "ada", "localhost", office.clock)


def test_a_person_is_shown_with_every_account(site: Site, office: Office) -> None:
    office.now += timedelta(hours=1)
    snapshot = people.read(people.best, office.now)
    collect(office.workspace, lambda tell: iter([snapshot]), "schedule", office.clock, lambda line: None)
    directory = Directory()
    directory.user("ada", signed_in=ago(office.now, 2))
    names = frozenset(name for name, source in SOURCE_OF.items() if source == "entra")
    tenant = directory.read(office.now, names)
    collect(office.workspace, lambda tell: iter([tenant]), "schedule", office.clock, lambda line: None)

    def pages() -> tuple[str, str, str]:
        client = site.visitor("compliance")
        listed = client.get("/people?find=ada").content.decode()
        address = html.unescape(re.findall(r'href="(/person[^"]*)"', listed)[0])
        return listed, client.get(address).content.decode(), client.get("/people?find=zzz").content.decode()

    listed, person, nobody = apart(pages)

    assert "Retired" not in listed
    assert "Ada" in listed
    assert "Entra account" in person
    assert "it is there" in person
    assert "Nobody is called so." in nobody
