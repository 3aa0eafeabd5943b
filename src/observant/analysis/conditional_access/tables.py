"""The derived tables of coverage: counts for each requirement and population, and people who are not plainly covered.

A table about activated roles is separate: it also depends on what may be activated, which tenants without PIM cannot
show. What was worked out for the past is kept as long as nothing it was made from is different.
"""

from datetime import datetime
from typing import Any

import duckdb

from observant.analysis.conditional_access import inputs
from observant.analysis.conditional_access.coverage import STATES
from observant.analysis.conditional_access.people import NOBODY, People, places
from observant.analysis.conditional_access.population import ACTIVATED
from observant.analysis.conditional_access.sweep import Key, Moment, Tally, sweep
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

_NUMBERS = ("people", *STATES, "open")
_TALLY = (
    {"requirement": "VARCHAR", "population": "VARCHAR"}
    | {f"{name}_{bound}": "BIGINT" for name in _NUMBERS for bound in ("least", "most")}
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
        "asked: phishing_resistant is asked of admins, confined of service accounts."
    ),
    columns=VALID_TIME | _PERSON,
    collections=_COLLECTIONS,
)
ACTIVATED_PERSON = DerivedTable(
    name="entra_activated_coverage_person",
    about="The same for people who may activate the privileged role `role`, in the moment they do.",
    columns=VALID_TIME | _PERSON,
    collections=_ACTIVATED_COLLECTIONS,
)

_BOOKKEEPING = "CREATE TABLE IF NOT EXISTS entra_coverage_read (scope VARCHAR, upto TIMESTAMP, digest VARCHAR)"
_FORMAT = 1
"""Raise when the same inputs come to another answer."""

_STAGED = {
    "coverage_tally": "requirement VARCHAR, population VARCHAR, at TIMESTAMP, earliest TIMESTAMP, record BIGINT, "
    "numbers BIGINT[], emergency BIGINT, defaults BOOLEAN, because VARCHAR",
    "coverage_key": "key INTEGER, population VARCHAR, admin BOOLEAN, emergency BOOLEAN, state VARCHAR, "
    "because VARCHAR, policy VARCHAR, way VARCHAR",
    "coverage_step": "requirement VARCHAR, place INTEGER, at TIMESTAMP, earliest TIMESTAMP, record BIGINT, key INTEGER",
    "coverage_twin": "place INTEGER, original INTEGER, role VARCHAR",
}

_NEW_TALLIES = f"""
CREATE OR REPLACE TEMP TABLE coverage_new AS
SELECT $scope AS scope, requirement || ' of ' || population AS member, requirement || ' of ' || population AS label,
       at AS valid_from,
       coalesce(lead(at) OVER (PARTITION BY requirement, population ORDER BY at), TIMESTAMP '9999-12-31') AS valid_to,
       earliest, record, requirement, population,
       {", ".join(f"numbers[{n + 1}] AS {name}" for n, name in enumerate(list(_TALLY)[2:-3]))},
       emergency, defaults, because
FROM coverage_tally WHERE population {{which}} $activated
"""  # noqa: S608

_NEW_PERSONS = """
CREATE OR REPLACE TEMP TABLE coverage_new AS
WITH step AS (
  SELECT *, coalesce(lead(at) OVER (PARTITION BY requirement, place ORDER BY at), TIMESTAMP '9999-12-31') AS until
  FROM coverage_step
), born AS (
  SELECT member, min(earliest) AS earliest, arg_max(label, valid_from) AS label
  FROM entra_user WHERE scope = $scope GROUP BY member
)
SELECT $scope AS scope,
       step.requirement || ' ' || who.member || coalesce(' ' || twin.role, '') AS member, born.label,
       step.at AS valid_from, step.until AS valid_to, greatest(step.earliest, born.earliest) AS earliest,
       step.record, step.requirement, who.member AS person, twin.role AS role,
       key.population, key.admin, key.emergency, key.state, key.because, key.policy, key.way
FROM step JOIN coverage_key AS key ON key.key = step.key
LEFT JOIN coverage_twin AS twin ON twin.place = step.place
JOIN coverage_person AS who ON who.place = coalesce(twin.original, step.place)
JOIN born ON born.member = who.member
WHERE (twin.role IS NULL) = NOT $activated
"""


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(_BOOKKEEPING)
    scopes = connection.execute(
        "SELECT scope, min(valid_from) FROM entra_user GROUP BY scope ORDER BY scope"
    ).fetchall()
    present = [scope for scope, _ in scopes]
    for table in (COVERAGE, ACTIVATED_COVERAGE, PERSON, ACTIVATED_PERSON):
        connection.execute(f"DELETE FROM {table.name} WHERE NOT list_contains(?, scope)", [present])  # noqa: S608
    for scope, first in scopes:
        _derive_scope(connection, scope, first)


COVERAGES = Derivation(
    (COVERAGE, ACTIVATED_COVERAGE, PERSON, ACTIVATED_PERSON),
    _derive,
    commitments=frozenset({"service_accounts", "emergency_accounts"}),
)


