"""Why somebody is not plainly covered, in words, for classes of people at once.

Each person gets one reason, the most direct one: a class of people with the same reason is a set, so a hundred thousand
contractors cost as much as one. `policies_about` tells all of one person.
"""

from collections.abc import Iterator

import msgspec

from observant.analysis.conditional_access.coverage import Coverage, Effect
from observant.analysis.conditional_access.people import Bounds, People
from observant.analysis.conditional_access.population import Population


class Reason(msgspec.Struct, frozen=True):
    """Why. `state` is None where it cannot be known."""

    state: str | None
    because: str
    policy: str = ""
    """Id of the policy that says so, where there is one."""
    way: str = ""
    """`user`, `group`, `role` or `guest type`: how an exempt person is excluded."""


def reasons(coverage: Coverage, population: Population) -> Iterator[tuple[People, Reason]]:
    """Everybody judged who is not surely covered, as disjoint sets with their reasons."""
    left = population.judged.maybe & ~coverage.covered.surely
    for found, reason in _all(coverage, population):
        if found & left:
            yield found & left, reason
            left &= ~found
    if left:
        yield left, Reason(None, "what was read does not say")


def _all(coverage: Coverage, population: Population) -> Iterator[tuple[People, Reason]]:
    effects = sorted((one for one in coverage.effects if one.certain), key=_order)
    for effect in effects:
        exempt = effect.exempted.surely & coverage.exempt.surely
        for way, words, people in population.parts(effect.policy.subjects.exclude) if exempt else ():
            found = people.surely & exempt
            because = f"exempt {words} in policy {effect.policy.name}"
            yield found, Reason("exempt", because, effect.policy.id, way)
    yield coverage.exempt.surely, Reason("exempt", "excluded from every policy that would cover them")
    for effect in effects:
        when = "; ".join(effect.policy.conditions.narrowing)
        because = f"only under conditions of policy {effect.policy.name}: {when}"
        yield effect.people.surely & coverage.conditional.surely, Reason("conditional", because, effect.policy.id)
    for effect in sorted(coverage.tried, key=_order):
        found = effect.people.surely & coverage.uncovered.surely
        because = f"policy {effect.policy.name} would require {coverage.requirement.asks}, but is report-only"
        yield found, Reason("uncovered", because, effect.policy.id)
    nothing = f"no enforced policy requires {coverage.requirement.asks} of them"
    yield coverage.uncovered.surely, Reason("uncovered", nothing)
    yield from _doubts(coverage, population)


def _doubts(coverage: Coverage, population: Population) -> Iterator[tuple[People, Reason]]:
    for effect in sorted(coverage.effects, key=_order):
        doubtful = (effect.include.maybe & ~effect.include.surely) | (effect.exclude.maybe & ~effect.exclude.surely)
        found = effect.include.maybe & doubtful if effect.certain else effect.include.maybe
        yield found, Reason(None, f"policy {effect.policy.name}: {_doubt(effect, population)}", effect.policy.id)


def _doubt(effect: Effect, population: Population) -> str:
    policy = effect.policy
    if policy.enforced is None:
        return "it is not known whether it is enforced"
    if policy.conditions.unread:
        return f"condition not understood: {', '.join(policy.conditions.unread)}"
    if not effect.certain:
        return "what its controls guarantee is not known"
    for side in (policy.subjects.exclude, policy.subjects.include):
        if side.unread:
            return f"subject not understood: {', '.join(side.unread)}"
        for group in side.groups:
            if where := population.groups.unreadable(group):
                return f"group {where} could not be read"
        if side.some_tenants:
            return "it is about guests from some tenants, and which tenant a guest is from is not known"
    return "whom it is about is not known for certain"


class Part(msgspec.Struct, frozen=True):
    """What one policy is to one person. True, False, or None where it cannot be known."""

    policy: str
    name: str
    included: bool | None
    excluded: bool | None
    excluded_by: tuple[str, ...]
    """Every way to the exclusion."""
    alone: bool
    narrowing: tuple[str, ...]


def policies_about(coverage: Coverage, population: Population, place: int) -> list[Part]:
    """Every policy that could hold this person (or twin) to the requirement, ordered by name."""
    one = 1 << place
    return [
        Part(
            policy=effect.policy.id,
            name=effect.policy.name,
            included=_is_in(effect.include, one),
            excluded=_is_in(effect.exclude, one),
            excluded_by=tuple(
                words for _, words, people in population.parts(effect.policy.subjects.exclude) if people.surely & one
            ),
            alone=effect.alone,
            narrowing=effect.policy.conditions.narrowing,
        )
        for effect in sorted(coverage.effects, key=_order)
        if effect.include.maybe & one
    ]


def _is_in(people: Bounds, one: People) -> bool | None:
    return True if people.surely & one else None if people.maybe & one else False


def _order(effect: Effect) -> tuple[bool, str, str]:
    return not effect.alone, effect.policy.name, effect.policy.id
