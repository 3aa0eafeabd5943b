"""When something cannot be read: the reason, in the words of the provider. Caught where it becomes a gap."""

import re

from observant.evidence.snapshot import Gap, GapReason, Json

LONGEST_DETAIL = 500


class Unread(Exception):
    """No usable answer. `code` is the provider's error code, or the name of what failed on the way."""

    def __init__(self, reason: GapReason, detail: str, code: str = "") -> None:
        super().__init__(detail)
        self.reason, self.detail, self.code = reason, re.sub(r"\s+", " ", detail)[:LONGEST_DETAIL], code

    @property
    def gap(self) -> Gap:
        return Gap(self.reason, self.detail)

    @property
    def instead(self) -> Json:
        """What stands in an entity in place of a thing that could not be read."""
        return {"Unread": {"reason": self.reason.value, "detail": self.detail}}
