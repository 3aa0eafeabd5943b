"""What a change did: rows before and after, and who may do more or less in effect.

Where an event tells a row's boundary to the second (AWS), the rows on both sides of that second are before and after.
Where only readings tell (Entra), what began or ended between the readings around the event, for the one it was done to.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

import duckdb
import msgspec

from observant.analysis.aws.principals import ACCESS
from observant.analysis.slices import taken
from observant.evidence.snapshot import Json
from observant.inventory.narrowing import NARROWED
from observant.inventory.projection import TABLES

At = tuple[str, datetime, int]
"""(scope, moment, record) of a change."""

_POWERS = {"administrator": "administrator in effect", "escalates": "can become administrator"}
_SPOKEN = {True: "yes", False: "no", None: "not known"}


def rows_changed(connection: duckdb.DuckDBPyConnection) -> dict[At, list[str]]:
    """What became of rows at the moment of a change in AWS, by its record."""
    found: dict[At, list[str]] = defaultdict(list)
    for table in sorted(NARROWED):
        columns = list(TABLES[table].columns)
        old, new = ([f'{side}."{column}"::VARCHAR' for column in columns] for side in ("old", "new"))
        rows = connection.execute(
            f"""
            SELECT change.scope, change.happened_at, change.record, coalesce(new.label, old.label),
                   old.member IS NULL, new.member IS NULL, [{", ".join(old)}], [{", ".join(new)}]
            FROM (SELECT DISTINCT scope, happened_at, record FROM aws_change WHERE NOT failed) AS change
            JOIN (SELECT DISTINCT scope, member FROM "replayed_{table}") AS touched ON touched.scope = change.scope
            LEFT JOIN "replayed_{table}" AS old ON old.scope = change.scope AND old.member = touched.member
                                               AND old.valid_to = change.happened_at
            LEFT JOIN "replayed_{table}" AS new ON new.scope = change.scope AND new.member = touched.member
                                               AND new.valid_from = change.happened_at
            WHERE old.member IS NOT NULL OR new.member IS NOT NULL ORDER BY ALL
            """  # noqa: S608
        ).fetchall()
        for scope, at, record, label, begins, ends, before, after in rows:
            said = "begins" if begins else "ends" if ends else _difference(columns, before, after)
            found[scope, at, record].append(f"{label}: {said}")
    return found


def _difference(columns: list[str], before: list[str | None], after: list[str | None]) -> str:
    told = [
        f"{column} {_shown(one)} -> {_shown(other)}"
        for column, one, other in zip(columns, before, after, strict=True)
        if one != other
    ]
    return ", ".join(told) or "changes"


def _shown(value: str | None) -> str:
    return "not known" if value is None else value


def powers_changed(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, datetime], list[str]]:
    """(scope, moment) -> which users and roles of an account may do more or less in effect from then on."""
    powers = ", ".join(f"old.{power}, new.{power}" for power in _POWERS)
    rows = connection.execute(
        f"""
        SELECT new.scope, new.valid_from, new.kind, new.label, new.administrator_because, {powers}
        FROM {ACCESS} AS new LEFT JOIN {ACCESS} AS old
          ON old.scope = new.scope AND old.member = new.member AND old.valid_to = new.valid_from
        WHERE new.valid_from IN (SELECT happened_at FROM aws_change WHERE NOT failed) ORDER BY ALL
        """  # noqa: S608
    ).fetchall()
    found: dict[tuple[str, datetime], list[str]] = defaultdict(list)
    for scope, at, kind, label, because, *sides in rows:
        for power, before, after in zip(_POWERS.values(), sides[::2], sides[1::2], strict=True):
            if before is not after and (before or after):
                why = f" ({because})" if after and power == _POWERS["administrator"] else ""
                found[scope, at].append(f"{kind} {label}: {power} {_SPOKEN[before]} -> {_SPOKEN[after]}{why}")
    return found


class Privileges:
    """Who began or ceased to hold a privileged role of a tenant, between the readings around an event."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._readings = taken(connection)
        self._held: dict[tuple[str, str], list[tuple[datetime, datetime, str]]] = defaultdict(list)
        rows = connection.execute(
            "SELECT scope, principal, valid_from, valid_to, coalesce(principal_name, principal), "
            "coalesce(role_name, role), coalesce(holding, 'not known') FROM entra_privileged_holder "
            "WHERE principal IS NOT NULL ORDER BY ALL"
        ).fetchall()
        for scope, principal, start, end, name, role, holding in rows:
            self._held[scope, principal].append((start, end, f"{name}: role {role}, {holding}"))

    def around(self, scope: str, principal: str | None, at: datetime) -> list[str]:
        """What changed for this one."""
        held = self._held.get((scope, principal or ""), [])
        if not held:
            return []
        before = max((one for one in self._readings.get(scope, []) if one <= at), default=at)
        after = min((one for one in self._readings.get(scope, []) if one > at), default=at)
        began = [f"{told}: begins" for start, _, told in held if before < start <= after]
        ended = [f"{told}: ends" for _, end, told in held if before < end <= after]
        return sorted({*began, *ended} - ({*began} & {*ended}))


def properties_changed(changed: str) -> list[str]:
    """Before and after as a directory audit event gives them."""
    try:
        read = msgspec.json.decode(changed)
    except msgspec.MsgspecError:
        return []
    return list(_properties(read)) if isinstance(read, dict) else []


def _properties(read: Json) -> Iterator[str]:
    for target, properties in read.items():
        for one in properties if isinstance(properties, list) else []:
            if isinstance(one, dict) and one.get("displayName") != "Included Updated Properties":
                old, new = (_shown(one.get(side)) for side in ("oldValue", "newValue"))
                yield f"{target}: {one.get('displayName')} {old} -> {new}"
