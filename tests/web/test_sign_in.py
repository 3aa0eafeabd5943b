"""The way in: invitations, sessions, limits, forged forms."""

import stat
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from observant.errors import UsageError
from web.conftest import PASSWORD, SECRET, URL, Site, code

STRONG = "tepid marmalade violin"


@pytest.fixture(autouse=True)
def _no_attempts(site: Site) -> None:
    from observant.web.state.models import Attempt

    Attempt.objects.all().delete()


_numbers = count()


def invite(role: str = "compliance", email: str = "") -> str:
    """A link for somebody new: accounts that did something are never deleted."""
    from observant.web import invitations

    return invitations.invite(role, email or f"new{next(_numbers)}@example.com", "", None)


def answer(**changed: str) -> dict[str, str]:
    return {"name": "New", "password": STRONG, "again": STRONG} | changed


def test_an_invitation_makes_one_account_and_signs_in(site: Site) -> None:
    token = invite()
    client = site.visitor("anonymous")

    assert "/second-factor" == client.post(f"/welcome/{token}", answer()).headers["Location"]
    assert "/second-factor" == client.get("/readiness").headers["Location"]
    assert 404 == site.visitor("anonymous").post(f"/welcome/{token}", answer()).status_code


def test_an_invitation_expires(site: Site) -> None:
    from django.utils import timezone

    from observant.web.state.models import Invitation

    token = invite()
    Invitation.objects.update(expires=timezone.now() - timedelta(seconds=1))

    assert 404 == site.visitor("anonymous").get(f"/welcome/{token}").status_code


def test_the_role_is_the_invitations_whatever_the_form_says(site: Site) -> None:
    from observant.web.state.models import Account

    token = invite("auditor", "only@example.com")
    from observant.web.state.models import Invitation

    Invitation.objects.filter(email="only@example.com").update(role="reviewer")
    site.visitor("anonymous").post(f"/welcome/{token}", answer(role="admin", email="admin2@example.com"))

    assert "reviewer" == Account.objects.get(email="only@example.com").role
    assert not Account.objects.filter(email="admin2@example.com").exists()


@pytest.mark.parametrize("weak", ["short", "123456789012", "newnewnew@example.com", "qwertyuiop123"])
def test_weak_passwords_are_refused(site: Site, weak: str) -> None:
    token = invite()

    sent = site.visitor("anonymous").post(f"/welcome/{token}", answer(password=weak, again=weak))

    assert 422 == sent.status_code
    assert f'value="{weak}"'.encode() not in sent.content


def test_the_first_link_is_for_a_server_without_administrator_and_only_the_last_one_is_valid(site: Site) -> None:
    from observant.web import invitations
    from observant.web.state.models import Account

    assert "" == invitations.first_administrator()
    Account.objects.filter(role="admin").update(is_active=False)
    try:
        first, second = invitations.first_administrator(), invitations.first_administrator()
        assert invitations.invitation_of(first) is None
        assert invitations.invitation_of(second) is not None
    finally:
        Account.objects.filter(role="admin").update(is_active=True)


def test_signing_in_replaces_a_session_that_was_planted(site: Site) -> None:
    client = site.visitor("anonymous")
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["observant-session"] = session.session_key

    client.post("/sign-in", {"login": "admin@example.com", "password": PASSWORD})
    client.post("/sign-in/factor", {"code": code(SECRET)})

    assert 200 == client.get("/readiness").status_code
    assert session.session_key != client.cookies["observant-session"].value
    stolen = site.visitor("anonymous")
    stolen.cookies["observant-session"] = session.session_key
    assert 302 == stolen.get("/readiness").status_code


def test_five_wrong_passwords_close_the_door_even_to_the_right_one(site: Site) -> None:
    client = site.visitor("anonymous")
    tries = [client.post("/sign-in", {"login": "admin@example.com", "password": "wrong"}) for _ in range(5)]

    assert {403} == {one.status_code for one in tries}
    assert 429 == client.post("/sign-in", {"login": "ADMIN@example.com", "password": PASSWORD}).status_code


def test_nobody_learns_who_has_an_account(site: Site) -> None:
    pages = [
        site.visitor("anonymous").post("/sign-in", {"login": email, "password": "wrong"}).content.decode()
        for email in ("admin@example.com", "nobody@example.com")
    ]

    assert all("E-mail address and password do not belong together." in one for one in pages)


def test_a_closed_account_is_out_at_once(site: Site) -> None:
    from observant.web.state.models import Account

    client = site.visitor("compliance")
    number = Account.objects.get(email="compliance@example.com").pk
    assert 200 == client.get("/readiness").status_code
    site.visitor("admin").post(f"/accounts/{number}/switch")
    try:
        assert 302 == client.get("/readiness").status_code
    finally:
        site.visitor("admin").post(f"/accounts/{number}/switch")
    assert 200 == site.visitor("compliance").get("/readiness").status_code


def test_forms_from_elsewhere_do_nothing(site: Site) -> None:
    from django.test import Client

    from observant.web.state.models import Account

    client = Client(enforce_csrf_checks=True, headers={"host": URL.removeprefix("http://")})
    client.force_login(Account.objects.get(email="admin@example.com"))
    for address in ("/sign-in", "/sign-out", "/accounts", "/accounts/1/switch"):
        assert 403 == client.post(address).status_code
    assert 200 == client.get("/readiness").status_code


def test_other_host_names_are_refused(site: Site) -> None:
    assert 400 == site.visitor("anonymous").get("/sign-in", headers={"host": "evil.example"}).status_code


def test_the_key_and_the_database_are_for_their_owner(site: Site) -> None:
    folder = site.root / "web"
    files = [file for file in folder.iterdir() if file.is_file() and file.name != ".gitignore"]

    assert {0o600} == {stat.S_IMODE(file.stat().st_mode) for file in files}
    assert 0o700 == stat.S_IMODE(folder.stat().st_mode)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    from observant.web.settings import secret_key

    made = secret_key(tmp_path / "key")
    assert made == secret_key(tmp_path / "key")
    (tmp_path / "key").chmod(0o640)

    with pytest.raises(UsageError, match="can be read by others"):
        secret_key(tmp_path / "key")


@pytest.mark.parametrize(
    ("url", "listen"),
    [("http://observant.example.com", "127.0.0.1:8400"), ("http://127.0.0.1:8400", "0.0.0.0:8400"), ("ftp://x", "x")],
)
def test_nothing_is_served_in_the_clear(url: str, listen: str) -> None:
    from observant.web.serve import _check_url, _host_and_port

    with pytest.raises(UsageError):
        (_check_url(url), _host_and_port(listen, url))


def test_https_makes_cookies_secure(site: Site) -> None:
    from observant.app.workspace import Workspace
    from observant.web.settings import settings_for

    made = settings_for(Workspace.open(site.root), "https://observant.example.com")

    assert made["SESSION_COOKIE_SECURE"]
    assert made["CSRF_COOKIE_SECURE"]
    assert made["SESSION_COOKIE_NAME"].startswith("__Host-")


def test_no_token_reaches_a_log(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    token = invite()
    site.visitor("anonymous").post(f"/welcome/{token}", answer(password="short"))
    site.visitor("anonymous").get(f"/welcome/{token}x")

    assert "/welcome/…" in caplog.text
    assert token not in caplog.text
