"""Between the sweep and the tables: only what differs from the moment before is written down."""

from typing import Any

import duckdb

from observant.analysis.conditional_access.coverage import STATES
from observant.analysis.conditional_access.people import Digits, People, chosen, differing, lettered, places
from observant.analysis.conditional_access.population import ACTIVATED
from observant.analysis.conditional_access.sweep import Key, Moment, Tally
from observant.analysis.rows import insert

_STAGED = {
    "coverage_tally": {
        "requirement": "VARCHAR",
        "population": "VARCHAR",
        "instant": "TIMESTAMP",
        "earliest": "TIMESTAMP",
        "record": "BIGINT",
        "numbers": "BIGINT[]",
        "emergency": "BIGINT",
        "defaults": "BOOLEAN",
        "because": "VARCHAR",
    },
    "coverage_key": {
        "key": "INTEGER",
        "population": "VARCHAR",
        "admin": "BOOLEAN",
        "emergency": "BOOLEAN",
        "state": "VARCHAR",
        "because": "VARCHAR",
        "policy": "VARCHAR",
        "way": "VARCHAR",
    },
    "coverage_step": {
        "requirement": "VARCHAR",
        "place": "INTEGER",
        "instant": "TIMESTAMP",
        "earliest": "TIMESTAMP",
        "record": "BIGINT",
        "key": "INTEGER",
    },
    "coverage_twin": {"place": "INTEGER", "original": "INTEGER", "role": "VARCHAR"},
}

NUMBERS = tuple(f"{name}_{bound}" for name in ("people", *STATES, "open") for bound in ("least", "most"))
"""The numbers of a tally, in the order in which they are staged."""

_FOREVER = "TIMESTAMP '9999-12-31'"
_UNTIL = f"coalesce(lead(instant) OVER (PARTITION BY requirement, {{of}} ORDER BY instant), {_FOREVER})"

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
WITH later AS (
    SELECT DISTINCT requirement, place FROM coverage_step WHERE instant > (SELECT min(instant) FROM coverage_step)
)
SELECT *, {_FOREVER} AS until FROM coverage_step AS step
WHERE NOT EXISTS (SELECT 1 FROM later WHERE later.requirement = step.requirement AND later.place = step.place)
UNION ALL BY NAME
SELECT *, {_UNTIL.format(of="place")} AS until FROM coverage_step JOIN later USING (requirement, place)
"""  # noqa: S608
"""Most people are said one thing of, once: only the others have to be put in order."""

_SAID = """
       span.instant AS valid_from, span.until AS valid_to, greatest(span.earliest, who.born) AS earliest,
       span.record, span.requirement, who.member AS person, {role} AS role,
       key.population, key.admin, key.emergency, key.state, key.because, key.policy, key.way
FROM coverage_span AS span JOIN coverage_key AS key ON key.key = span.key
"""
NEW_PERSONS = f"""
SELECT $scope AS scope, span.requirement || ' ' || who.member AS member, who.label, {_SAID.format(role="NULL::VARCHAR")}
JOIN coverage_person AS who ON who.place = span.place
"""
NEW_TWINS = f"""
SELECT $scope AS scope, span.requirement || ' ' || who.member || ' ' || twin.role AS member, who.label,
       {_SAID.format(role="twin.role")}
JOIN coverage_twin AS twin ON twin.place = span.place JOIN coverage_person AS who ON who.place = twin.original
"""
OPEN = " WHERE key.state IS DISTINCT FROM 'covered'"
FEW = " WHERE key.population = 'service accounts' OR key.admin IS NOT FALSE OR key.emergency"


_MANY = 50_000
"""Below it is less work to name each of them."""


class Staging:
    """Only what differs from the moment before: a year in which little changes is little to write."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        for name, columns in _STAGED.items():
            shape = ", ".join(f"{column} {kind}" for column, kind in columns.items())
            connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({shape})")
        self._tallies: dict[tuple[str, str], Tally] = {}
        self._said: dict[str, Digits] = {}
        self._numbers: dict[Key, int] = {}
        self._twins: dict[int, tuple[int, str]] = {}
        self._tally_rows: list[list[Any]] = []

    def add(self, moment: Moment) -> None:
        for key, tally in moment.tallies.items():
            if self._tallies.get(key) != tally:
                self._tallies[key] = tally
                numbers = [number for pair in (tally.people, *tally.states, tally.open) for number in pair]
                rest = [tally.emergency, tally.defaults, tally.because]
                self._tally_rows.append([*key, moment.at, moment.earliest, moment.record, numbers, *rest])
        for requirement, said in moment.said.items():
            self._step(moment, requirement, said)
        self._numbers = moment.numbers

    def _step(self, moment: Moment, requirement: str, said: Digits) -> None:
        changed = differing(self._said.get(requirement, []), said)
        self._said[requirement] = said
        given = {
            "requirement": requirement,
            "instant": moment.at,
            "earliest": moment.earliest,
            "record": moment.record,
        }
        count = moment.population.persons
        twins = changed >> count << count
        for place in places(twins >> count):
            self._twins[count + place] = moment.population.original(count + place)
        persons = changed ^ twins
        if persons.bit_count() > _MANY:
            self._insert_many(given, said, persons, count)
            changed = twins
        if changed:
            self._insert(given, said, list(places(changed)))

    def _insert(self, given: dict[str, Any], said: Digits, people: list[int]) -> None:
        numbers = [0] * len(people)
        for power, digit in enumerate(said):
            ones = chosen(digit, people)
            numbers = [number + (one << power) for number, one in zip(numbers, ones, strict=True)]
        self._connection.execute(
            "INSERT INTO coverage_step SELECT $requirement, unnest($places::INTEGER[]), $instant, $earliest, "
            "$record, nullif(unnest($numbers::INTEGER[]), 0)",
            given | {"places": people, "numbers": numbers},
        )

    def _insert_many(self, given: dict[str, Any], said: Digits, people: People, count: int) -> None:
        """In one pass over everybody, whatever the number of things that are said."""
        bits = {"moved": people} | {f"digit_{power}": digit & people for power, digit in enumerate(said)}
        shown = ", ".join(f"${name}::BIT AS {name}" for name in bits)
        number = " + ".join(f"({1 << power} * get_bit(digit_{power}, place))" for power in range(len(said))) or "0"
        self._connection.execute(
            f"""
            INSERT INTO coverage_step SELECT $requirement, place, $instant, $earliest, $record, nullif({number}, 0)
            FROM coverage_person CROSS JOIN (SELECT {shown}) WHERE get_bit(moved, place) = 1
            """,  # noqa: S608
            given | {name: lettered(one, count) for name, one in bits.items()},
        )

    def write(self) -> None:
        """Put the rest into the staging tables."""
        self._put("coverage_tally", self._tally_rows)
        keys = [
            [number, one.population, one.admin, one.emergency, one.reason.state, one.reason.because, *_where(one)]
            for one, number in self._numbers.items()
        ]
        self._put("coverage_key", keys)
        self._put("coverage_twin", [[place, *twin] for place, twin in self._twins.items()])
        self._connection.execute(_SPANS)

    def _put(self, table: str, rows: list[list[Any]]) -> None:
        insert(self._connection, table, _STAGED[table], rows)


def _where(key: Key) -> tuple[str | None, str | None]:
    return key.reason.policy or None, key.reason.way or None
