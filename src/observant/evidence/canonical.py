"""Canonical JSON (RFC 8785): one value, one sequence of bytes, one digest.

`rfc8785` is the definition. Sorted `json.dumps` gives the same bytes about five times faster wherever the value holds
no fraction, no integer of 16 digits or more and no character beyond the Basic Multilingual Plane (whose order differs
between UTF-16 and code points); a property test compares the two. Everything else takes the slow path.
"""

import hashlib
import json
import re
from typing import Any

import rfc8785

_LARGEST = 2**53 - 1
_FAST = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"), check_circular=False
)
# Two plain searches: one expression with alternatives cannot skip ahead and took five times as long.
_BEYOND_THE_BASIC_PLANE = re.compile(rb"[\xf0-\xf4]")
_NO_SMALL_INTEGER = re.compile(rb"[:,\[]-?[0-9]+(?:[.eE]|(?<=[0-9]{16}))")


def canonical(value: Any) -> bytes:  # noqa: ANN401 (any JSON value)
    """RFC 8785 bytes of a JSON value: dict with text keys, list, text, number, bool, None.

    An integer beyond 2^53 - 1 has no exact place in RFC 8785 and is written as text of its decimal digits, so that
    nothing is lost. Raises ValueError for NaN, infinity and lone surrogates, TypeError for what is not JSON.
    """
    written = _FAST.encode(value).encode("utf-8")
    if _is_plain(written):
        return written
    return bytes(rfc8785.dumps(_with_large_integers_as_text(value)))


def _is_plain(written: bytes) -> bool:
    """Whether the fast path gave the canonical bytes. May say no where it did."""
    if written[0] in b"-0123456789" or _NO_SMALL_INTEGER.search(written):
        return False
    return written.isascii() or not _BEYOND_THE_BASIC_PLANE.search(written)


def digest(content: bytes) -> str:
    """SHA-256 as 64 lower-case hex digits."""
    return hashlib.sha256(content).hexdigest()


def _with_large_integers_as_text(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _LARGEST:
        return str(int(value))
    if isinstance(value, dict):
        return {key: _with_large_integers_as_text(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_with_large_integers_as_text(each) for each in value]
    return value
