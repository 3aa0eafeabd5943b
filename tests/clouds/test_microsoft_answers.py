"""Every answer that the collectors are given is of the shape Microsoft publishes: lists, pages, batches, refusals."""

from collections import Counter

import pytest

from clouds.published import (
    arm_error_problems,
    arm_problems,
    graph_error_problems,
    graph_paths,
    graph_problems,
)
from collect.microsoft.tenants import SUBSCRIPTION, Reached, furnish
from observant.collect.azure import collect_subscription
from observant.collect.entra import collect_tenant
from observant_clouds.microsoft.routing import Routes
from observant_clouds.microsoft.service import GRAPH_ROUTES

GRAPH = Routes(GRAPH_ROUTES)


def heard(reached):
    """(request, answer) of everything that both collectors ask for, requests inside of others included."""
    found, answer = [], reached.service.answer

    def listening(request):
        answered = answer(request)
        found.append((request, answered))
        return answered

    reached.service.answer = listening
    collect_tenant(reached.session(), reached.tenant.tenant_id, reached.time.now)
    subscription = reached.tenant.names["subscriptions", SUBSCRIPTION]
    collect_subscription(reached.session(), subscription, reached.time.now)
    return found


def problems(request, answer):
    version, _, rest = request.path.lstrip("/").partition("/")
    graph = version in ("v1.0", "beta")
    if answer.status != 200:
        return graph_error_problems(answer.body) if graph else arm_error_problems(answer.body)
    if not graph:
        return arm_problems(request.path, request.query["api-version"], answer.body)
    if rest == "$batch":
        return [part for part in answer.body["responses"] if {"id", "status", "headers", "body"} != part.keys()]
    route, _ = GRAPH.find("GET", f"/{rest}")
    if route.template.endswith("/$count"):
        return [] if answer.content.isdigit() else [answer.content]
    assert f"get {route.template}" in graph_paths(version)
    return graph_problems(version, f"get {route.template}", answer.body)


def wrong(reached):
    told = heard(reached)
    found = {f"{request.path}?{dict(request.query)}": problems(request, answer) for request, answer in told}
    return {address: problem for address, problem in found.items() if problem}, Counter(
        answer.status for _, answer in told
    )


@pytest.fixture
def reached():
    made = Reached()
    furnish(made.tenant)
    return made


def test_what_is_answered_to_whoever_may_read_everything(reached):
    reached.service.pages.largest = 3
    found, statuses = wrong(reached)

    assert {} == found
    assert statuses[200] > 100


def test_what_is_answered_without_a_licence_and_when_things_go_wrong(reached):
    reached.tenant.licence = "none"
    reached.service.permissions.discard("Application.Read.All")
    reached.service.reads = ["/"]
    reached.tenant.remove_group("outer")
    reached.traffic.fault("/users", status=429, code="TooManyRequests", times=1)
    reached.traffic.fault("/subscriptions/*", status=503, code="ServiceUnavailable", times=2)
    reached.traffic.fault("/groups", does="challenge", times=1)
    found, statuses = wrong(reached)

    assert {} == found
    assert {200, 400, 401, 403, 404, 429, 503} == statuses.keys()
