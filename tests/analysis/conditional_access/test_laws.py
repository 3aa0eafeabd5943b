"""Laws of coverage, and agreement with the slow evaluation, over generated tenants."""

from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.conditional_access import reference
from analysis.conditional_access.tenants import GLOBAL_ADMIN, READER, Tenant, document, id_of
from observant.analysis.conditional_access import REQUIREMENTS, STATES, Bounds, places, policies_about, reasons

PEOPLE = ("ada", "bob", "cy", "dan", "eve")
GUESTS = {"dan": "b2bCollaborationGuest", "eve": "internalGuest"}
ROLES = {GLOBAL_ADMIN: "ada", READER: "ada bob"}
GROUPS = ("g", "h", "i")

guids = [id_of(one) for one in PEOPLE]
some_people = st.lists(st.sampled_from(guids), max_size=2, unique=True)
some_groups = st.lists(st.sampled_from([id_of(one) for one in GROUPS]), max_size=2, unique=True)
some_roles = st.lists(st.sampled_from([GLOBAL_ADMIN, READER]), max_size=1)
some_guests = st.sampled_from(
    [
        None,
        {"guestOrExternalUserTypes": "internalGuest"},
        {"guestOrExternalUserTypes": "internalGuest,b2bCollaborationGuest"},
    ]
)
nesting = st.fixed_dictionaries(
    {name: st.lists(st.sampled_from([*PEOPLE, *GROUPS]), max_size=3, unique=True).map(" ".join) for name in GROUPS}
)


def listed(names: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), max_size=2, unique=True)


users = st.fixed_dictionaries(
    {
        "includeUsers": st.just(["All"]) | some_people,
        "excludeUsers": some_people,
        "includeGroups": some_groups,
        "excludeGroups": some_groups,
        "includeRoles": some_roles,
        "excludeRoles": some_roles,
        "includeGuestsOrExternalUsers": some_guests,
        "excludeGuestsOrExternalUsers": some_guests,
    }
)
conditions = st.fixed_dictionaries(
    {},
    optional={
        "clientAppTypes": st.just(["all"])
        | st.lists(st.sampled_from([*reference.CLIENTS[:3], "exchangeActiveSync", "other"]), max_size=3, unique=True),
        "platforms": st.fixed_dictionaries(
            {
                "includePlatforms": st.just(["all"]) | st.just(["windows", "iOS"]),
                "excludePlatforms": listed(["windows", "iOS"]),
            }
        ),
        "locations": st.fixed_dictionaries(
            {
                "includeLocations": st.just(["All"]) | st.just(["AllTrusted"]) | st.just(["here", "AllTrusted"]),
                "excludeLocations": listed(["here", "AllTrusted"]),
            }
        ),
        "signInRiskLevels": listed(["high", "medium"]),
        "authenticationFlows": st.just({"transferMethods": "deviceCodeFlow"}),
        "devices": st.sampled_from(["include", "exclude"]).map(
            lambda mode: {"deviceFilter": {"mode": mode, "rule": "r"}}
        ),
        "applications": st.fixed_dictionaries(
            {
                "includeApplications": st.just(["All"]) | st.just(["a"]) | st.just(["a", "b"]),
                "excludeApplications": listed(["a", "b"]),
            }
        ),
    },
)
strength = st.sampled_from([None, ["fido2"], ["fido2", "password,sms"], ["password"]]).map(
    lambda combinations: combinations and {"id": id_of("s"), "allowedCombinations": combinations}
)


@st.composite
def policy(draw: st.DrawFn) -> dict[str, Any]:
    controls = st.lists(st.sampled_from(["mfa", "block", "compliantDevice", "passwordChange"]), max_size=2, unique=True)
    return document(
        name=draw(st.text("xyz", min_size=1, max_size=3)),
        state=draw(st.sampled_from(["enabled"] * 4 + ["disabled", "enabledForReportingButNotEnforced"])),
        users=draw(users),
        grant=draw(st.just(["mfa"]) | st.just(["block"]) | controls | st.none()),
        operator=draw(st.sampled_from(["AND", "OR"])),
        strength=draw(strength),
        **draw(conditions),
    )


requirement = st.sampled_from(sorted(REQUIREMENTS))
policies = st.lists(policy(), max_size=4)


def tenant(groups: dict[str, str], unreadable: str = "") -> Tenant:
    return Tenant(" ".join(PEOPLE), groups=groups, roles=ROLES, guests=GUESTS, unreadable=unreadable)


def persons() -> list[reference.Person]:
    held = {name: frozenset(role for role, names in ROLES.items() if name in names.split()) for name in PEOPLE}
    return [reference.Person(name, GUESTS.get(name, ""), held[name]) for name in PEOPLE]


