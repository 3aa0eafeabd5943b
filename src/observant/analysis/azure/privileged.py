"""In which way somebody holds a far-reaching Azure role: for good, for the hours of an activation, or to be activated.

A listing of role assignments shows what is activated like what is held for good; PIM's own listing tells them apart.
"""

import duckdb

from observant.analysis.azure.access import HOLDER, holders
from observant.analysis.derivation import Derivation, DerivedTable
from observant.analysis.stretches import uncovered

_MORE = {"how": "VARCHAR", "permanent": "BOOLEAN", "start_at": "TIMESTAMP", "end_at": "TIMESTAMP"}

PRIVILEGED = DerivedTable(
    name="azure_privileged_holder",
    about=(
        "Who holds, or may activate, an Azure role that writes everything or assigns roles: `how` is standing, "
        "activated or eligible, `end_at` is NULL and `permanent` true for what has no end. Else as "
        "`azure_role_holder`."
    ),
    columns=HOLDER.columns | _MORE,
    collections=HOLDER.collections | {"azure.role_assignment_instances", "azure.role_eligibility_instances"},
)

_COMMON = "scope, principal, principal_kind, role, assigned_at, level, condition"
_TIMES = "valid_from, valid_to, earliest, record"

_ACTIVATED = f"""
CREATE OR REPLACE TEMP TABLE azure_activated AS
SELECT {_COMMON}, 'activated' AS how, permanent, start_at, end_at, {_TIMES} FROM azure_role_assignment_instance
WHERE assignment_type = 'Activated'
"""  # noqa: S608

_HELD = f"""
CREATE OR REPLACE TEMP TABLE azure_held AS
SELECT {_COMMON}, 'standing' AS how, true AS permanent, NULL::TIMESTAMP AS start_at, NULL::TIMESTAMP AS end_at, {_TIMES}
FROM azure_standing
UNION ALL SELECT {_COMMON}, how, permanent, start_at, end_at, {_TIMES} FROM azure_activated
UNION ALL SELECT {_COMMON}, 'eligible', permanent, start_at, end_at, {_TIMES} FROM azure_role_eligibility
"""  # noqa: S608


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    """After `AZURE_ACCESS`."""
    connection.execute(_ACTIVATED)
    uncovered(
        connection,
        "azure_standing",
        "azure_role_assignment",
        "azure_activated",
        ("scope", "principal", "role", "assigned_at"),
    )
    connection.execute(_HELD)
    mark = "CASE WHEN way.how = 'standing' THEN '' ELSE ', ' || way.how END"
    holders(connection, PRIVILEGED.name, "azure_held", tuple(_MORE), mark)


AZURE_PRIVILEGED = Derivation(tables=(PRIVILEGED,), derive=_derive)
