"""The tree of an organization at one moment: who is above whom, and which policies hang where.

Unknown parts stay unknown: an account whose parent was not shown has a path that ends in the dark, and a policy whose
targets were not shown may hang anywhere.
"""

from collections.abc import Iterator

import msgspec

from observant.analysis.slices import Cell, Slice, Version

NODE, POLICY, TARGET, KIND = (
    "organization_node",
    "organization_policy",
    "organization_policy_target",
    "organization_policy_kind",
)

TABLES = {
    NODE: ("kind", "parent", "account", "status", "management"),
    POLICY: ("kind", "document", "aws_managed"),
    TARGET: ("policy", "policy_kind", "target"),
    KIND: ("root", "kind", "enabled"),
}

COLLECTIONS = frozenset({"organizations.nodes", "organizations.policies", "organizations.policy_targets"})


class Path(msgspec.Struct, frozen=True):
    """Ids from the root down to a node; `whole` is false when the way up ends before a root."""

    nodes: tuple[str, ...]
    whole: bool


class Tree:
    """One slice of time of one organization."""

    def __init__(self, at: Slice) -> None:
        self.nodes = {one.member: one for one in at.rows(NODE) if one.values["kind"] is not None}
        self.hidden = [one for one in at.rows(NODE) if one.values["kind"] is None]
        self.policies = {one.member: one for one in at.rows(POLICY)}
        self._targets = at.rows(TARGET)
        self._kinds = at.rows(KIND)

    def accounts(self) -> Iterator[Version]:
        return (one for one in self.nodes.values() if one.values["kind"] == "account")

    def path(self, node: str) -> Path:
        """The way from the root to a node. A loop, which AWS cannot have, counts as a way that ends in the dark."""
        way: list[str] = []
        here: Cell = node
        while isinstance(here, str) and here in self.nodes and here not in way:
            way.append(here)
            here = self.nodes[here].values["parent"]
        return Path(tuple(reversed(way)), here == "")

    def enabled(self, root: str, kind: str) -> bool | None:
        """Whether a root has this kind of policy switched on; what it does not name is off."""
        named = [
            one.values["enabled"] for one in self._kinds if one.values["root"] == root and one.values["kind"] == kind
        ]
        found = named[0] if named else False
        return found if isinstance(found, bool) else None

    def attached(self, kind: str) -> dict[str, list[str]]:
        """Node -> policies of this kind that certainly hang there."""
        found: dict[str, list[str]] = {}
        for one in self._targets:
            policy, target = one.values["policy"], one.values["target"]
            if one.values["policy_kind"] == kind and isinstance(policy, str) and isinstance(target, str):
                found.setdefault(target, []).append(policy)
        return found

    def roaming(self, kind: str) -> list[str]:
        """Policies of this kind that may hang anywhere, as their targets were not shown; "" for all of the kind."""
        return [
            str(one.values["policy"] or "")
            for one in self._targets
            if one.values["policy_kind"] == kind and one.values["target"] is None
        ]
