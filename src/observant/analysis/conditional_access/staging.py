"""Between the sweep and the tables: only what differs from the moment before is written down."""

from typing import Any

import duckdb

from observant.analysis.conditional_access.coverage import STATES
from observant.analysis.conditional_access.people import NOBODY, People, places
from observant.analysis.conditional_access.population import ACTIVATED
from observant.analysis.conditional_access.sweep import Key, Moment, Tally

_STAGED = {
    "coverage_tally": "requirement VARCHAR, population VARCHAR, instant TIMESTAMP, earliest TIMESTAMP, record BIGINT, "
    "numbers BIGINT[], emergency BIGINT, defaults BOOLEAN, because VARCHAR",
    "coverage_key": "key INTEGER, population VARCHAR, admin BOOLEAN, emergency BOOLEAN, state VARCHAR, "
    "because VARCHAR, policy VARCHAR, way VARCHAR",
    "coverage_step": "requirement VARCHAR, place INTEGER, instant TIMESTAMP, earliest TIMESTAMP, record BIGINT, "
    "key INTEGER",
    "coverage_twin": "place INTEGER, original INTEGER, role VARCHAR",
}

NUMBERS = tuple(f"{name}_{bound}" for name in ("people", *STATES, "open") for bound in ("least", "most"))
"""The numbers of a tally, in the order in which they are staged."""

_UNTIL = "coalesce(lead(instant) OVER (PARTITION BY requirement, {of} ORDER BY instant), TIMESTAMP '9999-12-31')"

NEW_TALLIES = f"""
SELECT $scope AS scope, requirement || ' of ' || population AS member, requirement || ' of ' || population AS label,
       instant AS valid_from, {_UNTIL.format(of="population")} AS valid_to,
       earliest, record, requirement, population,
       {", ".join(f"numbers[{place}] AS {name}" for place, name in enumerate(NUMBERS, 1))},
       emergency, defaults, because
FROM coverage_tally WHERE (population = '{ACTIVATED}') = $activated
"""  # noqa: S608

_SPANS = f"""
CREATE OR REPLACE TEMP TABLE coverage_span AS
SELECT *, {_UNTIL.format(of="place")} AS until FROM coverage_step
"""  # noqa: S608

NEW_PERSONS = """
SELECT $scope AS scope,
       span.requirement || ' ' || who.member || coalesce(' ' || twin.role, '') AS member, who.label,
       span.instant AS valid_from, span.until AS valid_to, greatest(span.earliest, who.born) AS earliest,
       span.record, span.requirement, who.member AS person, twin.role AS role,
       key.population, key.admin, key.emergency, key.state, key.because, key.policy, key.way
FROM coverage_span AS span JOIN coverage_key AS key ON key.key = span.key
LEFT JOIN coverage_twin AS twin ON twin.place = span.place
JOIN coverage_person AS who ON who.place = coalesce(twin.original, span.place)
WHERE (twin.role IS NOT NULL) = $activated
"""
OPEN = "AND key.state IS DISTINCT FROM 'covered'"
FEW = "AND (key.population = 'service accounts' OR key.admin IS NOT FALSE OR key.emergency)"


_MANY = 1000


class Staging:
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
        """Many people go as one text of bits, which the database takes apart faster than a list of numbers."""
        given = {
            "requirement": requirement,
            "instant": moment.at,
            "earliest": moment.earliest,
            "record": moment.record,
            "key": key,
        }
        twins = people >> moment.population.persons << moment.population.persons
        for place in places(twins):
            self._twins[place] = moment.population.original(place)
        persons = people ^ twins
        if persons.bit_count() > _MANY:
            bits = {"bits": bin(persons)[:1:-1], "length": persons.bit_length()}
            self._connection.execute(
                "INSERT INTO coverage_step SELECT $requirement, place, $instant, $earliest, $record, $key "
                "FROM coverage_person WHERE place < $length AND get_bit($bits::BIT, place) = 1",
                given | bits,
            )
            people = twins
        if people:
            self._connection.execute(
                "INSERT INTO coverage_step "
                "SELECT $requirement, unnest($places::INTEGER[]), $instant, $earliest, $record, $key",
                given | {"places": list(places(people))},
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
        self._connection.execute(_SPANS)

    def _many(self, table: str, rows: list[list[Any]]) -> None:
        if rows:
            marks = ", ".join("?" for _ in rows[0])
            self._connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608


def _where(key: Key) -> tuple[str | None, str | None]:
    return key.reason.policy or None, key.reason.way or None
