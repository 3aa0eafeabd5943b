"""Which actions beyond some are, or may be, allowed under what is known of a request.

What certainly is not is taken out first, for all actions of the catalogue at once, as bits: what no layer that limits
names, and what a denial of every resource names. The exact question is put only for what remains. An action that the
catalogue does not know, but that some pattern could mean, is asked about by itself.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain

import msgspec

from observant.analysis.iam.access import Access, Known
from observant.analysis.iam.arn import is_every_resource
from observant.analysis.iam.catalogue import catalogue
from observant.analysis.iam.document import Policy, Statement
from observant.analysis.iam.glob import ONE, STAR, is_literal, is_star
from observant.analysis.iam.layers import Policies, Unread, leaving_it_to
from observant.analysis.iam.narrow import is_personal
from observant.analysis.iam.spelling import set_bits
from observant.analysis.iam.statements import conditions_hold, named_bits, names_action, names_resource, targets
from observant.analysis.iam.weigh import Question, needs_own_policy

_NOBODYS = "xzq:xzq"
"""An action that nobody knows."""

_TELLING = ("iam:createuser", "s3:getobject", "ec2:runinstances")
"""Named first where a wildcard means them."""


def documents(policies: Policies) -> Iterable[Policy]:
    """Everything that is the principal's or limits it."""
    yield from () if isinstance(policies.identity, Unread) else policies.identity
    if isinstance(policies.boundary, Policy):
        yield policies.boundary
    if not isinstance(policies.scps, Unread):
        for level in policies.scps or ():
            yield from level


def _binding(access: Access) -> Policies:
    """Its policies without those of an organization that does not bind it."""
    held = access.policies
    bind = Question(access.who, targets("iam:x", None)[0], held, "", access.management_account).scps_bind
    return held if bind else msgspec.structs.replace(held, scps=None)


def denials(access: Access) -> list[Statement]:
    """Denials that hold whatever else the request says, on every resource."""
    return [
        each
        for document in documents(_binding(access))
        for each in document.statements
        if not each.allows
        and not each.not_resource
        and any(one.constant is not None and is_every_resource(one.constant) for one in each.resources)
        and conditions_hold(each.tests, access.context) is True
    ]


def _limits(access: Access) -> Iterator[tuple[Statement, ...]]:
    """For each layer that limits, the statements one of which must allow."""
    held = _binding(access)
    levels = held.scps if isinstance(held.scps, tuple) else ()
    for level in (*levels, *([(held.boundary,)] if isinstance(held.boundary, Policy) else ())):
        if not any(document.problem for document in level):
            listed = [each for document in level for each in document.statements if each.allows]
            yield tuple(each for each in listed if conditions_hold(each.tests, access.context) is not False)


class _Sieve:
    """What neither a denial nor the lack of a grant takes away for certain."""

    def __init__(
        self, denied: tuple[Statement, ...], limits: tuple[tuple[Statement, ...], ...], spared: frozenset[str]
    ) -> None:
        self._denied, self._limits, self._spared = denied, limits, spared
        self._passed: dict[str, bool] = {}
        self.open = not denied and not limits
        self.bits = catalogue().every & ~_union(map(catalogue().bits, spared))
        for each in denied:
            self.bits &= ~named_bits(each)
        for limit in limits:
            self.bits &= _union(map(named_bits, limit))
        patterns = chain.from_iterable(each.actions for each in (*denied, *chain.from_iterable(limits)))
        unknown = {each for each in patterns if is_literal(each) and not catalogue().bits(each)}
        self.strange = sorted(filter(self.passes, unknown))
        """Actions that only these statements know."""

    def passes(self, action: str) -> bool:
        """The same for one action, known or not."""
        if action not in self._passed:
            self._passed[action] = self._passes(action)
        return self._passed[action]

    def _passes(self, action: str) -> bool:
        return (
            action not in self._spared
            and not any(names_action(each, action) for each in self._denied)
            and all(any(names_action(each, action) for each in limit) for limit in self._limits)
        )


