"""The fast path writes what RFC 8785 asks for, for every JSON value."""

import json
import math
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from observant.evidence.canonical import canonical

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
INTEGERS = st.integers(-(2**53) + 1, 2**53 - 1)
NUMBERS = INTEGERS | st.floats(allow_nan=False, allow_infinity=False)


def values(numbers: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        st.none() | st.booleans() | numbers | TEXT,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
        max_leaves=12,
    )


@given(values(NUMBERS))
@example({"\U0001f600": 1, "\ufb33": 2})
@example([1e21, 1e-7, 0.000001, -0.0, 5e-324, 1e16, 123456789012345.6])
@example({"a": 9007199254740991, "b": -9007199254740991})
@example('\x00\x1f\x7f\u2028\\"/')
def test_equals_the_definition(value: Any):
    assert rfc8785.dumps(value) == canonical(value)


@given(values(INTEGERS | st.floats(-1e15, 1e15)))  # a larger float is written like an integer and read back as one
def test_is_a_fixed_point(value: Any):
    assert canonical(json.loads(canonical(value))) == canonical(value)


@given(st.integers())
def test_no_integer_is_lost(number: int):
    assert number == int(json.loads(canonical([number]))[0])


@pytest.mark.parametrize("value", [math.nan, math.inf, "\ud800", {"\ud800": 1}])
def test_refuses_what_json_cannot_say(value: Any):
    with pytest.raises(ValueError, match=r"."):
        canonical(value)


@pytest.mark.parametrize("value", [b"bytes", {1, 2}, object()])
def test_refuses_what_is_not_json(value: Any):
    with pytest.raises(TypeError):
        canonical(value)
