"""No route without a rule, and every rule against every role: the table here is written by hand, not derived."""

import re
from typing import Any

import pytest

from web.conftest import URL, Site

ADMIN, COMPLIANCE, REVIEWER, AUDITOR = "admin", "compliance", "reviewer", "auditor"
ANONYMOUS, NEWCOMER = "anonymous", "newcomer"
SIGNED_IN = {ADMIN, COMPLIANCE, REVIEWER, AUDITOR}
PRESENT = SIGNED_IN | {NEWCOMER}
EVERYBODY = PRESENT | {ANONYMOUS}
READERS = {ADMIN, COMPLIANCE, AUDITOR}
STAFF = {ADMIN, COMPLIANCE}

# route -> (address, who may GET it, who may POST to it)
TABLE = {
    "style": ("/style/x.css", EVERYBODY, set()),
    "icon": ("/favicon.ico", EVERYBODY, set()),
    "script": ("/script/x.js", EVERYBODY, set()),
    "account_login": ("/sign-in", EVERYBODY, EVERYBODY),
    "mfa_login_webauthn": ("/sign-in/passkey", EVERYBODY, EVERYBODY),
    "mfa_authenticate": ("/sign-in/factor", EVERYBODY, EVERYBODY),
    "account_inactive": ("/sign-in/closed", EVERYBODY, set()),
    "account_logout": ("/sign-out", set(), EVERYBODY),
    "account_reauthenticate": ("/confirm", PRESENT, PRESENT),
    "mfa_reauthenticate": ("/confirm/code", PRESENT, PRESENT),
    "mfa_reauthenticate_webauthn": ("/confirm/passkey", PRESENT, PRESENT),
    "account_change_password": ("/password", SIGNED_IN, SIGNED_IN),
    "mfa_index": ("/second-factor", PRESENT, set()),
    "mfa_activate_totp": ("/second-factor/app", PRESENT, PRESENT),
    "mfa_deactivate_totp": ("/second-factor/app/remove", PRESENT, PRESENT),
    "mfa_add_webauthn": ("/second-factor/passkey", PRESENT, PRESENT),
    "mfa_remove_webauthn": ("/second-factor/passkey/999999/remove", PRESENT, PRESENT),
    "mfa_view_recovery_codes": ("/second-factor/codes", PRESENT, set()),
    "mfa_generate_recovery_codes": ("/second-factor/codes/new", PRESENT, PRESENT),
    "openid_connect_login": ("/sign-in/oidc/none", EVERYBODY, set()),
    "openid_connect_callback": ("/sign-in/oidc/none/callback", EVERYBODY, set()),
    "socialaccount_login_cancelled": ("/sign-in/cancelled", EVERYBODY, set()),
    "saml_login": ("/sign-in/saml/none", EVERYBODY, set()),
    "saml_acs": ("/sign-in/saml/none/acs", set(), EVERYBODY),
    "saml_finish_acs": ("/sign-in/saml/none/acs/finish", EVERYBODY, set()),
    "saml_metadata": ("/sign-in/saml/none/metadata", EVERYBODY, set()),
    "saml_sls": ("/sign-in/saml/none/sign-out", EVERYBODY, set()),
    "welcome": ("/welcome/none", EVERYBODY, EVERYBODY),
    "home": ("/", SIGNED_IN, set()),
    "readiness": ("/readiness", READERS, set()),
    "control": ("/controls/AC/01", READERS, set()),
    "check": ("/checks/entra-user-inactive", READERS, set()),
    "exceptions": ("/exceptions", READERS, set()),
    "exception": ("/exceptions/none", READERS, set()),
    "evidence": ("/evidence", READERS, set()),
    "record": ("/evidence/3", READERS, set()),
    "collection": ("/evidence/3/entra.users", READERS, set()),
    "object": ("/evidence/3/objects/none", READERS, set()),
    "raw": ("/evidence/3/objects/none.json", READERS, set()),
    "sources": ("/sources", READERS, set()),
    "people": ("/people", READERS, set()),
    "person": ("/person", READERS, set()),
    "frameworks": ("/frameworks", READERS, set()),
    "framework": ("/frameworks/soc-2", READERS, set()),
    "search": ("/search", READERS, set()),
    "member": ("/member", READERS, set()),
    "packages": ("/packages", READERS, STAFF),
    "package-verify": ("/packages/none/verify", set(), STAFF),
    "package-download": ("/packages/none.zip", READERS, set()),
    "reviews": ("/reviews", SIGNED_IN, set()),
    "review": ("/reviews/2026-q1", READERS, set()),
    "review-items": ("/reviews/2026-q1/items", STAFF | {REVIEWER}, STAFF | {REVIEWER}),
    "review-open": ("/open-review", STAFF, STAFF),
    "review-close": ("/reviews/2026-q1/close", set(), STAFF),
    "review-give": ("/reviews/2026-q1/give", set(), STAFF | {REVIEWER}),
    "review-ticket": ("/reviews/2026-q1/ticket", set(), STAFF),
    "review-ready": ("/reviews/2026-q1/ready", set(), STAFF | {REVIEWER}),
    "review-sign": ("/reviews/2026-q1/sign", set(), STAFF | {REVIEWER}),
    "review-signed": ("/reviews/2026-q1/signed/ada", SIGNED_IN, set()),
    "review-file": ("/reviews/2026-q1/signed/ada/table", SIGNED_IN, set()),
    "passkeys": ("/passkeys", STAFF | {REVIEWER}, STAFF | {REVIEWER}),
    "passkey-withdraw": ("/passkeys/withdraw", set(), STAFF | {REVIEWER}),
    "accounts": ("/accounts", {ADMIN}, {ADMIN}),
    "account-reset": ("/accounts/999999/reset", set(), {ADMIN}),
    "account-switch": ("/accounts/999999/switch", set(), {ADMIN}),
    "visits": ("/visits", STAFF, set()),
}
OPEN_TO_ALL = {name for name, (_, readers, writers) in TABLE.items() if ANONYMOUS in readers | writers}
SENT_TO = {ANONYMOUS: "/sign-in", NEWCOMER: "/second-factor"}


