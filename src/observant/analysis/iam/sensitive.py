"""Which of the actions that matter a document may allow, as bits: a cheap look before the exact one.

The bits ignore resources, conditions and denials, so they only ever say too much: where a bit is missing nothing
further needs to be asked.
"""

import json
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.resources import files

from observant.analysis.iam.document import ByIdentity, Policy, Statement
from observant.analysis.iam.glob import is_literal, is_star, matches


class Alphabet:
    """Some actions, each with a bit."""

    def __init__(self, actions: Iterable[str]) -> None:
        self.bit = {name: 1 << number for number, name in enumerate(sorted({each.lower() for each in actions}))}
        self.every = (1 << len(self.bit)) - 1
        self._by_service: dict[str, list[str]] = {}
        for name in self.bit:
            self._by_service.setdefault(name.partition(":")[0], []).append(name)
        self.of_pattern = lru_cache(maxsize=65536)(self._of_pattern)

    def bits(self, actions: Iterable[str]) -> int:
        return sum(self.bit[each.lower()] for each in dict.fromkeys(actions))

    def _of_pattern(self, pattern: str) -> int:
        if is_literal(pattern):
            return self.bit.get(pattern, 0)
        if is_star(pattern):
            return self.every
        service = pattern.partition(":")[0]
        names = self._by_service.get(service, ()) if is_literal(service) else self.bit
        return sum(self.bit[name] for name in names if matches(pattern, name))

    def allowed(self, documents: Iterable[Policy]) -> int:
        """Actions that some statement of the documents may allow."""
        found = 0
        for document in documents:
            for statement in document.statements:
                if statement.allows:
                    found |= self._named(statement)
            if document.problem:
                return self.every
        return found

    def _named(self, statement: Statement) -> int:
        found = 0
        for pattern in statement.actions:
            found |= self.of_pattern(pattern)
        return self.every & ~found if statement.not_action else found


def _asked() -> frozenset[str]:
    """Actions that the rules on administrators, escalation and MFA ask for."""
    held = json.loads((files("observant.analysis.iam") / "data" / "escalation_paths.json").read_bytes())
    paths = {action for each in held["paths"] for action in each["required"]}
    kinds = ("User", "Role", "Group")
    writes = {f"iam:{verb}{kind}Policy" for verb in ("Put", "Attach", "Detach", "Delete") for kind in kinds}
    limits = {f"iam:{verb}{kind}PermissionsBoundary" for verb in ("Put", "Delete") for kind in kinds[:2]}
    makes = {"iam:CreateRole", "iam:CreateUser", "iam:SetDefaultPolicyVersion", "iam:DeactivateMFADevice"}
    return frozenset(paths | writes | limits | makes | {"iam:DeletePolicyVersion", "iam:RemoveUserFromGroup"})


@cache
def routine() -> Alphabet:
    """The alphabet of the actions that are asked of everybody."""
    return Alphabet(_asked())


@lru_cache(maxsize=200_000)
def routine_of(document: ByIdentity) -> int:
    """Bits of the actions asked of everybody that a document may allow."""
    return routine().allowed([document.policy])


@cache
def alphabet(actions: frozenset[str]) -> Alphabet:
    return Alphabet(actions)
