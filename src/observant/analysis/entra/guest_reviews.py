"""When each guest was last reviewed, as Entra's own access reviews recorded it: a valid-time table.

A decision that was once on record stays evidence, also when the review that it was made in is deleted later.
"""

from collections.abc import Iterator
from typing import Any

import duckdb

from observant.analysis.derivation import VALID_TIME, Derivation, DerivedTable
from observant.analysis.entra.pieces import Stretch, grouped, slices, stretch
from observant.analysis.rows import insert
from observant.model.time import FOREVER

REVIEWED = DerivedTable(
    name="entra_reviewed_guest",
    about=(
        "Guests and other invited users, and when somebody last decided about them in a completed access review "
        "(`last_review`, NULL: never; `decision` Approve or Deny). `unseen`: decisions of a review could not be read."
    ),
    columns=VALID_TIME
    | {
        "created_at": "TIMESTAMP",
        "last_review": "TIMESTAMP",
        "decision": "VARCHAR",
        "reviewed_by": "VARCHAR",
        "unseen": "BOOLEAN",
    },
    collections=frozenset({"entra.users", "entra.access_reviews", "entra.access_review_decisions"}),
)

_DECISIONS = """
SELECT made.scope, made.principal, made.reviewed_at, made.decision, made.reviewed_by, min(made.record)
FROM entra_access_review_decision AS made
JOIN entra_access_review_instance AS ran ON ran.scope = made.scope AND ran.member = made.instance
WHERE ran.status IN ('Completed', 'Applied') AND made.decision IN ('Approve', 'Deny')
  AND made.principal IS NOT NULL AND made.reviewed_at IS NOT NULL
GROUP BY ALL ORDER BY ALL
"""

_UNSEEN = """
SELECT scope, valid_from, valid_to, earliest, record FROM entra_access_review_decision WHERE principal IS NULL
UNION ALL
SELECT scope, valid_from, valid_to, earliest, record FROM entra_access_review_instance WHERE status IS NULL
ORDER BY ALL
"""

_GUESTS = """
SELECT scope, member, arg_max(label, valid_from) OVER (PARTITION BY scope, member), created_at,
       valid_from, valid_to, earliest, record
FROM entra_user WHERE user_type = 'Guest' OR invited ORDER BY ALL
"""


def _rows(connection: duckdb.DuckDBPyConnection) -> Iterator[list[object]]:
    forever = FOREVER.replace(tzinfo=None)
    decisions = grouped(
        ((scope, principal), Stretch(at, forever, at, record, (at, decision, by)))
        for scope, principal, at, decision, by, record in connection.execute(_DECISIONS).fetchall()
    )
    unseen = grouped((scope, stretch(times, None)) for scope, *times in connection.execute(_UNSEEN).fetchall())
    guests = grouped(
        ((scope, member, label, created), stretch(times, None))
        for scope, member, label, created, *times in connection.execute(_GUESTS).fetchall()
    )
    for (scope, member, label, created), frame in guests.items():
        parts: list[Stretch[Any]] = [*decisions.get((scope, member), []), *unseen.get(scope, [])]
        for each in slices(frame, parts):
            made = [one for one in each.content if one is not None]
            last = max(made, key=lambda one: one[0]) if made else (None, None, None)
            times = (each.valid_from, each.valid_to, each.earliest, each.record)
            yield [scope, member, label, *times, created, *last, None in each.content]


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("DELETE FROM entra_reviewed_guest")
    insert(connection, REVIEWED.name, REVIEWED.columns, list(_rows(connection)))


GUEST_REVIEWS = Derivation(tables=(REVIEWED,), derive=_derive)
