"""Laws: one refused request makes gaps of exactly what it is for, and nothing half read passes for whole."""

import re

import pytest

from collect.microsoft.tenants import TENANT_LOGS, Reached, furnish, gaps, named, unread
from observant.collect.azure.logs import ACCOUNT, WORKSPACE
from observant.collect.entra import collect_tenant
from observant.collect.entra.applications import APPLICATION_OWNERS, PRINCIPAL_OWNERS
from observant.collect.entra.collector import PARTS
from observant.collect.entra.directory import USERS_LISTED, USERS_WITH_ACTIVITY
from observant.collect.entra.groups import POLICIES, REFERRING
from observant.collect.entra.roles import POLICY_ASSIGNMENTS, PRIVILEGES

OPERATIONS = sorted({one for part in PARTS for one in part.declaration.operations})
WITHOUT_HARM = {PRIVILEGES, USERS_LISTED, APPLICATION_OWNERS, PRINCIPAL_OWNERS}
"""Requests that add something, or that are made only when another one failed or shows too little."""

PATHS = {WORKSPACE: "*/workspaces/logs", ACCOUNT: "*/storageAccounts/archive"}
CONTAINING = {
    PRIVILEGES: "/beta/",
    USERS_WITH_ACTIVITY: "signInActivity",
    POLICIES: "eq 'Group'",
    POLICY_ASSIGNMENTS: "DirectoryRole",
}


@pytest.fixture(scope="module")
def whole():
    reached = Reached()
    furnish(reached.tenant)
    return read(reached)


@pytest.fixture
def reached():
    made = Reached()
    furnish(made.tenant)
    return made


def read(reached):
    return collect_tenant(reached.session(), reached.tenant.tenant_id, reached.time.now)


def spoil(reached, operation, **how):
    path = PATHS.get(operation) or re.sub(r"\{[^}]*\}", "*", operation.path)
    return reached.traffic.fault(path, containing=CONTAINING.get(operation, ""), **how)


def own(operation):
    return {name for part in PARTS if operation in part.declaration.operations for name in part.declaration.collections}


def same(whole, snapshot, but):
    """What differs from the snapshot in which nothing went wrong; moments of reading aside.

    When something that refers to groups cannot be read, fewer groups matter: those that remain must be the same.
    """
    different = {}
    for one in whole.collections:
        before, after = configured(one), configured(named(snapshot, one.name))
        if one.name == "entra.group_members" and but & set(REFERRING):
            before = {urn: each for urn, each in before.items() if urn in after}
        if before != after and one.name not in but | TENANT_LOGS:
            different[one.name] = after
    return different


def configured(collection):
    return {entity.urn: entity.configuration for entity in collection.entities}


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one != USERS_LISTED], ids=lambda one: one.name)
def test_a_denied_request_is_exactly_its_gaps(reached, whole, operation):
    spoil(reached, operation)
    snapshot = read(reached)
    found = gaps(snapshot)
    holes = unread(snapshot).keys() - TENANT_LOGS
    denied = {name for name, reason in found.items() if reason == "denied"} | holes

    if operation.path.endswith("/$count"):
        assert {} == found
        assert not any(named(snapshot, name).reconciled for name in own(operation))
    elif operation in WITHOUT_HARM:
        assert {} == found
    else:
        assert denied
        assert denied <= own(operation) | {"entra.access_review_decisions"}
        assert {"not_attempted"} >= {found[name] for name in found.keys() - denied}
    changed = {"entra.role_definitions"} if operation == PRIVILEGES else set()
    assert {} == same(whole, snapshot, found.keys() | holes | changed)
    assert not [one.name for one in snapshot.collections if one.gap is not None and one.entities]


SINGLE = {
    one
    for one in OPERATIONS
    if one.path.endswith(("/default", "Policy", "{tenant}", "{id}")) and "/{id}/members" not in one.path
}
"""Requests for one object, which has no next page."""

LISTINGS = [one for one in OPERATIONS if not one.path.endswith("/$count") and one not in WITHOUT_HARM]


@pytest.mark.parametrize("operation", LISTINGS, ids=lambda one: one.name)
@pytest.mark.parametrize("does", ["repeat", "break"])
def test_a_spoiled_answer_is_never_taken_for_a_list(reached, whole, operation, does):
    spoil(reached, operation, does=does)
    snapshot = read(reached)
    found = gaps(snapshot)
    affected = found.keys() | unread(snapshot).keys() - TENANT_LOGS
    is_list = any(one.body_sha256 and one.operation == operation.name for one in snapshot.requests)

    assert is_list
    assert affected & own(operation) or (does == "repeat" and operation in SINGLE)
    assert {} == same(whole, snapshot, affected)


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_failure_that_passes_leaves_only_its_retries(reached, whole, status):
    for operation in OPERATIONS:
        spoil(reached, operation, status=status, code="x", times=1)
    snapshot = read(reached)

    assert {} == gaps(snapshot)
    assert sum(one.retries for one in snapshot.requests) >= len(LISTINGS) - 6
    assert {} == same(whole, snapshot, set())


def test_throttling_that_does_not_end_is_told_apart(reached):
    reached.traffic.fault("/groups/*/members", status=429, code="TooManyRequests")

    assert {"entra.group_members": "throttled"} == gaps(read(reached))


def test_small_pages_make_the_same_snapshot(reached, whole):
    reached.service.pages.largest = 1

    assert {} == same(whole, read(reached), set())


def test_tokens_that_expire_on_the_way_make_the_same_snapshot(reached, whole):
    reached.service.pages.largest = 2
    session, get, asked = reached.session(), None, {"n": 0}
    get = session.get

    def forgetful(operation, url, about, headers=None):
        asked["n"] += 1
        if about.get("page") == 2 and not about.get("restart"):
            reached.service.pages.expire()
        return get(operation, url, about, headers)

    session.get = forgetful
    snapshot = collect_tenant(session, reached.tenant.tenant_id, reached.time.now)

    assert {} == gaps(snapshot)
    assert {} == same(whole, snapshot, set())
    assert any(one.parameters.get("restart") for one in snapshot.requests)


def test_the_same_tenant_gives_the_same_snapshot(whole):
    again = Reached()
    furnish(again.tenant)

    assert whole == read(again)
