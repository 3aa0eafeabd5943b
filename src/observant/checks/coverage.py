"""What the evidence itself covers: holes between complete readings, and the `evidence` table that checks judge.

A complete reading speaks for the time up to the next one when that came within the documented cadence and its grace.
Otherwise the time between is a hole: the reading speaks for its own moment only. Without a documented cadence nothing
may be bridged. The time after the last reading is no hole while the next one is not yet late.
"""

import duckdb

# The time before the first complete reading is a hole after a reading of 1970 that nobody made.
_HOLES = """
CREATE OR REPLACE TABLE collection_hole AS
WITH spoken AS (
  SELECT scope, collection, started, greatest(finished, started + INTERVAL 1 SECOND) AS until
  FROM reading WHERE complete
  UNION ALL
  SELECT scope, collection, TIMESTAMP '1970-01-01', TIMESTAMP '1970-01-01'
  FROM (SELECT DISTINCT scope FROM reading)
  JOIN (SELECT unnest($sources::VARCHAR[]) AS source, unnest($collections::VARCHAR[]) AS collection)
    ON split_part(scope, ':', 1) = source
), followed AS (
  SELECT *, lead(started, 1, $as_of) OVER (PARTITION BY scope, collection ORDER BY started) AS following FROM spoken
), hole AS (
  SELECT scope, collection, until AS valid_from, following AS valid_to
  FROM followed JOIN commitment_snapshot_cadence AS promised
    ON promised.valid_from <= started AND started < promised.valid_to
  WHERE until < following
    AND (started = TIMESTAMP '1970-01-01' OR (following - started <= promised.every + promised.grace) IS NOT TRUE)
)
SELECT hole.scope, hole.collection, hole.valid_from, hole.valid_to,
       coalesce(hole.collection || ' could not be read: '
                || arg_min(reason || coalesce(' (' || detail || ')', ''), started), hole.collection || ' was not read'
       ) AS because
FROM hole LEFT JOIN reading AS refused
  ON NOT refused.complete AND refused.scope = hole.scope AND refused.collection = hole.collection
 AND refused.started >= hole.valid_from AND refused.started < hole.valid_to
GROUP BY hole.scope, hole.collection, hole.valid_from, hole.valid_to
"""

_EVIDENCE = """
CREATE OR REPLACE TABLE evidence AS
WITH needed AS (
  SELECT unnest($sources::VARCHAR[]) AS source, unnest($collections::VARCHAR[]) AS collection
), attempt AS (
  SELECT 'snapshot' AS kind, reading.scope, record, min(started) AS started,
         bool_and(complete) AND count(DISTINCT reading.collection) = any_value(wanted.collections) AS complete,
         first(reading.collection || ': ' || reason || coalesce(' (' || detail || ')', '')
               ORDER BY reason = 'not_attempted', reading.collection) FILTER (NOT complete) AS because
  FROM reading
  JOIN needed ON needed.collection = reading.collection AND needed.source = split_part(reading.scope, ':', 1)
  JOIN (SELECT source, count(*) AS collections FROM needed GROUP BY source) AS wanted
    ON wanted.source = needed.source
  GROUP BY reading.scope, record
  UNION ALL
  SELECT export.kind, scope, record, started, complete, reason || coalesce(' (' || detail || ')', '')
  FROM reading JOIN (VALUES ('iam.credential_report', 'key-age report'),
                            ('entra.applications', 'credential-expiry export')) AS export (collection, kind)
    ON export.collection = reading.collection
  UNION ALL
  SELECT 'access review', unnest(from_json(json_extract(predicate, '$.scopes'), '["VARCHAR"]')), "index", effective,
         true, NULL
  FROM record WHERE kind IN ('review-closed', 'review-imported')
), attempted AS (
  SELECT *, max(started) FILTER (complete) OVER w AS last_complete,
         coalesce(lead(started) OVER w, TIMESTAMP '9999-12-31') AS following
  FROM attempt WINDOW w AS (PARTITION BY kind, scope ORDER BY started, record)
  UNION ALL
  SELECT kind, scope, NULL, TIMESTAMP '1970-01-01', false, NULL, NULL, min(started) FROM attempt
  WHERE kind <> 'access review' GROUP BY kind, scope
  UNION ALL
  SELECT 'access review', scope, NULL, coalesce(min(started) FILTER (complete), min(started)), bool_or(complete), NULL,
         NULL,
         coalesce((SELECT min(started) FROM attempt WHERE kind = 'access review' AND attempt.scope = reading.scope),
                  TIMESTAMP '9999-12-31')
  FROM reading GROUP BY scope
)
SELECT scope, kind || 's of ' || scope AS member, kind || 's of ' || scope AS label, started AS valid_from,
       following AS valid_to, started AS earliest, record, kind, complete, last_complete, because AS failure
FROM attempted
"""

EVIDENCE_TABLES = {
    "snapshot_evidence": "snapshot",
    "key_age_report_evidence": "key-age report",
    "access_review_evidence": "access review",
    "credential_expiry_evidence": "credential-expiry export",
}
"""Table that a check may judge -> the kind of evidence in it."""

EVIDENCE_COLUMNS = {
    "scope": "VARCHAR",
    "member": "VARCHAR",
    "label": "VARCHAR",
    "valid_from": "TIMESTAMP",
    "valid_to": "TIMESTAMP",
    "earliest": "TIMESTAMP",
    "record": "BIGINT",
    "kind": "VARCHAR",
    "complete": "BOOLEAN",
    "last_complete": "TIMESTAMP",
    "failure": "VARCHAR",
}

EVIDENCE_ABOUT = (
    "The evidence log about itself: one row from each attempted {kind} of a scope to the next one, and one for the "
    "time before the first. `failure` tells why an attempt was not complete. Of access reviews, the row before "
    "the first begins when the scope was first read, and is complete when it ever was."
)


def load(connection: duckdb.DuckDBPyConnection, needed: set[tuple[str, str]], as_of: object) -> None:
    """(Re)make `collection_hole`. `needed`: (source, collection) that any check reads."""
    connection.execute(_HOLES, _listed(needed) | {"as_of": as_of})


def load_evidence(connection: duckdb.DuckDBPyConnection, needed: set[tuple[str, str]]) -> None:
    """(Re)make `evidence` and its parts that checks judge."""
    connection.execute(_EVIDENCE, _listed(needed))
    for table, kind in EVIDENCE_TABLES.items():
        connection.execute(f"CREATE OR REPLACE VIEW {table} AS SELECT * FROM evidence WHERE kind = '{kind}'")  # noqa: S608


def _listed(needed: set[tuple[str, str]]) -> dict[str, object]:
    ordered = sorted(needed)
    return {"sources": [source for source, _ in ordered], "collections": [collection for _, collection in ordered]}
