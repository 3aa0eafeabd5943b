"""What one principal may do, asked often: administrators, escalation, exposure and MFA are many questions to the same
policies.

A question is put only to the statements that name its action. Which of them do is kept per document, so that a policy
attached to a thousand principals is looked through once.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache

import msgspec

from observant.analysis.iam.context import EVERYTHING_UNKNOWN, Context, Special, Value
from observant.analysis.iam.document import ByIdentity, Policy, Statement
from observant.analysis.iam.layers import Levels, Policies, Unread
from observant.analysis.iam.principal import Principal
from observant.analysis.iam.refine import refine
from observant.analysis.iam.sensitive import routine, routine_of, routine_statements
from observant.analysis.iam.statements import names_action, names_resource, targets
from observant.analysis.iam.weigh import Question, Verdict, weigh
from observant.analysis.kleene import Kleene, both


class Can(msgspec.Struct, frozen=True):
    """Whether an action is allowed, by which statements, and on which keys that depends."""

    answer: Kleene
    because: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    alike: bool = False
    """Asked about all resources: whether the answer is the same for each of them."""


NO = Can(False)


class Access:
    """The policies of one principal of one account, without policies of resources."""

    def __init__(
        self,
        who: Principal,
        policies: Policies,
        *,
        management_account: bool = False,
        context: Context = EVERYTHING_UNKNOWN,
    ) -> None:
        self.who, self.policies, self.management_account = who, policies, management_account
        self.context = context.over({**who.keys(), "aws:ResourceAccount": who.account})
        self._asked: dict[object, Can] = {}

    def can(
        self,
        action: str,
        resource: str | None = None,
        known: Mapping[str, Value | Special] | None = None,
        policy: Policy | None = None,
    ) -> Can:
        """Whether it may do the action: on that resource (with its own policy), or on all that it may have."""
        if policy is None and not self.may(action):
            return NO
        key = (action, resource, tuple(sorted((known or {}).items(), key=str)), id(policy))
        if key not in self._asked:
            self._asked[key] = self._can(action.lower(), resource, known or {}, policy)
        return self._asked[key]

    def may(self, action: str) -> bool:
        """A cheap look: False where no statement allows an action of those that are asked all the time."""
        bit = routine().bit.get(action.lower())
        return bit is None or bool(self.bits & bit)

    @cached_property
    def bits(self) -> int:
        """Of the actions that are asked all the time, those that some statement may allow."""
        if isinstance(self.policies.identity, Unread):
            return routine().every
        found = 0
        for each in self.policies.identity:
            found |= routine_of(ByIdentity(each))
        return found

    def _can(
        self, action: str, resource: str | None, known: Mapping[str, Value | Special], policy: Policy | None
    ) -> Can:
        narrow = narrowed(self.policies, action)
        if not narrow.identity and policy is None:
            return NO
        held = msgspec.structs.replace(narrow, resource=policy)
        found: list[Can] = []
        for asked in targets(action, resource, self.who.account):
            one = Question(self.who, asked, held, self.who.account, self.management_account)
            context = self.context.with_values(known)
            verdict = weigh(one, context)
            found.append(_can(verdict, one, context))
            if found[-1].answer is False:
                return NO
        return Can(
            both(each.answer for each in found),
            tuple(dict.fromkeys(label for each in found for label in each.because)),
            tuple(dict.fromkeys(key for each in found for key in each.keys)),
            all(each.alike for each in found),
        )

    def allowing(self, action: str) -> Iterable[Statement]:
        """The identity policies' Allow statements that name an action."""
        if not self.may(action):
            return
        identity = narrowed(self.policies, action.lower()).identity
        for each in () if isinstance(identity, Unread) else identity:
            yield from (statement for statement in each.statements if statement.allows)


def _can(verdict: Verdict, one: Question, context: Context) -> Can:
    if verdict.answer is False:
        return NO
    granting = [statement.label for said in verdict.said for statement in said.statements if statement.allows]
    if verdict.unread:
        return Can(None, tuple(granting), tuple(verdict.unread))
    if verdict.answer is True:
        return Can(True, tuple(granting), alike=True)
    refined = refine(one, context, verdict)
    speaking = (statement for said in verdict.said for statement in said.statements)
    alike = all(names_resource(each, one.asked, context) is not None for each in speaking)
    return Can(refined.answer, tuple(granting), refined.keys if refined.answer is None else (), alike)


def narrowed(policies: Policies, action: str) -> Policies:
    """The same layers with only the statements that name an action (lower case)."""
    identity = policies.identity
    return Policies(
        identity=identity if isinstance(identity, Unread) else _some(identity, action),
        boundary=_naming(policies.boundary, action) if isinstance(policies.boundary, Policy) else policies.boundary,
        session=policies.session,
        scps=_levels(policies.scps, action),
        rcps=_levels(policies.rcps, action),
    )


def _some(documents: tuple[Policy, ...], action: str) -> tuple[Policy, ...]:
    found = (_naming(each, action) for each in documents)
    return tuple(each for each in found if each.statements or each.problem)


def _levels(levels: Levels | Unread | None, action: str) -> Levels | Unread | None:
    if levels is None or isinstance(levels, Unread):
        return levels
    return tuple(_some(level, action) for level in levels)


def _naming(document: Policy, action: str) -> Policy:
    return _narrow(ByIdentity(document), action)


@lru_cache(maxsize=200_000)
def _narrow(held: ByIdentity, action: str) -> Policy:
    document = held.policy
    bit = routine().bit.get(action)
    if bit is None:
        found = tuple(each for each in document.statements if names_action(each, action))
    else:
        found = tuple(each for each, bits in routine_statements(held) if bits & bit)
    return Policy(document.name, found, document.problem, about=action)
