"""What an account's trails record together: a valid-time table made from three others.

A trail counts when it covers every region, is recording, and records management events. Each part may be unknown; the
account's answer is Kleene's OR over its trails, each the AND of its parts. No trail at all is a plain no.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

import duckdb
import msgspec

from observant.analysis.aws.selectors import management, records_all
from observant.analysis.derivation import VALID_TIME, Derivation, DerivedTable
from observant.analysis.kleene import both, either


class TrailState(msgspec.Struct, frozen=True):
    """One row version of `aws_trail`, `aws_trail_status` or `aws_trail_selector`, reduced to what matters here."""

    trail: str
    valid_from: datetime
    valid_to: datetime
    earliest: datetime
    record: int
    parts: dict[str, bool | None]


class Seen(NamedTuple):
    """A stretch in which the account itself was seen, and the record that first showed it."""

    valid_from: datetime
    valid_to: datetime
    record: int


class Coverage(msgspec.Struct, frozen=True):
    """What the trails of one account record together between two moments."""

    valid_from: datetime
    valid_to: datetime
    earliest: datetime
    record: int
    recording: bool | None
    recording_because: str
    validated: bool | None
    validated_because: str


_NEEDED = {
    "multi_region": ("it covers every region", "it does not cover every region"),
    "is_logging": ("it is recording", "it is not recording"),
    "management_events": ("it records all management events", "it does not record all management events"),
}
"""Part -> (what must be so, what is said when it is not)"""


def coverage(states: list[TrailState], seen: list[Seen]) -> Iterator[Coverage]:
    """Coverage of one account over the stretches in which it was seen at all."""
    moments = sorted(
        {at for state in states for at in (state.valid_from, state.valid_to)}
        | {at for one in seen for at in (one.valid_from, one.valid_to)}
    )
    for start, end in pairwise(moments):
        known = [one for one in seen if one.valid_from <= start and end <= one.valid_to]
        if known:
            held = [state for state in states if state.valid_from <= start and end <= state.valid_to]
            yield _slice(start, end, held, known[0])


def _slice(start: datetime, end: datetime, states: list[TrailState], seen: Seen) -> Coverage:
    trails: dict[str, dict[str, bool | None]] = {}
    for state in states:
        trails.setdefault(state.trail, {}).update(state.parts)
    # A status or selector without its trail is a trail we were not told about.
    whole = {name: parts for name, parts in trails.items() if "multi_region" in parts}
    recording = {name: both(parts.get(part) for part in _NEEDED) for name, parts in whole.items()}
    validated = {name: both((recording[name], parts.get("log_validation"))) for name, parts in whole.items()}
    began = [state for state in states if state.valid_from == start]
    return Coverage(
        valid_from=start,
        valid_to=end,
        earliest=max((state.earliest for state in began), default=start),
        record=max((state.record for state in states), default=seen.record),
        recording=either(recording.values()),
        recording_because=_why(whole, recording),
        validated=either(validated.values()),
        validated_because=_why_validated(whole, recording, validated),
    )


def _short(trail: str) -> str:
    return trail.rpartition("/")[2]


def _why(whole: dict[str, dict[str, bool | None]], recording: dict[str, bool | None]) -> str:
    if not whole:
        return "there is no trail"
    good = [_short(name) for name, answer in recording.items() if answer]
    if good:
        return f"trail {good[0]} records all management events of every region"
    return "; ".join(
        f"trail {_short(name)}: "
        + ", ".join(
            f"not known whether {words}" if parts.get(part) is None else otherwise
            for part, (words, otherwise) in _NEEDED.items()
            if not parts.get(part)
        )
        for name, parts in whole.items()
    )


def _why_validated(
    whole: dict[str, dict[str, bool | None]], recording: dict[str, bool | None], validated: dict[str, bool | None]
) -> str:
    good = [_short(name) for name, answer in validated.items() if answer]
    if good:
        return f"trail {good[0]} records everything with log file validation"
    unvalidated = [_short(name) for name, answer in recording.items() if answer]
    if unvalidated and all(whole[name].get("log_validation") is False for name, answer in recording.items() if answer):
        return f"trail {', '.join(unvalidated)}: log file validation is off"
    return _why(whole, recording)


_TRAIL_PARTS = {
    "aws_trail": ("multi_region", "log_validation"),
    "aws_trail_status": ("is_logging",),
    "aws_trail_selector": ("selectors",),
}


def parts_of(names: tuple[str, ...], values: list[bool | str | None]) -> dict[str, bool | None]:
    """What the columns say; of selectors, whether they record all management events, reads and writes together."""
    if names != ("selectors",):
        return {name: value for name, value in zip(names, values, strict=True) if not isinstance(value, str)}
    selectors = values[0] if isinstance(values[0], str) else None
    return {"management_events": both(records_all(selectors, management(read=read)) for read in (True, False))}


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    """Few rows per account and year, so made again whole: simpler than following three tables."""
    seen: dict[str, list[Seen]] = {}
    members: dict[str, tuple[str, str]] = {}
    for scope, member, label, start, end, record in connection.execute(
        "SELECT scope, member, label, valid_from, valid_to, record FROM aws_account ORDER BY scope, valid_from"
    ).fetchall():
        seen.setdefault(scope, []).append(Seen(start, end, record))
        members[scope] = (member, label)
    states: dict[str, list[TrailState]] = {}
    for table, parts in _TRAIL_PARTS.items():
        rows = connection.execute(
            f"SELECT scope, member, valid_from, valid_to, earliest, record, {', '.join(parts)} FROM {table}"  # noqa: S608
        ).fetchall()
        for scope, trail, start, end, earliest, record, *values in rows:
            state = TrailState(trail, start, end, earliest, record, parts_of(parts, values))
            states.setdefault(scope, []).append(state)
    connection.execute("DELETE FROM aws_trail_coverage")
    for scope, stretches in seen.items():
        _store(connection, scope, members[scope], _joined(coverage(states.get(scope, []), stretches)))


def _joined(slices: Iterable[Coverage]) -> list[Coverage]:
    """Neighbouring slices that say the same are one row version."""
    joined: list[Coverage] = []
    for each in slices:
        last = joined[-1] if joined else None
        if last and last.valid_to == each.valid_from and _answer(last) == _answer(each):
            joined[-1] = Coverage(last.valid_from, each.valid_to, last.earliest, last.record, *_answer(last))
        else:
            joined.append(each)
    return joined


def _answer(one: Coverage) -> tuple[bool | None, str, bool | None, str]:
    return one.recording, one.recording_because, one.validated, one.validated_because


def _store(connection: duckdb.DuckDBPyConnection, scope: str, named: tuple[str, str], rows: list[Coverage]) -> None:
    for row in rows:
        connection.execute(
            "INSERT INTO aws_trail_coverage VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [scope, *named, row.valid_from, row.valid_to, row.earliest, row.record, *_answer(row)],
        )


TRAIL_COVERAGE = Derivation(
    (
        DerivedTable(
            "aws_trail_coverage",
            "What the trails of an account record together.",
            VALID_TIME
            | {
                "recording": "BOOLEAN",
                "recording_because": "VARCHAR",
                "validated": "BOOLEAN",
                "validated_because": "VARCHAR",
            },
            frozenset(
                {"iam.account_summary", "cloudtrail.trails", "cloudtrail.trail_status", "cloudtrail.event_selectors"}
            ),
        ),
    ),
    _derive,
)
