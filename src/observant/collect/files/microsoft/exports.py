"""Recognising exports of Entra ID and Azure by what is in them: pages, lists, or one object to a file."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from observant.collect.files.microsoft import layout
from observant.collect.files.microsoft.kinds import MEMBERS, Kind, kind_in, kind_of
from observant.collect.files.strict import Loaded, values
from observant.evidence.snapshot import Json
from observant.model.time import moment

_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_SUBSCRIPTION = re.compile(rf"(?:^|/)subscriptions/({_GUID.pattern})(?:/|$)", re.IGNORECASE)

PAST = frozenset(
    {
        "activityDateTime",
        "createdDateTime",
        "createdOn",
        "externalUserStateChangeDateTime",
        "lastModifiedDateTime",
        "lastNonInteractiveSignInDateTime",
        "lastPasswordChangeDateTime",
        "lastSignInDateTime",
        "lastSuccessfulSignInDateTime",
        "lastUpdatedDateTime",
        "modifiedDateTime",
        "updatedOn",
    }
)
"""Names of moments that have passed when they are written; starts and ends of schedules may be yet to come."""


@dataclass
class Piece:
    """Objects of one kind from one JSON value of one file."""

    kind: Kind
    file: Loaded
    objects: list[Json]
    unfinished: bool = False
    """A page that names a next one."""
    lacks: str = ""
    """What the tool that made it leaves out."""
    group: str = ""
    """Of members: whose they are."""
    moments: list[datetime] = field(default_factory=list)
    generated: datetime | None = None
    """These exports never say when they were made."""

    @property
    def command(self) -> str:
        return self.kind.collection


def _guids(written: str) -> set[str]:
    return {found.group().lower() for found in _GUID.finditer(written)}


def is_microsoft(value: object) -> bool:
    """Whether a JSON value can only be about Entra ID or Azure, known or not: no output of AWS has these names."""
    if isinstance(value, list):
        return bool(value) and all(is_microsoft(each) for each in value)
    if not isinstance(value, dict):
        return False
    return isinstance(value.get("value"), list) or "id" in value or any("@odata." in key for key in value)


def pieces_of(file: Loaded) -> list[Piece] | None:
    """The pieces in a file, empty when it holds nothing that is read; None when it is not about Microsoft at all."""
    if file.path.suffix.lower() != ".json" and file.text.lstrip()[:1] not in ("{", "["):
        return None
    read = list(values(file)) if file.path.suffix.lower() != ".csv" else []
    if not read or not all(is_microsoft(value) for value in read):
        return None
    return [piece for value in read for piece in _placed(file, value)]


def _placed(file: Loaded, value: Any) -> Iterator[Piece]:  # noqa: ANN401 (any JSON value)
    """The pieces of a value, as far as the place of its file lets it be one of a list of all there are."""
    owner = layout.owner_of(file.path)
    if owner is not None:
        if owner.has == "members" and owner.kind == "groups" and isinstance(value, dict):
            yield Piece(MEMBERS, file, [value], group=owner.id)
        return
    if layout.of_another_service(file.path):
        return
    if layout.is_named_members(file.path) and isinstance(value, list) and not any("value" in each for each in value):
        yield from _members(file, value, unfinished=False)
        return
    for piece in _pieces(file, value):
        if not _above_subscriptions(piece):
            piece.lacks = layout.left_out(file.path)
            yield piece


def _own_guids(one: Json) -> set[str]:
    return _guids(f"{one.get('id', '')} {one.get('name', '')}")


def _above_subscriptions(piece: Piece) -> bool:
    """A file of its own for a built-in role, which belongs to no subscription."""
    if not piece.kind.collection.startswith("azure.") or len(piece.objects) != 1:
        return False
    (one,) = piece.objects
    about = not _SUBSCRIPTION.search(str(one.get("id", ""))) and "subscriptionId" not in one
    return about and _own_guids(one) == {piece.file.path.stem.lower()}


def _pieces(file: Loaded, value: Any) -> Iterator[Piece]:  # noqa: ANN401 (any JSON value)
    if isinstance(value, list):
        if all("value" in each or "@odata.context" in each for each in value):
            for page in value:  # pages, gathered into a list
                yield from _pieces(file, page)
        else:
            yield from _by_kind(file, value)
    elif isinstance(value.get("value"), list):
        yield from _page(file, value)
    else:
        yield from _by_kind(file, [value])


def _page(file: Loaded, page: Json) -> Iterator[Piece]:
    objects = [each for each in page["value"] if isinstance(each, dict)]
    if len(objects) != len(page["value"]):
        raise file.wrong("$.value", "a list of objects belongs here", "save the answer unchanged")
    unfinished = bool(page.get("@odata.nextLink") or page.get("nextLink"))
    context = str(page.get("@odata.context", ""))
    if layout.of_another_service(context.partition("$metadata#")[2]):
        return
    named = kind_in(context)
    if named is MEMBERS:
        yield from _members(file, objects, unfinished=unfinished)
        return
    found = list(_by_kind(file, objects))
    if not found and named is not None and not objects:
        found = [Piece(named, file, [])]
    for piece in found:
        piece.unfinished = unfinished
        yield piece


def _members(file: Loaded, objects: list[Json], *, unfinished: bool) -> Iterator[Piece]:
    named = _guids(file.path.stem) or _guids(file.path.parent.parent.name)
    if not layout.is_named_members(file.path) and file.path.parent.name.lower() != "members":
        return
    if len(named) != 1:
        problem = "does not say whose members these are"
        raise file.wrong("", problem, "name the file members-<id of the group>.json")
    yield Piece(MEMBERS, file, objects, unfinished, group=named.pop())


def _by_kind(file: Loaded, objects: list[Json]) -> Iterator[Piece]:
    """Known objects by kind, flattened ones of the command line as ARM has them."""
    kinds: dict[str, Piece] = {}
    for one in objects:
        kind = kind_of(one)
        if kind is None:
            continue
        piece = kinds.setdefault(kind.collection, Piece(kind, file, []))
        piece.objects.append(_as_answered(one, kind))
        piece.moments += _moments(one)
    yield from kinds.values()


_OUTSIDE = frozenset({"id", "name", "type"})


def _as_answered(one: Json, kind: Kind) -> Json:
    """`az role assignment list` and its like lift the properties up one level; evidence has them as ARM does."""
    if not kind.collection.startswith("azure.role_") or isinstance(one.get("properties"), dict):
        return one
    return {
        **{key: one[key] for key in _OUTSIDE if key in one},
        "properties": {key: value for key, value in one.items() if key not in _OUTSIDE},
    }


def _moments(value: Any) -> list[datetime]:  # noqa: ANN401 (any JSON value)
    """Moments that the object knows of and that had passed when it was saved."""
    found: list[datetime] = []
    if isinstance(value, dict):
        for key, each in value.items():
            if key in PAST and isinstance(each, str):
                try:
                    found.append(moment(each))
                except ValueError:
                    continue  # a moment in a form of its own does not date the export, and stays as it is
            else:
                found += _moments(each)
    elif isinstance(value, list):
        for each in value:
            found += _moments(each)
    return found


def subscription_of(piece: Piece) -> str:
    """The subscription that a piece is about: the only one in its objects, or in the name of its file or folder."""
    ids = (str(one.get("id", "")) for one in piece.objects)
    named = {found[1].lower() for one in ids for found in _SUBSCRIPTION.finditer(one)}
    named |= {str(one["subscriptionId"]).lower() for one in piece.objects if "subscriptionId" in one}
    if len(named) == 1:
        return named.pop()
    own = {guid for one in piece.objects for guid in _own_guids(one)}
    told = _guids(f"{piece.file.path.parent.name}/{piece.file.path.name}") - (own - named)
    if len(told) == 1 and (not named or told <= named):
        return told.pop()
    problem = "is about several subscriptions" if named else "does not say which subscription it is about"
    raise piece.file.wrong("", problem, "save one file for each subscription, and name it after the subscription's id")
