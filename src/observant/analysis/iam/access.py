"""What one principal may do, asked often: administrators, escalation, exposure and MFA are many questions to the same
policies.

A question is put only to the statements that name its action (`narrow`). The answer is kept by what these statements
are, so that a thousand principals who hold the same ones are asked about once, unless a statement tells them apart.
"""

from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from itertools import count

import msgspec

from observant.analysis.iam.catalogue import catalogue
from observant.analysis.iam.context import EVERYTHING_UNKNOWN, Context, Special, Value
from observant.analysis.iam.document import Policy, Statement
from observant.analysis.iam.layers import Policies, Unread
from observant.analysis.iam.narrow import Layers, Parts, denies, form_of, grants_all
from observant.analysis.iam.principal import Principal
from observant.analysis.iam.refine import refine
from observant.analysis.iam.sensitive import routine, routine_of
from observant.analysis.iam.statements import names_resource, targets
from observant.analysis.iam.weigh import IDENTITY, RESOURCE, Question, Verdict, needs_own_policy, weigh
from observant.analysis.kleene import Kleene, both


class Can(msgspec.Struct, frozen=True):
    """Whether an action is allowed, by which statements that grant it, and on which keys that depends."""

    answer: Kleene
    because: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    alike: bool = False
    """Asked about all resources: whether the answer is the same for each of them."""
    everywhere: bool = False
    """Asked about all resources: whether it is granted on all of them, or on all but some that a statement names."""


NO = Can(False)

Known = Mapping[str, Value | Special]

_ON_ROLES = frozenset({"sts:assumerole", "iam:passrole"})
"""Always about one role: grants on other roles play no part."""

_NEXT = count()


@cache
def _number(_situation: tuple[object, ...]) -> int:
    """One number for each: quick to compare and to look up by."""
    return next(_NEXT)


