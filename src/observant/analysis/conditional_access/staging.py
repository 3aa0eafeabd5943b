"""Between the sweep and the tables: only what differs from the moment before is written down."""

from typing import Any

import duckdb

from observant.analysis.conditional_access.coverage import STATES
from observant.analysis.conditional_access.people import NOBODY, People, lettered, places
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


_MANY = 1000


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
        }
        count = moment.population.persons
        twins = [(key, people >> count << count) for key, people in steps]
        for _, people in twins:
            for place in places(people):
                self._twins[place] = moment.population.original(place)
        persons = [(key, people ^ those) for (key, people), (_, those) in zip(steps, twins, strict=True)]
        if sum(people.bit_count() for _, people in persons) > _MANY:
            self._insert_many(given, persons, count)
        else:
            twins += persons
        pairs = [(place, key) for key, people in twins for place in places(people)]
        if pairs:
            self._connection.execute(
                "INSERT INTO coverage_step SELECT $requirement, unnest($places::INTEGER[]), $instant, $earliest, "
                "$record, unnest($keys::INTEGER[])",
                given | {"places": [place for place, _ in pairs], "keys": [key for _, key in pairs]},
            )

    def _insert_many(self, given: dict[str, Any], steps: list[tuple[int | None, People]], count: int) -> None:
        """All of them in one pass over the people, whatever the number of sets.

        The sets are numbered from 1, and each binary digit of the numbers is a set of people in itself: everybody
        whose set has a 1 there. Ten such sets, as texts of bits, tell a thousand sets apart.
        """
        digits = range(len(steps).bit_length())
        numbered = list(enumerate((people for _, people in steps), 1))
        planes = {f"digit_{digit}": NOBODY for digit in digits}
        for digit in digits:
            for number, people in numbered:
                if number >> digit & 1:
                    planes[f"digit_{digit}"] |= people
        bits = ", ".join(f"${plane}::BIT AS {plane}" for plane in planes)
        said = " + ".join(f"({1 << digit} * get_bit(digit_{digit}, place))" for digit in digits)
        self._connection.execute(
            f"""
            INSERT INTO coverage_step
            SELECT $requirement, place, $instant, $earliest, $record, ($keys::INTEGER[])[number]
            FROM (SELECT place, {said} AS number FROM coverage_person CROSS JOIN (SELECT {bits}))
            WHERE number > 0
            """,  # noqa: S608
            given
            | {"keys": [key for key, _ in steps]}
            | {plane: lettered(people, count) for plane, people in planes.items()},
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


def _where(key: Key) -> tuple[str | None, str | None]:
    return key.reason.policy or None, key.reason.way or None
