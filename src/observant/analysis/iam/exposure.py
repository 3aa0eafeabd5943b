"""Actions that hand out credentials or data, allowed on every resource.

Only what is allowed on every resource, or on all but some exceptions, counts: reading one named secret is what an
application is for. Our own list, checked against the action catalogue; it is short on purpose and names what leaks by a
single call.
"""

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

import msgspec

from observant.analysis.iam.access import Access, Can
from observant.analysis.iam.arn import covers_every_one_of, is_every_resource
from observant.analysis.iam.context import EVERYTHING_UNKNOWN
from observant.analysis.iam.document import Policy, Statement
from observant.analysis.iam.layers import Unread
from observant.analysis.iam.narrow import is_personal
from observant.analysis.iam.sensitive import CREDENTIALS, DATA, routine, routine_statements
from observant.analysis.iam.statements import Target, names_resource, targets, unnamed


@cache
def _masks() -> dict[str, int]:
    return {"credentials": routine().bits(CREDENTIALS), "data": routine().bits(DATA)}


def _mask() -> int:
    return sum(_masks().values())


@cache
def _listed() -> list[tuple[str, int]]:
    return [(action, routine().bit[action.lower()]) for action in sorted(CREDENTIALS | DATA)]


class Exposure(msgspec.Struct, frozen=True):
    kind: str
    """`credentials` or `data`"""
    action: str
    certain: bool
    """False where it depends on keys."""
    because: tuple[str, ...]
    keys: tuple[str, ...]


def exposure(access: Access, kinds: Sequence[str] = ("credentials", "data"), most: int = 1_000) -> list[Exposure]:
    """What of these kinds a principal may read out of every resource of the account; the first so many."""
    may = access.bits & sum(_masks()[each] for each in kinds)
    identity = access.policies.identity
    if not may or isinstance(identity, Unread):
        return _asked(access, may, most)
    if access.unlimited:
        return _added(access, identity, may, most)
    return _asked(access, may & _broad_of(identity, access.who.account), most)


def _asked(access: Access, bits: int, most: int) -> list[Exposure]:
    found: list[Exposure] = []
    for action, bit in _listed() if bits else ():
        if len(found) == most:
            break
        if bits & bit:
            can = access.can(action)
            if can.answer is True or (can.answer is None and (can.alike or _on_others(access, action, can))):
                kind = "credentials" if action in CREDENTIALS else "data"
                found.append(Exposure(kind, action, can.answer is True, can.because, can.keys))
    return found


def _on_others(access: Access, action: str, can: Can) -> bool:
    """Whether it reaches a resource that no statement can have named."""
    if not can.everywhere:
        return False
    examples = unnamed(action, access.who.account)
    return not examples or any(access.can(action, each).answer is not False for each in examples)


def _added(access: Access, documents: Iterable[Policy], bits: int, most: int) -> list[Exposure]:
    """What documents that add up expose: what any of them does. Where several do under conditions these may complete
    each other, and the question is put to all of them."""
    by_action: dict[str, list[Exposure]] = {}
    for document in documents:
        for each in _alone(access, document, bits, most):
            by_action.setdefault(each.action, []).append(each)
    found: list[Exposure] = []
    for action, bit in _listed() if by_action else ():
        listed = by_action.get(action, [])
        if not listed:
            continue
        if len(found) == most:
            break
        if len(listed) == 1:
            found += listed
        elif any(each.certain for each in listed):
            because = tuple(dict.fromkeys(label for each in listed for label in each.because))
            found.append(Exposure(listed[0].kind, action, certain=True, because=because, keys=()))
        else:
            found += _asked(access, bit, 1)
    return found


_MOST = 100_000
_ALONE: dict[object, list[Exposure]] = {}


def _alone(access: Access, document: Policy, bits: int, most: int) -> list[Exposure]:
    """What one document exposes; the same for all whom nothing in it tells apart."""
    bits &= _broad(document, access.who.account)
    if not bits:
        return []
    key = (document, bits, most, access.situation, access.who.telling if is_personal(document) else ())
    if key not in _ALONE:
        if len(_ALONE) >= _MOST:
            _ALONE.clear()
        _ALONE[key] = _asked(access.only(document), bits, most)
    return _ALONE[key]


def _broad_of(documents: Iterable[Policy], account: str) -> int:
    found = 0
    for each in documents:
        found |= _broad(each, account)
    return found


@lru_cache(maxsize=200_000)
def _broad(document: Policy, account: str) -> int:
    """Bits of the actions that some statement may grant on every resource; a cheap look before the exact one."""
    if document.problem:
        return _mask()
    found = 0
    for statement, bits in routine_statements(document):
        if statement.allows and bits & _mask():
            found |= sum(bit for action, bit in _listed() if bits & bit and _anywhere(statement, action, account))
    return found


def _anywhere(statement: Statement, action: str, account: str) -> bool:
    if statement.not_resource or any(each.constant is None for each in statement.resources):
        return True
    return any(_on_every(statement, each) for each in targets(action, None, account))


def _on_every(statement: Statement, asked: Target) -> bool:
    if not asked.templates:
        return names_resource(statement, asked, EVERYTHING_UNKNOWN) is True
    return any(
        each.constant is not None
        and (
            is_every_resource(each.constant)
            or all(covers_every_one_of(each.constant, one, asked.account) for one in asked.templates)
        )
        for each in statement.resources
    )
