"""Effective coverage: whom the policies of a tenant, all together, hold to a requirement.

Everybody is in one of four states, decided in this order:

    covered       policies that guarantee the requirement fill every sign-in it is about
    exempt        excluded from a policy that would cover them
    conditional   a policy guarantees it, but for some of those sign-ins only
    uncovered     no policy that guarantees it applies

Exclusion beats inclusion within a policy; policies add up; report-only enforces nothing. Where something could not be
read or is not understood, each state has a lower and an upper bound.
"""

from collections.abc import Iterable

import msgspec

from observant.analysis.conditional_access.grants import guarantees
from observant.analysis.conditional_access.people import EMPTY, NOBODY, Bounds, People, everybody, exactly
from observant.analysis.conditional_access.policy import Policy
from observant.analysis.conditional_access.population import Population
from observant.analysis.conditional_access.region import NO, Box, Filling, filled, meet, within
from observant.analysis.conditional_access.requirements import Requirement

STATES = ("covered", "exempt", "conditional", "uncovered")


class Effect(msgspec.Struct, frozen=True):
    """What one policy does for one requirement."""

    policy: Policy
    include: Bounds
    exclude: Bounds
    boxes: tuple[Box, ...]
    """The sign-ins of the requirement that it reaches; never empty."""
    alone: bool
    """It reaches all of them by itself."""
    certain: bool
    """It is in force, guarantees the requirement, and all its conditions were understood."""

    @property
    def people(self) -> Bounds:
        return self.include - self.exclude

    @property
    def exempted(self) -> Bounds:
        return self.include & self.exclude


class Coverage(msgspec.Struct, frozen=True):
    """The answer for one requirement. The four bounds are about everybody with a number, judged or not."""

    requirement: Requirement
    covered: Bounds
    exempt: Bounds
    conditional: Bounds
    uncovered: Bounds
    effects: tuple[Effect, ...]
    """Of policies in force, or perhaps in force."""
    tried: tuple[Effect, ...]
    """What report-only policies would do."""

    def state(self, name: str) -> Bounds:
        """One of `STATES`."""
        states = (self.covered, self.exempt, self.conditional, self.uncovered)
        return states[STATES.index(name)]


class Count(msgspec.Struct, frozen=True):
    """How many people are in a state: at least and at most."""

    least: int
    most: int


def counted(state: Bounds, among: Bounds, without: People = NOBODY) -> Count:
    """The people of a state among some population, leaving out `without`."""
    return Count(
        (state.surely & among.surely & ~without).bit_count(), (state.maybe & among.maybe & ~without).bit_count()
    )


def coverage(requirement: Requirement, policies: Iterable[Policy], population: Population) -> Coverage:
    """Evaluate one requirement. Order of the policies does not matter for the states."""
    given = [one for one in policies if not one.conditions.workloads]
    space = _space(requirement, given)
    found = [_effect(one, requirement, space, population) for one in given]
    effects = tuple(one for one in found if one is not None and one.policy.enforced is not False)
    tried = tuple(one for one in found if one is not None and one.policy.report_only)
    return Coverage(requirement, *_states(space, effects, population), effects, tried)


def _space(requirement: Requirement, policies: list[Policy]) -> Box:
    if not requirement.outside:
        return requirement.space
    asked = {fact for one in policies for box in one.conditions.boxes for fact in box if fact.startswith("location ")}
    return {**requirement.space, **dict.fromkeys(sorted(asked), NO)}


def _effect(policy: Policy, requirement: Requirement, space: Box, population: Population) -> Effect | None:
    """None when the policy does nothing for the requirement, whoever it is for."""
    guaranteed = guarantees(policy.grants, requirement.guarantee)
    boxes = tuple(box for box in policy.conditions.boxes if meet(box, space) is not None)
    if guaranteed is False or not boxes or not (policy.enforced is not False or policy.report_only):
        return None
    return Effect(
        policy=policy,
        include=population.selected(policy.subjects.include),
        exclude=population.selected(policy.subjects.exclude),
        boxes=boxes,
        alone=any(within(space, box) for box in boxes),
        certain=guaranteed is True and policy.enforced is True and not policy.conditions.unread,
    )


def _states(space: Box, effects: tuple[Effect, ...], population: Population) -> tuple[Bounds, Bounds, Bounds, Bounds]:
    everyone = everybody(population.count)
    certain = [one for one in effects if one.certain]
    low = filled(space, _fillings([(one, one.people.surely) for one in certain]), everyone).surely
    high = filled(space, _fillings([(one, one.people.maybe) for one in effects]), everyone).maybe
    settled = Bounds(low, high)
    answers = [settled]
    alone, partly = [one for one in effects if one.alone], [one for one in effects if not one.alone or not one.certain]
    for reached in (
        _union((one.exempted, one.certain) for one in alone),
        _union((one.people, one.certain and not one.alone) for one in partly),
        _union((one.exempted, one.certain and not one.alone) for one in partly),
    ):
        answers.append(reached - settled)
        settled |= reached
    covered, exempt, conditional, exempt_in_part = answers
    rest = exactly(everyone) - settled
    return covered, exempt | exempt_in_part, conditional, rest


def _union(parts: Iterable[tuple[Bounds, bool]]) -> Bounds:
    """The union; of a policy that is not certain only the upper bound."""
    union = EMPTY
    for people, certain in parts:
        union |= people if certain else Bounds(NOBODY, people.maybe)
    return union


def _fillings(parts: Iterable[tuple[Effect, People]]) -> list[Filling]:
    return [Filling(box, people) for one, people in parts for box in one.boxes if people]
