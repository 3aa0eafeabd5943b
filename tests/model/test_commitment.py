from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observant.model.commitment import Commitment, ParameterKind, duration, in_words, parameter
from observant.model.kinds import KINDS
from observant.model.time import FOREVER


@given(st.integers(1, 999_999))
def test_a_duration_reads_back_as_written(minutes: int) -> None:
    span = timedelta(minutes=minutes)

    assert span == duration(in_words(span))


@pytest.mark.parametrize("written", ["", "90", "days", "-3 days", "1.5 days", "90 days and more", "99999999 days"])
def test_what_is_not_a_duration_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        duration(written)


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("number", True),
        ("number", -1),
        ("number", "14"),
        ("flag", 1),
        ("duration", 90),
        ("patterns", "x"),
        ("patterns", [1]),
    ],
)
def test_a_parameter_of_the_wrong_type_is_refused(type_: str, value: object) -> None:
    with pytest.raises(ValueError, match="is not"):
        parameter(ParameterKind(type_, required=True, explains=""), value)


def test_a_commitment_is_in_force_from_its_first_day_through_its_last() -> None:
    one = Commitment("x", "doc", "1", "s", date(2025, 1, 1), {}, until=date(2025, 6, 30))

    assert datetime(2025, 1, 1, tzinfo=UTC) == one.valid_from
    assert datetime(2025, 7, 1, tzinfo=UTC) == one.valid_to
    assert FOREVER == Commitment("x", "doc", "1", "s", date(2025, 1, 1), {}).valid_to


def test_every_kind_is_filed_under_its_own_name() -> None:
    assert {name: name for name in KINDS} == {name: kind.name for name, kind in KINDS.items()}
