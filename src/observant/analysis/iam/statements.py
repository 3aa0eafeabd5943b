"""Does a statement speak about a request? Kleene, with the tests that leave it open."""

import re
from collections.abc import Iterable
from functools import lru_cache

import msgspec

from observant.analysis.iam.arn import covers, covers_all_of, is_every_resource, stands_for_no_resource
from observant.analysis.iam.catalogue import Action, catalogue
from observant.analysis.iam.conditions import Test
from observant.analysis.iam.context import UNKNOWN, Context
from observant.analysis.iam.document import Statement
from observant.analysis.iam.glob import matches
from observant.analysis.kleene import Kleene, both


class Target(msgspec.Struct, frozen=True):
    """One action on one resource; `resource` is None for any that the action may have."""

    action: str
    """Lower case."""
    resource: str | None
    known: Action | None
    account: str = ""
    """Account whose resources are meant where `resource` is None."""
    templates: tuple[str, ...] = ()
    """ARN templates of the resources that are meant where `resource` is None."""

    @property
    def service(self) -> str:
        return self.action.partition(":")[0]

    @property
    def takes_none(self) -> bool:
        """Whether AWS knows no resource for the action, whatever somebody asks about."""
        return self.known is not None and not self.known.takes_resources


def targets(action: str, resource: str | None, account: str = "") -> tuple[Target, ...]:
    """What is asked; every one of it must be allowed.

    No resource, or `*` for an action that takes resources, means whatever it may have: one of each type that a call
    always names (ec2:RunInstances needs an image, a network interface, …), or any of the types that it may name.
    """
    known = catalogue().action(action)
    name = action.lower()
    if known is not None and not known.takes_resources:
        return (Target(name, "*", known, account),)
    if resource is not None and resource != "*":
        return (Target(name, resource, known, account),)
    return _in_general(name, account)


@lru_cache(maxsize=65536)
def _in_general(name: str, account: str) -> tuple[Target, ...]:
    known = catalogue().action(name)
    if known is None:
        return (Target(name, None, None, account),)
    apart: list[tuple[str, ...]] = [(each,) for each in known.required]
    apart = apart or [known.optional]
    return tuple(Target(name, None, known, account, each) for each in apart)


def unnamed(action: str, account: str) -> tuple[str, ...]:
    """Resources of the action's types whose names nobody has written; none where it takes none, or nobody knows."""
    fixed = {"${Partition}": "aws", "${Account}": account or "999999999999"}
    templates = [template for each in targets(action, None, account) for template in each.templates]
    return tuple(_OPEN.sub(lambda found: fixed.get(found[0], "Zq9Nobody"), each) for each in templates)


_OPEN = re.compile(r"\$\{\w+\}")


def names_action(statement: Statement, action: str) -> bool:
    """Whether Action (or NotAction) includes an action given in lower case."""
    return any(matches(pattern, action) for pattern in statement.actions) != statement.not_action


@lru_cache(maxsize=16384)
def named_bits(statement: Statement) -> int:
    """Bits of the known actions that a statement names."""
    found = 0
    for pattern in statement.actions:
        found |= catalogue().bits(pattern)
    return catalogue().every & ~found if statement.not_action else found


def names_resource(statement: Statement, asked: Target, context: Context) -> Kleene:
    """Whether Resource (or NotResource) includes what is asked about."""
    answer: Kleene = False
    for each in statement.resources:
        pattern = each.constant if each.constant is not None else each.filled(context)
        if isinstance(pattern, str):
            covered = _covers(pattern, asked)
        elif pattern is UNKNOWN:
            covered = None
        elif statement.not_resource:
            return False  # an absent variable: the statement does not match
        else:
            continue
        if covered is True:
            answer = True
            if not statement.not_resource:
                break
        elif covered is None and answer is False:
            answer = None
    if not statement.not_resource:
        return answer
    return None if answer is None else not answer


def _covers(pattern: str, asked: Target) -> Kleene:
    if asked.resource is not None:
        return stands_for_no_resource(pattern, asked.service) if asked.takes_none else covers(pattern, asked.resource)
    if is_every_resource(pattern):
        return True
    if asked.known is None:
        return None
    answers = {covers_all_of(pattern, each, asked.account) for each in asked.templates}
    return answers.pop() if len(answers) == 1 else None


def open_tests(tests: Iterable[Test], context: Context) -> list[Test]:
    """The tests that leave a statement open."""
    return [test for test in tests if test.holds(context) is None]


def conditions_hold(tests: Iterable[Test], context: Context) -> Kleene:
    return both(test.holds(context) for test in tests)
