"""The Condition element: tests that must all hold.

One test is one key under one operator: it holds when the request's value fits any of the policy's values, or for a
negated operator none of them. Absent keys: a positive operator fails, a negated one and `…IfExists` hold,
`ForAllValues` holds, `ForAnyValue` fails, `Null` asks for just that.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec

from observant.analysis.iam.context import ABSENT, UNKNOWN, Context, Special
from observant.analysis.iam.operators import COMPARE, NEGATED, TAKES_VARIABLES
from observant.analysis.iam.template import Template, template
from observant.analysis.kleene import Kleene, either, negated

_QUANTIFIERS = {"forallvalues": "all", "foranyvalue": "any"}


class Malformed(ValueError):
    """A document is not what IAM takes."""


class Operator(msgspec.Struct, frozen=True):
    """What stands left of the keys: `ForAnyValue:StringNotLikeIfExists`."""

    compares: str
    """A name in COMPARE, or `null`; empty where the operator is none that AWS documents."""
    negated: bool = False
    quantifier: str = ""
    if_exists: bool = False


class Test(msgspec.Struct, frozen=True):
    """One key under one operator."""

    written: str
    """The operator as written."""
    operator: Operator
    name: str
    """The key as written."""
    key: str
    """The key in lower case."""
    values: tuple[Template, ...]

    def __str__(self) -> str:
        return f"{self.written} {self.name} {', '.join(each.written for each in self.values)}"

    def keys(self) -> Iterator[str]:
        """Every key whose value decides, variables included."""
        yield self.key
        for value in self.values:
            yield from value.keys()

    def holds(self, context: Context) -> Kleene:
        """True, false, or None where that depends on a value nobody knows."""
        operator, value = self.operator, context.get(self.key)
        if not operator.compares:
            return None
        if operator.compares == "null":
            return self._is_null(value)
        if value is UNKNOWN:
            return None
        if value is ABSENT:
            return operator.if_exists or operator.quantifier == "all" or (operator.negated and not operator.quantifier)
        filled = [each.filled(context) for each in self.values]
        if operator.negated and ABSENT in filled:
            return False
        given = (value,) if isinstance(value, str) else value
        if operator.quantifier == "all":
            return negated(either(negated(self._fits(one, filled)) for one in given))
        if operator.quantifier == "any" or not operator.negated:
            return either(self._fits(one, filled) for one in given)
        return negated(either(negated(self._fits(one, filled)) for one in given))

    def _fits(self, given: str, wanted: list[str | Special]) -> Kleene:
        compare = COMPARE[self.operator.compares]
        found = either(None if one is UNKNOWN else isinstance(one, str) and compare(given, one) for one in wanted)
        return negated(found) if self.operator.negated else found

    def _is_null(self, value: object) -> Kleene:
        if value is UNKNOWN:
            return None
        wanted = {each.written.lower() for each in self.values}
        return ("true" if value is ABSENT else "false") in wanted


@lru_cache(maxsize=1024)
def operator_of(written: str) -> Operator:
    """Read an operator's name; one that AWS does not document compares nothing."""
    quantifier, _, name = written.lower().rpartition(":")
    if quantifier and quantifier not in _QUANTIFIERS:
        return Operator("")
    if_exists = name.endswith("ifexists")
    name = name.removesuffix("ifexists")
    if name == "null":
        return Operator("" if if_exists or quantifier else "null")
    positive = NEGATED.get(name, name)
    if positive not in COMPARE:
        return Operator("")
    return Operator(positive, name in NEGATED, _QUANTIFIERS.get(quantifier, ""), if_exists)


def tests(condition: object, *, variables: bool) -> tuple[Test, ...]:
    """Read a Condition element. Raises Malformed where it is not what IAM takes."""
    if condition is None:
        return ()
    if not isinstance(condition, dict):
        raise Malformed("Condition is not a table")
    found: list[Test] = []
    for written, block in condition.items():
        if not isinstance(block, dict):
            raise Malformed(f"Condition {written} is not a table")
        operator = operator_of(written)
        fills = variables and operator.compares.startswith(TAKES_VARIABLES)
        for name, given in block.items():
            values = tuple(template(each, variables=fills) for each in _values(written, name, given))
            found.append(Test(written, operator, name, name.lower(), values))
    return tuple(found)


def _values(written: str, name: str, given: Any) -> Iterator[str]:  # noqa: ANN401 (straight from JSON)
    for each in given if isinstance(given, list) else [given]:
        if isinstance(each, bool):
            yield "true" if each else "false"
        elif isinstance(each, str | int | float):
            yield str(each)
        else:
            raise Malformed(f"Condition {written} {name} has a value that is no text")
