"""Do some policies allow anything that others do not?

Exact where it can be decided, without a solver. For actions, resources and each condition key the classes that the
patterns of both sides make are enumerated, each with an example (`language`, `samples`), and every combination is put
to both sides. A combination that only the candidate allows is a witness: somebody can replay it. Work is pruned by what
the statements that speak about an action have in common, and capped; beyond a cap, or where a key cannot be enumerated,
a "no" becomes "unknown", with the reason. A witness is always certain.

Two conventions. A policy variable that both sides write is one fixed, unknown text. Actions and resources are texts:
whether AWS knows the action, or the action the resource, plays no part.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import product

import msgspec
from msgspec.structs import replace

from observant.analysis.iam.catalogue import catalogue
from observant.analysis.iam.conditions import Test
from observant.analysis.iam.context import EVERYTHING_UNKNOWN, UNKNOWN, Context, Special, Value
from observant.analysis.iam.document import Policy, Statement
from observant.analysis.iam.language import Classes, arn_classes, text_classes
from observant.analysis.iam.principal import Grade, grade, principal
from observant.analysis.iam.samples import key_samples
from observant.analysis.iam.spelling import allows, examples, keys, negates, readable, resources, set_bits, variables
from observant.analysis.iam.statements import Target, named_bits, names_action, names_resource
from observant.analysis.iam.template import Variable
from observant.analysis.iam.usable import instances

COMBINATIONS = 50_000
"""Combinations of condition values tried for one class of actions and resources."""

GROUPS = 200_000
"""Classes of actions and resources."""


class Witness(msgspec.Struct, frozen=True):
    """A request that the candidate allows and the reference does not. Keys that are not in `context` are absent."""

    action: str
    resource: str
    context: dict[str, str | list[str]]
    allowed_by: str
    """The candidate's statement."""
    principal: str = ""
    """Who asks, where the policies name principals."""


class Inclusion(msgspec.Struct, frozen=True):
    """`included`: True: nothing beyond the reference; False: `witness` is; None: not known, `reason` says why."""

    included: bool | None
    witness: Witness | None = None
    reason: str = ""


class Side:
    """Policies that limit each other: each of the parts (identity, boundary, a level of SCPs) must allow."""

    def __init__(self, parts: Sequence[Sequence[Policy]]) -> None:
        self.parts = [[each for policy in part for each in policy.statements] for part in parts]
        self.problems = [policy.problem for part in parts for policy in part if policy.problem]

    @cached_property
    def statements(self) -> list[Statement]:
        return [each for part in self.parts for each in part]


Fitting = Callable[[Statement, str], int]
"""(a granting statement, a resource) -> bits of the known actions that count there."""


def inclusion(
    candidate: Sequence[Policy] | Side,
    reference: Sequence[Policy] | Side,
    pinned: Context = EVERYTHING_UNKNOWN,
    fitting: Fitting | None = None,
) -> Inclusion:
    """Whether everything the candidate allows is allowed by the reference. `pinned` fixes keys for both; with `fitting`
    a request for a known action counts only where that action does."""
    granting = candidate if isinstance(candidate, Side) else Side([candidate])
    limiting = reference if isinstance(reference, Side) else Side([reference])
    problems = granting.problems + limiting.problems
    if problems:
        return Inclusion(None, reason=problems[0])
    search = _Search(granting, limiting, pinned, fitting)
    witness = next(search.witnesses(), None)
    if witness is not None:
        return Inclusion(False, witness)
    return Inclusion(None, reason=search.doubts[0]) if search.doubts else Inclusion(True)


