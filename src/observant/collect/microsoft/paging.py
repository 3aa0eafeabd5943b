"""Listings: followed to the end, from the beginning again when a page token expires, and never half of one kept."""

from collections.abc import Iterable
from typing import Any

from observant.collect.microsoft.operation import Operation
from observant.collect.microsoft.refusal import EXPIRED_PAGE, Refused, unusable
from observant.collect.microsoft.session import MicrosoftSession
from observant.collect.unread import Unread
from observant.evidence.snapshot import Entity, GapReason, Json

MOST_RESTARTS = 3
MOST_PAGES = 20_000
"""Two million users. A listing that goes on is one that never ends."""

_LINKS = ("@odata.nextLink", "nextLink")
_NOISE = ("@odata.context", "@odata.etag", "@odata.id", "@odata.editLink", "@odata.count", "@odata.nextLink")
_NEVER_KEPT = frozenset({"secretText", "secretKey"})


def items(session: MicrosoftSession, operation: Operation, url: str, about: Json) -> list[Json]:
    """Everything in a listing. Raises Unread when a page is missing or cannot be trusted to be the next one."""
    for restart in range(MOST_RESTARTS + 1):
        try:
            return _followed(session, operation, url, about | ({"restart": restart} if restart else {}))
        except Refused as refused:
            if not EXPIRED_PAGE.search(refused.code):
                raise
            expired = refused
    detail = f"{expired.detail}: began anew {MOST_RESTARTS} times"
    raise Unread(GapReason.TRUNCATED, detail, expired.code)


def _followed(session: MicrosoftSession, operation: Operation, url: str, about: Json) -> list[Json]:
    found: list[Json] = []
    seen = {url}
    for number in range(1, MOST_PAGES + 1):
        page = session.get(operation, url, about | ({"page": number} if number > 1 else {}))
        listed = page.get("value")
        if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
            raise unusable(operation.name, f"page {number} holds no list of objects")
        found += listed
        following = next((page[name] for name in _LINKS if page.get(name)), None)
        if following is None:
            return found
        if not isinstance(following, str) or following in seen:
            raise Unread(GapReason.TRUNCATED, f"{operation.name}: the link of page {number} came before")
        seen.add(following)
        url = following
    raise Unread(GapReason.TRUNCATED, f"{operation.name}: no end after {MOST_PAGES} pages")


def tidy(value: Any) -> Any:  # noqa: ANN401 (any JSON value)
    """An object without what OData says about the transport, in place. Types stay: they tell kinds of rule apart.

    A secret is never answered to a reader; should one be, it is not kept.
    """
    due = [value]
    while due:
        one = due.pop()
        if isinstance(one, dict):
            for key in [key for key in one if "@" in key or key in _NEVER_KEPT]:
                if _is_noise(key, one[key]):
                    del one[key]
            due += [each for each in one.values() if isinstance(each, (dict, list))]
        elif isinstance(one, list):
            due += [each for each in one if isinstance(each, (dict, list))]
    return value


def _is_noise(key: str, value: object) -> bool:
    return key.endswith(_NOISE) if "@" in key else value is not None


def entities_of(operation: Operation, found: Iterable[Json], urn: str = "id", *, lower: bool = False) -> list[Entity]:
    """Objects as entities. Raises Unread for one without an id, and for two that differ under one id.

    The same object twice is one: a listing may repeat an object that moves while it is read.
    """
    entities: dict[str, Entity] = {}
    for each in found:
        name = each.get(urn)
        if not isinstance(name, str) or not name:
            raise unusable(operation.name, f"an object has no {urn}")
        key = name.lower() if lower else name
        entity = Entity(key, tidy(each))
        if entities.setdefault(key, entity) != entity:
            raise unusable(operation.name, f"{key} came twice, not the same")
    return list(entities.values())
