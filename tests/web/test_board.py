"""The shared evaluation: made again when something changed, and not otherwise."""

import contextlib
import io
import threading
from typing import Any

import pytest

from observant.app.evaluate import judged
from observant.app.workspace import Workspace
from observant.model.time import Clock
from web.conftest import AS_OF, Site


def test_it_is_kept_until_a_file_changes(site: Site) -> None:
    from observant.web.board import board

    first = board().now
    assert first is board().now

    controls = site.root / "controls.yaml"
    before = controls.read_text()
    controls.write_text(before.replace("Accounts that nobody uses", "Accounts nobody uses"))
    try:
        assert "Accounts nobody uses" in site.visitor("admin").get("/readiness").content.decode()
    finally:
        controls.write_text(before)
    assert "Accounts that nobody uses" in site.visitor("admin").get("/readiness").content.decode()


def test_the_terminal_works_while_the_server_has_its_tables_open(site: Site) -> None:
    assert 200 == site.visitor("admin").get("/readiness").status_code
    with judged(Workspace.open(site.root), lambda: AS_OF) as judgement:
        assert ["entra:7a0c5d0e-0000-4000-8000-000000000001"] == judgement.scopes


def test_a_broken_policy_is_told_and_does_not_break_the_server(site: Site) -> None:
    controls = site.root / "controls.yaml"
    before = controls.read_text()
    controls.write_text("controls:\n  - id: <b>\n")
    try:
        answer = site.visitor("admin").get("/readiness")
        assert 503 == answer.status_code
        assert "controls.yaml:2" in answer.content.decode()
        assert "<b>" not in answer.content.decode()
    finally:
        controls.write_text(before)
    assert 200 == site.visitor("admin").get("/readiness").status_code


def test_the_models_and_their_migrations_agree(site: Site) -> None:
    from django.core.management import call_command

    with contextlib.redirect_stdout(io.StringIO()):
        call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_pages_show_the_evaluation_before_while_a_new_one_is_made(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from observant.web import board as module
    from observant.web.board import board

    first, begun, go_on = board().now, threading.Event(), threading.Event()

    def slowly(workspace: Workspace, clock: Clock) -> Any:
        begun.set()
        go_on.wait(60)
        return judged(workspace, clock)

    monkeypatch.setattr(module, "judged", slowly)
    monkeypatch.setattr(board(), "patience", 0)
    controls = site.root / "controls.yaml"
    before = controls.read_text()
    controls.write_text(before.replace("Accounts that nobody uses", "Accounts nobody uses"))
    try:
        assert "Accounts that nobody uses" in site.visitor("admin").get("/readiness").content.decode()
        assert begun.wait(60)
        monkeypatch.setattr(board(), "patience", 0.2)
        assert first is board().now  # waited for the change for as long as a page waits
        assert 0 == board()._patience_left(board()._stamp())  # and no other page waits for it again
        go_on.set()
        assert first is not board().refresh()
        assert "Accounts nobody uses" in site.visitor("admin").get("/readiness").content.decode()
    finally:
        go_on.set()
        controls.write_text(before)
        board().refresh()


def test_a_period_that_somebody_looks_at_is_ready_in_the_next_evaluation(site: Site) -> None:
    from observant.web.board import board

    site.visitor("auditor").get("/readiness")
    looked_at = set(board().now.readings)
    controls = site.root / "controls.yaml"
    controls.write_text(controls.read_text() + "\n")

    assert 2 <= len(looked_at)
    assert looked_at == set(board().refresh().readings)
