import msgspec

from observant.model.interval import Interval
from observant.model.verdict import Verdict
from observant.reports.text import control_rows, strip, summary
from reports.sample import DEV, END, START, result, timeline


def test_the_summary_of_the_sample():
    assert """DEMO DATA: a fictional company; evidence of nothing real
Period 2026-01-01 to 2026-12-31 (UTC, both days included)
""" == "".join(summary(result()).splitlines(keepends=True)[:2])
    assert """✕ AC-02  Access keys are short-lived: exceptions noted
  xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
  aws-access-key-rotation: 2 exceptions of 2 of 14 access keys; unknown in 1 stretches of time
  days without complete evidence: 2026-07-20 to 2026-07-29
  1 required occurrence missing, the first due by 2026-07-24 00:00Z: iam.credential_report: denied
? AC-03  Access configuration is recorded daily: insufficient evidence
  ====================================================????========================================
""" in summary(result())


def test_lasting_exceptions_come_first_and_nothing_hides():
    text = summary(result())

    lines = text.splitlines()
    first = lines.index("Exceptions: 2 of 2, those that last first") + 1
    assert "  2026-01-01 00:00Z to now " in lines[first]
    assert "\u202e" not in text


def test_lines_keep_to_the_width():
    assert [] == [line for line in summary(result(), width=60).splitlines()[5:] if len(line) > 60]


def test_a_strip_shows_the_worst_and_what_was_not_judged():
    year = Interval(START, END)
    judged = timeline(
        (0, Verdict.PASS), (180, Verdict.FAIL), (181, Verdict.NOT_APPLICABLE), until=START.replace(month=11)
    )

    assert "=====x----.." == strip(judged, year, 12)
    assert "............" == strip([], year, 12)


def test_nothing_at_all():
    of = msgspec.structs.replace(result(), controls=[])

    assert "No control is written down yet" in summary(of)
    assert [] == control_rows(of)


def test_rows_for_a_table():
    assert ("AC-02", "Access keys are short-lived", "exceptions noted", "2", "1", "355 of 365", "103 of 104") == (
        control_rows(result())[1]
    )
    assert DEV not in str(control_rows(result()))
