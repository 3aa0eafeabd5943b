"""No route without a rule, and every rule against every role: the table here is written by hand, not derived."""

import pytest

from web.conftest import URL, Site

ADMIN, COMPLIANCE, REVIEWER, AUDITOR, ANONYMOUS = "admin", "compliance", "reviewer", "auditor", "anonymous"
EVERYBODY = {ADMIN, COMPLIANCE, REVIEWER, AUDITOR, ANONYMOUS}
SIGNED_IN = EVERYBODY - {ANONYMOUS}
READERS = {ADMIN, COMPLIANCE, AUDITOR}
STAFF = {ADMIN, COMPLIANCE}

# route -> (address, who may GET it, who may POST to it)
TABLE = {
    "style": ("/style/x.css", EVERYBODY, set()),
    "icon": ("/favicon.ico", EVERYBODY, set()),
    "sign-in": ("/sign-in", EVERYBODY, EVERYBODY),
    "sign-out": ("/sign-out", set(), SIGNED_IN),
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
    "search": ("/search", READERS, set()),
    "member": ("/member", READERS, set()),
    "packages": ("/packages", READERS, STAFF),
    "package-verify": ("/packages/none/verify", set(), STAFF),
    "package-download": ("/packages/none.zip", READERS, set()),
    "reviews": ("/reviews", SIGNED_IN, set()),
    "review": ("/reviews/2026-q1", READERS, set()),
    "review-items": ("/reviews/2026-q1/items", STAFF | {REVIEWER}, STAFF | {REVIEWER}),
    "accounts": ("/accounts", {ADMIN}, {ADMIN}),
    "account-switch": ("/accounts/999999/switch", set(), {ADMIN}),
    "visits": ("/visits", STAFF, set()),
}
REFUSED = {302, 403, 405}
OPEN_TO_ALL = {"style", "icon", "sign-in", "welcome"}


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
        assert seen.headers.get("Location") != "/sign-in"
    elif visitor == ANONYMOUS:
        assert (302, "/sign-in") == (seen.status_code, seen.headers["Location"])
    else:
        assert 403 == seen.status_code
    if not writers:
        assert 405 == sent.status_code
    elif visitor in writers:
        assert sent.status_code not in {403, 405} or (route == "sign-in" and b"do not belong together" in sent.content)
    else:
        assert 403 == sent.status_code


def test_an_auditor_can_write_nothing_but_their_own_sign_in_and_out(site: Site) -> None:
    from observant.web.routes import ROUTES

    writable = {one.name for one in ROUTES if AUDITOR in one.writes}

    assert {"sign-in", "sign-out", "welcome"} == writable


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_do_not_exist(site: Site, method: str) -> None:
    assert 405 == site.visitor(ADMIN).generic(method, "/accounts").status_code


def test_a_view_without_a_rule_is_refused(site: Site) -> None:
    from django.test import RequestFactory

    from observant.web.access import deny_unruled
    from observant.web.state.models import Account

    request = RequestFactory(headers={"host": URL.removeprefix("http://")}).get("/readiness")
    request.user = Account.objects.get(email="admin@example.com")
    answer = deny_unruled(lambda _: None).process_view(request, lambda _: None)  # type: ignore[arg-type, return-value]

    assert answer is not None
    assert 403 == answer.status_code


def test_every_answer_carries_the_headers_that_keep_a_page_to_itself(site: Site) -> None:
    for address in ("/sign-in", "/readiness", "/nowhere", "/favicon.ico"):
        answer = site.visitor(ADMIN).get(address)

        assert "script-src" not in answer["Content-Security-Policy"]
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert "unsafe" not in answer["Content-Security-Policy"]
        assert "DENY" == answer["X-Frame-Options"]
        assert "nosniff" == answer["X-Content-Type-Options"]


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
