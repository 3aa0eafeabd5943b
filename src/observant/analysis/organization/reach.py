"""Which accounts a policy of the organization restricts: attached to nothing, or to no account, it protects nothing."""

from collections.abc import Iterator

import duckdb

from observant.analysis.derivation import Derivation, DerivedTable
from observant.analysis.organization.tree import COLLECTIONS, TABLES, Tree
from observant.analysis.slices import Answer, Cell, shape, slices, store, taken, versions

REACH = "organization_policy_reach"


def _reach(tree: Tree, policy: str) -> tuple[bool | None, int | None, str]:
    """(restricts some account, how many, why)."""
    kind = str(tree.policies[policy].values["kind"])
    if policy in tree.roaming(kind) or "" in tree.roaming(kind):
        return None, None, "what it is attached to was not shown"
    targets = {node for node, attached in tree.attached(kind).items() if policy in attached}
    if not targets:
        return False, 0, "it is attached to nothing"
    below, dark, off = 0, False, False
    for account in tree.accounts():
        path = tree.path(account.member)
        dark = dark or not path.whole
        exempt = kind == "scp" and account.values["management"]
        if exempt or account.values["status"] == "SUSPENDED" or not targets & set(path.nodes):
            continue
        enabled = tree.enabled(path.nodes[0], kind) if path.whole else True
        below += enabled is True
        off = off or enabled is False
    if below:
        return True, None if dark else below, f"it restricts {below} accounts"
    if dark or tree.hidden:
        return None, None, "which accounts are below its targets was not shown"
    if off:
        return False, 0, "policies of its kind are not switched on"
    return False, 0, "no account that it could restrict is below what it is attached to"


def _answers(connection: duckdb.DuckDBPyConnection) -> Iterator[Answer]:
    snapshots = taken(connection)
    for scope, given in versions(connection, TABLES).items():
        for at in slices(given, snapshots.get(scope, [])):
            tree = Tree(at)
            for policy, row in tree.policies.items():
                if row.values["kind"] not in ("scp", "rcp") or row.values["aws_managed"]:
                    continue
                values: tuple[Cell, ...] = (row.values["kind"], *_reach(tree, policy))
                yield Answer(scope, policy, row.label, at.start, at.end, at.earliest, at.record, values)


_COLUMNS = shape(kind="VARCHAR", restricts="BOOLEAN", accounts="BIGINT", because="VARCHAR")


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    store(connection, REACH, _COLUMNS, _answers(connection))


POLICY_REACH = Derivation(
    (
        DerivedTable(
            REACH,
            "How many accounts each service or resource control policy of the company's own restricts.",
            _COLUMNS,
            COLLECTIONS,
        ),
    ),
    _derive,
)
