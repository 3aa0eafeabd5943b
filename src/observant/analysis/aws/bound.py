"""What binds an account from above."""

import msgspec

Document = tuple[str, str | None]
"""Name and text of a policy; None where the text was not shown."""


class Bound(msgspec.Struct, frozen=True):
    """`levels` root first; None where no service control policy applies."""

    levels: tuple[tuple[Document, ...], ...] | None = None
    read: bool = True
    management: bool = False
    organization: str = ""


UNREAD_BOUND = Bound(read=False)
