"""Which service and resource control policies bind an account, from when to when.

Where the organization was never read, or its last reading was not complete, they are unread: what an account's own
policies grant is then granted as far as the account shows.
"""

from bisect import bisect_right
from datetime import datetime

import duckdb
import msgspec

from observant.analysis.aws.bound import UNREAD_BOUND, Bound, Document, Levels
from observant.analysis.organization.tree import COLLECTIONS, TABLES, Path, Tree
from observant.analysis.slices import slices, taken, versions

RCP_FULL_ACCESS: Document = (
    "RCP RCPFullAWSAccess",
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}',
)


class Binding(msgspec.Struct, frozen=True):
    valid_from: datetime
    valid_to: datetime
    bound: Bound


def bindings(connection: duckdb.DuckDBPyConnection) -> dict[str, list[Binding]]:
    """Account -> its stretches in order; time outside of them is unread."""
    found: dict[str, list[Binding]] = {}
    snapshots = taken(connection)
    for scope, given in versions(connection, TABLES).items():
        dark = _dark(connection, scope)
        for at in slices(given, snapshots.get(scope, [])):
            tree = Tree(at)
            for node in tree.accounts():
                bound = bound_of(tree, node.member, scope.partition(":")[2])
                for start, end in _outside(at.start, at.end, dark):
                    found.setdefault(node.member, []).append(Binding(start, end, bound))
    return {account: sorted(each, key=lambda one: one.valid_from) for account, each in found.items()}


def _dark(connection: duckdb.DuckDBPyConnection, scope: str) -> list[tuple[datetime, datetime]]:
    """From each reading that was not complete to the next one that was."""
    rows = connection.execute(
        """
        SELECT started, bool_and(complete) FROM reading
        WHERE scope = ? AND list_contains(?, collection) GROUP BY started ORDER BY started
        """,
        [scope, sorted(COLLECTIONS)],
    ).fetchall()
    whole = [started for started, complete in rows if complete]
    ends = {started: bisect_right(whole, started) for started, complete in rows if not complete}
    return [(start, whole[place] if place < len(whole) else datetime.max) for start, place in ends.items()]  # noqa: DTZ901


def _outside(start: datetime, end: datetime, dark: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    left = [(start, end)]
    for begins, ends in dark:
        left = [
            part
            for one, other in left
            for part in ((one, min(other, begins)), (max(one, ends), other))
            if part[0] < part[1]
        ]
    return left


def bound_of(tree: Tree, account: str, organization: str) -> Bound:
    """What binds one account of a tree."""
    if tree.nodes[account].values["management"]:
        return Bound(management=True, organization=organization)
    path = tree.path(account)
    if not path.whole:
        return msgspec.structs.replace(UNREAD_BOUND, organization=organization)
    levels, read = _levels(tree, path, "scp")
    of_resources, resource_read = _levels(tree, path, "rcp")
    return Bound(levels, read, organization=organization, resource_levels=of_resources, resource_read=resource_read)


def _levels(tree: Tree, path: Path, kind: str) -> tuple[Levels | None, bool]:
    """The policies of a kind at every level, and whether they are known."""
    enabled = tree.enabled(path.nodes[0], kind)
    if enabled is False:
        return None, True
    if enabled is None or tree.roaming(kind):
        return None, False
    attached = tree.attached(kind)
    levels = tuple(tuple(_document(tree, each) for each in attached.get(node, ())) for node in path.nodes)
    # AWS keeps its own resource control policy at every level, from where it cannot be detached.
    return tuple((*level, RCP_FULL_ACCESS) for level in levels) if kind == "rcp" else levels, True


def _document(tree: Tree, policy: str) -> Document:
    held = tree.policies.get(policy)
    text = held.values["document"] if held else None
    kind = "RCP" if held and held.values["kind"] == "rcp" else "SCP"
    return (f"{kind} {held.label if held else policy}", text if isinstance(text, str) else None)


def bound_between(found: list[Binding], start: datetime, end: datetime) -> list[tuple[datetime, datetime, Bound]]:
    """The stretch cut where the binding changes; equal neighbours are one."""
    cut: list[tuple[datetime, datetime, Bound]] = []

    def add(begins: datetime, ends: datetime, bound: Bound) -> None:
        if begins >= ends:
            return
        if cut and cut[-1][2] == bound:
            cut[-1] = (cut[-1][0], ends, bound)
        else:
            cut.append((begins, ends, bound))

    at = start
    for each in found:
        if each.valid_to <= at or each.valid_from >= end:
            continue
        add(at, each.valid_from, UNREAD_BOUND)
        add(max(at, each.valid_from), min(end, each.valid_to), each.bound)
        at = min(end, each.valid_to)
    add(at, end, UNREAD_BOUND)
    return cut
