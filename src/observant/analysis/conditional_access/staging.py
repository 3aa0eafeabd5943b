"""Between the sweep and the tables: only what differs from the moment before is written down."""

from typing import Any

import duckdb

from observant.analysis.conditional_access.coverage import STATES
from observant.analysis.conditional_access.people import NOBODY, People, chosen, lettered, places
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
        steps: list[tuple[int | None, People]] = []
        for key, people in before.items():
            left |= people & ~persons.get(key, NOBODY)
        for key, people in persons.items():
            new = people & ~before.get(key, NOBODY)
            arrived |= new
            steps.append((self._keys.setdefault(key, len(self._keys)), new))
        steps.append((None, left & ~arrived))
        self._insert(moment, requirement, [(key, people) for key, people in steps if people])
        self._persons[requirement] = persons

    def _insert(self, moment: Moment, requirement: str, steps: list[tuple[int | None, People]]) -> None:
        """Disjoint sets of people, each with what is said of them from now on; None is nothing any more."""
        given = {
            "requirement": requirement,
            "instant": moment.at,
            "earliest": moment.earliest,
            "record": moment.record,
            "keys": [key for key, _ in steps],
        }
        digits, everybody = _digits([people for _, people in steps])
        count = moment.population.persons
        twins = everybody >> count
        for place in places(twins):
            self._twins[count + place] = moment.population.original(count + place)
        persons = everybody ^ twins << count
        if persons.bit_count() > _MANY:
            self._insert_many(given, [digit ^ digit >> count << count for digit in digits], count)
            few = [count + place for place in places(twins)]
        else:
            few = list(places(everybody))
        if few:
            numbers = [0] * len(few)
            for power, digit in enumerate(digits):
                numbers = [number + (is_in << power) for number, is_in in zip(numbers, chosen(digit, few), strict=True)]
            self._connection.execute(
                "INSERT INTO coverage_step SELECT $requirement, unnest($places::INTEGER[]), $instant, $earliest, "
                "$record, ($keys::INTEGER[])[unnest($numbers::INTEGER[])]",
                given | {"places": few, "numbers": numbers},
            )

    def _insert_many(self, given: dict[str, Any], digits: list[People], count: int) -> None:
        """In one pass over all people, whatever the number of sets."""
        bits = ", ".join(f"$digit_{power}::BIT AS digit_{power}" for power in range(len(digits)))
        said = " + ".join(f"({1 << power} * get_bit(digit_{power}, place))" for power in range(len(digits)))
        self._connection.execute(
            f"""
            INSERT INTO coverage_step
            SELECT $requirement, place, $instant, $earliest, $record, ($keys::INTEGER[])[number]
            FROM (SELECT place, {said} AS number FROM coverage_person CROSS JOIN (SELECT {bits}))
            WHERE number > 0
            """,  # noqa: S608
            given | {f"digit_{power}": lettered(digit, count) for power, digit in enumerate(digits)},
        )

    def write(self) -> None:
        """Put the rest into the staging tables."""
        self._put("coverage_tally", self._tally_rows)
        keys = [
            [number, one.population, one.admin, one.emergency, one.reason.state, one.reason.because, *_where(one)]
            for one, number in self._keys.items()
        ]
        self._put("coverage_key", keys)
        self._put("coverage_twin", [[place, *twin] for place, twin in self._twins.items()])
        self._connection.execute(_SPANS)

    def _put(self, table: str, rows: list[list[Any]]) -> None:
        insert(self._connection, table, _STAGED[table], rows)


def _digits(sets: list[People]) -> tuple[list[People], People]:
    """Disjoint sets, numbered from 1, as the binary digits of the numbers; and everybody in any of them.

    Each digit is a set of people in itself: those whose set has a 1 there. Ten of them tell a thousand sets apart.
    """
    digits = [NOBODY] * len(sets).bit_length()
    everybody = NOBODY
    for number, people in enumerate(sets, 1):
        everybody |= people
        for power in range(len(digits)):
            if number >> power & 1:
                digits[power] |= people
    return digits, everybody


def _where(key: Key) -> tuple[str | None, str | None]:
    return key.reason.policy or None, key.reason.way or None
