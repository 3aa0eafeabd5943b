"""Whether two documents mean the same policy: the audit log and Graph spell one and the same policy differently."""

from functools import lru_cache
from typing import Any

import msgspec

from observant.analysis.conditional_access.conditions import empty, flags
from observant.analysis.conditional_access.subjects import GUEST_TYPES

_TOLD_ELSEWHERE = {"id", "createdDateTime", "modifiedDateTime", "templateId", "description"}
_STRENGTH = "authenticationStrength"


def same_policy(one: str, other: str) -> bool:
    """Both JSON. Unset values, order in lists, upper case and numbers for flags make no difference."""
    return bool(_meaning(one) == _meaning(other))


@lru_cache(maxsize=4096)
def _meaning(document: str) -> Any:  # noqa: ANN401
    given = msgspec.json.decode(document)
    if not isinstance(given, dict):
        return document
    return _plain({name: value for name, value in given.items() if name not in _TOLD_ELSEWHERE})


def _plain(value: Any, name: str = "") -> Any:  # noqa: ANN401
    if name == "guestOrExternalUserTypes":
        types = flags(value, GUEST_TYPES)
        return value if types is None else frozenset(types)
    if name == "transferMethods":
        methods = flags(value, ("deviceCodeFlow", "authenticationTransfer"))
        return value if methods is None else frozenset(methods)
    if name == _STRENGTH and isinstance(value, dict):
        return str(value.get("id")).lower()
    if isinstance(value, dict):
        kept = {key: _plain(one, key) for key, one in value.items() if "@odata." not in key and not empty(one)}
        return frozenset((key, one) for key, one in kept.items() if one != frozenset())
    if isinstance(value, list):
        return frozenset(_plain(one) for one in value)
    return value.lower() if isinstance(value, str) and name != "displayName" else value
