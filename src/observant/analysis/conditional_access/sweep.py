"""The coverage of one tenant through time: evaluated at every moment at which something it reads begins or ends."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

import duckdb

from observant.analysis.conditional_access.coverage import STATES, Coverage, counted, coverage
from observant.analysis.conditional_access.estate import ADMINS, EMERGENCY, EVERYONE, GUESTS, MEMBERS, SERVICE, Estate
from observant.analysis.conditional_access.explain import Reason, reasons
from observant.analysis.conditional_access.inputs import Delta
from observant.analysis.conditional_access.people import NOBODY, Bounds, Digits, People, exactly, put
from observant.analysis.conditional_access.population import ACTIVATED, Population
from observant.analysis.conditional_access.requirements import REQUIREMENTS

ASKED_OF: dict[str, tuple[str, ...]] = {
    "mfa": (EVERYONE, MEMBERS, GUESTS, SERVICE, EMERGENCY, ADMINS, ACTIVATED),
    "phishing_resistant": (ADMINS, EMERGENCY, ACTIVATED),
    "legacy_blocked": (EVERYONE, MEMBERS, GUESTS, SERVICE),
    "device_code_blocked": (EVERYONE, MEMBERS, GUESTS, SERVICE),
    "confined": (SERVICE,),
}
"""Requirement -> the populations it is asked of."""

_TOLD = 3
"""So many reasons are told with a count."""

_READ_FROM = {
    "user": "entra.users",
    "member": "entra.group_members",
    "nesting": "entra.group_members",
    "group": "entra.groups",
    "group reading": "entra.group_members",
    "role": "entra.role_definitions",
    "grant": "entra.role_assignments",
    "eligibility": "entra.role_eligibility_instances",
    "group eligibility": "entra.group_eligibility_instances",
    "strength": "entra.authentication_strengths",
    "defaults": "entra.security_defaults",
    "policy": "entra.conditional_access_policies",
}


class Tally(NamedTuple):
    """One population under one requirement. Counts are (at least, at most), None where there is no upper bound."""

    people: tuple[int, int | None]
    states: tuple[tuple[int, int | None], ...]
    """In the order of `STATES`; emergency accounts count as covered or not at all."""
    open: tuple[int, int | None]
    """Not covered."""
    emergency: int
    """Declared emergency accounts that are not surely covered: left out of every state but covered."""
    defaults: bool | None
    because: str


class Key(NamedTuple):
    """What is said of one person."""

    reason: Reason
    population: str | None
    admin: bool | None
    emergency: bool


class Moment(NamedTuple):
    """What holds from one moment on."""

    at: datetime
    earliest: datetime
    record: int
    tallies: dict[tuple[str, str], Tally]
    said: dict[str, Digits]
    """Requirement -> the number of what is said of each person, 0 for nothing."""
    numbers: dict[Key, int]
    """What is said -> its number from 1, the same at all moments."""
    population: Population


def sweep(
    connection: duckdb.DuckDBPyConnection, scope: str, count: int, start: datetime, changes: list[Delta]
) -> Iterator[Moment]:
    """Every moment from `start` on at which something was different. People were numbered by `number_people`."""
    readings = _readings(connection, scope)
    estate = Estate(connection, scope, count, start)
    numbers: dict[Key, int] = {}
    yield _evaluated(estate, start, start, max(_record_at(readings, start), 0), numbers)
    record = 0
    for at, group in groupby(changes, key=lambda one: one.at):
        together = list(group)
        estate.apply(together)
        record = max([one.record for one in together if one.begins] or [_record_at(readings, at) or record])
        yield _evaluated(estate, at, _earliest(together, at, readings), record, numbers)


Readings = dict[str, list[tuple[datetime, int]]]


def _readings(connection: duckdb.DuckDBPyConnection, scope: str) -> Readings:
    found: Readings = {}
    for collection, started, record in connection.execute(
        "SELECT collection, started, record FROM reading WHERE scope = ? AND complete ORDER BY started", [scope]
    ).fetchall():
        found.setdefault(collection, []).append((started, record))
    return found


def _record_at(readings: Readings, at: datetime) -> int:
    return max((record for each in readings.values() for started, record in each if started == at), default=0)


def _earliest(changes: list[Delta], at: datetime, readings: Readings) -> datetime:
    """The less favourable bound: as far back as anything that changed here may have changed."""
    begun = {(one.about, one.values[0]) for one in changes if one.begins}
    bounds = [one.earliest for one in changes if one.begins]
    for one in changes:
        if not one.begins and (one.about, one.values[0]) not in begun:
            read = [started for started, _ in readings.get(_READ_FROM.get(one.about, ""), [])]
            place = bisect_left(read, at)
            # An end that no reading saw is one the audit log tells to the second.
            bounds.append(read[place - 1] if place and place < len(read) and read[place] == at else at)
    return min(bounds, default=at)


def _evaluated(estate: Estate, at: datetime, earliest: datetime, record: int, numbers: dict[Key, int]) -> Moment:
    policies = estate.policies()
    population = estate.population(policies)
    emergency, tallies, said = population.twinned(estate.emergency()), {}, {}
    for id_, kinds in ASKED_OF.items():
        found = coverage(REQUIREMENTS[id_], policies, population)
        said[id_], told = _told(found, population, kinds, emergency, numbers)
        for kind in kinds:
            complete = kind != ACTIVATED or estate.activations_known
            tallies[id_, kind] = _tally(found, told[kind], population.kinds[kind], emergency, complete, estate.defaults)
    return Moment(at, earliest, record, tallies, said, numbers, population)


Told = Counter[str]
"""Why -> of how many."""


def _told(
    found: Coverage, population: Population, kinds: tuple[str, ...], emergency: People, numbers: dict[Key, int]
) -> tuple[Digits, dict[str, Told]]:
    """What is said of each person the requirement is asked of, and of how many of each kind. Of those plainly covered
    only few are spoken of. One reason at a time: a thousand sets of a million people would not fit into memory.
    """
    counted_among = {kind: population.kinds[kind].maybe & ~emergency for kind in kinds}
    asked = NOBODY
    for kind in kinds:
        asked |= population.kinds[kind].maybe
    named = population.kinds[SERVICE] | population.kinds[ADMINS] | population.kinds[EMERGENCY]
    few = (named | population.kinds[ACTIVATED]).maybe & asked
    # That no policy does anything for it is one statement about the tenant, not a million about people.
    spoken_of = asked if found.effects else few
    told: dict[str, Told] = {kind: Counter() for kind in kinds}
    said: Digits = []
    for people, reason in reasons(found, population):
        for kind, who in counted_among.items():
            told[kind][reason.because] += (people & who).bit_count()
        _say(said, people & spoken_of, reason, population, emergency, numbers)
    _say(said, found.covered.surely & few, Reason("covered", ""), population, emergency, numbers)
    return said, told


def _tally(
    found: Coverage,
    told: Told,
    among: Bounds,
    emergency: People,
    complete: bool,
    defaults: bool | None,
) -> Tally:
    everybody = exactly(among.maybe)
    states = [counted(found.state(name), among, NOBODY if name == "covered" else emergency) for name in STATES]
    still_open = counted(everybody - found.covered, among, emergency)
    left_out = (among.maybe & emergency & ~found.covered.surely).bit_count()

    def bounds(least: int, most: int) -> tuple[int, int | None]:
        return least, most if complete else None

    return Tally(
        people=bounds(among.surely.bit_count(), among.maybe.bit_count()),
        states=tuple(bounds(one.least, one.most) for one in states),
        open=bounds(still_open.least, still_open.most),
        emergency=left_out,
        defaults=defaults,
        because=_because(told, among),
    )


def _because(told: Told, among: Bounds) -> str:
    found = sorted(((number, words) for words, number in told.items() if number), key=lambda one: (-one[0], one[1]))
    if not found:
        return ""
    words = [f"{number} {because}" for number, because in found[:_TOLD]]
    if len(found) > _TOLD:
        words.append(f"{sum(number for number, _ in found[_TOLD:])} for other reasons")
    return f"of {among.maybe.bit_count()}: " + "; ".join(words)


def _say(
    said: Digits, people: People, reason: Reason, population: Population, emergency: People, numbers: dict[Key, int]
) -> None:
    """Note the reason for these people, of whom nothing was said before."""
    admins = population.kinds[ADMINS]
    surely = [population.kinds[one].surely for one in (SERVICE, GUESTS, MEMBERS)]
    twins = population.kinds[ACTIVATED].surely
    for group, part in _split(people, surely):
        label = (SERVICE, GUESTS, MEMBERS, None)[group]
        for number, rest in _split(part, [twins | admins.surely, admins.maybe]):
            for inside, who in _split(rest, [emergency]):
                key = Key(reason, label, (True, None, False)[number], inside == 0)
                put(said, who, numbers.setdefault(key, len(numbers) + 1))


def _split(people: People, parts: list[People]) -> Iterator[tuple[int, People]]:
    """(number of the first part it is in, the people); the rest last."""
    for number, part in enumerate(parts):
        if people & part:
            yield number, people & part
            people &= ~part
    if people:
        yield len(parts), people
