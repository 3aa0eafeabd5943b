from datetime import UTC, date, datetime, timedelta

import pytest

from observant.reports.visible import clipped, shown, visible
from observant.reports.words import count_words, days_words, moment_words, share_words, span_words


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(days=3, hours=4, minutes=5), "3 days 4 h"),
        (timedelta(days=1), "1 day"),
        (timedelta(hours=12, minutes=5, seconds=7), "12 h 5 min"),
        (timedelta(seconds=40), "40 s"),
        (timedelta(), "0 s"),
    ],
)
def test_spans(span, words):
    assert words == span_words(span)


@pytest.mark.parametrize(
    ("part", "words"),
    [(0, "0 %"), (1, "under 0.1 %"), (5_000, "50.0 %"), (9_999, "over 99.9 %"), (10_000, "100 %")],
)
def test_shares_never_round_to_all_or_nothing(part, words):
    assert words == share_words(timedelta(seconds=part), timedelta(seconds=10_000))


def test_a_share_of_no_time():
    assert "no time" == share_words(timedelta(), timedelta())


def test_moments_have_seconds_only_where_there_are_some():
    assert "2026-03-01 04:05Z" == moment_words(datetime(2026, 3, 1, 4, 5, tzinfo=UTC))
    assert "2026-03-01 04:05:06Z" == moment_words(datetime(2026, 3, 1, 4, 5, 6, tzinfo=UTC))


def test_runs_of_days():
    days = [date(2026, 3, 1), *(date(2026, 7, 20) + timedelta(days=one) for one in range(3)), date(2026, 9, 1)]

    assert "2026-03-01, 2026-07-20 to 2026-07-22, 2026-09-01" == days_words(days)
    assert "2026-03-01 and 4 more" == days_words(days, 1)


def test_counts():
    assert ["no keys", "1 key", "1,234 keys"] == [count_words(one, "key") for one in (0, 1, 1234)]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("ann", "ann"),
        ("Zoë 日本", "Zoë 日本"),
        ("ann\u202enimda", "ann⟨U+202E⟩nimda"),
        ("a\nb\x00\x1b[31m", "a⟨U+000A⟩b⟨U+0000⟩⟨U+001B⟩[31m"),
        ("adm\u200bin\u00a0x\ufeff", "adm⟨U+200B⟩in⟨U+00A0⟩x⟨U+FEFF⟩"),
    ],
)
def test_nothing_hides(text, seen):
    assert seen == visible(text)


def test_html_is_escaped_around_what_is_spelled_out():
    assert '<bdi>&lt;b&gt;<span class="unseen">U+202E</span></bdi>' == shown("<b>\u202e")
    assert "&lt;b&gt;" == shown("<b>")


def test_clipping():
    assert ["abc", "ab…"] == [clipped("abc", 3), clipped("abcd", 3)]
