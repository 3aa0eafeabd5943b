import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observant.reports.cells import harmless, harmless_line, one_line, original

_ANYTHING = st.text(st.characters(codec="utf-8"))
_STARTERS = "=+-@＝＋－＠﹦﹢﹣﹫"


@given(_ANYTHING)
def test_text_survives(text):
    assert text == original(harmless(text))


@given(st.text("\\'=+-@u0aAf \t\r\n\u202e;\"#"))
def test_text_of_nothing_but_risk_survives(text):
    assert text == original(harmless(text))


def test_a_lone_surrogate_survives_and_can_be_written():
    assert ("\ud800x", True) == (original(harmless("\ud800x")), harmless("\ud800x").encode() != b"")


@given(_ANYTHING)
def test_no_cell_has_a_line_end_or_a_character_that_does_not_show(text):
    unseen = [one for one in harmless(text) if unicodedata.category(one) in {"Cc", "Zl", "Zp"} or one in "\u202e\u2066"]

    assert [] == unseen


@given(st.text(" \t\r\n\u00a0\u3000\u200b\ufeff\u202e"), st.sampled_from(_STARTERS), _ANYTHING)
def test_formulas_never_stand_first(blanks, starter, rest):
    assert harmless(blanks + starter + rest).startswith("'")


@given(st.text("abc;=+@ \"'", min_size=1))
def test_formulas_never_stand_after_a_semicolon(text):
    assert not re.search(r";[\s\"']*[=+\-@]", harmless(text))


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:iam::111122223333:user/ann",
        "ACME\\ann",
        "ann+audit@example.com",
        "O'Neil",
        "#1",
        "a, b; c",
        "日本",
        "שלום",
    ],
)
def test_ordinary_text_is_left_alone(text):
    assert text == harmless(text)


def test_the_documented_spelling():
    assert "'=ACME\\\\ann" == harmless("=ACME\\ann")
    assert "'a\\u000ab" == harmless("a\nb")


@given(_ANYTHING)
def test_a_line_of_the_header_is_one_line(text):
    assert [] == [one for one in one_line(text) if one in "\n\r\x00\u2028\u202e"]


@given(st.text("abc,;=+@ \\\"'\n"))
def test_formulas_never_stand_after_a_comma_of_a_header(text):
    line = harmless_line(text)

    assert not re.search(r"[;,][\s\"']*[=+\-@]", line)
    assert text == original(line)
