"""`observant risk`: a register of records, in which an acceptance changes no verdict and ends."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from observant.cli.program import run
from observant.period.conclusion import ControlException
from observant.risks.register import Register, in_words
from observant.risks.risk import USUAL, Scale

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def risk(tmp_path, capsys):
    assert 0 == run(["init", str(tmp_path / "w"), "--company", "Example"])

    def called(*arguments: str, code: int = 0) -> object:
        capsys.readouterr()
        assert code == run(["-w", str(tmp_path / "w"), "risk", *arguments, *(["--json"] if code == 0 else [])])
        told = capsys.readouterr()
        return json.loads(told.out) if code == 0 else told.err

    return called


NEW = ("--title", "Vendor's key", "--owner", "Ada", "--likelihood", "4", "--impact", "3", "--treatment", "mitigate")


def test_a_risk_is_assessed_accepted_and_withdrawn(risk):
    made = risk("assess", *NEW, "--exception", "aws-access-key-*=*vendor*")
    later = risk("assess", "R-1", "--likelihood", "2", "--plan", "rotate it by May")

    assert ("R-1", 4, 2, 3) == (made["id"], made["likelihood"], later["likelihood"], later["impact"])
    (listed,) = risk("list")
    assert ("medium", "", "rotate it by May") == (listed["level"], listed["accepted"], listed["risk"]["plan"])
    until = (date.today() + timedelta(days=30)).isoformat()  # noqa: DTZ011
    risk(
        "accept",
        "R-1",
        "--by",
        "Ivan",
        "--reason",
        "the vendor is slow",
        "--instead",
        "calls are watched",
        "--until",
        until,
    )
    assert "accepted by Ivan" in risk("list")[0]["accepted"]
    risk("accept", "R-1", "--withdraw", "it was rotated")
    assert "" == risk("list")[0]["accepted"]
    risk("assess", "R-1", "--close", "rotated")
    assert ([], 1) == (risk("list"), len(risk("list", "--all")))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("assess", "--title", "x"), "a new risk needs owner, likelihood, impact, treatment"),
        (("assess", *NEW[:-4], "--impact", "9", "--treatment", "avoid"), "is not on the scale"),
        (("assess", "R-9", "--impact", "1"), "there is no risk 'R-9'"),
        (("accept", "R-9", "--by", "x", "--reason", "x", "--instead", "x", "--until", "2020-01-01"), "no risk"),
        (("accept", "R-9", "--by", "x"), "an acceptance needs"),
    ],
)
def test_what_is_refused(risk, arguments, said):
    assert said in risk(*arguments, code=2)


def registered(*acceptances: tuple[datetime, dict]) -> Register:
    covers = [{"check": "aws-root-mfa", "label": "root*"}]
    scale = {"likelihood": ["a", "b"], "impact": ["a", "b"], "levels": {"low": 1}}
    content = {"id": "R-1", "title": "t", "owner": "o", "likelihood": 1, "impact": 2, "scale": scale, "covers": covers}
    records = [("risk", 1, NOW, content | {"treatment": "accept"})]
    records += [("acceptance", 2 + n, at, {"risk": "R-1", **said}) for n, (at, said) in enumerate(acceptances)]
    return Register(records)


def failing(start: datetime, end: datetime | None, label: str = "root user") -> ControlException:
    return ControlException("aws-root-mfa", "aws:1", "m", label, start, end, "no MFA", None, None)


SAID = {"accepted_by": "Ivan", "reason": "late", "compensating": "alarm", "until": "2026-03-10"}


def test_an_acceptance_covers_what_it_names_while_it_lasts_and_not_before():
    register = registered((NOW, SAID))

    assert [2] == [one.record for one in register.of(failing(NOW - timedelta(days=9), None))]
    assert [] == register.of(failing(NOW - timedelta(days=9), NOW))
    assert [] == register.of(failing(NOW, None, label="somebody"))
    assert [] == register.of(failing(datetime(2026, 3, 11, tzinfo=UTC), None))
    assert register.accepted("R-1", datetime(2026, 3, 10, 23, 59, tzinfo=UTC))
    assert None is register.accepted("R-1", datetime(2026, 3, 11, tzinfo=UTC))


def test_a_newer_acceptance_or_a_withdrawal_ends_the_one_before():
    after = NOW + timedelta(days=2)
    again = registered((NOW, SAID), (after, SAID | {"until": "2026-04-01"}))
    withdrawn = registered((NOW, SAID), (after, SAID | {"withdrawn": "done"}))

    assert [after, datetime(2026, 4, 2, tzinfo=UTC)] == [one.ends for one in again.acceptances]
    assert [after] == [one.ends for one in withdrawn.acceptances]
    said = in_words(withdrawn.of(failing(NOW, None)), after)
    assert said.startswith("risk R-1 accepted by Ivan from 2026-03-01 12:00 UTC")
    assert ", ended on 2026-03-03 12:00 UTC: late; instead: alarm" in said


def test_levels_are_the_organizations_own():
    own = Scale(["seldom", "often"], ["small", "large"], {"fine": 1, "bad": 4})

    assert ["fine", "bad"] == [own.level(1, 2), own.level(2, 2)]
    assert ["low", "medium", "high", "critical"] == [USUAL.level(*each) for each in ((1, 4), (1, 5), (2, 5), (5, 4))]
