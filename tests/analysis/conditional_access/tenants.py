"""Small tenants for tests of coverage: policies as Graph writes them, and people by name."""

from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from observant.analysis.conditional_access import (
    REQUIREMENTS,
    STATES,
    Activation,
    Bounds,
    Coverage,
    Facts,
    Group,
    Population,
    coverage,
    exactly,
    gathered,
    places,
    policy_of,
)

GLOBAL_ADMIN = "62e90394-69f5-4237-9190-012177145e10"
READER = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"
PHISHING_RESISTANT = "00000000-0000-0000-0000-000000000004"


def id_of(name: str) -> str:
    """A GUID for a short name."""
    return str(uuid5(NAMESPACE_URL, name))


def ids(*names: str) -> list[str]:
    return [id_of(one) for one in names]


def document(
    *,
    name: str = "policy",
    state: str = "enabled",
    users: dict[str, Any] | None = None,
    grant: Any = ("mfa",),
    operator: str = "OR",
    strength: dict[str, Any] | None = None,
    **conditions: Any,
) -> dict[str, Any]:
    """A policy for everybody, every application and every client, unless said otherwise."""
    controls = {"operator": operator, "builtInControls": list(grant or ()), "termsOfUse": []}
    return {
        "id": id_of(name),
        "displayName": name,
        "state": state,
        "conditions": {
            "clientAppTypes": ["all"],
            "applications": {"includeApplications": ["All"], "excludeApplications": []},
            "users": users if users is not None else {"includeUsers": ["All"]},
            **conditions,
        },
        "grantControls": None if grant is None else {**controls, "authenticationStrength": strength},
    }


class Tenant:
    """People by name. `guests`: name -> guest type; `groups`: name -> names of people and groups in it."""

    def __init__(
        self,
        people: str = "ada bob cy",
        groups: Mapping[str, str] | None = None,
        roles: Mapping[str, str] | None = None,
        guests: Mapping[str, str] | None = None,
        unreadable: str = "",
        activations: Mapping[str, str] | None = None,
    ) -> None:
        self.names = people.split()
        numbers = {name: number for number, name in enumerate(self.names)}
        self.groups = dict(groups or {})
        held: dict[str, list[str]] = {}
        for name, kind in (guests or {}).items():
            held.setdefault(kind, []).append(name)
        self.activations = list((activations or {}).items())

        def of(names: list[str]) -> Bounds:
            return exactly(gathered((numbers[one] for one in names), len(numbers)))

        self.population = Population(
            Facts(
                count=len(numbers),
                users={id_of(name): number for name, number in numbers.items()},
                kinds={"people": of(self.names)},
                groups={
                    id_of(name): Group(
                        name,
                        [numbers[one] for one in inside.split() if one in numbers],
                        tuple(id_of(one) for one in inside.split() if one not in numbers),
                        readable=name not in unreadable.split(),
                    )
                    for name, inside in self.groups.items()
                },
                roles={role: of(names.split()) for role, names in (roles or {}).items()},
                role_names={GLOBAL_ADMIN: "Global Administrator"},
                guests={kind: of(names) for kind, names in held.items()},
                activations=tuple(Activation(numbers[name], role) for name, role in self.activations),
            )
        )

    def coverage(self, requirement: str, *documents: dict[str, Any], strengths: Any = None) -> Coverage:
        policies = [policy_of(one, strengths or {}) for one in documents]
        return coverage(REQUIREMENTS[requirement], policies, self.population)

    def named(self, people: int) -> str:
        twins = [f"{name}+" for name, _ in self.activations]
        return " ".join((self.names + twins)[place] for place in places(people))

    def states(self, requirement: str, *documents: dict[str, Any], strengths: Any = None) -> dict[str, str]:
        """Name of each person (an activated role as `name+`) -> state, or `?`."""
        found = self.coverage(requirement, *documents, strengths=strengths)
        everyone = self.named((1 << self.population.count) - 1).split()
        answer = dict.fromkeys(everyone, "?")
        for state in STATES:
            for name in self.named(found.state(state).surely).split():
                answer[name] = state
        return answer

    def covered(self, requirement: str, *documents: dict[str, Any], strengths: Any = None) -> str:
        """Names of those who are surely covered."""
        return self.named(self.coverage(requirement, *documents, strengths=strengths).covered.surely)
