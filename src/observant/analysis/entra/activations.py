"""Every activation of a directory role or of membership in a group, as snapshots showed it or the audit log told of it.

An activation of four hours lies between two daily readings as a rule. The log has its beginning, its end, the reason
and the approval; a snapshot has it only while it lasts.
"""

import duckdb

from observant.analysis.derivation import VALID_TIME, Derivation, DerivedTable

ACTIVATION = DerivedTable(
    name="entra_activation",
    about=(
        "Activations of directory roles, and under PIM for groups of membership or ownership (`group_id`, `access`): "
        "who, what, from when to when. `principal` is NULL where those of a group could not be read. `told` is true "
        "for those that the directory audit log alone has, from their beginning to their end. `justification` (empty: "
        "none was given), `ticket` and `approved_by` are the log's, of the request or of its completion; NULL where it "
        "tells nothing."
    ),
    columns=VALID_TIME
    | {
        "principal": "VARCHAR",
        "role": "VARCHAR",
        "group_id": "VARCHAR",
        "access": "VARCHAR",
        "start_at": "TIMESTAMP",
        "end_at": "TIMESTAMP",
        "permanent": "BOOLEAN",
        "told": "BOOLEAN",
        "justification": "VARCHAR",
        "ticket": "VARCHAR",
        "approved_by": "VARCHAR",
    },
    collections=frozenset(
        {
            "entra.role_assignment_instances",
            "entra.group_assignment_instances",
            "entra.groups",
            "entra.users",
            "entra.service_principals",
            "entra.role_definitions",
            "entra.directory_audits",
        }
    ),
)

# An event is listed by every reading that asks for its time; it is one event all the same.
_EVENTS = """
CREATE OR REPLACE TEMP TABLE activation_event AS
SELECT scope, member, action, happened_at, principal, role, group_id, access,
       any_value(justification) AS justification,
       any_value(ticket) AS ticket, any_value(expires_at) AS expires_at, any_value(actor) AS actor,
       min(record) AS record
FROM entra_activation_event
WHERE happened_at IS NOT NULL AND principal IS NOT NULL AND (role IS NOT NULL OR group_id IS NOT NULL)
GROUP BY scope, member, action, happened_at, principal, role, group_id, access
"""

_TOLD = """
CREATE OR REPLACE TEMP TABLE activation_told AS
WITH step AS (
  SELECT *, lead(action) OVER following AS next_action, lead(happened_at) OVER following AS next_at
  FROM activation_event WHERE action IN ('begun', 'ended')
  WINDOW following AS (PARTITION BY scope, principal, role, group_id, access ORDER BY happened_at, action)
)
SELECT begun.scope, begun.member, begun.principal, begun.role, begun.group_id, begun.access,
       begun.happened_at AS start_at,
       CASE WHEN any_value(next_action) = 'ended' THEN any_value(next_at)
            ELSE any_value(begun.expires_at) END AS end_at,
       coalesce(nullif(any_value(begun.justification), ''),
                arg_max(led.justification, led.happened_at) FILTER (led.action = 'requested')) AS justification,
       coalesce(any_value(begun.ticket),
                arg_max(led.ticket, led.happened_at) FILTER (led.action = 'requested')) AS ticket,
       arg_max(led.actor, led.happened_at) FILTER (led.action = 'approved') AS approved_by,
       any_value(begun.record) AS record
FROM step AS begun LEFT JOIN activation_event AS led
  ON led.action IN ('requested', 'approved') AND led.scope = begun.scope AND led.principal = begun.principal
 AND led.role IS NOT DISTINCT FROM begun.role AND led.group_id IS NOT DISTINCT FROM begun.group_id
 AND led.access IS NOT DISTINCT FROM begun.access AND led.happened_at <= begun.happened_at
 AND led.happened_at > begun.happened_at - INTERVAL 1 DAY
WHERE begun.action = 'begun'
GROUP BY begun.scope, begun.member, begun.principal, begun.role, begun.group_id, begun.access, begun.happened_at
"""

_SHOWN = """
CREATE OR REPLACE TEMP TABLE activation_shown AS
SELECT scope, member, valid_from, valid_to, earliest, record, principal, role, NULL::VARCHAR AS group_id,
       NULL::VARCHAR AS access, start_at, end_at, permanent
FROM entra_role_assignment WHERE assignment_type IS DISTINCT FROM 'Assigned'
UNION ALL
SELECT scope, member, valid_from, valid_to, earliest, record, principal, NULL, group_id, access, start_at, end_at,
       permanent
FROM entra_group_assignment WHERE assignment_type IS DISTINCT FROM 'assigned'
"""

_SAME = """told.scope = used.scope AND told.principal = used.principal AND told.role IS NOT DISTINCT FROM used.role
 AND told.group_id IS NOT DISTINCT FROM used.group_id AND told.access IS NOT DISTINCT FROM used.access
 AND abs(epoch(told.start_at) - epoch(used.start_at)) <= 600"""
"""Ten minutes: the log writes when it was completed, the instance when it begins."""

_ACTIVATIONS = f"""
INSERT INTO entra_activation
SELECT used.scope, used.member,
       coalesce(person.name, used.principal, 'somebody whom nobody could read') || ': '
         || coalesce(used.access || ' of group ', '') || coalesce(what.name, used.role, used.group_id) || ' from '
         || coalesce(strftime(used.start_at, '%Y-%m-%d %H:%M'), '?'),
       used.valid_from, used.valid_to, used.earliest, used.record, used.principal, used.role, used.group_id,
       used.access, used.start_at, used.end_at, used.permanent, used.told, used.justification, used.ticket,
       used.approved_by
FROM (
  SELECT used.*, false AS told, told.justification, told.ticket, told.approved_by
  FROM activation_shown AS used LEFT JOIN activation_told AS told ON {_SAME}
  UNION ALL BY NAME
  SELECT scope, member, start_at AS valid_from, coalesce(end_at, TIMESTAMP '9999-12-31') AS valid_to,
         start_at AS earliest, record, principal, role, group_id, access, start_at, end_at, false AS permanent,
         end_at IS NOT NULL AS told, justification, ticket, approved_by
  FROM activation_told AS told
  WHERE (end_at IS NULL OR end_at > start_at)
    AND NOT EXISTS (SELECT 1 FROM activation_shown AS used WHERE {_SAME})
) AS used
LEFT JOIN latest_name AS person ON person.scope = used.scope AND person.id = used.principal
LEFT JOIN latest_name AS what ON what.scope = used.scope AND what.id = coalesce(used.role, used.group_id)
"""  # noqa: S608


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    """After `PRIVILEGED`, which knows the names."""
    connection.execute(_EVENTS)
    connection.execute(_TOLD)
    connection.execute(_SHOWN)
    connection.execute("DELETE FROM entra_activation")
    connection.execute(_ACTIVATIONS)


ACTIVATIONS = Derivation(tables=(ACTIVATION,), derive=_derive)
