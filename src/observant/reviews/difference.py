"""What is new, gone, gained or lost since the campaign before: where a reviewer looks first."""

import msgspec

from observant.reviews.item import Item, Population


class Difference(msgspec.Struct, frozen=True):
    """One item against the campaign before. An escalation is never called unchanged: see `gained`."""

    change: str
    """`first` (there was no campaign before), `new`, `gained`, `lost`, `changed` (some of both), `unchanged`."""
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def in_words(self) -> str:
        parts = [self.change]
        parts += [f"+ {privilege}" for privilege in self.gained]
        parts += [f"- {privilege}" for privilege in self.lost]
        return "; ".join(parts)


def differences(now: Population, before: Population | None) -> dict[str, Difference]:
    """Item id -> what changed since `before`."""
    if before is None:
        return {item.id: Difference("first") for item in now.items}
    known = {item.id: item for item in before.items}
    return {item.id: _difference(item, known.get(item.id)) for item in now.items}


def removed(now: Population, before: Population | None) -> list[Item]:
    """Items of the campaign before that are no longer there, of scopes that are still reviewed."""
    here = {item.id for item in now.items}
    return [one for one in before.items if one.id not in here and one.scope in now.snapshots] if before else []


def _difference(item: Item, before: Item | None) -> Difference:
    if before is None:
        return Difference("new", tuple(sorted(item.powers)))
    gained = tuple(sorted(item.powers - before.powers))
    lost = tuple(sorted(before.powers - item.powers))
    change = "changed" if gained and lost else "gained" if gained else "lost" if lost else "unchanged"
    return Difference(change, gained, lost)
