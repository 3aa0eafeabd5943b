"""The table in which a promise in working days is counted."""

import duckdb

from observant.analysis.derivation import Derivation, DerivedTable
from observant.analysis.people.timeline import People

WORKDAY = DerivedTable(
    name="people_workday",
    about="Worked days, numbered, with the moment at which each is over where the company is.",
    columns={"scope": "VARCHAR", "number": "BIGINT", "ends_at": "TIMESTAMP"},
    collections=frozenset({"people.rules"}),
)


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"DELETE FROM {WORKDAY.name}")  # noqa: S608
    days = People(connection).workdays()
    rows = [(scope, number, end) for scope, ends in days.items() for number, end in enumerate(ends)]
    if rows:
        scopes, numbers, ends = zip(*rows, strict=True)
        connection.execute(
            f"INSERT INTO {WORKDAY.name} SELECT unnest(?), unnest(?), unnest(?::TIMESTAMP[])",
            [list(scopes), list(numbers), list(ends)],
        )


WORKDAYS = Derivation(tables=(WORKDAY,), derive=_derive)
