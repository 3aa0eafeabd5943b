"""The written policy as data: sentences with parameters, clauses and effective dates.

A commitment has valid time like everything else: a policy that changed in June is two commitments of one name, and
each moment is judged by the one in force then. Where none is in force nothing was promised, and a check that needs the
parameter cannot be answered: it never falls back to a default.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import msgspec

from observant.model.time import FOREVER

Parameter = timedelta | int | bool | list[str] | None


class ParameterKind(msgspec.Struct, frozen=True):
    """One parameter that a commitment of some name takes."""

    type: str
    """`duration` (written `90 days` or `36 hours`), `number`, `flag` or `patterns` (a list of globs)."""
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


def _kind(name: str, promises: str, *, optional: bool = False, **parameters: ParameterKind) -> CommitmentKind:
    return CommitmentKind(name, promises, parameters, optional)


def _duration(explains: str, *, required: bool = True, at_least: timedelta = timedelta()) -> ParameterKind:
    return ParameterKind("duration", required, explains, at_least)


SHORTEST_IDLE = timedelta(days=7)
"""Uses closer together than this are kept as one stretch of use, so no shorter idle time can be judged."""


def _flag(explains: str) -> ParameterKind:
    return ParameterKind("flag", False, explains)


def _number(explains: str) -> ParameterKind:
    return ParameterKind("number", False, explains)


KINDS: dict[str, CommitmentKind] = {
    kind.name: kind
    for kind in (
        _kind(
            "snapshot_cadence",
            "access configuration is recorded on a schedule",
            every=_duration("longest time between two complete snapshots"),
            grace=_duration("lateness that still counts as on time"),
        ),
        _kind(
            "key_age_report_cadence",
            "a dated key-age report is stored on a schedule",
            every=_duration("longest time between two stored reports"),
            grace=_duration("lateness that still counts as on time"),
        ),
        _kind(
            "access_key_max_age",
            "access keys are rotated",
            max_age=_duration("oldest age an active access key may reach"),
        ),
        _kind(
            "unused_access_key",
            "access keys nobody uses are deactivated",
            max_idle=_duration("longest time an active key may go without use", at_least=SHORTEST_IDLE),
        ),
        _kind(
            "access_key_overlap",
            "a user has one active access key, and two only while rotating",
            max_overlap=_duration("longest time two keys of one user may both be active"),
        ),
        _kind(
            "never_used_credential",
            "credentials that were never used are removed",
            max_unused=_duration("longest time after creation in which a credential may stay unused"),
        ),
        _kind(
            "inactive_user",
            "users without any activity are removed",
            max_idle=_duration(
                "longest time since the last sign-in or key use, from creation if there was none",
                at_least=SHORTEST_IDLE,
            ),
        ),
        _kind(
            "password_policy",
            "the account password policy is at least this strong",
            minimum_length=_number("fewest characters"),
            reuse_prevention=_number("how many earlier passwords may not be used again"),
            max_age=_duration("longest life of a password", required=False),
            require_uppercase=_flag("an upper-case letter is required"),
            require_lowercase=_flag("a lower-case letter is required"),
            require_numbers=_flag("a digit is required"),
            require_symbols=_flag("a symbol is required"),
        ),
        _kind(
            "administrators",
            "only named principals hold unrestricted access",
            optional=True,
            allowed=ParameterKind("patterns", True, "ARNs of principals, `*` allowed, that may hold `*` on `*`"),
        ),
    )
}

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
    expected = {
        "duration": "a duration such as '90 days'",
        "number": "a whole number",
        "flag": "true or false",
        "patterns": "a list of texts",
    }
    raise ValueError(f"{value!r} is not {expected[kind.type]}")
