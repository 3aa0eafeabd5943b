"""What binds an account from above."""

import msgspec

Document = tuple[str, str | None]
"""Name and text of a policy; None where the text was not shown."""


Levels = tuple[tuple[Document, ...], ...]


class Bound(msgspec.Struct, frozen=True):
    """`levels` of service control policies, root first; None where none applies. `resource_levels`: the same of
    resource control policies."""

    levels: Levels | None = None
    read: bool = True
    management: bool = False
    organization: str = ""
    resource_levels: Levels | None = None
    resource_read: bool = True


UNREAD_BOUND = Bound(read=False, resource_read=False)
