"""What coverage reads from the inventory: row versions of one scope, as they stand at a moment, and what changes then.

Persons are numbers here, given by a table that lives as long as the connection, so a million user ids never become
Python objects. Every statement answers `valid_from`, `valid_to`, `earliest`, `record` and then what it is about.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

import duckdb

from observant.analysis.conditional_access.people import People, unlettered
from observant.model.time import FOREVER

_NUMBERS = """
CREATE OR REPLACE TEMP TABLE coverage_person AS
SELECT member, (row_number() OVER () - 1)::INTEGER AS place,
       min(earliest) AS born, arg_max(label, valid_from) AS label
FROM entra_user WHERE scope = $scope GROUP BY member
"""
"""In any order: putting a million ids in order costs more than all that is worked out about them."""

_TIMES = "valid_from, valid_to, earliest, record"

_CODE = """
1 + 9 * CASE WHEN enabled THEN 1 WHEN NOT enabled THEN 0 ELSE 2 END
  + 3 * CASE user_type WHEN 'Member' THEN 0 WHEN 'Guest' THEN 1 ELSE 2 END
  + CASE WHEN invited THEN 1 WHEN NOT invited THEN 0 ELSE 2 END
"""

_USERS = f"""
SELECT {_TIMES}, place, {_CODE} AS code
FROM entra_user JOIN coverage_person USING (member) WHERE scope = $scope
"""  # noqa: S608

_MEMBERS = f"""
SELECT {_TIMES}, lower(group_id) AS group_id, place
FROM entra_group_member JOIN coverage_person ON coverage_person.member = principal WHERE scope = $scope
"""  # noqa: S608

_PROMISED = "SELECT valid_from, valid_to, accounts FROM commitment_{name} WHERE accounts IS NOT NULL ORDER BY ALL"
_DECLARED = """
INSERT INTO coverage_{name}
SELECT scope, place, member, greatest(held.valid_from, $since), least(held.valid_to, $until),
       greatest(held.valid_from, $since), record
FROM entra_user AS held JOIN coverage_person USING (member)
WHERE scope = $scope AND held.valid_from < $until AND $since < held.valid_to
  AND (regexp_matches(upn, $accounts, 'i') OR regexp_matches(held.member, $accounts, 'i'))
"""
"""For each sentence by itself: a regular expression in a column is compiled anew for each of a million people."""
_DECLARATION = {
    "scope": "VARCHAR",
    "place": "INTEGER",
    "member": "VARCHAR",
    "valid_from": "TIMESTAMP",
    "valid_to": "TIMESTAMP",
    "earliest": "TIMESTAMP",
    "record": "BIGINT",
}
_DECLARATIONS = ("service_accounts", "emergency_accounts")


_NOT_FOUND = "coalesce(because LIKE '%Request_ResourceNotFound%', false)"
"""The directory's answer to who is in a group that it does not have."""


def _plain(table: str, columns: str) -> str:
    return f"SELECT {_TIMES}, {columns} FROM {table} WHERE scope = $scope"  # noqa: S608


def _of_somebody(table: str, columns: str) -> str:
    """With the person number of `principal`, NULL when it is no user."""
    return f"""
    SELECT {_TIMES}, {columns}, place, lower(principal) AS principal
    FROM {table} LEFT JOIN coverage_person ON coverage_person.member = principal WHERE scope = $scope
    """  # noqa: S608


_ROLE_OF = "{table}.member AS urn, lower(role) AS role, directory_scope"

STATEMENTS: dict[str, str] = {
    "user": _USERS,
    "member": _MEMBERS,
    "nesting": _plain("entra_group_member", "lower(group_id) AS group_id, lower(principal) AS inner_group")
    + " AND principal_kind = 'group'",
    "group": _plain("entra_group", "lower(member) AS group_id, label"),
    "group reading": _plain("entra_group_reading", f"lower(member) AS group_id, readable, {_NOT_FOUND} AS gone"),
    "role": _plain("entra_role", "lower(member) AS role, lower(template_id) AS template, label, builtin, privileged"),
    "grant": _of_somebody("entra_role_grant", _ROLE_OF.format(table="entra_role_grant")),
    "eligibility": _of_somebody("entra_role_eligibility", _ROLE_OF.format(table="entra_role_eligibility")),
    "group eligibility": _of_somebody(
        "entra_group_eligibility", "entra_group_eligibility.member AS urn, lower(group_id) AS group_id, access"
    ),
    "strength": _plain("entra_authentication_strength", "lower(member) AS strength, document"),
    "defaults": _plain("entra_security_defaults", "member, enabled"),
    "policy": _plain("entra_policy_state", "member, document"),
    "service account": _plain("coverage_service_accounts", "place, member"),
    "emergency account": _plain("coverage_emergency_accounts", "place, member"),
}
"""What it is about -> its row versions."""

