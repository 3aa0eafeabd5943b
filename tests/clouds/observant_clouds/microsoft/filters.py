"""OData's `$filter`: the part of the language that Graph understands, as predicates over JSON objects.

A filter on a property that a resource does not support is refused with 400, as Graph refuses it.
https://learn.microsoft.com/graph/filter-query-parameter
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from observant_clouds.microsoft.message import Refusal
from observant_clouds.microsoft.state import Json, read

Predicate = Callable[[Any], bool]

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>'(?:[^']|'')*')
      | (?P<moment>\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))
      | (?P<guid>[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})
      | (?P<number>-?\d+(?:\.\d+)?)
      | (?P<name>[A-Za-z_][\w.]*(?:/[A-Za-z_$][\w.]*)*)
      | (?P<mark>[(),:])
    )""",
    re.VERBOSE,
)
_COMPARISONS = ("eq", "ne", "gt", "ge", "lt", "le", "in")
_ADVANCED = {"ne", "not", "endswith", "contains"}
_LITERALS = {"true": True, "false": False, "null": None}


def bad_filter(message: str) -> Refusal:
    return Refusal(400, "BadRequest", f"Invalid filter clause: {message}")


class Filter:
    """A parsed filter: `matches(object)`, the properties it `uses` with their operators, whether it is `advanced`."""

    def __init__(self, text: str) -> None:
        self.tokens = _tokens(text)
        self.place = 0
        self.uses: set[tuple[str, str]] = set()
        self._variables: dict[str, str] = {}
        self.matches: Predicate = self._either()
        if self.place != len(self.tokens):
            raise bad_filter(f"unexpected '{self.tokens[self.place][1]}'")

    @property
    def advanced(self) -> bool:
        return any(operator in _ADVANCED for _, operator in self.uses)

    def check(self, supported: Mapping[str, str], resource: str) -> None:
        """Raises the refusal Graph answers when a property or operator is not among `supported`."""
        for path, operator in sorted(self.uses):
            if operator not in (*supported.get(path, "").split(), "not"):
                what = f"property '{path}' of resource '{resource}'"
                message = f"Unsupported or invalid query filter clause specified for {what}."
                raise Refusal(400, "Request_UnsupportedQuery", message)

    # -- the grammar: or, and, not, a comparison

    def _either(self) -> Predicate:
        sides = [self._both()]
        while self._word("or"):
            sides.append(self._both())
        return sides[0] if len(sides) == 1 else lambda one: any(side(one) for side in sides)

    def _both(self) -> Predicate:
        sides = [self._one()]
        while self._word("and"):
            sides.append(self._one())
        return sides[0] if len(sides) == 1 else lambda one: all(side(one) for side in sides)

    def _one(self) -> Predicate:
        if self._word("not"):
            inner = self._one()
            self.uses |= {(path, "not") for path, _ in self.uses}
            return lambda one: not inner(one)
        if self._mark("("):
            inner = self._either()
            self._expect(")")
            return inner
        kind, name = self._next()
        if kind != "name":
            raise bad_filter(f"a property was expected, not '{name}'")
        if name.lower() in ("startswith", "endswith", "contains"):
            return self._function(name.lower())
        if name.rpartition("/")[2] in ("any", "all"):
            return self._lambda(*name.rsplit("/", 1))
        return self._comparison(name)

    def _function(self, name: str) -> Predicate:
        self._expect("(")
        path = self._next()[1]
        self._expect(",")
        wanted = str(self._literal()).lower()
        self._expect(")")
        self.uses.add((self._full(path), name))
        test = {"startswith": str.startswith, "endswith": str.endswith, "contains": str.__contains__}[name]
        return lambda one: test(str(value_at(one, path) or "").lower(), wanted)

    def _lambda(self, path: str, quantifier: str) -> Predicate:
        self._expect("(")
        variable = self._next()[1]
        self._expect(":")
        self._variables[variable] = self._full(path)
        inner = self._either()
        self._expect(")")
        test = any if quantifier == "any" else all
        return lambda one: test(inner({variable: each}) for each in value_at(one, path) or [])

    def _comparison(self, path: str) -> Predicate:
        operator = self._next()[1]
        if operator not in _COMPARISONS:
            raise bad_filter(f"'{operator}' is not an operator")
        wanted = self._list() if operator == "in" else self._literal()
        self.uses.add((self._full(path), operator))
        return lambda one: _compare(value_at(one, path), operator, wanted)

    def _full(self, path: str) -> str:
        """The path as the resource knows it: a lambda's variable stands for the collection it runs over."""
        head, _, rest = path.partition("/")
        base = self._variables.get(head)
        return path if base is None else f"{base}/{rest}".rstrip("/")

    def _list(self) -> list[Any]:
        self._expect("(")
        found = [self._literal()]
        while self._mark(","):
            found.append(self._literal())
        self._expect(")")
        return found

    def _literal(self) -> Any:
        kind, text = self._next()
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind == "moment":
            return read(text)
        if kind == "number":
            return float(text)
        if kind == "guid":
            return text
        if text in _LITERALS:
            return _LITERALS[text]
        raise bad_filter(f"a value was expected, not '{text}'")

    # -- tokens

    def _next(self) -> tuple[str, str]:
        if self.place >= len(self.tokens):
            raise bad_filter("it ends too early")
        self.place += 1
        return self.tokens[self.place - 1]

    def _word(self, word: str) -> bool:
        return self._take("name", word)

    def _mark(self, mark: str) -> bool:
        return self._take("mark", mark)

    def _take(self, kind: str, text: str) -> bool:
        if self.place < len(self.tokens) and self.tokens[self.place] == (kind, text):
            self.place += 1
            return True
        return False

    def _expect(self, mark: str) -> None:
        if not self._mark(mark):
            raise bad_filter(f"'{mark}' was expected")


def _tokens(text: str) -> list[tuple[str, str]]:
    found, place = [], 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if match is None:
            raise bad_filter(f"cannot read '{text[place:].strip()[:20]}'")
        kind = str(match.lastgroup)
        found.append((kind, match.group(kind)))
        place = match.end()
    return found


def value_at(one: Any, path: str) -> Any:
    """The value at a path like `signInActivity/lastSignInDateTime`; None when a step is missing."""
    for step in path.split("/"):
        one = one.get(step) if isinstance(one, dict) else None
    return one


def _compare(value: Any, operator: str, wanted: Any) -> bool:
    if operator == "in":
        return any(_equal(value, each) for each in wanted)
    if operator in ("eq", "ne"):
        return _equal(value, wanted) == (operator == "eq")
    if value is None or wanted is None:
        return False
    left: Any = read(value) if isinstance(wanted, datetime) else value
    held: bool = {"gt": left > wanted, "ge": left >= wanted, "lt": left < wanted, "le": left <= wanted}[operator]
    return held


def _equal(value: Any, wanted: Any) -> bool:
    if isinstance(value, str) and isinstance(wanted, str):
        return value.lower() == wanted.lower()
    if isinstance(value, str) and isinstance(wanted, datetime):
        return read(value) == wanted
    return bool(value == wanted)


def chosen(
    objects: list[Json], text: str | None, supported: Mapping[str, str], resource: str
) -> tuple[list[Json], bool]:
    """The objects a filter lets through, and whether it needs the advanced query engine."""
    if text is None:
        return objects, False
    parsed = Filter(text)
    parsed.check(supported, resource)
    return [each for each in objects if parsed.matches(each)], parsed.advanced
