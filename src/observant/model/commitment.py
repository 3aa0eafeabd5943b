"""The written policy as data: sentences with parameters, clauses and effective dates.

A commitment has valid time like everything else: a policy that changed in June is two commitments of one name, and
each moment is judged by the one in force then. Where none is in force nothing was promised, and a check that needs the
parameter cannot be answered: it never falls back to a default.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import msgspec

from observant.model.access_statement import access_statement
from observant.model.time import FOREVER

Parameter = timedelta | int | bool | list[str] | None


class ParameterKind(msgspec.Struct, frozen=True):
    """One parameter that a commitment of some name takes."""

    type: str
    """`duration` (written `90 days`), `number`, `flag`, `patterns` (a list of globs), `statements` (about access) or
    `resources` (a list of ARNs)."""
    required: bool
    explains: str
    at_least: timedelta = timedelta()
    """Shortest duration that can be judged exactly."""


class CommitmentKind(msgspec.Struct, frozen=True):
    """What a commitment of this name promises."""

    name: str
    promises: str
    parameters: dict[str, ParameterKind]
    optional: bool = False
    """True where having promised nothing is an answer too: then the strictest reading applies."""


class Commitment(msgspec.Struct, frozen=True):
    """One sentence of the written policy, in force from `effective` (first day) to `until` (last day), both UTC."""

    name: str
    document: str
    clause: str
    statement: str
    effective: date
    parameters: dict[str, Parameter]
    until: date | None = None

    @property
    def valid_from(self) -> datetime:
        return datetime.combine(self.effective, time(), UTC)

    @property
    def valid_to(self) -> datetime:
        return FOREVER if self.until is None else datetime.combine(self.until, time(), UTC) + timedelta(days=1)


def promise(name: str, promises: str, *, optional: bool = False, **parameters: ParameterKind) -> CommitmentKind:
    """A kind of commitment, with its parameters by name."""
    return CommitmentKind(name, promises, parameters, optional)


def a_duration(explains: str, *, required: bool = True, at_least: timedelta = timedelta()) -> ParameterKind:
    """Written `90 days` or `36 hours`."""
    return ParameterKind("duration", required, explains, at_least)


def a_flag(explains: str, *, required: bool = False) -> ParameterKind:
    """Written `true` or `false`."""
    return ParameterKind("flag", required, explains)


def a_number(explains: str, *, required: bool = False) -> ParameterKind:
    """A whole number, zero or more."""
    return ParameterKind("number", required, explains)


def patterns(explains: str, *, required: bool = True) -> ParameterKind:
    """A list of texts in which only `*` is special."""
    return ParameterKind("patterns", required, explains)


def statements(explains: str) -> ParameterKind:
    """A list of sentences as `access_statement` reads them."""
    return ParameterKind("statements", True, explains)


def resources(explains: str) -> ParameterKind:
    """A list of ARNs in which `*` and `?` stand for any characters and any one."""
    return ParameterKind("resources", True, explains)


SHORTEST_IDLE = timedelta(days=7)
"""Uses closer together than this are kept as one stretch of use, so no shorter idle time can be judged."""


_DURATION = re.compile(r"(\d{1,6})\s*(minute|hour|day|week)s?")


def duration(written: str) -> timedelta:
    """Read `90 days`, `36 hours`, `2 weeks`, `30 minutes`; raises ValueError for anything else."""
    match = _DURATION.fullmatch(written.strip())
    if match is None:
        raise ValueError(f"{written!r} is not a duration such as '90 days' or '36 hours'")
    return timedelta(**{match[2] + "s": int(match[1])})


def in_words(span: timedelta) -> str:
    """`90 days`, `36 hours`, `30 minutes`: the shortest exact way to write it, as `duration` reads it."""
    minutes = int(span.total_seconds()) // 60
    for unit, size in (("day", 1440), ("hour", 60), ("minute", 1)):
        if minutes % size == 0:
            count = minutes // size
            return f"{count} {unit}" + ("" if count == 1 else "s")
    raise ValueError(f"{span} is not whole minutes")


def parameter(kind: ParameterKind, value: Any) -> Parameter:  # noqa: ANN401 (comes straight from YAML)
    """Read one parameter as written; raises ValueError saying what was expected."""
    if kind.type == "duration" and isinstance(value, str):
        span = duration(value)
        if span < kind.at_least:
            raise ValueError(f"{value!r} is shorter than {in_words(kind.at_least)}, the shortest that can be judged")
        return span
    if kind.type == "number" and isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if kind.type == "flag" and isinstance(value, bool):
        return value
    if kind.type == "patterns" and isinstance(value, list) and all(isinstance(one, str) and one for one in value):
        return value
    if kind.type == "statements" and isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return [access_statement(one).written for one in value]
    if kind.type == "resources" and isinstance(value, list) and value and all(map(_is_resource, value)):
        return value
    expected = {
        "duration": "a duration such as '90 days'",
        "number": "a whole number",
        "flag": "true or false",
        "patterns": "a list of texts",
        "statements": "a list of sentences",
        "resources": "a list of ARNs, or `*`",
    }
    raise ValueError(f"{value!r} is not {expected[kind.type]}")


def _is_resource(value: object) -> bool:
    return isinstance(value, str) and (value == "*" or (value.startswith("arn:") and value.count(":") > 4))
