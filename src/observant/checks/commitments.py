"""The written policy as tables that checks join: `commitment_<name>`, one row per stretch of time.

Time in which nothing of that name is in force has a row too, with every parameter NULL: what was not promised cannot be
judged, and Kleene's logic says so without the check's author having to think of it.
"""

import re
from datetime import datetime, timedelta
from itertools import pairwise

import duckdb

from observant.checks.check import COMMITMENT_PREFIX
from observant.model.commitment import Commitment, CommitmentKind, Parameter, in_words
from observant.model.kinds import KINDS
from observant.model.time import BEGINNING, FOREVER

_SQL = {
    "duration": "INTERVAL",
    "number": "BIGINT",
    "flag": "BOOLEAN",
    "patterns": "VARCHAR",
    "statements": "VARCHAR[]",
    "resources": "VARCHAR[]",
}
COMMON = {
    "valid_from": "TIMESTAMP",
    "valid_to": "TIMESTAMP",
    "earliest": "TIMESTAMP",
    "documented": "BOOLEAN",
    "clause": "VARCHAR",
}


def columns(kind: CommitmentKind) -> dict[str, str]:
    """Columns of the table of this commitment; durations come with their words."""
    own: dict[str, str] = {}
    for name, parameter in kind.parameters.items():
        own[name] = _SQL[parameter.type]
        if parameter.type == "duration":
            own[f"{name}_in_words"] = "VARCHAR"
    return COMMON | own


def load(connection: duckdb.DuckDBPyConnection, commitments: list[Commitment], names: set[str]) -> None:
    """(Re)make the tables of these commitments on this connection."""
    for kind in (KINDS[name] for name in sorted(names)):
        shape = columns(kind)
        rows = _rows(kind, [one for one in commitments if one.name == kind.name])
        marks = ", ".join(f"({', '.join('?' for _ in shape)})" for _ in rows)
        selected = ", ".join(f"{name}::{sql} AS {name}" for name, sql in shape.items())
        connection.execute(
            f"CREATE OR REPLACE TABLE {COMMITMENT_PREFIX}{kind.name} AS SELECT {selected} "  # noqa: S608
            f"FROM (VALUES {marks}) AS given ({', '.join(shape)})",
            [value for row in rows for value in row],
        )


def _rows(kind: CommitmentKind, commitments: list[Commitment]) -> list[list[object]]:
    in_force = sorted(commitments, key=lambda one: one.valid_from)
    rows = [
        [_naive(one.valid_from), _naive(one.valid_to), _naive(one.valid_from), True, f"{one.document} {one.clause}"]
        + [value for name in kind.parameters for value in _values(kind.parameters[name].type, one.parameters.get(name))]
        for one in in_force
    ]
    edges = [(BEGINNING, BEGINNING), *((one.valid_from, one.valid_to) for one in in_force), (FOREVER, FOREVER)]
    for (_, start), (end, _) in pairwise(edges):
        if start < end:
            nothing = [None] * (len(columns(kind)) - len(COMMON))
            rows.append([_naive(start), _naive(end), _naive(start), False, None, *nothing])
    return rows


def _values(type_: str, value: Parameter) -> list[object]:
    if type_ == "duration":
        return [value, in_words(value) if isinstance(value, timedelta) else None]
    if type_ == "patterns":
        return [regular_expression(value) if isinstance(value, list) else None]
    return [value]


def regular_expression(patterns: list[str]) -> str:
    """One anchored expression for a list of globs in which only `*` is special."""
    return "^(" + "|".join(".*".join(re.escape(part) for part in pattern.split("*")) for pattern in patterns) + ")$"


def _naive(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)