def _derive_scope(connection: duckdb.DuckDBPyConnection, scope: str, first: datetime) -> None:
    count = inputs.number_people(connection, scope)
    start = _still_good(connection, scope)
    staging = _Staging(connection)
    last = start or first
    for moment in sweep(connection, scope, count, start or first):
        staging.add(moment)
        last = moment.at
    staging.write()
    for table, statement, activated in (
        (COVERAGE, _NEW_TALLIES.format(which="<>"), ACTIVATED),
        (ACTIVATED_COVERAGE, _NEW_TALLIES.format(which="="), ACTIVATED),
        (PERSON, _NEW_PERSONS, False),
        (ACTIVATED_PERSON, _NEW_PERSONS, True),
    ):
        connection.execute(statement, {"scope": scope, "activated": activated})
        _continue(connection, table, scope, start)
    connection.execute("DELETE FROM entra_coverage_read WHERE scope = ?", [scope])
    read = f"{_FORMAT} {inputs.digest(connection, scope, last)}"
    connection.execute("INSERT INTO entra_coverage_read VALUES (?, ?, ?)", [scope, last, read])


def _still_good(connection: duckdb.DuckDBPyConnection, scope: str) -> datetime | None:
    """The moment up to which the stored rows are still right; None when they have to be made anew."""
    row = connection.execute("SELECT upto, digest FROM entra_coverage_read WHERE scope = ?", [scope]).fetchone()
    if row is None or row[1] != f"{_FORMAT} {inputs.digest(connection, scope, row[0])}":
        return None
    return row[0] if isinstance(row[0], datetime) else None


def _continue(connection: duckdb.DuckDBPyConnection, table: DerivedTable, scope: str, start: datetime | None) -> None:
    """Put the new rows after the stored ones; what holds at the seam is one row on both sides of it."""
    if start is not None:
        connection.execute(
            f"""
            UPDATE coverage_new SET valid_from = old.valid_from, earliest = old.earliest, record = old.record
            FROM {table.name} AS old
            WHERE old.scope = $scope AND old.member = coverage_new.member AND old.valid_to > $start
              AND coverage_new.valid_from = $start
            """,  # noqa: S608
            {"scope": scope, "start": start},
        )
        connection.execute(
            f"DELETE FROM {table.name} WHERE scope = $scope AND valid_to > $start",  # noqa: S608
            {"scope": scope, "start": start},
        )
    else:
        connection.execute(f"DELETE FROM {table.name} WHERE scope = $scope", {"scope": scope})  # noqa: S608
    connection.execute(f"INSERT INTO {table.name} BY NAME SELECT * FROM coverage_new")  # noqa: S608


class _Staging:
    """Only what differs from the moment before: a year in which little changes is little to write."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        for name, columns in _STAGED.items():
            connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({columns})")
        self._tallies: dict[tuple[str, str], Tally] = {}
        self._persons: dict[str, dict[Key, People]] = {}
        self._keys: dict[Key, int] = {}
        self._twins: dict[int, tuple[int, str]] = {}
        self._tally_rows: list[list[Any]] = []

    def add(self, moment: Moment) -> None:
        for key, tally in moment.tallies.items():
            if self._tallies.get(key) != tally:
                self._tallies[key] = tally
                numbers = [number for pair in (tally.people, *tally.states, tally.open) for number in pair]
                rest = [tally.emergency, tally.defaults, tally.because]
                self._tally_rows.append([*key, moment.at, moment.earliest, moment.record, numbers, *rest])
        for requirement, persons in moment.persons.items():
            self._step(moment, requirement, persons)

    def _step(self, moment: Moment, requirement: str, persons: dict[Key, People]) -> None:
        before = self._persons.get(requirement, {})
        left = arrived = NOBODY
        for key, people in before.items():
            left |= people & ~persons.get(key, NOBODY)
        for key, people in persons.items():
            new = people & ~before.get(key, NOBODY)
            arrived |= new
            self._insert(moment, requirement, new, self._keys.setdefault(key, len(self._keys)))
        self._insert(moment, requirement, left & ~arrived, None)
        self._persons[requirement] = persons

    def _insert(self, moment: Moment, requirement: str, people: People, key: int | None) -> None:
        if not people:
            return
        numbers = list(places(people))
        for place in numbers:
            original, role = moment.population.original(place)
            if role:
                self._twins[place] = (original, role)
        self._connection.execute(
            "INSERT INTO coverage_step SELECT $requirement, unnest($places::INTEGER[]), $at, $earliest, $record, $key",
            {
                "requirement": requirement,
                "places": numbers,
                "at": moment.at,
                "earliest": moment.earliest,
                "record": moment.record,
                "key": key,
            },
        )

    def write(self) -> None:
        """Put the rest into the staging tables."""
        self._many("coverage_tally", self._tally_rows)
        keys = [
            [number, one.population, one.admin, one.emergency, one.reason.state, one.reason.because, *_where(one)]
            for one, number in self._keys.items()
        ]
        self._many("coverage_key", keys)
        self._many("coverage_twin", [[place, *twin] for place, twin in self._twins.items()])

    def _many(self, table: str, rows: list[list[Any]]) -> None:
        if rows:
            marks = ", ".join("?" for _ in rows[0])
            self._connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608


def _where(key: Key) -> tuple[str | None, str | None]:
    return key.reason.policy or None, key.reason.way or None
