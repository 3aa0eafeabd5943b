"""Actions that hand out credentials or data, allowed on every resource.

Only what is allowed without naming resources counts: reading one named secret is what an application is for. Our own
list, checked against the action catalogue; it is short on purpose and names what leaks by a single call.
"""

from functools import cache

import msgspec

from observant.analysis.iam.access import Access
from observant.analysis.iam.sensitive import CREDENTIALS, DATA, routine


@cache
def _mask() -> int:
    return routine().bits(CREDENTIALS | DATA)


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


def exposure(access: Access) -> list[Exposure]:
    """What a principal may read out of every resource of the account."""
    found: list[Exposure] = []
    may = access.bits & _mask()
    if not may:
        return found
    for action, bit in _listed():
        if not may & bit:
            continue
        can = access.can(action)
        # None without keys: some resources only.
        if can.answer is True or (can.answer is None and can.keys):
            kind = "credentials" if action in CREDENTIALS else "data"
            found.append(Exposure(kind, action, can.answer is True, can.because, can.keys))
    return found
