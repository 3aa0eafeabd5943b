"""What AWS refused, as the gap it will be."""

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from observant.collect.unread import Unread
from observant.evidence.snapshot import GapReason

__all__ = ["Unread", "reason_of", "unread_from"]

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
