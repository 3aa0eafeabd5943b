"""Keeps the derived tables beside the inventory up to date.

They are projections of projections: dropped and made again whenever the inventory starts anew.
"""

import duckdb

from observant.analysis.aws.analyzers import ANALYZER_COVERAGE
from observant.analysis.aws.delivery import DELIVERY
from observant.analysis.aws.principals import PRINCIPALS
from observant.analysis.aws.recording import RECORDING
from observant.analysis.aws.retention import RETENTION
from observant.analysis.azure.access import AZURE_ACCESS
from observant.analysis.azure.activation_gates import AZURE_ACTIVATION_GATES
from observant.analysis.azure.applications import AZURE_APPLICATIONS
from observant.analysis.azure.privileged import AZURE_PRIVILEGED
from observant.analysis.changes import ACCESS_CHANGES
from observant.analysis.conditional_access.policy_state import POLICY_STATE
from observant.analysis.conditional_access.tables import COVERAGES
from observant.analysis.derivation import Derivation, DerivedTable
from observant.analysis.documents import DOCUMENTS
from observant.analysis.entra.activation_contexts import ACTIVATION_CONTEXTS
from observant.analysis.entra.activation_gates import ACTIVATION_GATES
from observant.analysis.entra.activations import ACTIVATIONS
from observant.analysis.entra.administrators import ADMINISTRATORS
from observant.analysis.entra.applications import APPLICATIONS
from observant.analysis.entra.approvers import APPROVERS
from observant.analysis.entra.group_closure import GROUP_CLOSURE
from observant.analysis.entra.guest_reviews import GUEST_REVIEWS
from observant.analysis.entra.privileged import PRIVILEGED
from observant.analysis.log_coverage import LOG_COVERAGE
from observant.analysis.organization.guards import ACCOUNT_GUARD
from observant.analysis.organization.people import PERSON_ACCESS
from observant.analysis.organization.reach import POLICY_REACH
from observant.analysis.organization.watched import ACCOUNT_WATCH
from observant.analysis.people.entra import ENTRA_IDENTITIES
from observant.analysis.people.grants import GRANTS
from observant.analysis.people.identities import AWS_IDENTITIES
from observant.analysis.people.identity_center import ORGANIZATION_IDENTITIES
from observant.analysis.people.service_accounts import SERVICE_ACCOUNTS
from observant.analysis.people.workdays import WORKDAYS
from observant.analysis.review_actions import REVIEW_ACTIONS
from observant.analysis.tickets.derive import CHANGE_TICKETS
from observant.analysis.trails import TRAIL_COVERAGE

DERIVATIONS: tuple[Derivation, ...] = (
    DOCUMENTS,
    PRINCIPALS,
    TRAIL_COVERAGE,
    RECORDING,
    RETENTION,
    DELIVERY,
    ANALYZER_COVERAGE,
    POLICY_REACH,
    ACCOUNT_WATCH,
    ACCOUNT_GUARD,
    PERSON_ACCESS,
    PRIVILEGED,
    ACTIVATION_GATES,
    ACTIVATIONS,
    GROUP_CLOSURE,
    ADMINISTRATORS,
    AZURE_ACCESS,
    AZURE_PRIVILEGED,
    AZURE_ACTIVATION_GATES,
    AZURE_APPLICATIONS,
    APPLICATIONS,
    LOG_COVERAGE,
    APPROVERS,
    GUEST_REVIEWS,
    REVIEW_ACTIONS,
    POLICY_STATE,
    ACTIVATION_CONTEXTS,
    COVERAGES,
    WORKDAYS,
    AWS_IDENTITIES,
    ENTRA_IDENTITIES,
    ORGANIZATION_IDENTITIES,
    GRANTS,
    SERVICE_ACCOUNTS,
    CHANGE_TICKETS,
    ACCESS_CHANGES,
)
"""In this order: a later one may read what an earlier one made."""

DERIVED: dict[str, DerivedTable] = {table.name: table for each in DERIVATIONS for table in each.tables}


def derive(connection: duckdb.DuckDBPyConnection) -> None:
    """Bring every derived table up to the inventory on this connection, inside the caller's transaction."""
    for derivation in DERIVATIONS:
        for table in derivation.tables:
            shape = ", ".join(f"{column} {kind}" for column, kind in table.columns.items())
            connection.execute(f"CREATE TABLE IF NOT EXISTS {table.name} ({shape})")
        derivation.derive(connection)