_MOST = 200_000
_ANSWERED: dict[object, tuple[Can, frozenset[int]]] = {}
"""Answers by all that they follow from. Emptied when it is full: it saves work and decides nothing."""


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
        self._given = context
        self._asked: dict[object, Can] = {}

    @cached_property
    def context(self) -> Context:
        """What is known of every request it makes."""
        return self._given.over({**self.who.keys(), "aws:ResourceAccount": self.who.account})

    def pinned(self, known: Known) -> "Access":
        """The same, where something more is known of every request."""
        context = self.context.with_values(known)
        return Access(self.who, self.policies, management_account=self.management_account, context=context)

    def only(self, *documents: Policy) -> "Access":
        """The same principal with these documents and no limits."""
        return Access(self.who, Policies(documents), context=self._given)

    def can(
        self,
        action: str,
        resource: str | None = None,
        known: Known | None = None,
        policy: Policy | None = None,
    ) -> Can:
        """Whether it may do the action: on that resource (with its own policy), or on all that it may have."""
        if policy is None and not self.may(action):
            return NO
        key = (action, resource, frozenset(known.items()) if known else None, id(policy))
        found = self._asked.get(key)
        if found is None:
            found = self._asked[key] = self._can(action.lower(), resource, known or {}, policy)
        return found

    def may(self, action: str) -> bool:
        """A cheap look: False where no statement allows an action of those that are asked all the time."""
        bit = routine().bit.get(action.lower())
        return bit is None or bool(self.bits & bit)

    @cached_property
    def bits(self) -> int:
        """Of the actions that are asked all the time, those that some statement, and the boundary, may allow."""
        if isinstance(self.policies.identity, Unread):
            return routine().every
        found = 0
        for each in self.policies.identity:
            found |= routine_of(each)
        boundary = self.policies.boundary
        return found & routine_of(boundary) if isinstance(boundary, Policy) else found

    @cached_property
    def _layers(self) -> Layers:
        return Layers(self.policies)

    @cached_property
    def unlimited(self) -> bool:
        """Whether nothing takes away what a document grants by itself: no denial, no boundary, and in each level of an
        organization a grant of everything. Its documents then add up."""
        held = self.policies
        if isinstance(held.identity, Unread) or held.boundary is not None or held.session is not None:
            return False
        if isinstance(held.scps, Unread) or isinstance(held.rcps, Unread):
            return False
        levels = (*(held.scps or ()), *(held.rcps or ()))
        if not all(any(map(grants_all, level)) for level in levels):
            return False
        return not any(denies(each) for level in (held.identity, *levels) for each in level)

    def about(self, action: str) -> Parts:
        """What its policies say about an action (lower case)."""
        return self._layers.about(action)

    @cached_property
    def situation(self) -> int:
        """A number for what else an answer follows from, where no statement depends on who asks."""
        who, given = self.who, self._given
        told = frozenset(given.named().items())
        linked = who.is_service_linked_role
        return _number((who.kind, who.account, who.partition, linked, self.management_account, told, given.others))

    def _can(self, action: str, resource: str | None, known: Known, policy: Policy | None) -> Can:
        parts = self._layers.about(action, policy)
        if not parts.identity and policy is None:
            return NO
        if self.policies.session is not None:
            can, granting = self._weighed(parts, action, resource, known)
            return msgspec.structs.replace(can, because=parts.granting(granting))
        who = self.who.telling if parts.personal or self.who.kind not in ("user", "role") else ()
        plain = parts.plain and not needs_own_policy(action)
        about = action.partition(":")[0] in catalogue().rcp_services if plain else (action, resource)
        forms = parts.forms(resource if action in _ON_ROLES else None)
        key = (self.situation, who, about, parts.relevant(known), forms)
        found = _ANSWERED.get(key)
        if found is None:
            if len(_ANSWERED) >= _MOST:
                _ANSWERED.clear()
            found = _ANSWERED[key] = self._weighed(parts, action, resource, known)
        can, granting = found
        return Can(can.answer, parts.granting(granting), can.keys, can.alike, can.everywhere) if granting else can

    def _weighed(self, parts: Parts, action: str, resource: str | None, known: Known) -> tuple[Can, frozenset[int]]:
        """The answer, and the forms of the statements that grant it."""
        held = parts.policies(self.policies)
        context = self.context.with_values(known) if known else self.context
        found: list[Can] = []
        granting: set[int] = set()
        for asked in targets(action, resource, self.who.account):
            one = Question(self.who, asked, held, self.who.account, self.management_account)
            verdict = weigh(one, context)
            found.append(_answer(verdict, one, context))
            if found[-1].answer is False:
                return NO, frozenset()
            granting |= {form_of(each) for each in _grants(verdict)}
        whole = Can(
            both(each.answer for each in found),
            keys=tuple(dict.fromkeys(key for each in found for key in each.keys)),
            alike=all(each.alike for each in found),
            everywhere=all(each.everywhere for each in found),
        )
        return whole, frozenset(granting)

    def forget(self) -> None:
        """Forget what it was asked. What holds for others, too, stays known."""
        self._asked.clear()

    def allowing(self, action: str) -> Iterable[Statement]:
        """The identity policies' Allow statements that name an action."""
        if not self.may(action):
            return
        identity = self._layers.about(action.lower()).identity
        for each in () if isinstance(identity, Unread) else identity:
            yield from (statement for statement in each.policy.statements if statement.allows)


def _grants(verdict: Verdict) -> Iterable[Statement]:
    for said in verdict.said:
        if said.name in (IDENTITY, RESOURCE):
            yield from (each for each in said.statements if each.allows)


def _answer(verdict: Verdict, one: Question, context: Context) -> Can:
    if verdict.answer is False:
        return NO
    if verdict.unread:
        return Can(None, keys=tuple(verdict.unread))
    if verdict.answer is True:
        return Can(True, alike=True, everywhere=True)
    refined = refine(one, context, verdict)
    speaking = [(each, names_resource(each, one.asked, context)) for said in verdict.said for each in said.statements]
    return Can(
        refined.answer,
        keys=refined.keys if refined.answer is None else (),
        alike=all(covered is not None for _, covered in speaking),
        everywhere=_everywhere(speaking),
    )


def _everywhere(speaking: list[tuple[Statement, Kleene]]) -> bool:
    """Whether the grants reach all resources but those that are named as exceptions."""
    granted = any(each.allows and (covered or each.not_resource) for each, covered in speaking)
    return granted and not any(each.not_resource and covered is None for each, covered in speaking if not each.allows)