_DIGESTED = STATEMENTS | {
    "user": _plain("entra_user", f"member, {_CODE} AS code"),
    "member": _plain("entra_group_member", "member"),
    **{
        about: f"SELECT * REPLACE (place IS NULL AS place) FROM ({STATEMENTS[about]})"  # noqa: S608
        for about in ("grant", "eligibility", "group eligibility", "service account", "emergency account")
    },
}
"""The same by ids, which mean the same next time; numbers do not."""

MANY = frozenset({"user", "member"})
"""Read in bulk and not row by row."""


class Delta(NamedTuple):
    """A row version that began or ended."""

    at: datetime
    begins: bool
    about: str
    earliest: datetime
    """Of one that ended: the moment itself."""
    record: int
    values: tuple[Any, ...]


def number_people(connection: duckdb.DuckDBPyConnection, scope: str) -> int:
    """Give every user that was ever seen in the scope a number, for as long as this connection asks about the scope;
    returns how many. From then on the other functions here may be called."""
    connection.execute(_NUMBERS, {"scope": scope})
    shape = ", ".join(f"{column} {kind}" for column, kind in _DECLARATION.items())
    for name in _DECLARATIONS:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE coverage_{name} ({shape})")
        for since, until, accounts in connection.execute(_PROMISED.format(name=name)).fetchall():
            promised = {"scope": scope, "since": since, "until": until, "accounts": accounts}
            connection.execute(_DECLARED.format(name=name), promised)
    row = connection.execute("SELECT count(*) FROM coverage_person").fetchone()
    return int(row[0]) if row else 0


def standing(connection: duckdb.DuckDBPyConnection, scope: str, about: str, at: datetime) -> list[tuple[Any, ...]]:
    """Values of the row versions that hold at a moment."""
    rows = connection.execute(
        f"SELECT * FROM ({STATEMENTS[about]}) WHERE valid_from <= $at AND $at < valid_to",  # noqa: S608
        {"scope": scope, "at": at},
    ).fetchall()
    return [row[4:] for row in rows]


def codes_at(connection: duckdb.DuckDBPyConnection, scope: str, count: int, at: datetime) -> dict[int, People]:
    """Code of user rows -> who has such a row at a moment."""
    if not count:
        return {}
    rows = connection.execute(
        f"SELECT code, bitstring_agg(place, 0, {count - 1})::VARCHAR FROM ({_USERS}) "  # noqa: S608
        "WHERE valid_from <= $at AND $at < valid_to GROUP BY code",
        {"scope": scope, "at": at},
    )
    return {code: unlettered(bits) for code, bits in rows.fetchall()}


def members_at(connection: duckdb.DuckDBPyConnection, scope: str, at: datetime) -> Iterator[tuple[str, list[int]]]:
    """(group, person numbers) of direct members, one group at a time."""
    rows = connection.execute(
        f"SELECT group_id, list(place) FROM ({_MEMBERS}) WHERE valid_from <= $at AND $at < valid_to "  # noqa: S608
        "GROUP BY group_id",
        {"scope": scope, "at": at},
    )
    while row := rows.fetchone():
        yield row


def deltas(connection: duckdb.DuckDBPyConnection, scope: str, after: datetime) -> list[Delta]:
    """Everything that begins or ends after a moment, in order; at one moment what ends comes first."""
    found: list[Delta] = []
    for about, statement in STATEMENTS.items():
        rows = connection.execute(
            f"""
            WITH version AS ({statement})
            SELECT valid_to AS instant, false, valid_to, * EXCLUDE (valid_from, valid_to, earliest) FROM version
            WHERE valid_to > $after AND valid_to < $forever AND valid_from < valid_to
            UNION ALL
            SELECT valid_from AS instant, true, earliest, * EXCLUDE (valid_from, valid_to, earliest) FROM version
            WHERE valid_from > $after AND valid_from < valid_to
            """,  # noqa: S608
            {"scope": scope, "after": after, "forever": FOREVER.replace(tzinfo=None)},
        ).fetchall()
        found += [
            Delta(at, begins, about, earliest, record, tuple(values)) for at, begins, earliest, record, *values in rows
        ]
    return sorted(found, key=lambda one: (one.at, one.begins))


def digest(connection: duckdb.DuckDBPyConnection, scope: str, until: datetime) -> str:
    """Of everything that was so up to a moment, whatever became of it later."""
    parts = []
    for about, statement in _DIGESTED.items():
        row = connection.execute(
            f"""
            SELECT count(*), coalesce(sum(hash(clipped)), 0)
            FROM (SELECT * EXCLUDE (valid_to, record), least(valid_to, $until) AS valid_to FROM ({statement})
                  WHERE valid_from <= $until AND valid_from < valid_to) AS clipped
            """,  # noqa: S608
            {"scope": scope, "until": until},
        ).fetchone()
        parts.append(f"{about} {row}")
    return "; ".join(parts)
