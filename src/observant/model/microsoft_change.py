"""Which events of Microsoft's logs change access, and in what way: the directory audit log and the activity log.

`change_events/entra.json` and `change_events/azure.json` have the lists with the reason for every exclusion. What is in
no list is a change: keeping too much is told apart later, losing one is not.
"""

import json
import re
from fnmatch import translate
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from observant.model.change import UNRECOGNISED


@cache
def _lists(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(files("observant.model").joinpath(f"change_events/{name}.json").read_bytes())
    return read


@cache
def _fits(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(translate(pattern) for pattern in patterns))


@lru_cache(maxsize=1 << 14)
def entra_category(audit_category: str, activity: str) -> str | None:
    """The category of the change that a directory audit event is; None when it is none.

    `audit_category` as in `category`; the diagnostic log has `AuditLogs` there for some, which says nothing.
    """
    lists, plain = _lists("entra"), activity.strip().lower()
    if audit_category in lists["excluded"] or any(
        _fits(tuple(each)).match(plain) for each in lists["activities"].values()
    ):
        return None
    found: str = lists["changes"].get(audit_category, UNRECOGNISED)
    return found


@lru_cache(maxsize=1 << 14)
def azure_category(operation: str) -> str | None:
    """The category of the change that an operation of the activity log is; None when it is none."""
    lists, plain = _lists("azure"), operation.strip().lower()
    if any(_fits(tuple(each)).match(plain) for each in lists["excluded"].values()):
        return None
    for category, patterns in lists["changes"].items():
        if _fits(tuple(patterns)).match(plain):
            return str(category)
    return UNRECOGNISED if _fits(tuple(lists["whole"])).match(plain) else None
