"""The derived tables of coverage: counts for each requirement and population, and people who are not plainly covered.

A table about activated roles is separate: it also depends on what may be activated, which tenants without PIM cannot
show. What was worked out for the past is kept as long as nothing it was made from is different.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime

import duckdb

from observant.analysis.conditional_access import inputs
from observant.analysis.conditional_access.staging import (
    FEW,
    NEW_PERSONS,
    NEW_TALLIES,
    NEW_TWINS,
    NUMBERS,
    OPEN,
    Staging,
)
from observant.analysis.conditional_access.sweep import sweep
from observant.analysis.derivation import VALID_TIME, Derivation, DerivedTable

_COLLECTIONS = frozenset(
    {
        "entra.users",
        "entra.groups",
        "entra.group_members",
        "entra.role_definitions",
        "entra.role_assignments",
        "entra.conditional_access_policies",
        "entra.authentication_strengths",
        "entra.security_defaults",
    }
)
_ACTIVATED_COLLECTIONS = _COLLECTIONS | {"entra.role_eligibility_instances", "entra.group_eligibility_instances"}

_TALLY = (
    {"requirement": "VARCHAR", "population": "VARCHAR"}
    | dict.fromkeys(NUMBERS, "BIGINT")
    | {"emergency": "BIGINT", "defaults": "BOOLEAN", "because": "VARCHAR"}
)
_PERSON = {
    "requirement": "VARCHAR",
    "person": "VARCHAR",
    "role": "VARCHAR",
    "population": "VARCHAR",
    "admin": "BOOLEAN",
    "emergency": "BOOLEAN",
    "state": "VARCHAR",
    "because": "VARCHAR",
    "policy": "VARCHAR",
    "way": "VARCHAR",
}

_STATES = (
    "covered, exempt (excluded from a policy that would cover them), conditional (covered for some sign-ins only) or "
    "uncovered"
)
COVERAGE = DerivedTable(
    name="entra_coverage",
    about=(
        "How many people Conditional Access holds to a requirement: one member for each requirement (mfa, "
        "phishing_resistant, legacy_blocked, device_code_blocked, confined) and population (everyone, members, guests, "
        f"service accounts, admins). Everybody is {_STATES}; `open` is everybody who is not covered. `_least` and "
        "`_most` differ where something could not be read. Declared emergency accounts are in `people` and in "
        "`emergency`, and in no other number unless covered. `defaults` tells whether security defaults are on."
    ),
    columns=VALID_TIME | _TALLY,
    collections=_COLLECTIONS,
)
ACTIVATED_COVERAGE = DerivedTable(
    name="entra_activated_coverage",
    about=(
        "The same for people who may activate a privileged role, in the moment they do: one person for each role. "
        "`_most` is NULL where some of them could not be read."
    ),
    columns=VALID_TIME | _TALLY,
    collections=_ACTIVATED_COLLECTIONS,
)
PERSON = DerivedTable(
    name="entra_coverage_person",
    about=(
        f"People who are not plainly covered, and why. `state` is {_STATES}, NULL where it cannot be known; `way` "
        "tells how an exempt person is excluded (user, group, role, guest type). Who has no row is covered, or is not "
        "asked: phishing_resistant is asked of admins and emergency accounts, confined of service accounts. While no "
        "policy at all does anything for a requirement, `entra_coverage` says so, and only administrators and declared "
        "accounts have rows."
    ),
    columns=VALID_TIME | _PERSON,
    collections=_COLLECTIONS,
)
NAMED = DerivedTable(
    name="entra_named_coverage",
    about=(
        "Service accounts and emergency accounts that the written policy names, and administrators: each has a row, "
        "covered or not. `admin` is NULL where nobody judged the role."
    ),
    columns=VALID_TIME | _PERSON,
    collections=_COLLECTIONS,
)
ACTIVATED_PERSON = DerivedTable(
    name="entra_activated_coverage_person",
    about="People who may activate the privileged role `role`, covered or not in the moment they do.",
    columns=VALID_TIME | _PERSON,
    collections=_ACTIVATED_COLLECTIONS,
)

_TABLES = (COVERAGE, ACTIVATED_COVERAGE, PERSON, NAMED, ACTIVATED_PERSON)

_BOOKKEEPING = "CREATE TABLE IF NOT EXISTS entra_coverage_read (scope VARCHAR, upto TIMESTAMP, digest VARCHAR)"
_FORMAT = 1
"""Raise when the same inputs come to another answer."""


_ACCOUNTS = ("service_accounts", "emergency_accounts")
_NOTHING_PROMISED = """
CREATE TABLE IF NOT EXISTS commitment_{name} (valid_from TIMESTAMP, valid_to TIMESTAMP, accounts VARCHAR)
"""


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(_BOOKKEEPING)
    for name in _ACCOUNTS:
        connection.execute(_NOTHING_PROMISED.format(name=name))
    scopes = connection.execute(
        "SELECT scope, min(valid_from), count(*) FROM entra_user GROUP BY scope ORDER BY scope"
    ).fetchall()
    present = [scope for scope, _, _ in scopes]
    for table in _TABLES:
        connection.execute(f"DELETE FROM {table.name} WHERE NOT list_contains(?, scope)", [present])  # noqa: S608
    for scope, first, versions in scopes:
        with _bounded(connection) if versions > _LARGE else nullcontext():
            _derive_scope(connection, scope, first)


_LARGE = 100_000
_ROOM = "384MiB"


@contextmanager
def _bounded(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """The database puts on disk what does not fit, so that a million people fit beside it into a gigabyte.

    Where that cannot be done, it raises OutOfMemoryException, which ends the transaction: whoever began it sets the
    variable `unbounded`, and asks again.
    """
    setting = "SELECT current_setting('memory_limit'), coalesce(getvariable('unbounded'), false)"
    shown, unbounded = connection.execute(setting).fetchall()[0]
    if unbounded:
        yield
        return
    amount, unit = shown.split()
    connection.execute(f"SET memory_limit = '{_ROOM}'")
    yield
    # The setting is told with one digit and the rest cut off: half of the last one more, so as not to fall each time.
    connection.execute(f"SET memory_limit = '{float(amount) + 0.05:.2f}{unit}'")


COVERAGES = Derivation(
    _TABLES,
    _derive,
    commitments=frozenset(_ACCOUNTS),
)


def _derive_scope(connection: duckdb.DuckDBPyConnection, scope: str, first: datetime) -> None:
    count = inputs.number_people(connection, scope)
    start = _still_good(connection, scope)
    changes = inputs.deltas(connection, scope, start or first)
    if start is not None and not changes:
        return
    staging = Staging(connection)
    last = start or first
    for moment in sweep(connection, scope, count, start or first, changes):
        staging.add(moment)
        last = moment.at
    staging.write()
    for table, statement, more in (
        (COVERAGE, NEW_TALLIES, {"activated": False}),
        (ACTIVATED_COVERAGE, NEW_TALLIES, {"activated": True}),
        (PERSON, NEW_PERSONS + OPEN, {}),
        (NAMED, NEW_PERSONS + FEW, {}),
        (ACTIVATED_PERSON, NEW_TWINS, {}),
    ):
        _continue(connection, table, statement, {"scope": scope, **more}, start)
    connection.execute("DELETE FROM entra_coverage_read WHERE scope = ?", [scope])
    read = f"{_FORMAT} {inputs.digest(connection, scope, last)}"
    connection.execute("INSERT INTO entra_coverage_read VALUES (?, ?, ?)", [scope, last, read])


def _still_good(connection: duckdb.DuckDBPyConnection, scope: str) -> datetime | None:
    """The moment up to which the stored rows are still right; None when they have to be made anew."""
    row = connection.execute("SELECT upto, digest FROM entra_coverage_read WHERE scope = ?", [scope]).fetchone()
    if row is None or row[1] != f"{_FORMAT} {inputs.digest(connection, scope, row[0])}":
        return None
    return row[0] if isinstance(row[0], datetime) else None


def _continue(
    connection: duckdb.DuckDBPyConnection,
    table: DerivedTable,
    statement: str,
    given: dict[str, object],
    start: datetime | None,
) -> None:
    """Put the new rows after the stored ones; what holds at the seam is one row on both sides of it."""
    whose = {"scope": given["scope"]}
    if start is None:
        connection.execute(f"DELETE FROM {table.name} WHERE scope = $scope", whose)  # noqa: S608
        connection.execute(f"INSERT INTO {table.name} BY NAME {statement}", given)
        return
    seam = whose | {"start": start}
    connection.execute(f"CREATE OR REPLACE TEMP TABLE coverage_new AS {statement}", given)
    connection.execute(
        f"""
        UPDATE coverage_new SET valid_from = old.valid_from, earliest = old.earliest, record = old.record
        FROM {table.name} AS old
        WHERE old.scope = $scope AND old.member = coverage_new.member AND old.valid_to > $start
          AND coverage_new.valid_from = $start
        """,  # noqa: S608
        seam,
    )
    connection.execute(f"DELETE FROM {table.name} WHERE scope = $scope AND valid_to > $start", seam)  # noqa: S608
    connection.execute(f"INSERT INTO {table.name} BY NAME SELECT * FROM coverage_new")  # noqa: S608
