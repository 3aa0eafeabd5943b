"""The condition operators of IAM, on one value of the request and one value of the policy.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from observant.analysis.iam.arn import covers
from observant.analysis.iam.glob import matches
from observant.analysis.iam.template import literal

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Compare = Callable[[str, str], bool]
"""(value of the request, filled value of the policy) -> whether they fit"""


@lru_cache(maxsize=4096)
def number(text: str) -> Decimal | None:
    """A number, or None where the text is none."""
    try:
        found = Decimal(text.strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found.adjusted()) <= _DIGITS else None


_DIGITS = 40
"""Numbers beyond so many digits are no numbers to IAM."""

_FIRST, _LAST = Decimal(-62_135_510_400), Decimal(253_402_214_400)
"""The first and the last day that a calendar has, as seconds of the epoch."""


def instant(text: str) -> Decimal | None:
    """A moment as seconds of the epoch: ISO 8601 as W3C profiles it, or the seconds themselves."""
    found = _instant(text.strip())
    return found if found is not None and _FIRST < found < _LAST else None


@lru_cache(maxsize=4096)
def _instant(text: str) -> Decimal | None:
    if re.fullmatch(r"-?\d{5,}(\.\d+)?", text):
        return Decimal(text)
    if re.fullmatch(r"\d{4}(-\d\d)?", text):
        text = (text + "-01-01")[:10]
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return Decimal(str((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()))


@lru_cache(maxsize=4096)
def network(text: str) -> Network | None:
    """An address or a range, or None where the text is none."""
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def _bytes(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _within(given: str, wanted: str) -> bool:
    address, held = network(given), network(literal(wanted))
    if address is None or held is None or address.version != held.version:
        return False
    return int(held.network_address) <= int(address.network_address) <= int(held.broadcast_address)


def _binary(given: str, wanted: str) -> bool:
    one, other = _bytes(given), _bytes(literal(wanted))
    return one is not None and one == other


def _ordered(read: Callable[[str], Decimal | None], holds: Callable[[Decimal, Decimal], bool]) -> Compare:
    def compare(given: str, wanted: str) -> bool:
        one, other = read(given), read(literal(wanted))
        return one is not None and other is not None and holds(one, other)

    return compare


_ORDERS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "equals": lambda one, other: one == other,
    "lessthan": lambda one, other: one < other,
    "lessthanequals": lambda one, other: one <= other,
    "greaterthan": lambda one, other: one > other,
    "greaterthanequals": lambda one, other: one >= other,
}

COMPARE: dict[str, Compare] = {
    "stringequals": lambda given, wanted: given == literal(wanted),
    "stringequalsignorecase": lambda given, wanted: given.casefold() == literal(wanted).casefold(),
    "stringlike": lambda given, wanted: matches(wanted, given),
    "arnequals": lambda given, wanted: covers(wanted, given) is True,
    "arnlike": lambda given, wanted: covers(wanted, given) is True,
    "bool": lambda given, wanted: given.lower() == literal(wanted).lower() in ("true", "false"),
    "binaryequals": _binary,
    "ipaddress": _within,
    **{f"numeric{name}": _ordered(number, holds) for name, holds in _ORDERS.items()},
    **{f"date{name}": _ordered(instant, holds) for name, holds in _ORDERS.items()},
}
"""Operator, lower case -> comparison. A value that is none of its kind fits nothing."""

NEGATED = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
    "notipaddress": "ipaddress",
    "numericnotequals": "numericequals",
    "datenotequals": "dateequals",
}
"""Negated operator -> the one it is the opposite of."""

TAKES_VARIABLES = ("string", "arn")
"""Policy variables are filled in for operators that begin so; elsewhere `${…}` is text."""