class _Search:
    def __init__(self, candidate: Side, reference: Side, pinned: Context, fitting: Fitting | None) -> None:
        self.candidate, self.reference, self.pinned, self.fitting = candidate, reference, pinned, fitting
        self.doubts: list[str] = []
        self.groups = 0
        # A policy that is attached at several levels is one and the same.
        self.every = list({id(each): each for each in [*candidate.statements, *reference.statements]}.values())
        self.place = {id(statement): number for number, statement in enumerate(self.every)}
        self.fixed = {key: f"${{{key}}}" for each in self.every for key in keys(each) if pinned.get(key) is UNKNOWN}
        self._doubt_variables()

    def _doubt_variables(self) -> None:
        """Where variables may come out in a way that one fixed text for each does not show."""
        tied = [each for each in self.every if any(self.pinned.get(key) is UNKNOWN for key in keys(each))]
        narrowing = any(not each.allows or each.not_resource or negates(each) for each in self.reference.statements)
        defaults = any(
            part.default is not None for each in tied for part in variables(each) if isinstance(part, Variable)
        )
        denying = any(not each.allows or each.not_resource for each in tied)
        if tied and (narrowing or defaults or denying):
            self.doubts.append("policy variables take part in what is denied, or have defaults")

    def witnesses(self) -> Iterator[Witness]:
        for action, named in self._classes(lambda each: (each.actions, each.not_action), self.every, text_classes):
            if not self._may_allow(named):
                continue
            for who, addressed in self._principals(named):
                contexts: dict[int, Context | None] = {}
                for resource, active in self._resources(addressed):
                    self.groups += 1
                    if self.groups > GROUPS:
                        self.doubts.append("too many classes of actions and resources")
                        return
                    if active not in contexts:
                        contexts[active] = self._conditions(active)
                    found = contexts[active]
                    witness = self._witness(action, named, who, resource, found) if found is not None else None
                    if witness is not None and found is not None:
                        if self._replays(witness, found):
                            yield witness
                        else:
                            self.doubts.append("policy variables tie keys and resources together")

    def _resources(self, addressed: int) -> Iterator[tuple[str, int]]:
        """What counts on a resource depends on the pattern that means it, not on the statement alone."""
        apart = self.fitting is not None
        held = self._held(addressed)
        return self._classes(lambda each: resources(each, self.pinned), held, arn_classes, each_pattern=apart)

    def _held(self, bits: int) -> list[Statement]:
        return [self.every[number] for number in set_bits(bits)]

    def _may_allow(self, bits: int) -> bool:
        own = {id(each) for each in self._held(bits) if each.allows}
        return all(any(id(each) in own for each in part) for part in self.candidate.parts)

    def _classes(
        self,
        element: Callable[[Statement], tuple[Iterable[str], bool]],
        statements: list[Statement],
        classes: Callable[[tuple[str, ...]], Classes],
        *,
        each_pattern: bool = False,
    ) -> Iterator[tuple[str, int]]:
        """An example for every set of statements that one text can satisfy together, with that set as bits; with
        `each_pattern`, for every set of patterns."""
        by_pattern: dict[str, int] = {}
        opposite = 0
        for each in statements:
            bit = 1 << self.place[id(each)]
            patterns, negated = element(each)
            opposite |= bit if negated else 0
            for pattern in patterns:
                by_pattern[pattern] = by_pattern.get(pattern, 0) | bit
        masks = list(by_pattern.values())
        found = classes(tuple(by_pattern))
        if not found.complete:
            self.doubts.append("too many different patterns of actions or resources")
        seen: set[int] = set()
        for bits, example in found.examples.items():
            satisfied = 0
            for number in set_bits(bits):
                satisfied |= masks[number]
            satisfied ^= opposite
            told = bits if each_pattern else satisfied
            if told not in seen:
                seen.add(told)
                yield example, satisfied

    def _principals(self, named: int) -> Iterator[tuple[str, int]]:
        """Principals that the statements tell apart; one nobody where none names any."""
        held = self._held(named)
        seen: set[int] = set()
        for who in examples(held):
            bits = sum(
                1 << self.place[id(each)]
                for each in held
                if each.principals is None or who is None or grade(each.principals, who) is not Grade.NOT
            )
            if bits not in seen:
                seen.add(bits)
                yield who.arn if who else "", bits

    def _conditions(self, active: int) -> Context | None:
        """A context under which only the candidate allows; None when there is none."""
        if not self._may_allow(active):
            return None
        candidate = [[each for each in part if active >> self.place[id(each)] & 1] for part in self.candidate.parts]
        reference = [[each for each in part if active >> self.place[id(each)] & 1] for part in self.reference.parts]
        if all(
            any(each.allows and not each.tests for each in part) and all(each.allows for each in part)
            for part in reference
        ):
            return None
        held = self._held(active)
        if any(not test.operator.compares for each in held for test in each.tests):
            self.doubts.append("a condition operator that AWS does not document")
            return None
        values = self._samples(held)
        if math.prod(len(each) for each in values.values()) > COMBINATIONS:
            self.doubts.append(f"too many combinations of {', '.join(sorted(values))}")
            return None
        for chosen in product(*values.values()):
            context = self.pinned.with_values(dict(zip(values, chosen, strict=True)))
            if allows(candidate, context) and not allows(reference, context):
                return context
        return None

    def _samples(self, held: list[Statement]) -> dict[str, list[Value | Special]]:
        tests: dict[str, list[Test]] = {}
        for test in (test for each in held for test in each.tests):
            if self.pinned.get(test.key) is UNKNOWN:
                tests.setdefault(test.key, []).append(test)
        found: dict[str, list[Value | Special]] = {
            key: [value] for key, value in self.fixed.items() if key not in tests
        }
        opaque = self.pinned.with_values(self.fixed)
        for key in sorted(tests):
            found[key], complete = key_samples(key, tests[key], opaque)
            complete = complete and key not in self.fixed
            if not complete:
                self.doubts.append(f"not every value of {tests[key][0].name} can be told apart")
        return found

    def _witness(self, action: str, named: int, who: str, resource: str, context: Context) -> Witness | None:
        """None where no action of the class counts on the resource."""
        shown = readable(resource, context)
        asked = Target(action, shown, None)
        grants = [
            each
            for each in self.candidate.statements
            if each.allows and named >> self.place[id(each)] & 1 and all(test.holds(context) for test in each.tests)
        ]
        by = next((each for each in grants if names_resource(each, asked, context) is True), grants[0])
        known = self._known_action(action, named, by, shown)
        if known is None:
            return None
        told = {
            key: value if isinstance(value, str) else list(value)
            for key, value in context.named().items()
            if not isinstance(value, Special)
        }
        found = Witness(known, shown, told, by.label, who)
        return found if shown.startswith("arn:aws") else self._plain(found, context)

    def _plain(self, found: Witness, context: Context) -> Witness:
        """The same on a resource as people know them, where one shows the difference, too."""
        for resource in instances(found.action, self.pinned.get("aws:principalaccount")):
            other = replace(found, resource=resource)
            if self._replays(other, context):
                return other
        return found

    def _replays(self, witness: Witness, context: Context) -> bool:
        """Whether the witness, put as a plain request, is allowed by the candidate only."""
        asked = Target(witness.action.lower(), witness.resource, None)
        who = principal(witness.principal) if witness.principal else None

        def speak(part: list[Statement]) -> list[Statement]:
            return [
                each
                for each in part
                if names_action(each, asked.action)
                and (who is None or each.principals is None or grade(each.principals, who) is not Grade.NOT)
                and names_resource(each, asked, context) is True
            ]

        candidate, reference = map(speak, self.candidate.parts), map(speak, self.reference.parts)
        return allows(list(candidate), context) and not allows(list(reference), context)

    def _known_action(self, example: str, named: int, by: Statement, resource: str) -> str | None:
        """A real action of the same class when the catalogue has one; None where none of them counts."""
        alike = catalogue().every
        for number, each in enumerate(self.every):
            alike &= named_bits(each) if named >> number & 1 else ~named_bits(each)
        if not alike:
            return example
        if self.fitting is not None:
            alike &= self.fitting(by, resource)
            if not alike:
                return None
        action = catalogue().at(next(set_bits(alike)))
        known = catalogue().action(action)
        return known.name if known else action