def _union(found: Iterable[int]) -> int:
    bits = 0
    for each in found:
        bits |= each
    return bits


def left_over(access: Access, known: Known, spared: frozenset[str]) -> Iterator[str]:
    """Actions, beyond the spared ones (lower case), that are or may be allowed on something with these keys."""
    identity = access.policies.identity
    held = () if isinstance(identity, Unread) else identity
    if access.unlimited:
        for document in held:
            yield from _alone(access, document, known, spared)
        return
    pinned = access.pinned(known)
    sieve = _sieve(tuple(denials(pinned)), tuple(_limits(pinned)), spared)
    for document in held:
        if document.problem:
            yield f"whatever {document.name} allows"
        for statement in document.statements:
            if statement.allows and conditions_hold(statement.tests, pinned.context) is not False:
                for action in _named(statement, sieve):
                    if may(pinned, action):
                        yield shown_action(action)


def may(access: Access, action: str) -> bool:
    """Whether an action is, or may be, allowed on something. Roles and keys are taken to leave it to the account."""
    theirs = leaving_it_to(access.who.account) if needs_own_policy(action) else None
    return access.can(action, None, None, theirs).answer is not False


_MOST = 100_000
_ALONE: dict[object, tuple[str, ...]] = {}


def _alone(access: Access, document: Policy, known: Known, spared: frozenset[str]) -> tuple[str, ...]:
    """The first action that a document without denials leaves; the same for all whom nothing in it tells apart."""
    key = (
        document,
        spared,
        frozenset(known.items()),
        access.situation,
        access.who.telling if is_personal(document) else (),
    )
    if key not in _ALONE:
        if len(_ALONE) >= _MOST:
            _ALONE.clear()
        first = next(_granted(access.pinned(known), document, _sieve((), (), spared)), None)
        _ALONE[key] = () if first is None else (shown_action(first),)
    return _ALONE[key]


@lru_cache(maxsize=1024)
def _sieve(denied: tuple[Statement, ...], limits: tuple[tuple[Statement, ...], ...], spared: frozenset[str]) -> _Sieve:
    """One for all who are denied and limited by the same statements."""
    return _Sieve(denied, limits, spared)


def _granted(access: Access, document: Policy, sieve: _Sieve) -> Iterator[str]:
    by_itself = access.only(document)
    for statement in document.statements:
        if conditions_hold(statement.tests, access.context) is not False:
            for action in _named(statement, sieve):
                asked = targets(action, None, access.who.account)
                enough = all(names_resource(statement, each, access.context) is not False for each in asked)
                if enough or may(by_itself, action):
                    yield action


def _named(statement: Statement, sieve: _Sieve) -> Iterator[str]:
    """Actions of a statement that pass the sieve: the known ones, and those that only patterns know."""
    narrow = statement.not_action or not sieve.open
    left = sieve.bits & named_bits(statement) if narrow else sieve.bits
    if left and statement.not_action:
        yield from _known(left)
    elif left:
        for pattern in statement.actions:
            if bits := catalogue().bits(pattern) & left:
                yield from _known(bits)
    for action in (*filter(sieve.passes, _strange(statement)), *sieve.strange):
        if names_action(statement, action):
            yield action


@lru_cache(maxsize=100_000)
def _strange(statement: Statement) -> tuple[str, ...]:
    """For each pattern of a statement an action that nobody knows."""
    if statement.not_action:
        return (_NOBODYS,)
    patterns = [each for each in statement.actions if not is_literal(each) or catalogue().action(each) is None]
    return tuple(_NOBODYS if is_star(each) else each.replace(STAR, "xzq").replace(ONE, "x") for each in patterns)


def _known(bits: int) -> Iterator[str]:
    if bits.bit_count() > len(_TELLING):
        yield from (each for each in _TELLING if catalogue().bits(each) & bits)
    yield from (catalogue().at(place) for place in set_bits(bits))


def shown_action(action: str) -> str:
    """An action as AWS writes it, where the catalogue knows it."""
    known = catalogue().action(action)
    return known.name if known else action
