"""The shared evaluation: made again when something changed, and not otherwise."""

import contextlib
import io

from observant.app.evaluate import judged
from observant.app.workspace import Workspace
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
