"""Second factors: nobody comes in with a password alone, and nobody tries codes for long."""

import re
import time
from typing import Any

import pytest

from web.conftest import PASSWORD, SECRET, Site, code


@pytest.fixture(autouse=True)
def _fresh(site: Site) -> None:
    """No tries yet, and codes that were used can be used again."""
    from django.core.cache import cache

    from observant.web.state.models import Attempt

    Attempt.objects.all().delete()
    cache.clear()


def after_password(site: Site, email: str = "compliance@example.com") -> Any:
    client = site.visitor("anonymous")
    sent = client.post("/sign-in", {"login": email, "password": PASSWORD})
    client.sent_to = sent.headers.get("Location")
    return client


def test_the_reference_code_is_that_of_the_standard() -> None:
    assert "287082" == code("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 59)  # RFC 6238, appendix B, the last six digits


def test_a_password_alone_opens_nothing(site: Site) -> None:
    client = after_password(site)

    assert "/sign-in/factor" == client.sent_to
    assert "/sign-in" == client.get("/readiness").headers["Location"]


def test_the_code_of_the_app_opens_and_a_wrong_one_does_not(site: Site) -> None:
    client = after_password(site)

    wrong = client.post("/sign-in/factor", {"code": code(SECRET, time.time() + 3600)})
    assert "This code is not right, or no longer." in wrong.content.decode()
    assert "/sign-in" == client.get("/readiness").headers["Location"]
    assert 302 == client.post("/sign-in/factor", {"code": code(SECRET)}).status_code
    assert 200 == client.get("/readiness").status_code


def test_a_code_opens_once(site: Site) -> None:
    now = code(SECRET)
    assert 302 == after_password(site).post("/sign-in/factor", {"code": now}).status_code

    assert 200 == after_password(site).post("/sign-in/factor", {"code": now}).status_code


def test_five_wrong_codes_close_the_door_even_to_the_right_one(site: Site) -> None:
    client = after_password(site)
    for _ in range(5):
        client.post("/sign-in/factor", {"code": "000000"})

    sent = client.post("/sign-in/factor", {"code": code(SECRET)})

    assert "Too many attempts" in sent.content.decode()
    again = after_password(site)  # the password counts apart, and is forgotten when it is right: codes are not
    assert "Too many attempts" in again.post("/sign-in/factor", {"code": code(SECRET)}).content.decode()


def test_a_newcomer_enrols_an_app_gets_recovery_codes_and_is_in(site: Site) -> None:
    from allauth.mfa.models import Authenticator

    client = after_password(site, "newcomer@example.com")
    assert "/" == client.sent_to
    assert "/second-factor" == client.get("/").headers["Location"]
    assert "A password alone is not enough" in client.get("/second-factor").content.decode()
    try:
        (secret,) = re.findall(r"Key <code>(\w+)</code>", client.get("/second-factor/app").content.decode())
        sent = client.post("/second-factor/app", {"code": code(secret)})
        assert "/second-factor/codes" == sent.headers["Location"]
        listed = re.findall(r"<li><code>(\d+)</code>", client.get("/second-factor/codes").content.decode())
        assert 10 == len(set(listed))
        assert 200 == client.get("/readiness").status_code

        stored = str(list(Authenticator.objects.filter(user__email="newcomer@example.com").values_list("data")))
        assert secret not in stored
        assert not any(one in stored for one in listed)

        other = after_password(site, "newcomer@example.com")
        assert 302 == other.post("/sign-in/factor", {"code": listed[0]}).status_code
        assert 200 == other.get("/readiness").status_code
        once = after_password(site, "newcomer@example.com")
        assert 200 == once.post("/sign-in/factor", {"code": listed[0]}).status_code
    finally:
        Authenticator.objects.filter(user__email="newcomer@example.com").delete()


def test_an_administrator_makes_somebody_enrol_anew_and_the_open_session_too(site: Site) -> None:
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import TOTP

    from observant.web.state.models import Account

    account = Account.objects.get(email="compliance@example.com")
    client = site.visitor("compliance")
    site.visitor("admin").post(f"/accounts/{account.pk}/reset")
    try:
        assert not Authenticator.objects.filter(user=account).exists()
        assert "/second-factor" == client.get("/readiness").headers["Location"]
    finally:
        TOTP.activate(account, SECRET)


def test_nobody_resets_their_own_factors_as_an_administrator(site: Site) -> None:
    from observant.web.state.models import Account

    client = site.visitor("admin")
    client.post(f"/accounts/{Account.objects.get(email='admin@example.com').pk}/reset")

    assert 200 == client.get("/accounts").status_code


def test_an_old_session_changes_no_factor_without_confirming(site: Site) -> None:
    client = site.visitor("compliance")  # signed in, but not by a password shown lately

    assert "/confirm?next=%2Fsecond-factor%2Fpasskey" == client.get("/second-factor/passkey").headers["Location"]
    assert "This is not the password." in client.post("/confirm", {"password": "wrong"}).content.decode()
    confirmed = client.post("/confirm", {"password": PASSWORD, "next": "/second-factor/passkey"})
    assert "/second-factor/passkey" == confirmed.headers["Location"]
    assert 200 == client.get("/second-factor/passkey").status_code


def test_a_changed_password_ends_other_sessions_and_the_old_one_opens_nothing(site: Site) -> None:
    from observant.web.state.models import Account

    new = "seventeen purple anvils"
    client, other = site.visitor("compliance"), site.visitor("compliance")
    try:
        wrong = client.post("/password", {"oldpassword": "wrong", "password1": new, "password2": new})
        assert "This is not the password of now." in wrong.content.decode()
        weak = client.post("/password", {"oldpassword": PASSWORD, "password1": "short", "password2": "short"})
        assert "too short" in weak.content.decode()
        changed = client.post("/password", {"oldpassword": PASSWORD, "password1": new, "password2": new})
        assert "/second-factor" == changed.headers["Location"]
        assert 200 == client.get("/readiness").status_code
        assert "/sign-in" == other.get("/readiness").headers["Location"]
        assert after_password(site).sent_to is None
    finally:
        account = Account.objects.get(email="compliance@example.com")
        account.set_password(PASSWORD)
        account.save()


def test_confirming_leads_nowhere_else(site: Site) -> None:
    sent = site.visitor("compliance").post("/confirm", {"password": PASSWORD, "next": "https://evil.example/"})

    assert "/" == sent.headers["Location"]


def test_a_closed_account_is_told_so_after_its_password_alone(site: Site) -> None:
    from observant.web.state.models import Account

    Account.objects.filter(email="compliance@example.com").update(is_active=False)
    try:
        client = after_password(site)
        assert client.sent_to in {"/sign-in/closed", "/sign-in/factor"}
        client.post("/sign-in/factor", {"code": code(SECRET)})
        assert "/sign-in" == client.get("/readiness").headers["Location"]
    finally:
        Account.objects.filter(email="compliance@example.com").update(is_active=True)


def test_what_is_sealed_opens_with_its_key_alone() -> None:
    from observant.web.entrance.sealing import seal, unseal

    sealed = seal("secret", "key")

    assert "secret" not in sealed
    assert "secret" == unseal(sealed, "key")
    assert unseal(sealed, "other") != unseal(sealed, "other")
