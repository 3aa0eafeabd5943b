"""Whether a policy stands behind the authentication context that an activation asks for.

A rule may ask for an authentication context in place of multi-factor authentication. The context is a name; what is
demanded of whoever steps up to it is said by Conditional Access policies that include it, and by nothing else.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import duckdb
import msgspec

from observant.analysis.conditional_access.grants import guarantees, multi_factor
from observant.analysis.conditional_access.policy import Policy, policy_of
from observant.analysis.derivation import VALID_TIME, Derivation, DerivedTable
from observant.analysis.entra.activation_gates import GATE
from observant.analysis.entra.pieces import grouped, slices, stretch

CONTEXT = DerivedTable(
    name="entra_activation_context",
    about=(
        "Activation rules that ask for an authentication context, and whether an enforced policy demands multi-factor "
        "authentication of everybody who steps up to it (`guarded`, NULL where that depends on conditions or cannot be "
        "known). Whom the policy excludes is not looked at."
    ),
    columns=VALID_TIME | {"context": "VARCHAR", "guarded": "BOOLEAN", "because": "VARCHAR"},
    collections=GATE.collections | {"entra.conditional_access_policies"},
)

_GATES = """
SELECT scope, member, label, activation_context, valid_from, valid_to, earliest, record FROM entra_activation_gate
WHERE activation_context IS DISTINCT FROM '' ORDER BY ALL
"""
_POLICIES = """
SELECT scope, document, valid_from, valid_to, earliest, record FROM entra_policy_state ORDER BY ALL
"""

Meaning = tuple[bool | None, str]
"""(guarded, because) of one policy for one context; (False, '') when it has nothing to do with it."""


def _meaning(document: str | None, context: str | None) -> Meaning:
    if context is None:
        return None, "the rules do not say which context is asked for"
    if document is None:
        return None, "a policy could not be read"
    given = msgspec.json.decode(document)
    if context not in _contexts(given):
        return False, ""
    policy = policy_of(given, {})
    if policy.enforced is False:
        return False, f"policy {policy.name} is not enforced"
    return _demands(policy), f"policy {policy.name}"


def _contexts(document: Any) -> list[str]:  # noqa: ANN401 (as Graph or the audit log has it)
    conditions = document.get("conditions") if isinstance(document, dict) else None
    applications = conditions.get("applications") if isinstance(conditions, dict) else None
    listed = applications.get("includeAuthenticationContextClassReferences") if isinstance(applications, dict) else None
    return [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []


def _demands(policy: Policy) -> bool | None:
    demanded = guarantees(policy.grants, multi_factor)
    if demanded is not True:
        return demanded
    conditional = policy.enforced is None or policy.conditions.narrowing or policy.conditions.unread
    return None if conditional or not policy.subjects.include.everybody else True


def _together(found: list[Meaning]) -> Meaning:
    """One policy is enough; where one may do, it is not known."""
    for wanted in (True, None):
        for guarded, because in found:
            if guarded is wanted:
                return guarded, f"{because} demands it" if guarded else f"{because} may demand it, or not of everybody"
    told = sorted({because for _, because in found if because})
    return False, "; ".join(told) or "no policy includes it"


def _rows(connection: duckdb.DuckDBPyConnection) -> Iterator[list[object]]:
    policies = grouped(
        (scope, stretch(times, document)) for scope, document, *times in connection.execute(_POLICIES).fetchall()
    )
    gates = grouped(
        ((scope, member, label, context), stretch(times, None))
        for scope, member, label, context, *times in connection.execute(_GATES).fetchall()
    )
    for (scope, member, label, context), frame in gates.items():
        meant = [replace(one, content=_meaning(one.content, context)) for one in policies.get(scope, [])]
        for each in slices(frame, meant):
            guarded, because = _together(each.content)
            times = (each.valid_from, each.valid_to, each.earliest, each.record)
            yield [scope, member, label, *times, context, guarded, f"authentication context {context}: {because}"]


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    """After `ACTIVATION_GATES` and `POLICY_STATE`."""
    connection.execute("DELETE FROM entra_activation_context")
    marks = ", ".join("?" for _ in CONTEXT.columns)
    rows = list(_rows(connection))
    if rows:
        connection.executemany(f"INSERT INTO entra_activation_context VALUES ({marks})", rows)  # noqa: S608


ACTIVATION_CONTEXTS = Derivation(tables=(CONTEXT,), derive=_derive)
