"""Values of condition keys that between them make every test come out every way it can.

`complete` says whether that is certain: it is for texts, ARNs, numbers, moments, addresses and truth values as long as
a key is compared in one of these ways only and no policy variable ties two open keys together.
"""

import ipaddress
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain, combinations, pairwise

import msgspec

from observant.analysis.iam.catalogue import catalogue
from observant.analysis.iam.conditions import Test
from observant.analysis.iam.context import ABSENT, ALWAYS_PRESENT, UNKNOWN, Context, Special, Value
from observant.analysis.iam.document import Statement
from observant.analysis.iam.glob import STAR, shown
from observant.analysis.iam.language import arn_classes, text_classes
from observant.analysis.iam.operators import Network, instant, network, number

_MOST_ELEMENTS = 6
_TRUTHS = ("true", "false")
_TRUTH_KEYS = frozenset(
    {"aws:multifactorauthpresent", "aws:securetransport", "aws:viaawsservice", "aws:principalisawsservice"}
)
_NOW_KEYS = frozenset({"aws:currenttime", "aws:epochtime"})


class Samples(msgspec.Struct, frozen=True):
    values: dict[str, list[Value | Special]]
    """Lower-case key -> what it may be."""
    names: dict[str, str]
    """Lower-case key -> as some policy writes it."""
    complete: bool


def samples(statements: Iterable[Statement], context: Context, resource: str | None = None) -> Samples:
    """Samples for every key that leaves one of these statements open."""
    tests: dict[str, list[Test]] = {}
    variables: dict[str, list[str]] = {}
    for statement in statements:
        for test in statement.tests:
            tests.setdefault(test.key, []).append(test)
            for key in chain.from_iterable(value.keys() for value in test.values):
                variables.setdefault(key, []).append("x")
        for key in chain.from_iterable(each.keys() for each in statement.resources):
            variables.setdefault(key, []).extend(_captured(resource))
    tied = [text for key, texts in variables.items() if context.get(key) is UNKNOWN for text in texts]
    found: dict[str, list[Value | Special]] = {}
    complete = not tied
    for key in sorted(key for key in {*tests, *variables} if context.get(key) is UNKNOWN):
        values, known = key_samples(key, tests.get(key, []), context)
        found[key] = list(dict.fromkeys([*values, *tied, *(["y"] if tied else [])]))
        complete = complete and known
    names = {key: tests[key][0].name if key in tests else key for key in found}
    return Samples(found, names, complete)


def _captured(resource: str | None) -> list[str]:
    """What a variable inside a Resource might have to be: the parts of the resource asked about."""
    parts = (resource or "").split(":", 5)[-1].split("/")
    return [part for part in parts if part] + ["x"]


def key_samples(key: str, tests: list[Test], context: Context) -> tuple[list[Value | Special], bool]:
    """What one key may be, and whether that is all there is."""
    if key in _TRUTH_KEYS:
        values: list[str] = list(_TRUTHS)
        complete = all(test.operator.compares for test in tests)
    else:
        values, complete = _values(key, tests, context)
    found: list[Value | Special] = []
    quantified = any(test.operator.quantifier for test in tests)
    if quantified:
        sets, all_of_them = _sets(values)
        found += sets
        complete = complete and all_of_them
    if not quantified or any(not test.operator.quantifier and test.operator.compares != "null" for test in tests):
        found += values
    if key not in ALWAYS_PRESENT:
        found.append(ABSENT)
    return found, complete


def _sets(values: list[str]) -> tuple[list[tuple[str, ...]], bool]:
    if len(values) <= _MOST_ELEMENTS:
        return [one for size in range(1, len(values) + 1) for one in combinations(values, size)], True
    return [*((one,) for one in values), *combinations(values[:_MOST_ELEMENTS], 2), tuple(values)], False


_FAMILIES = {"string": "text", "arn": "arn", "numeric": "number", "date": "moment", "ip": "address", "bool": "truth"}


