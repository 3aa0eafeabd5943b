"""What reviewers decided should happen, and the time for which the evidence shows that it has not.

One table for each source, one member for each decision to revoke or change. It has a row for every stretch after the
decision in which the access was still there (for a change: still as it was). A stretch that begins after the access was
gone once is `returned`.
"""

import duckdb

from observant.analysis.access import ACCESS, Access
from observant.analysis.derivation import VALID_TIME, Derivation, DerivedTable
from observant.analysis.entra.privileged import HOLDER
from observant.inventory.projection import TABLES

_COLUMNS = VALID_TIME | {
    "campaign": "VARCHAR",
    "choice": "VARCHAR",
    "reason": "VARCHAR",
    "ticket": "VARCHAR",
    "decided_by": "VARCHAR",
    "decided_at": "TIMESTAMP",
    "returned": "BOOLEAN",
}

_DECIDED = """
CREATE OR REPLACE TEMP TABLE review_decided AS
SELECT "index" AS record, campaign, reviewer, action.* REPLACE (
         CAST(replace(replace(action.decided_at, 'T', ' '), 'Z', '') AS TIMESTAMP) AS decided_at)
FROM (
  SELECT "index", predicate->>'$.campaign' AS campaign, predicate->>'$.reviewer' AS reviewer,
         unnest(from_json(json_extract(predicate, '$.actions'),
                '[{"item": "VARCHAR", "kind": "VARCHAR", "scope": "VARCHAR", "member": "VARCHAR", "label": "VARCHAR",
                   "choice": "VARCHAR", "reason": "VARCHAR", "ticket": "VARCHAR", "decided_at": "VARCHAR"}]')) AS action
  FROM record WHERE kind = 'review-signed'
)
"""

# Neighbouring row versions of one access are one stretch: only time without it counts as gone.
_STRETCHES = """
INSERT INTO {target}
WITH here AS (
  SELECT decided.*, held.valid_from AS held_from, held.valid_to AS held_to, held.earliest AS held_earliest,
         {settled} AS settled
  FROM review_decided AS decided
  JOIN {table} AS held ON held.scope = decided.scope AND held.{column} = decided.member
  WHERE decided.kind = '{kind}' AND held.valid_to > decided.decided_at AND coalesce({present}, true)
), still AS (
  SELECT *, greatest(held_from, decided_at) AS begins, least(held_to, coalesce(settled, held_to)) AS ends FROM here
), followed AS (
  SELECT *, coalesce(max(ends) OVER before < begins, begins > decided_at) AS returned
  FROM still WHERE begins < ends
  WINDOW before AS (PARTITION BY record, item ORDER BY begins ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
SELECT scope, campaign || '/' || item, choice || ' ' || label, begins, ends, greatest(held_earliest, decided_at),
       record, campaign, choice, reason, ticket, reviewer, decided_at,
       bool_or(returned) OVER (PARTITION BY record, item ORDER BY begins)
FROM followed
"""

_NEVER = "CAST(NULL AS TIMESTAMP)"


def table_of(source: str) -> str:
    return f"{source}_review_action"


def _settled(access: Access) -> str:
    """SQL for the first moment after the decision at which something that carries the access changed."""
    if not access.carriers:
        return _NEVER
    edges = " UNION ALL ".join(
        f"SELECT unnest([carrier.valid_from, carrier.valid_to]) AS edge FROM {one.table} AS carrier "  # noqa: S608
        f"WHERE carrier.scope = decided.scope AND carrier.{one.column} = decided.member"
        for one in access.carriers
    )
    return (
        f"CASE WHEN decided.choice = 'change' THEN (SELECT min(edge) FROM ({edges}) "  # noqa: S608
        "WHERE edge > decided.decided_at AND edge < TIMESTAMP '9999-12-31') END"
    )


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    """Few decisions ask for something to happen, so the tables are made again whole."""
    connection.execute(_DECIDED)
    for source in _SOURCES:
        connection.execute(f"DELETE FROM {table_of(source)}")  # noqa: S608
    for access in ACCESS.values():
        connection.execute(
            _STRETCHES.format(
                target=table_of(access.source),
                table=access.table,
                column=access.column,
                kind=access.kind,
                present=access.present,
                settled=_settled(access),
            )
        )


def _collections(source: str) -> frozenset[str]:
    tables = {
        name
        for access in ACCESS.values()
        if access.source == source
        for name in (access.table, *(one.table for one in access.carriers))
    }
    return frozenset(collection for table in tables for collection in _collections_of(table))


def _collections_of(table: str) -> frozenset[str]:
    return HOLDER.collections if table == HOLDER.name else TABLES[table].collections


_SOURCES = sorted({access.source for access in ACCESS.values()})

REVIEW_ACTIONS = Derivation(
    tuple(
        DerivedTable(
            table_of(source),
            "Decisions of access reviews to revoke or change something: the time after each in which it had not "
            "happened. `returned` is true once access came back after it was gone.",
            _COLUMNS,
            _collections(source),
        )
        for source in _SOURCES
    ),
    _derive,
)
