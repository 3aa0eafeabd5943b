"""What changed about a principal between two stretches of time, in words, down to the statement."""

import json
from collections.abc import Iterator
from typing import Any

from observant.analysis.aws.bound import Document
from observant.analysis.aws.facts import Facts


def differences(before: Facts | None, after: Facts) -> list[str]:
    """In words; nothing where only others changed."""
    if before is None:
        return [f"the {after.kind} is there"]
    found = list(_groups(before, after))
    found += _documents(before.documents, after.documents)
    found += _boundary(before.boundary, after.boundary)
    if before.tags != after.tags:
        found.append("its tags are others")
    if before.bound != after.bound:
        found += _documents(_above(before), _above(after)) or [
            "the organization's policies for the account are others, or read to another extent"
        ]
    return found


def _groups(before: Facts, after: Facts) -> Iterator[str]:
    yield from (f"joined {arn}" for arn in after.groups if arn not in before.groups)
    yield from (f"left {arn}" for arn in before.groups if arn not in after.groups)


def _above(facts: Facts) -> tuple[Document, ...]:
    levels = (*(facts.bound.levels or ()), *(facts.bound.resource_levels or ()))
    return tuple(dict.fromkeys(each for level in levels for each in level))


def _documents(before: tuple[Document, ...], after: tuple[Document, ...]) -> list[str]:
    was, now = dict(before), dict(after)
    found = [f"{name} is attached" for name in now if name not in was]
    found += [f"{name} is detached" for name in was if name not in now]
    for name in (each for each in now if each in was and was[each] != now[each]):
        found += [f"{name}: {each}" for each in _statements(was[name], now[name])]
    return found


def _boundary(before: Document | None, after: Document | None) -> list[str]:
    if before is None or after is None:
        held = after or before
        return [f"{held[0]} is {'set' if after else 'removed'}"] if held else []
    return _documents((before,), (after,))


def _statements(before: str | None, after: str | None) -> list[str]:
    if before is None or after is None:
        return ["its content is shown" if before is None else "its content is not shown any more"]
    was, now = statements(before), statements(after)
    written = [json.dumps(each, sort_keys=True) for each in now]
    old = [json.dumps(each, sort_keys=True) for each in was]
    found = [f"statement {place} is new" for place, each in enumerate(written, 1) if each not in old]
    found += [f"statement {place} of before is gone" for place, each in enumerate(old, 1) if each not in written]
    return found or ["written another way"]


def statements(text: str) -> list[Any]:
    """The statements of a document as they are written; none where it is no policy."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return []
    listed = found.get("Statement") if isinstance(found, dict) else None
    return listed if isinstance(listed, list) else [listed] if isinstance(listed, dict) else []


def statement_of(facts: Facts, label: str) -> str:
    """What a statement says, by the label that answers give it; empty where no document of the principal has it."""
    for name, text in facts.documents:
        place = label.removeprefix(f"{name}, statement ").partition(" ")[0]
        if label.startswith(f"{name}, statement ") and text and place.isdigit():
            listed = statements(text)
            if int(place) <= len(listed):
                return json.dumps(listed[int(place) - 1], sort_keys=True)
    return ""
