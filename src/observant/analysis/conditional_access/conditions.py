"""`conditions` of a policy, without its people, as boxes of sign-ins.

Every condition is one of: an enumeration (clients, platforms, flows, risks), a list of things included and excluded
(locations, applications, device states), or a filter whose rule is opaque to us. A condition that this code does not
know makes the policy *unread*: it is credited with nothing for certain, and might apply to every sign-in.
https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-conditions
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from observant.analysis.conditional_access.region import (
    ACTION,
    CLIENT,
    FLOW,
    INSIDER_RISK,
    NO,
    PLATFORM,
    SIGN_IN_RISK,
    USER_RISK,
    YES,
    Box,
    all_of,
    meet,
    values_of,
)

Json = Any
_ELSEWHERE: Box = {ACTION: values_of(ACTION, ["anything else"])}
_SIGN_IN: Box = {ACTION: values_of(ACTION, ["sign-in"])}


class Conditions(msgspec.Struct, frozen=True):
    """`boxes` hold every sign-in the policy may apply to; exactly these unless something is `unread`."""

    boxes: tuple[Box, ...]
    narrowing: tuple[str, ...]
    """What narrows it, in words, for people to read."""
    unread: tuple[str, ...]
    workloads: bool
    """It is about applications that sign in by themselves, or about agents, and about no person."""


def conditions_of(given: Json) -> Conditions:
    """Read `conditions` as Graph answers them, or as the audit log spells them (flags may be numbers there)."""
    if not isinstance(given, dict):
        return Conditions((_SIGN_IN,), (), ("conditions",), False)
    reader = _Reader()
    boxes: list[Box] = [{}]
    workloads = False
    for name, value in given.items():
        if name == "users" or "@odata." in name or empty(value):
            continue
        if name in _WORKLOADS:
            workloads = True
        elif name in _READERS:
            boxes = _product(boxes, reader.read(name, value, _READERS[name]))
        else:
            reader.unread.append(name)
    if "applications" not in given or not isinstance(given["applications"], dict):
        reader.unread.append("applications")
        boxes = _product(boxes, [_SIGN_IN])
    elif empty(given["applications"]):
        boxes = []
    return Conditions(tuple(boxes), tuple(reader.narrowing), tuple(dict.fromkeys(reader.unread)), workloads)


def empty(value: Json) -> bool:
    """Nothing was set: null, an empty list, or an object of such."""
    if isinstance(value, dict):
        return all(empty(one) for name, one in value.items() if "@odata." not in name)
    return value is None or value == [] or value == ""


def flags(value: Json, names: tuple[str, ...]) -> list[str] | None:
    """Flag values as names: `a,b` as Graph has them, a list, or the audit log's number. None: not understood."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        known = (1 << len(names)) - 1
        return None if value & ~known or value < 0 else [name for bit, name in enumerate(names) if value >> bit & 1]
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        return None
    spelled = {name.lower(): name for name in names} | {"none": ""}
    found = [spelled.get(one.strip().lower()) for one in value]
    return None if None in found else [one for one in found if one]


def texts(value: Json) -> list[str] | None:
    """A list of texts (null is none of them); None for anything else."""
    if value is None:
        return []
    return value if isinstance(value, list) and all(isinstance(one, str) for one in value) else None


class _Reader:
    """Collects what narrows and what was not understood while conditions are read."""

    def __init__(self) -> None:
        self.narrowing: list[str] = []
        self.unread: list[str] = []

    def read(self, name: str, value: Json, how: "Callable[[_Reader, Json], list[Box] | None]") -> list[Box]:
        boxes = how(self, value)
        if boxes is None:
            self.unread.append(name)
            return [_SIGN_IN] if name == "applications" else [{}]
        return boxes

    def known(self, value: dict[str, Json], names: Iterable[str]) -> bool:
        return all(name in names or "@odata." in name or empty(one) for name, one in value.items())


def _product(left: list[Box], right: list[Box]) -> list[Box]:
    return [both for one in left for other in right if (both := meet(one, other)) is not None]


def _listed(
    reader: _Reader, words: str, include: Json, exclude: Json, everything: str = "all", always: Box | None = None
) -> list[Box] | None:
    """Things named one by one: a box for each that is included, none of those excluded."""
    included, excluded = texts(include), texts(exclude)
    if included is None or excluded is None:
        return None
    every = not included or any(one.lower() == everything for one in included)
    without: Box = {**(always or {}), **{f"{words} {one}": NO for one in excluded}}
    if not every:
        reader.narrowing.append(f"{words} {', '.join(included)} only")
    if excluded:
        reader.narrowing.append(f"not {words} {', '.join(excluded)}")
    if every:
        return [without]
    return _product([without], [{f"{words} {one}": YES} for one in included])


def _enumerated(
    reader: _Reader, fact: str, include: Json, exclude: Json, spelled: dict[str, tuple[str, ...]]
) -> list[Box] | None:
    included, excluded = texts(include), texts(exclude)
    if included is None or excluded is None or not all(one.lower() in spelled for one in (*included, *excluded)):
        return None
    mask = values_of(fact, (name for one in included for name in spelled[one.lower()])) if included else all_of(fact)
    mask &= ~values_of(fact, (name for one in excluded for name in spelled[one.lower()]))
    if mask == all_of(fact):
        return [{}]
    told = [f"{fact} {', '.join(included)} only"] if included else []
    reader.narrowing += told + ([f"not {fact} {', '.join(excluded)}"] if excluded else [])
    return [{fact: mask}] if mask else []


