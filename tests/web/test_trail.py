"""The trail: what is part of it, and that it ends up in the log once."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from observant.app.opening import open_log
from observant.app.verify import verify
from observant.app.visits import KIND, visits_of
from observant.app.workspace import Workspace
from observant.model.time import now
from web.conftest import CAMPAIGN, HOSTILE, PASSWORD, SECRET, Site, code


@pytest.fixture(autouse=True)
def _nothing_yet(site: Site) -> None:
    from django.core.cache import cache

    from observant.web.state.models import Attempt, Visit

    Visit.objects.all().delete()
    Attempt.objects.all().delete()
    cache.clear()


def kept() -> list[tuple[str, str, str, str, int]]:
    from observant.web.state.models import Visit

    rows = Visit.objects.order_by("pk").values_list("account__email", "role", "method", "path", "status")
    return [(email.partition("@")[0], *rest) for email, *rest in rows]


def test_signing_in_failing_to_and_leaving_are_kept_and_no_password_is(site: Site) -> None:
    client = site.visitor("anonymous")
    client.post("/sign-in", {"login": "admin@example.com", "password": "wrong"})
    client.post("/sign-in", {"login": PASSWORD, "password": "typed into the wrong field"})
    client.post("/sign-in", {"login": "admin@example.com", "password": PASSWORD})
    client.post("/sign-in/factor", {"code": code(SECRET)})
    client.get("/readiness")
    client.post("/sign-out")

    assert [
        ("admin", "admin", "POST", "/sign-in", 403),
        ("admin", "admin", "POST", "/sign-in", 302),
        ("admin", "admin", "POST", "/sign-in/factor", 302),
        ("admin", "admin", "POST", "/sign-out", 302),
    ] == kept()


def test_every_page_and_download_of_an_auditor_is_kept_and_of_others_what_they_do(site: Site) -> None:
    auditor = site.visitor("auditor")
    seen = ["/readiness", "/exceptions?check=entra-user-inactive", "/evidence/3", "/packages/none.zip", "/accounts"]
    for address in seen:
        auditor.get(address)
    site.visitor("compliance").get("/readiness")
    site.visitor("compliance").post("/packages/none/verify")

    assert [("auditor", "auditor", "GET", address) for address in seen] == [one[:4] for one in kept()][:5]
    assert [("compliance", "compliance", "POST", "/packages/none/verify", 404)] == kept()[5:]


def test_a_token_is_no_part_of_the_trail(site: Site) -> None:
    from observant.web import invitations

    token = invitations.invite("reviewer", "trail@example.com", "", None)
    strong = "seventeen purple anvils"
    site.visitor("anonymous").post(f"/welcome/{token}", {"name": "New", "password": strong, "again": strong})

    assert [("trail", "reviewer", "POST", "/welcome/…", 302)] == kept()


@pytest.fixture
def board(site: Site, tmp_path: Path) -> Any:
    """Of a copy of the workspace: records that one test adds are no concern of others."""
    from observant.web.board import Board

    root = tmp_path / "copy"
    shutil.copytree(site.root, root, ignore=shutil.ignore_patterns("web", "projection"))
    return Board(Workspace.open(root), now, now)


def test_what_waits_becomes_a_record_that_verifies_and_nothing_is_recorded_twice(site: Site, board: Any) -> None:
    from observant.web.state.models import Visit
    from observant.web.trail import record_waiting

    site.visitor("auditor").get("/evidence")
    site.visitor("auditor").get("/sources")
    size, first = open_log(board.workspace, now).size, board.now

    assert 2 == record_waiting(board)
    assert 0 == record_waiting(board)
    assert first.judged is board.now.judged  # visits are not judged: nobody waits for an evaluation
    log = open_log(board.workspace, now)
    assert size + 1 == log.size
    (record,) = log.records(size)
    assert (KIND, 2, ["auditor@example.com"]) == (record.kind, record.predicate["count"], record.predicate["accounts"])
    assert ["/evidence", "/sources"] == [one.path for one in visits_of(log, record)]
    assert {size} == set(Visit.objects.values_list("record", flat=True))

    Visit.objects.update(record=None)  # as after a crash that came before the rows were marked
    site.visitor("auditor").get("/exceptions")
    assert 3 == record_waiting(board)
    log = open_log(board.workspace, now)
    assert ["/exceptions"] == [one.path for one in visits_of(log, next(log.records(size + 1)))]
    assert verify(board.workspace.root, board.workspace.store, board.workspace.trust).intact


def test_while_another_writes_the_visits_wait(site: Site, board: Any) -> None:
    from observant.evidence.store.local import LocalStore
    from observant.web.state.models import Visit
    from observant.web.trail import Keeper

    site.visitor("auditor").get("/evidence")
    keeper = Keeper(board)
    with LocalStore(board.workspace.store).writing():
        keeper._record()
        assert 1 == Visit.objects.filter(record__isnull=True).count()
    keeper.start()
    keeper.end()

    assert 0 == Visit.objects.filter(record__isnull=True).count()


def test_a_server_that_looks_back_records_nothing(site: Site, board: Any) -> None:
    from observant.web.trail import record_waiting

    board.clock = lambda: datetime(2026, 3, 4, tzinfo=UTC)
    site.visitor("auditor").get("/evidence")

    assert 0 == record_waiting(board)


def test_an_auditor_of_another_period_learns_nothing_of_this_one(site: Site) -> None:
    from observant.web.routes import ROUTES
    from observant.web.state.models import Account
    from web.test_access import AUDITOR, TABLE

    Account.objects.filter(email="auditor@example.com").update(first=date(2026, 2, 1), last=date(2026, 2, 10))
    try:
        client = site.visitor("auditor")
        for route in ROUTES:
            if AUDITOR in route.reads and route.name not in {"style", "script", "icon"}:
                shown = client.get(TABLE[route.name][0]).content.decode()
                assert not any(name in shown for name in ("ada@", "bo@", CAMPAIGN, "nerimda", "HYPERLINK")), route.name
        assert HOSTILE
        assert 404 == client.get("/evidence/3").status_code
    finally:
        Account.objects.filter(email="auditor@example.com").update(first=date(2026, 3, 1), last=date(2026, 3, 3))
