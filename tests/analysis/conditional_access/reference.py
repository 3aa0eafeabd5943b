"""Coverage the slow way: one person, one sign-in and one policy at a time, straight from the documents.

Shares no code with what it checks. It only knows the values that the tests generate, all of them readable.
"""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, NamedTuple

from analysis.conditional_access.tenants import id_of

Json = dict[str, Any]
SignIn = dict[str, Any]

CLIENTS = ("browser", "mobileAppsAndDesktopClients", "easSupported", "easUnsupported", "other")
PLATFORMS = ("android", "iOS", "windows", "windowsPhone", "macOS", "linux", "unrecognized")
RISKS = ("none", "low", "medium", "high", "hidden")
FLOWS = ("neither", "deviceCodeFlow", "authenticationTransfer")


class Person(NamedTuple):
    name: str
    guest: str = ""
    roles: frozenset[str] = frozenset()


def groups_of(name: str, groups: Mapping[str, str]) -> set[str]:
    """Names of all groups a person or group is in, nested or not."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        inside = waiting.pop()
        for group, members in groups.items():
            if inside in members.split() and group not in found:
                found.add(group)
                waiting.append(group)
    return found


def meant(users: Json, way: str, person: Person, groups: Mapping[str, str]) -> bool:
    named = users.get(f"{way}Users", [])
    guests = users.get(f"{way}GuestsOrExternalUsers") or {}
    return (
        "All" in named
        or id_of(person.name) in named
        or any(id_of(group) in users.get(f"{way}Groups", []) for group in groups_of(person.name, groups))
        or any(role in users.get(f"{way}Roles", []) for role in person.roles)
        or (person.guest != "" and person.guest in (guests.get("guestOrExternalUserTypes") or "").split(","))
    )


def matches(conditions: Json, sign_in: SignIn) -> bool:
    clients = conditions["clientAppTypes"]
    names = {"all", sign_in["client"]} | ({"exchangeActiveSync"} if sign_in["client"].startswith("eas") else set())
    if clients and not names & set(clients):
        return False
    platforms = conditions.get("platforms")
    if platforms:
        wanted, spared = set(platforms["includePlatforms"]), set(platforms["excludePlatforms"])
        if not {"all", sign_in["platform"]} & wanted or sign_in["platform"] in spared:
            return False
    locations = conditions.get("locations")
    if locations:
        wanted, spared = set(locations["includeLocations"]), set(locations["excludeLocations"])
        if not ("All" in wanted or wanted & sign_in["locations"]) or spared & sign_in["locations"]:
            return False
    risks = conditions.get("signInRiskLevels")
    if risks and sign_in["risk"] not in risks:
        return False
    flows = conditions.get("authenticationFlows")
    if flows and sign_in["flow"] not in flows["transferMethods"].split(","):
        return False
    device = (conditions.get("devices") or {}).get("deviceFilter")
    if device and (device["mode"] == "include") != (device["rule"] in sign_in["devices"]):
        return False
    applications = conditions["applications"]
    wanted, spared = set(applications["includeApplications"]), set(applications["excludeApplications"])
    return ("All" in wanted or bool(wanted & sign_in["applications"])) and not spared & sign_in["applications"]


def required(policy: Json, requirement: str) -> bool:
    """Whether whoever is let in by the policy has done what is asked."""
    grant = policy["grantControls"]
    if grant is None:
        return False
    good = {
        "mfa": {"block", "mfa"},
        "phishing_resistant": {"block"},
        "legacy_blocked": {"block", "mfa", "compliantDevice"},
        "device_code_blocked": {"block"},
        "confined": {"block", "mfa"},
    }[requirement]
    answers = [control in good for control in grant["builtInControls"]]
    if grant["authenticationStrength"]:
        combinations = grant["authenticationStrength"]["allowedCombinations"]
        answers.append(
            {
                "mfa": all(one in ("fido2", "password,sms") for one in combinations),
                "phishing_resistant": all(one == "fido2" for one in combinations),
                "legacy_blocked": True,
                "device_code_blocked": False,
                "confined": all(one in ("fido2", "password,sms") for one in combinations),
            }[requirement]
        )
    return bool(answers) and (all(answers) if grant["operator"] == "OR" else any(answers))


def subsets(names: list[str]) -> list[frozenset[str]]:
    found = [frozenset[str]()]
    for name in names:
        found += [one | {name} for one in found]
    return found


def sign_ins(requirement: str, locations: list[str], applications: list[str], rules: list[str]) -> Iterator[SignIn]:
    """Every sign-in the requirement is about; places and applications may hold in any combination."""
    legacy, device_code = requirement == "legacy_blocked", requirement == "device_code_blocked"
    clients = CLIENTS[2:] if legacy else CLIENTS[:2]
    flows = FLOWS[:1] if legacy else FLOWS[1:2] if device_code else FLOWS
    places = [frozenset[str]()] if requirement == "confined" else subsets(locations)
    for client, platform, risk, flow, place, application, device in product(
        clients, PLATFORMS, RISKS, flows, places, subsets(applications), subsets(rules)
    ):
        yield {
            "client": client,
            "platform": platform,
            "risk": risk,
            "flow": flow,
            "locations": place,
            "applications": application,
            "devices": device,
        }


def state(requirement: str, policies: list[Json], person: Person, groups: Mapping[str, str]) -> str:
    """The state of one person."""
    good = [one for one in policies if one["state"] == "enabled" and required(one, requirement)]
    conditions = [one["conditions"] for one in good]
    places = {
        place
        for one in conditions
        if one.get("locations")
        for place in [*one["locations"]["includeLocations"], *one["locations"]["excludeLocations"]]
    }
    named = {
        app
        for one in conditions
        for app in [*one["applications"]["includeApplications"], *one["applications"]["excludeApplications"]]
    }
    rules = {one["devices"]["deviceFilter"]["rule"] for one in conditions if one.get("devices")}
    every = list(sign_ins(requirement, sorted(places - {"All"}), sorted(named - {"All"}), sorted(rules)))
    included = [meant(one["conditions"]["users"], "include", person, groups) for one in good]
    excluded = [meant(one["conditions"]["users"], "exclude", person, groups) for one in good]
    reached = [[matches(one, sign_in) for sign_in in every] for one in conditions]
    applies = [i and not e for i, e in zip(included, excluded, strict=True)]
    exempt = [i and e for i, e in zip(included, excluded, strict=True)]
    if all(any(a and r[n] for a, r in zip(applies, reached, strict=True)) for n in range(len(every))):
        return "covered"
    if any(e and all(r) for e, r in zip(exempt, reached, strict=True)):
        return "exempt"
    if any(a and any(r) for a, r in zip(applies, reached, strict=True)):
        return "conditional"
    return "exempt" if any(e and any(r) for e, r in zip(exempt, reached, strict=True)) else "uncovered"