@settings(max_examples=300, deadline=None)
@given(requirement, policies, nesting)
def test_agrees_with_the_slow_evaluation(asked: str, documents: list[dict[str, Any]], groups: dict[str, str]) -> None:
    expected = {one.name: reference.state(asked, documents, one, groups) for one in persons()}

    assert expected == tenant(groups).states(asked, *documents)


@settings(max_examples=150, deadline=None)
@given(
    requirement, policies, nesting, st.lists(st.sampled_from(GROUPS), min_size=1, max_size=2, unique=True), st.data()
)
def test_unreadable_groups_give_bounds_that_hold_the_truth(
    asked: str, documents: list[dict[str, Any]], groups: dict[str, str], hidden: list[str], data: st.DataObject
) -> None:
    seen = {name: "" if name in hidden else inside for name, inside in groups.items()}
    world = seen | {name: " ".join(data.draw(st.lists(st.sampled_from(PEOPLE), unique=True))) for name in hidden}
    bounds = tenant(seen, unreadable=" ".join(hidden)).coverage(asked, *documents)
    truth = tenant(world).coverage(asked, *documents)

    for name in STATES:
        assert 0 == bounds.state(name).surely & ~truth.state(name).surely
        assert 0 == truth.state(name).surely & ~bounds.state(name).maybe


@settings(max_examples=150, deadline=None)
@given(requirement, policies, nesting, st.sampled_from(guids + [id_of(one) for one in GROUPS]), st.data())
def test_an_exclusion_more_covers_nobody_more(
    asked: str, documents: list[dict[str, Any]], groups: dict[str, str], excluded: str, data: st.DataObject
) -> None:
    before = tenant(groups).coverage(asked, *documents).covered
    if documents:
        chosen = data.draw(st.sampled_from(documents))["conditions"]["users"]
        chosen["excludeUsers"] = [*chosen["excludeUsers"], excluded]
        chosen["excludeGroups"] = [*chosen["excludeGroups"], excluded]
    after = tenant(groups).coverage(asked, *documents).covered

    assert 0 == after.surely & ~before.surely
    assert 0 == after.maybe & ~before.maybe


@settings(max_examples=100, deadline=None)
@given(requirement, policies, nesting, policy())
def test_report_only_changes_nothing(
    asked: str, documents: list[dict[str, Any]], groups: dict[str, str], more: dict[str, Any]
) -> None:
    tried = more | {"state": "enabledForReportingButNotEnforced"}

    assert tenant(groups).states(asked, *documents) == tenant(groups).states(asked, *documents, tried)


@settings(max_examples=100, deadline=None)
@given(requirement, policies, nesting, policy())
def test_a_policy_more_uncovers_nobody(
    asked: str, documents: list[dict[str, Any]], groups: dict[str, str], more: dict[str, Any]
) -> None:
    before = tenant(groups).coverage(asked, *documents).covered
    after = tenant(groups).coverage(asked, *documents, more).covered

    assert 0 == before.surely & ~after.surely


@settings(max_examples=100, deadline=None)
@given(requirement, policies, nesting)
def test_states_are_a_partition_and_everybody_else_has_a_reason(
    asked: str, documents: list[dict[str, Any]], groups: dict[str, str]
) -> None:
    one = tenant(groups)
    found = one.coverage(asked, *documents)
    together = 0
    for name in STATES:
        assert found.state(name).surely == found.state(name).maybe
        assert 0 == together & found.state(name).surely
        together |= found.state(name).surely
    told = {place: reason.state for people, reason in reasons(found, one.population) for place in places(people)}

    assert (1 << len(PEOPLE)) - 1 == together
    assert {
        place: state for place, state in enumerate(one.states(asked, *documents).values()) if state != "covered"
    } == told


@settings(max_examples=100, deadline=None)
@given(requirement, policies, nesting)
def test_the_ways_of_an_exemption_are_exclusions(
    asked: str, documents: list[dict[str, Any]], groups: dict[str, str]
) -> None:
    one = tenant(groups)
    found = one.coverage(asked, *documents)
    told = [(place, part) for place in range(len(PEOPLE)) for part in policies_about(found, one.population, place)]
    for place, part in told:
        person = persons()[place]
        source = next(each for each in documents if each["displayName"] == part.name)
        if sum(each["displayName"] == part.name for each in documents) == 1:
            assert part.excluded == reference.meant(source["conditions"]["users"], "exclude", person, groups)
            assert part.excluded == bool(part.excluded_by)


def test_bounds_stay_in_order() -> None:
    for a, b, c, d in product(range(4), repeat=4):
        one, other = Bounds(a & b, b), Bounds(c & d, d)
        for result in (one | other, one & other, one - other):
            assert 0 == result.surely & ~result.maybe
