"""One workspace with hostile names in it, served by this process, and somebody of every role.

Django is configured once in a process, so there is one workspace for all tests of the web app.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from observant.app.collection import collect
from observant.app.create import create_workspace
from observant.app.reviews.opening import Request, open_review
from observant.app.workspace import Workspace
from observant.checks.registry import SOURCE_OF
from web.browser import PASSWORD, SECRET, chromium, code, page, served
from worlds.directory import Directory, ago

__all__ = ["PASSWORD", "SECRET", "chromium", "code", "page", "served"]

START = datetime(2026, 3, 2, 6, tzinfo=UTC)
AS_OF = START + timedelta(days=2, hours=1)
URL = "http://127.0.0.1:8434"
SCRIPT = '<script>document.title="owned"</script>'
IMAGE = '"><img src=x onerror=alert(1)>'
FORMULA = "=HYPERLINK(1)"
TURNED = "ann\u202enimda"
HOSTILE = (SCRIPT, IMAGE, FORMULA, TURNED)
CAMPAIGN = "2026-q1"

_COMMITMENTS = """
commitments:
  - name: snapshot_cadence
    document: Access Control Policy
    clause: "1"
    statement: We promise snapshot_cadence.
    effective: 2026-01-01
    every: 24 hours
    grace: 6 hours
  - name: inactive_user
    document: Access Control Policy
    clause: "1"
    statement: We promise inactive_user.
    effective: 2026-01-01
    max_idle: 90 days
  - name: access_review_cadence
    document: Access Control Policy
    clause: "1"
    statement: We promise access_review_cadence.
    effective: 2026-01-01
    every: 90 days
    grace: 14 days
    scopes: ["*"]
  - name: emergency_accounts
    document: Access Control Policy
    clause: "1"
    statement: We promise emergency_accounts.
    effective: 2026-01-01
    accounts: ["nobody@example.com"]
    least: 0
    most: 2
"""
_CONTROLS = """
controls:
  - id: AC/01
    title: Accounts that nobody uses are removed
    statement: "Nobody keeps <b>unused</b> access."
    owner: Ada
    criteria: [CC6.1]
    checks: [entra-user-inactive]
"""
_REVIEWERS = """
reviewers:
  - name: ada
    email: ada@example.com
    identities: ["ada@example.com"]
  - name: bo
    email: bo@example.com
    identities: ["bo@example.com"]
rules:
  - reviewer: ada
escalation: bo
"""


class Site:
    """The served workspace."""

    def __init__(self, root: Path, application: Any) -> None:
        self.root, self.application = root, application

    def visitor(self, role: str) -> Any:
        """A client, signed in unless `role` is `anonymous`; a `newcomer` has no second factor yet."""
        from django.test import Client

        client = Client(headers={"host": URL.removeprefix("http://")})
        if role != "anonymous":
            from observant.web.state.models import Account

            client.force_login(Account.objects.get(email=f"{role}@example.com"))
        return client


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    root = tmp_path_factory.mktemp("web") / "workspace"
    _workspace(root)
    from observant.web.serve import prepare

    application = prepare(root, URL, AS_OF)
    from observant.web.board import board

    board().patience = 120  # so that a page shows what a test has just changed, however busy the machine is
    from allauth.mfa.totp.internal.auth import TOTP
    from django.db import connections

    from observant.web.state.models import Account

    for role in ("admin", "compliance", "reviewer", "auditor", "newcomer"):
        account = Account(email=f"{role}@example.com", name=role.title(), role=role)
        if role == "newcomer":
            account.role = "compliance"
        account.reviewer = "ada" if role == "reviewer" else ""
        if role == "auditor":
            account.first, account.last = date(2026, 3, 1), date(2026, 3, 3)
        account.set_password(PASSWORD)
        account.save()
        if role != "newcomer":
            TOTP.activate(account, SECRET)
    yield Site(root, application)
    connections.close_all()


def _workspace(root: Path) -> None:
    moment = START

    def clock() -> datetime:
        return moment

    create_workspace(root, "Example", "", clock)
    for name, text in (("commitments", _COMMITMENTS), ("controls", _CONTROLS), ("reviewers", _REVIEWERS)):
        (root / f"{name}.yaml").write_text(text)
    directory = Directory()
    for name in ("ada", "bo"):
        directory.user(name, signed_in=ago(START, 2))
    for name in HOSTILE:
        directory.user(name, signed_in=ago(START, 200))
    names = frozenset(name for name, source in SOURCE_OF.items() if source == "entra")
    workspace = Workspace.open(root)
    for _ in range(3):
        collect(workspace, lambda tell: iter([directory.read(clock(), names)]), "schedule", clock, lambda line: None)
        moment += timedelta(days=1)
    moment = AS_OF
    open_review(workspace, Request(CAMPAIGN, "First quarter", "chris", scopes=["*"]), clock)
