"""The traps of Conditional Access, one by one."""

from typing import Any

import pytest

from analysis.conditional_access.tenants import (
    GLOBAL_ADMIN,
    PHISHING_RESISTANT,
    READER,
    Tenant,
    document,
    id_of,
    ids,
)

ALL = {"includeUsers": ["All"]}


def test_exclusion_wins_over_inclusion() -> None:
    one = document(users=ALL | {"includeUsers": ["All", id_of("bob")], "excludeUsers": ids("bob")})

    assert {"ada": "covered", "bob": "exempt", "cy": "covered"} == Tenant().states("mfa", one)


def test_another_policy_covers_whom_the_first_exempts() -> None:
    first = document(name="first", users=ALL | {"excludeUsers": ids("bob", "cy")})
    second = document(name="second", users={"includeUsers": ids("bob")})

    assert {"ada": "covered", "bob": "covered", "cy": "exempt"} == Tenant().states("mfa", first, second)


def test_groups_in_groups_and_circles() -> None:
    tenant = Tenant(groups={"outer": "ada middle", "middle": "inner", "inner": "bob outer"})
    one = document(users=ALL | {"excludeGroups": ids("outer")})

    assert {"ada": "exempt", "bob": "exempt", "cy": "covered"} == tenant.states("mfa", one)


def test_a_deleted_id_is_nobody() -> None:
    one = document(users={"includeUsers": ids("gone"), "includeGroups": ids("gone"), "includeRoles": ids("gone")})
    two = document(users=ALL | {"excludeUsers": ids("gone"), "excludeGroups": ids("gone")})

    assert "" == Tenant().covered("mfa", one)
    assert "ada bob cy" == Tenant().covered("mfa", two)


def test_an_unreadable_group_leaves_open_who_is_in_it() -> None:
    tenant = Tenant(groups={"hidden": "ada"}, unreadable="hidden")
    excluded = document(users=ALL | {"excludeGroups": ids("hidden")})
    included = document(users={"includeGroups": ids("hidden")})

    assert {"ada": "exempt", "bob": "?", "cy": "?"} == tenant.states("mfa", excluded)
    assert {"ada": "covered", "bob": "?", "cy": "?"} == tenant.states("mfa", included)


@pytest.mark.parametrize(
    ("operator", "controls", "required"),
    [
        ("OR", ["mfa"], True),
        ("OR", ["mfa", "compliantDevice"], False),
        ("AND", ["mfa", "compliantDevice"], True),
        ("AND", ["mfa", "passwordChange"], True),
        ("OR", ["passwordChange"], False),
        ("OR", ["block"], True),
        ("OR", [], False),
    ],
)
def test_or_lets_in_by_the_weaker_control(operator: str, controls: list[str], required: bool) -> None:
    one = document(grant=controls, operator=operator)

    assert ("ada bob cy" if required else "") == Tenant().covered("mfa", one)


def test_without_grant_controls_nothing_is_required() -> None:
    assert {"ada": "uncovered", "bob": "uncovered", "cy": "uncovered"} == Tenant().states("mfa", document(grant=None))


def test_a_control_nobody_knows_is_not_assumed_to_help() -> None:
    alone = document(grant=["quantumHandshake"])
    beside = document(grant=["mfa", "quantumHandshake"], operator="AND")

    assert {"?"} == set(Tenant().states("mfa", alone).values())
    assert "ada bob cy" == Tenant().covered("mfa", beside)


@pytest.mark.parametrize("state", ["disabled", "enabledForReportingButNotEnforced"])
def test_only_enabled_policies_enforce(state: str) -> None:
    assert {"uncovered"} == set(Tenant().states("mfa", document(state=state)).values())


def test_a_state_nobody_knows_leaves_it_open() -> None:
    assert {"?"} == set(Tenant().states("mfa", document(state="enabledOnTuesdays")).values())


