"""Who can be reached through groups, and when.

`reach` is a loop of plain joins with a visited set. It stops on cycles, because a stretch of time in which a node is
already reached at least as well is not walked again; every engine that has joins can run it.
"""

import duckdb

HOLDINGS = ("standing", "owner", "activated", "eligible")
"""How something is held, best first: now and always; by owning the group, so at any time; for the hours of an
activation; after an activation. A path is held as its weakest part is."""
UNCLEAR = 9
"""A holding that cannot be known: weaker than all others, so that it decides."""

_REACHED = """
CREATE OR REPLACE TEMP TABLE {name} (
  scope VARCHAR, root VARCHAR, node VARCHAR, holding INTEGER, path VARCHAR,
  permanent BOOLEAN, start_at TIMESTAMP, end_at TIMESTAMP,
  valid_from TIMESTAMP, valid_to TIMESTAMP, earliest TIMESTAMP, record BIGINT)
"""

_STEP = """
CREATE OR REPLACE TEMP TABLE step AS
WITH found AS (
  SELECT here.scope, here.root, edge.child AS node, greatest(here.holding, edge.holding) AS holding,
         CASE WHEN here.path IS NULL THEN edge.name ELSE here.path || ' > ' || edge.name END AS path,
         here.permanent AND edge.permanent AS permanent, greatest(here.start_at, edge.start_at) AS start_at,
         least(here.end_at, edge.end_at) AS end_at,
         greatest(here.valid_from, edge.valid_from) AS valid_from, least(here.valid_to, edge.valid_to) AS valid_to,
         greatest(here.earliest, edge.earliest) AS earliest, greatest(here.record, edge.record) AS record
  FROM frontier AS here JOIN {edges} AS edge
    ON edge.scope = here.scope AND edge.parent = here.node
   AND edge.valid_from < here.valid_to AND here.valid_from < edge.valid_to
), best AS (
  SELECT * FROM found
  QUALIFY row_number() OVER (
    PARTITION BY scope, root, node, CASE WHEN node IS NULL THEN path END, holding, permanent, valid_from, valid_to
    ORDER BY path, start_at, end_at, earliest, record) = 1
)
SELECT * FROM best WHERE NOT EXISTS (
  SELECT 1 FROM {name} AS known
  WHERE known.scope = best.scope AND known.root = best.root AND known.node IS NOT DISTINCT FROM best.node
    AND (best.node IS NOT NULL OR known.path = best.path)
    AND known.holding <= best.holding AND (known.permanent OR known.permanent IS NOT DISTINCT FROM best.permanent)
    AND known.valid_from <= best.valid_from AND best.valid_to <= known.valid_to)
"""


def reach(connection: duckdb.DuckDBPyConnection, name: str, roots: str, edges: str) -> None:
    """Make the table `name`: which nodes are reached from each root, when, and how well.

    `roots`: a SELECT of scope and root. `edges`: a table of scope, parent, child (NULL: somebody who cannot be seen),
    name (of the parent), holding (place in HOLDINGS), permanent, start_at, end_at, and the times of the row.
    """
    connection.execute(_REACHED.format(name=name))
    connection.execute(
        f"INSERT INTO {name} SELECT DISTINCT scope, root, root, 0, NULL, true, NULL, NULL, "  # noqa: S608
        f"TIMESTAMP '1970-01-01', TIMESTAMP '9999-12-31', TIMESTAMP '1970-01-01', 0 FROM ({roots})"
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE frontier AS SELECT * FROM {name}")  # noqa: S608
    while True:
        connection.execute(_STEP.format(name=name, edges=edges))
        found = connection.execute("SELECT count(*) FROM step").fetchone()
        if not found or not found[0]:
            return
        connection.execute(f"INSERT INTO {name} SELECT * FROM step")  # noqa: S608
        connection.execute("CREATE OR REPLACE TEMP TABLE frontier AS SELECT * FROM step")
