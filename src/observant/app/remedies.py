"""What to grant to whom when a provider refuses to be read, from what the collectors declare about themselves."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from observant.evidence.snapshot import Gap, GapReason
from observant.model.scope import Scope

if TYPE_CHECKING:
    from observant.collect.microsoft.operation import Operation


def remedy_for_source(source: str) -> str:
    """What to look at when a source cannot be used at all."""
    if source.startswith("aws"):
        return "look at the profile and its credentials: `aws sts get-caller-identity`"
    return "look at the app registration: its certificate or identity, and whether an administrator has consented"


def remedy_for_gap(scope: str, collection: str, gap: Gap) -> str:
    """What to do about a gap; empty when nothing is known to help."""
    source = Scope.parse(scope).source
    if gap.reason is GapReason.UNLICENSED:
        return "needs a licence that the tenant does not have; checks on it answer unknown"
    if gap.reason is not GapReason.DENIED:
        return ""
    if source in ("entra", "azure"):
        return _microsoft(collection, gap)
    return _aws(collection, gap) if source == "aws" else ""


def _aws(collection: str, gap: Gap) -> str:
    from observant.collect.aws.collector import PARTS

    actions = sorted(
        action
        for part in PARTS
        if collection in part.declaration.collections
        for operation, needed in part.declaration.operations.items()
        if operation in gap.detail
        for action in needed
    )
    return f"allow {', '.join(actions)} to the reading role" if actions else ""


def _microsoft(collection: str, gap: Gap) -> str:
    from observant.collect.azure import collector as azure
    from observant.collect.entra import collector as entra
    from observant.collect.entra.groups import HIDDEN

    if HIDDEN in gap.detail:
        return f"grant {HIDDEN} to the application, if the auditor needs to see hidden memberships"
    operations = (
        operation
        for part in (*entra.PARTS, *azure.PARTS)
        if collection in part.declaration.collections
        for operation in part.declaration.operations
    )
    asked = _longest((one.name for one in operations), gap.detail)
    for part in (*entra.PARTS, *azure.PARTS):
        for operation in part.declaration.operations:
            if asked and operation.name == asked:
                return _grant(operation)
    return ""


def _longest(names: Iterable[str], detail: str) -> str:
    """The operation that a detail begins with; some names are the beginning of others."""
    return max((name for name in names if detail.startswith(f"{name}:")), key=len, default="")


def _grant(operation: "Operation") -> str:
    if not operation.arm:
        return f"grant the application permission {operation.permission}, with admin consent"
    if operation.path.startswith("/providers/microsoft.aadiam/"):
        return "assign Reader at /providers/Microsoft.aadiam, which takes elevated access once: see the guide"
    if operation.path.startswith("/providers/Microsoft.Insights/"):
        return "assign Reader at the scope /, which takes elevated access once: see the guide"
    return f"assign a role with {operation.permission} there, such as Reader"
