"""What Graph and ARM answer instead of what was asked for, as the gap it will be."""

import re

import msgspec

from observant.collect.unread import Unread
from observant.evidence.snapshot import GapReason

_UNLICENSED = frozenset(
    {
        "AadPremiumLicenseRequired",
        "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
        "Authentication_RequestFromUnsupportedUserRole_NoLicense",
        "LicenseRequired",
    }
)
_LICENCE = re.compile(r"\blicen[sc]e|\bpremium\b", re.IGNORECASE)
_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*|(?i:bearer)\s+\S+|sig=[^&\s]+")

RETRIED = frozenset({408, 429, 500, 502, 503, 504})
EXPIRED_PAGE = re.compile(r"(Expired|Invalid)(Page|Skip)Token")
GONE = frozenset({"Request_ResourceNotFound", "ResourceNotFound", "NotFound"})


class Refused(Unread):
    """An answer that is none. `status` is HTTP's; 0 when no answer came."""

    def __init__(self, reason: GapReason, detail: str, code: str, status: int) -> None:
        super().__init__(reason, _TOKEN.sub("<not kept>", detail), code)
        self.status = status


class _Error(msgspec.Struct):
    code: str = ""
    message: str = ""


class _Body(msgspec.Struct):
    error: _Error | None = None


def refused(operation: str, status: int, body: bytes) -> Refused:
    """The refusal in an answer with an error status."""
    try:
        error = msgspec.json.decode(body, type=_Body).error or _Error()
    except (msgspec.DecodeError, RecursionError):
        error = _Error()
    code = error.code or f"HTTP {status}"
    return Refused(_reason(status, error), f"{operation}: {code}: {error.message}".rstrip(": "), code, status)


def _reason(status: int, error: _Error) -> GapReason:
    if error.code in _UNLICENSED or (status in (400, 402, 403) and _LICENCE.search(error.message)):
        return GapReason.UNLICENSED
    if status in (401, 403):
        return GapReason.DENIED
    if status == 429:
        return GapReason.THROTTLED
    return GapReason.FAILED


def unusable(operation: str, problem: str, code: str = "unusable answer") -> Refused:
    """An answer that came and says nothing that can be relied on."""
    return Refused(GapReason.FAILED, f"{operation}: {problem}", code, 200)