def _values(key: str, tests: list[Test], context: Context) -> tuple[list[str], bool]:
    by_family: dict[str, list[Test]] = {}
    complete = True
    for test in tests:
        compares = test.operator.compares
        family = next((name for prefix, name in _FAMILIES.items() if compares.startswith(prefix)), "other")
        if compares != "null":
            by_family.setdefault(family, []).append(test)
    found: list[str] = []
    for family, held in by_family.items():
        wanted = [text for test in held for value in test.values if isinstance(text := value.filled(context), str)]
        values, known = _SAMPLERS[family](wanted, held)
        found += values
        complete = complete and known
    if key in _NOW_KEYS:
        found = [value for value in found if (instant(value) or Decimal(0)) >= _TODAY]
        found.append(datetime.fromtimestamp(int(_TODAY), UTC).isoformat())
    return found or ["x"], complete and len(by_family) < 2


_TODAY = instant(catalogue().taken) or Decimal(0)
"""No request is from before the day our catalogue was made."""


def _texts(wanted: list[str], tests: list[Test]) -> tuple[list[str], bool]:
    exact = [_plain(text) for text in wanted]
    folded = any("ignorecase" in test.operator.compares for test in tests)
    like = any(test.operator.compares == "stringlike" for test in tests)
    # A pattern of StringLike has wildcards; the values of the other operators are plain text.
    patterns = wanted if like else exact
    classes = text_classes(tuple(dict.fromkeys([*patterns, *(exact if like else [])])))
    found = list(classes.examples.values())
    if folded:
        found += [swapped for text in wanted if (swapped := shown(text).swapcase()) not in found]
    return found, classes.complete and not (folded and like)


def _plain(text: str) -> str:
    """The text with its wildcards read as plain characters."""
    return shown(text)


def _arns(wanted: list[str], _tests: list[Test]) -> tuple[list[str], bool]:
    classes = arn_classes(tuple(dict.fromkeys(wanted)) or (STAR,))
    return list(classes.examples.values()), classes.complete


def _numbers(wanted: list[str], _tests: list[Test]) -> tuple[list[str], bool]:
    return [f"{one:f}" for one in _around([number(shown(text)) for text in wanted])], True


def _moments(wanted: list[str], _tests: list[Test]) -> tuple[list[str], bool]:
    seconds = _around([instant(shown(text)) for text in wanted])
    return [datetime.fromtimestamp(int(one), UTC).isoformat() for one in seconds], True


def _around(points: list[Decimal | None]) -> list[Decimal]:
    """Every point, and something before, between and after them."""
    known = sorted({one for one in points if one is not None})
    if not known:
        return [Decimal(0)]
    between = [(one + other) / 2 for one, other in pairwise(known)]
    return sorted([known[0] - 1, *known, *between, known[-1] + 1])


def _addresses(wanted: list[str], _tests: list[Test]) -> tuple[list[str], bool]:
    """One address inside each range and outside those it contains, and one outside all, of either version."""
    given = {_range(held) for text in wanted if (held := network(shown(text))) is not None}
    whole = {_range(ipaddress.ip_network("0.0.0.0/0")), _range(ipaddress.ip_network("2000::/3"))}
    found = {_address(held, given) for held in given | whole}
    return sorted(found - {""}), True


def _range(held: Network) -> tuple[int, int, int]:
    return held.version, int(held.network_address), int(held.broadcast_address)


def _address(held: tuple[int, int, int], given: set[tuple[int, int, int]]) -> str:
    """Some address of a range outside all given ranges that it contains; empty where they fill it."""
    version, at, end = held
    for other, first, last in sorted(given - {held}):
        if other == version and first <= at <= last and (first, last) != (held[1], end) and held[1] <= first:
            at = last + 1
    if at > end:
        return ""
    return str(ipaddress.IPv4Address(at) if version == 4 else ipaddress.IPv6Address(at))


def _truths(_wanted: list[str], _tests: list[Test]) -> tuple[list[str], bool]:
    return list(_TRUTHS), True


def _others(wanted: list[str], _tests: list[Test]) -> tuple[list[str], bool]:
    """Binary values, and operators that nobody documents."""
    return [*(shown(text) for text in wanted), "T2JzZXJ2YW50"], False


_SAMPLERS = {
    "text": _texts,
    "arn": _arns,
    "number": _numbers,
    "moment": _moments,
    "address": _addresses,
    "truth": _truths,
    "other": _others,
}
