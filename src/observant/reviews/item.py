"""One access that a reviewer judges, and the population of a campaign: all of them, frozen by digest."""

import hashlib

import msgspec

from observant.evidence.canonical import canonical, digest


class Item(msgspec.Struct, frozen=True, order=True):
    """One identity, or one way in of an identity, as the evidence had it at the moment of freezing."""

    kind: str
    """Of `observant.reviews.kinds`, such as `aws-user`."""
    scope: str
    member: str
    """The provider's identifier."""
    label: str
    """What people call it."""
    person: str = ""
    """Who it belongs to, as far as the evidence says; empty where nobody does."""
    privileges: tuple[str, ...] = ()
    """In words, sorted."""
    flags: tuple[str, ...] = ()
    """Checks that this item fails at the moment of freezing, sorted."""
    last_used: str = ""
    """RFC 3339, `never`, or empty where it is not known."""
    escalations: tuple[str, ...] = ()
    """What can grow out of it, in words, sorted; also where that cannot be known."""
    holders: tuple[str, ...] = ()
    """Everybody who has or owns it, by e-mail address or name, sorted; empty where nobody is known."""
    manager: str = ""
    """E-mail address of the person's manager; empty where it is not known."""

    @property
    def powers(self) -> frozenset[str]:
        """Privileges and what can grow out of them: an escalation that came about is something gained."""
        return frozenset(self.privileges) | frozenset(self.escalations)

    @property
    def key(self) -> tuple[str, str, str]:
        """What stays the same from one campaign to the next."""
        return self.kind, self.scope, self.member

    @property
    def id(self) -> str:
        """Short enough to type, the same in every campaign: 12 hex digits."""
        return hashlib.sha256("\0".join(self.key).encode()).hexdigest()[:12]


class Population(msgspec.Struct, frozen=True):
    """What is to be reviewed. `snapshots`: scope -> index of the record it was frozen from."""

    items: list[Item]
    snapshots: dict[str, int]

    @classmethod
    def frozen(cls, items: list[Item], snapshots: dict[str, int]) -> "Population":
        """In canonical order. Raises ValueError when two items are the same one."""
        ordered = sorted(items)
        if len({one.id for one in ordered}) != len(ordered):
            raise ValueError("two items of one population have the same identity")
        return cls(ordered, dict(sorted(snapshots.items())))

    def encoded(self) -> bytes:
        """RFC 8785 bytes: what the digest is over and the store keeps."""
        return canonical(msgspec.to_builtins(self))

    @property
    def digest(self) -> str:
        """SHA-256, hex."""
        return digest(self.encoded())

    @classmethod
    def decoded(cls, content: bytes) -> "Population":
        """Raises msgspec.DecodeError for anything that `encoded` did not write."""
        return msgspec.json.decode(content, type=cls)
