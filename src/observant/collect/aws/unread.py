"""When a collection cannot be read: the reason, in the words of the provider. Caught where it becomes a gap."""

import re

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from observant.evidence.snapshot import Gap, GapReason

LONGEST_DETAIL = 500

_THROTTLES = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
        "SlowDown",
    }
)
_DENIALS = frozenset({"UnauthorizedOperation", "AllAccessDisabled", "403"})


class Unread(Exception):
    """No usable answer. `code` is the provider's error code, or the name of what failed on the way."""

    def __init__(self, reason: GapReason, detail: str, code: str = "") -> None:
        super().__init__(detail)
        self.reason, self.detail, self.code = reason, re.sub(r"\s+", " ", detail)[:LONGEST_DETAIL], code

    @property
    def gap(self) -> Gap:
        return Gap(self.reason, self.detail)


def reason_of(code: str) -> GapReason:
    """The gap reason for an AWS error code."""
    if code.startswith("AccessDenied") or code in _DENIALS:
        return GapReason.DENIED
    if code in _THROTTLES:
        return GapReason.THROTTLED
    return GapReason.FAILED


def unread_from(operation: str, error: ClientError | BotoCoreError | ResponseParserError) -> Unread:
    """What botocore raised, as the gap it will be."""
    if isinstance(error, ClientError):
        answered = error.response.get("Error", {})
        code = str(answered.get("Code", "unknown"))
        return Unread(reason_of(code), f"{operation}: {code}: {answered.get('Message', '')}", code)
    code = type(error).__name__
    return Unread(GapReason.FAILED, f"{operation}: {code}: {error}", code)