def _spelled(*names: str, **groups: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {name.lower(): (name,) for name in names} | {name.lower(): members for name, members in groups.items()}


_EAS = ("easSupported", "easUnsupported")
_MODERN = ("browser", "mobileAppsAndDesktopClients")
_CLIENTS = _spelled(
    *_MODERN, "other", easSupported=("easSupported",), exchangeActiveSync=_EAS, all=(*_MODERN, *_EAS, "other")
)
_DEVICES = ("android", "iOS", "windows", "windowsPhone", "macOS", "linux")
_PLATFORMS = _spelled(*_DEVICES, all=(*_DEVICES, "unrecognized"))
_RISKS = ("none", "low", "medium", "high", "hidden")
_FLOWS = ("deviceCodeFlow", "authenticationTransfer")
_INSIDER = ("minor", "moderate", "elevated")


def _clients(reader: _Reader, value: Json) -> list[Box] | None:
    return _enumerated(reader, CLIENT, value, None, _CLIENTS)


def _platforms(reader: _Reader, value: Json) -> list[Box] | None:
    if not isinstance(value, dict) or not reader.known(value, ("includePlatforms", "excludePlatforms")):
        return None
    return _enumerated(reader, PLATFORM, value.get("includePlatforms"), value.get("excludePlatforms"), _PLATFORMS)


def _locations(reader: _Reader, value: Json) -> list[Box] | None:
    if not isinstance(value, dict) or not reader.known(value, ("includeLocations", "excludeLocations")):
        return None
    return _listed(reader, "location", value.get("includeLocations"), value.get("excludeLocations"))


def _risk(fact: str) -> Callable[[_Reader, Json], list[Box] | None]:
    return lambda reader, value: _enumerated(reader, fact, value, None, _spelled(*_RISKS))


def _insider(reader: _Reader, value: Json) -> list[Box] | None:
    names = flags(value, _INSIDER)
    return None if names is None else _enumerated(reader, INSIDER_RISK, names, None, _spelled(*_INSIDER))


def _flows(reader: _Reader, value: Json) -> list[Box] | None:
    if not isinstance(value, dict) or not reader.known(value, ("transferMethods",)):
        return None
    names = flags(value.get("transferMethods"), _FLOWS)
    return None if names is None else _enumerated(reader, FLOW, names, None, _spelled(*_FLOWS))


def _filter(reader: _Reader, words: str, value: Json) -> tuple[str, int] | None:
    """(question, answer) of a filter rule; None when it is not understood."""
    if not isinstance(value, dict) or not isinstance(value.get("rule"), str) or not isinstance(value.get("mode"), str):
        return None
    mode = value["mode"].lower()
    if mode not in ("include", "exclude"):
        return None
    reader.narrowing.append(f"{words} filter {'in' if mode == 'include' else 'ex'}cludes {value['rule']}")
    return f"{words} filter {value['rule']}", YES if mode == "include" else NO


def _devices(reader: _Reader, value: Json) -> list[Box] | None:
    """The filter of today, and the two older ways to name device states."""
    lists = {"Devices", "DeviceStates", "States"}
    names = {f"{way}{what}" for way in ("include", "exclude") for what in lists} | {"deviceFilter", "deviceFilterRule"}
    if not isinstance(value, dict) or not reader.known(value, names) or not empty(value.get("deviceFilterRule")):
        return None
    boxes: list[Box] = [{}]
    for what in sorted(lists):
        listed = _listed(reader, "device state", value.get(f"include{what}"), value.get(f"exclude{what}"))
        if listed is None:
            return None
        boxes = _product(boxes, listed)
    if empty(value.get("deviceFilter")):
        return boxes
    question = _filter(reader, "device", value["deviceFilter"])
    return None if question is None else _product(boxes, [dict([question])])


def _applications(reader: _Reader, value: Json) -> list[Box] | None:
    """Applications to sign in to; what people do (`includeUserActions`), or step up for, is another question."""
    names = ("includeApplications", "excludeApplications", "applicationFilter", *_NOT_SIGN_IN)
    if not isinstance(value, dict) or not reader.known(value, names):
        return None
    boxes: list[Box] = [_ELSEWHERE for name in _NOT_SIGN_IN if not empty(value.get(name))]
    included = texts(value.get("includeApplications"))
    if included is None:
        return None
    named = [one for one in included if one.lower() != "none"]
    question = (
        None if empty(value.get("applicationFilter")) else _filter(reader, "application", value["applicationFilter"])
    )
    if question is None and not empty(value.get("applicationFilter")):
        return None
    signing_in: list[Box] = []
    if named:
        listed = _listed(reader, "application", named, value.get("excludeApplications"), always=_SIGN_IN)
        if listed is None:
            return None
        signing_in += listed
    if question is not None and question[1] == NO:
        signing_in = _product(signing_in, [dict([question])])
    elif question is not None:
        signing_in.append({**_SIGN_IN, **dict([question])})
    return boxes + signing_in


_NOT_SIGN_IN = (
    "includeUserActions",
    "includeAuthenticationContextClassReferences",
    "globalSecureAccess",
    "networkAccess",
)
_WORKLOADS = {"clientApplications", "servicePrincipalRiskLevels", "agentIdRiskLevels", "agents"}
_READERS: dict[str, Callable[[_Reader, Json], list[Box] | None]] = {
    "applications": _applications,
    "clientAppTypes": _clients,
    "platforms": _platforms,
    "locations": _locations,
    "devices": _devices,
    "deviceStates": _devices,
    "signInRiskLevels": _risk(SIGN_IN_RISK),
    "userRiskLevels": _risk(USER_RISK),
    "insiderRiskLevels": _insider,
    "authenticationFlows": _flows,
}