def refused(answer: Any) -> bool:
    return 403 == answer.status_code and b"Not for this account" in answer.content


def test_every_route_is_in_the_table_and_has_a_rule(site: Site) -> None:
    from django.urls import get_resolver

    patterns = get_resolver().url_patterns

    assert set(TABLE) == {one.name for one in patterns}
    for one in patterns:
        assert one.name == one.callback.rule.name


@pytest.mark.parametrize("visitor", sorted(EVERYBODY))
@pytest.mark.parametrize("route", TABLE)
def test_every_visitor_gets_what_the_table_says(site: Site, route: str, visitor: str) -> None:
    address, readers, writers = TABLE[route]
    client = site.visitor(visitor)

    seen = client.get(address)
    sent = client.post(address)

    if not readers:
        assert 405 == seen.status_code
    elif visitor in readers:
        assert seen.status_code in {200, 302, 404}, seen.content
        assert route in OPEN_TO_ALL or seen.headers.get("Location") not in SENT_TO.values()
    elif visitor in SENT_TO:
        assert (302, SENT_TO[visitor]) == (seen.status_code, seen.headers["Location"])
    else:
        assert refused(seen)
    if not writers:
        assert 405 == sent.status_code
    elif visitor in writers:
        assert 405 != sent.status_code
        assert not refused(sent)
    else:
        assert refused(sent)


def test_what_is_open_to_everybody_is_the_way_in_alone() -> None:
    assert all(
        address.startswith(("/style/", "/script/", "/favicon.ico", "/sign-in", "/sign-out", "/welcome/"))
        for address in (TABLE[route][0] for route in OPEN_TO_ALL)
    )


def test_a_newcomer_can_do_nothing_but_enrol_and_leave() -> None:
    mine = {name for name, (_, readers, writers) in TABLE.items() if NEWCOMER in readers | writers} - OPEN_TO_ALL

    assert all(TABLE[name][0].startswith(("/second-factor", "/confirm")) for name in mine)


def test_an_auditor_can_write_nothing_but_their_own_way_in(site: Site) -> None:
    from observant.web.routes import ROUTES

    writable = [TABLE[one.name][0] for one in ROUTES if AUDITOR in one.writes]

    assert all(one.startswith(("/sign-", "/welcome/", "/confirm", "/second-factor", "/password")) for one in writable)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_do_not_exist(site: Site, method: str) -> None:
    assert 405 == site.visitor(ADMIN).generic(method, "/accounts").status_code


def test_a_view_without_a_rule_is_refused(site: Site) -> None:
    from django.test import RequestFactory

    from observant.web.access import deny_unruled
    from observant.web.state.models import Account

    request = RequestFactory(headers={"host": URL.removeprefix("http://")}).get("/readiness")
    request.user = Account.objects.get(email="admin@example.com")
    request.session = site.visitor(ADMIN).session
    answer = deny_unruled(lambda _: None).process_view(request, lambda _: None)  # type: ignore[arg-type, return-value]

    assert answer is not None
    assert 403 == answer.status_code


def test_every_answer_carries_the_headers_that_keep_a_page_to_itself(site: Site) -> None:
    for address in ("/accounts", "/readiness", "/nowhere", "/favicon.ico"):
        answer = site.visitor(ADMIN).get(address)

        assert "script-src" not in answer["Content-Security-Policy"]
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert "unsafe" not in answer["Content-Security-Policy"]
        assert "DENY" == answer["X-Frame-Options"]
        assert "nosniff" == answer["X-Content-Type-Options"]


def test_scripts_run_where_passkeys_are_used_alone_and_never_from_within_a_page(site: Site) -> None:
    from observant.web.routes import ROUTES

    entrance = {"account_login", "mfa_authenticate", "mfa_reauthenticate_webauthn", "mfa_add_webauthn"}
    signing = {"review-items", "review-ready", "review-sign", "passkeys", "passkey-withdraw"}
    assert entrance | signing == {one.name for one in ROUTES if one.scripted}
    answer = site.visitor(ANONYMOUS).get("/sign-in")

    assert answer["Content-Security-Policy"].endswith("script-src 'self'; connect-src 'self'")
    inline = re.findall(rb"<script(?![^>]* src=)(?![^>]* type=\"application/json\")[^>]*>", answer.content)
    assert [] == inline
    (address,) = re.findall(rb'<script src="([^"]+)"', answer.content)
    assert "text/javascript; charset=utf-8" == site.visitor(ANONYMOUS).get(address.decode())["Content-Type"]


def test_what_an_auditor_opens_is_logged_and_a_reader_is_not(site: Site) -> None:
    from observant.web.state.models import Visit

    before = Visit.objects.count()
    site.visitor(AUDITOR).get("/exceptions?check=entra-user-inactive")
    site.visitor(COMPLIANCE).get("/exceptions")

    assert before + 1 == Visit.objects.count()
    last = Visit.objects.latest("pk")
    assert ("auditor@example.com", "/exceptions?check=entra-user-inactive", 200) == (
        last.account.email,
        last.path,
        last.status,
    )


def test_an_auditor_sees_their_period_alone(site: Site) -> None:
    page = site.visitor(AUDITOR).get("/readiness?from=2025-01-01&to=2027-01-01").content.decode()

    assert "All controls, 2026-03-01 to 2026-03-03" in page
    assert "What falls due next" not in page