NARROWING: dict[str, Any] = {
    "trusted locations": {"locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}},
    "one location": {"locations": {"includeLocations": ids("here")}},
    "platform": {"platforms": {"includePlatforms": ["windows"]}},
    "all platforms but one": {"platforms": {"includePlatforms": ["all"], "excludePlatforms": ["linux"]}},
    "browser": {"clientAppTypes": ["browser"]},
    "sign-in risk": {"signInRiskLevels": ["high"]},
    "user risk": {"userRiskLevels": ["high", "medium", "low"]},
    "insider risk": {"insiderRiskLevels": "elevated"},
    "device filter": {"devices": {"deviceFilter": {"mode": "exclude", "rule": "device.isCompliant -eq True"}}},
    "old device state": {"deviceStates": {"includeStates": ["All"], "excludeStates": ["Compliant"]}},
    "one application": {"applications": {"includeApplications": ["Office365"]}},
    "excluded application": {"applications": {"includeApplications": ["All"], "excludeApplications": ids("app")}},
    "application filter": {
        "applications": {"includeApplications": ["All"], "applicationFilter": {"mode": "exclude", "rule": "a"}}
    },
    "flow": {"authenticationFlows": {"transferMethods": "deviceCodeFlow"}},
}


@pytest.mark.parametrize("narrowing", NARROWING)
def test_a_condition_that_narrows_makes_coverage_conditional(narrowing: str) -> None:
    found = Tenant().coverage("mfa", document(**NARROWING[narrowing]))

    assert "ada bob cy" == Tenant().named(found.conditional.surely)
    assert found.effects[0].policy.conditions.narrowing


NOT_NARROWING: dict[str, Any] = {
    "nothing set": {
        "locations": None,
        "platforms": None,
        "devices": None,
        "signInRiskLevels": [],
        "clientAppTypes": [],
    },
    "empty objects": {"devices": {"deviceFilter": {"mode": None, "rule": None}}, "locations": []},
    "everything named": {"locations": {"includeLocations": ["All"]}, "platforms": {"includePlatforms": ["all"]}},
    "modern clients": {"clientAppTypes": ["browser", "mobileAppsAndDesktopClients"]},
    "other case": {"clientAppTypes": ["All"]},
}


@pytest.mark.parametrize("given", NOT_NARROWING)
def test_a_condition_that_is_not_set_narrows_nothing(given: str) -> None:
    assert "ada bob cy" == Tenant().covered("mfa", document(**NOT_NARROWING[given]))


@pytest.mark.parametrize(
    "unknown",
    [
        {"weather": {"includeWeather": ["rain"]}},
        {"clientAppTypes": ["all", "telepathy"]},
        {"platforms": {"includePlatforms": ["all"], "excludePlatforms": ["toaster"]}},
        {"locations": {"includeLocations": ["All"], "includeMoons": ["Io"]}},
        {"authenticationFlows": {"transferMethods": "carrierPigeon"}},
        {"devices": {"deviceFilter": {"mode": "sometimes", "rule": "a"}}},
        {"applications": {"includeApplications": ["All"], "includeFeelings": ["joy"]}},
        {"signInRiskLevels": "high"},
        {"times": {"include": "always"}},
    ],
)
def test_a_condition_nobody_knows_is_not_assumed_to_cover(unknown: dict[str, Any]) -> None:
    assert {"?"} == set(Tenant().states("mfa", document(**unknown)).values())


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"applications": {"includeApplications": ["None"]}},
        {"applications": {"includeApplications": [], "includeUserActions": ["urn:user:registersecurityinfo"]}},
        {"applications": {"includeAuthenticationContextClassReferences": ["c1"]}},
        {"applications": {"networkAccess": {"includeTrafficProfiles": "internet"}}},
        {"clientApplications": {"includeServicePrincipals": ["ServicePrincipalsInMyTenant"]}},
        {"servicePrincipalRiskLevels": ["high"]},
        {"agentIdRiskLevels": "high"},
    ],
)
def test_policies_about_something_else_cover_no_sign_in(elsewhere: dict[str, Any]) -> None:
    assert {"uncovered"} == set(Tenant().states("mfa", document(**elsewhere)).values())


def test_nobody_is_included_by_none() -> None:
    assert {"uncovered"} == set(Tenant().states("mfa", document(users={"includeUsers": ["None"]})).values())


def test_policies_that_complement_each_other_cover() -> None:
    inside = document(name="inside", locations={"includeLocations": ["AllTrusted"]}, grant=["block"])
    outside = document(name="outside", locations={"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]})
    browser = document(name="browser", clientAppTypes=["browser"], users={"includeUsers": ids("ada")})
    apps = document(name="apps", clientAppTypes=["mobileAppsAndDesktopClients"], users={"includeUsers": ids("ada")})

    assert "ada bob cy" == Tenant().covered("mfa", inside, outside)
    assert {"ada": "covered", "bob": "uncovered", "cy": "uncovered"} == Tenant().states("mfa", browser, apps)


def test_policies_that_leave_a_corner_do_not_cover() -> None:
    windows = document(
        name="windows",
        platforms={"includePlatforms": ["windows"], "excludePlatforms": []},
        locations={"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]},
    )
    others = document(name="others", platforms={"includePlatforms": ["all"], "excludePlatforms": ["windows"]})
    corner = document(
        name="corner",
        grant=["block"],
        platforms={"includePlatforms": ["windows"]},
        locations={"includeLocations": ["AllTrusted"]},
    )

    for given in ([windows, others], [others, windows], [corner, others], [others, corner]):
        assert {"conditional"} == set(Tenant().states("mfa", *given).values())
    for given in ([windows, others, corner], [corner, windows, others]):
        assert "ada bob cy" == Tenant().covered("mfa", *given)


def test_exempt_from_half_of_a_pair_is_conditional() -> None:
    browser = document(name="browser", clientAppTypes=["browser"])
    apps = document(
        name="apps", clientAppTypes=["mobileAppsAndDesktopClients"], users=ALL | {"excludeUsers": ids("bob")}
    )

    assert {"ada": "covered", "bob": "conditional", "cy": "covered"} == Tenant().states("mfa", browser, apps)


def test_roles_count_as_read_and_activated_roles_for_their_time() -> None:
    tenant = Tenant(roles={GLOBAL_ADMIN: "ada"}, activations={"bob": GLOBAL_ADMIN, "cy": READER})
    one = document(users={"includeRoles": [GLOBAL_ADMIN]})
    two = document(users=ALL | {"excludeRoles": [GLOBAL_ADMIN]})

    assert "ada bob+" == tenant.covered("mfa", one)
    assert "bob cy cy+" == tenant.covered("mfa", two)


def test_activated_admins_keep_groups_names_and_roles() -> None:
    tenant = Tenant(groups={"g": "bob"}, roles={READER: "bob"}, activations={"bob": GLOBAL_ADMIN})

    for users in ({"includeGroups": ids("g")}, {"includeUsers": ids("bob")}, {"includeRoles": [READER]}):
        assert "bob bob+" == tenant.covered("mfa", document(users=users))


GUESTS = {"ada": "internalGuest", "bob": "b2bCollaborationGuest", "cy": "b2bCollaborationMember"}
EVERY_TYPE = (
    "internalGuest,b2bCollaborationGuest,b2bCollaborationMember,b2bDirectConnectUser,otherExternalUser,serviceProvider"
)


@pytest.mark.parametrize(
    ("types", "who"),
    [
        ("internalGuest", "ada"),
        ("b2bCollaborationGuest,b2bCollaborationMember", "bob cy"),
        ("b2bcollaborationguest, internalGuest", "ada bob"),
        ("b2bDirectConnectUser,serviceProvider", ""),
        (EVERY_TYPE, "ada bob cy"),
        (63, "ada bob cy"),
        (2, "bob"),
        (["internalGuest"], "ada"),
        ("none", ""),
    ],
)
def test_guest_types_are_flags(types: object, who: str) -> None:
    tenant = Tenant("ada bob cy dan", guests=GUESTS)
    users = {"includeGuestsOrExternalUsers": {"guestOrExternalUserTypes": types, "externalTenants": {}}}

    assert who == tenant.covered("mfa", document(users=users))


def test_guests_of_some_tenants_cannot_be_told_apart() -> None:
    tenant = Tenant("ada bob cy dan", guests=GUESTS)
    tenants = {"membershipKind": "enumerated", "members": ids("contoso")}
    chosen = {"guestOrExternalUserTypes": "b2bCollaborationGuest", "externalTenants": tenants}
    one = document(users=ALL | {"excludeGuestsOrExternalUsers": chosen})
    everywhere = chosen | {"externalTenants": {"membershipKind": "all"}}

    assert {"ada": "covered", "bob": "?", "cy": "covered", "dan": "covered"} == tenant.states("mfa", one)
    assert "bob" == tenant.covered("mfa", document(users={"includeGuestsOrExternalUsers": everywhere}))


def test_the_older_id_of_guests() -> None:
    tenant = Tenant("ada bob cy dan", guests=GUESTS)
    one = document(users=ALL | {"excludeUsers": ["GuestsOrExternalUsers"]})

    assert {"ada": "exempt", "bob": "exempt", "cy": "?", "dan": "covered"} == tenant.states("mfa", one)


def test_all_users_are_guests_too() -> None:
    assert "ada bob cy" == Tenant(guests=GUESTS).covered("mfa", document())


@pytest.mark.parametrize(
    "strange",
    [
        {"excludeUsers": ["AllAgentIdUsers"]},
        {"excludeGroups": ["Contractors"]},
        {"excludeRoles": ["Helpdesk Administrator"]},
        {"excludeGuestsOrExternalUsers": {"guestOrExternalUserTypes": "martian"}},
        {"excludeGuestsOrExternalUsers": {"guestOrExternalUserTypes": 64}},
        {"excludeAgents": ["all"]},
        {"excludeUsers": "all of them"},
    ],
)
def test_an_exclusion_nobody_knows_leaves_it_open(strange: dict[str, Any]) -> None:
    assert {"?"} == set(Tenant().states("mfa", document(users=ALL | strange)).values())


def test_an_inclusion_nobody_knows_leaves_the_rest_open() -> None:
    one = document(users={"includeUsers": [*ids("ada"), "AllAgentIdUsers"]})

    assert {"ada": "covered", "bob": "?", "cy": "?"} == Tenant().states("mfa", one)


STRENGTHS: dict[str, tuple[list[str], bool | None, bool | None]] = {
    "phishing-resistant": (["windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor"], True, True),
    "with a pass": (["fido2", "temporaryAccessPassOneTime"], True, False),
    "push": (["password,microsoftAuthenticatorPush"], True, False),
    "federated": (["federatedSingleFactor,sms"], True, False),
    "password alone": (["password", "fido2"], False, False),
    "certificate, one factor": (["x509CertificateSingleFactor"], False, False),
    "something new": (["fido2", "brainwave"], None, None),
    "nothing": ([], None, None),
}


@pytest.mark.parametrize("strength", STRENGTHS)
def test_a_strength_is_as_good_as_its_weakest_combination(strength: str) -> None:
    combinations, mfa, resistant = STRENGTHS[strength]
    one = document(grant=[], strength={"id": id_of("own"), "allowedCombinations": combinations})

    for requirement, expected in (("mfa", mfa), ("phishing_resistant", resistant)):
        state = {True: "covered", False: "uncovered", None: "?"}[expected]
        assert {state} == set(Tenant().states(requirement, one).values())


def test_a_strength_by_id_is_looked_up() -> None:
    built_in = document(grant=[], strength={"id": PHISHING_RESISTANT})
    own = document(grant=[], strength={"id": id_of("own").upper()})

    assert "ada bob cy" == Tenant().covered("phishing_resistant", built_in)
    assert "" == Tenant().covered("phishing_resistant", own)
    assert "ada bob cy" == Tenant().covered("phishing_resistant", own, strengths={id_of("own"): ("fido2",)})


def test_a_compliant_device_beside_a_strength_is_a_way_around_it() -> None:
    one = document(grant=["compliantDevice"], strength={"id": PHISHING_RESISTANT})

    assert "" == Tenant().covered("phishing_resistant", one)


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({"grant": ["block"], "clientAppTypes": ["exchangeActiveSync", "other"]}, "covered"),
        ({"grant": ["mfa"]}, "covered"),
        ({"grant": ["mfa", "compliantDevice"]}, "covered"),
        ({"grant": ["domainJoinedDevice"], "clientAppTypes": []}, "covered"),
        ({"grant": ["block"], "clientAppTypes": ["other"]}, "conditional"),
        ({"grant": ["block"], "clientAppTypes": ["easSupported", "other"]}, "conditional"),
        ({"grant": ["mfa"], "clientAppTypes": ["browser", "mobileAppsAndDesktopClients"]}, "uncovered"),
        ({"grant": ["passwordChange"]}, "uncovered"),
    ],
)
def test_legacy_clients_cannot_do_what_is_required(given: dict[str, Any], state: str) -> None:
    assert {state} == set(Tenant().states("legacy_blocked", document(**given)).values())


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({"grant": ["block"], "authenticationFlows": {"transferMethods": "deviceCodeFlow"}}, "covered"),
        ({"grant": ["block"], "authenticationFlows": {"transferMethods": 3}}, "covered"),
        ({"grant": ["block"], "authenticationFlows": {"transferMethods": "authenticationTransfer"}}, "uncovered"),
        ({"grant": ["mfa"]}, "uncovered"),
        ({"grant": ["block"]}, "covered"),
    ],
)
def test_the_device_code_flow_is_blocked_by_block_alone(given: dict[str, Any], state: str) -> None:
    assert {state} == set(Tenant().states("device_code_blocked", document(**given)).values())


def test_confined_to_named_locations() -> None:
    office = document(grant=["block"], locations={"includeLocations": ["All"], "excludeLocations": ids("office")})
    some = document(grant=["block"], locations={"includeLocations": ids("moon")})

    assert {"conditional"} == set(Tenant().states("mfa", office).values())
    assert "ada bob cy" == Tenant().covered("confined", office)
    assert "" == Tenant().covered("confined", some)
