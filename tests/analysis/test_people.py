"""Who stands behind which account, and when access ended, to the second where an event tells."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from inventory.test_narrowing import ADA, DAYS, SCOPE, batch, call, snapshot
from observant.analysis.people.linking import Account, Declared, Linker, Person
from observant.analysis.people.timeline import workdays
from observant.collect.people import read_people
from observant.evidence.snapshot import Snapshot
from observant.model.interval import Interval
from observant.model.verdict import Verdict
from worlds.people import mapping
from worlds.workbench import Workbench, policy

ANA = Person("people:hr", "1", "Ana", "ana@example.com", None, None)
BOB = Person("people:hr", "2", "Bob", "bob@example.com", None, None)


def account(name: str = "ana", **more) -> Account:
    return Account("aws:1", f"arn:aws:iam::1:user/{name}", name, **more)


@pytest.mark.parametrize(
    ("rules", "given", "person"),
    [
        (["email"], account(emails=("ANA@example.com",)), ANA),
        (["email"], account(), None),
        (["email-name"], account("Ana"), ANA),
        (["email-name"], account("anabel"), None),
        (["employee-id"], account(employee_id="2"), BOB),
        (["tag:Employee"], account(tags=(("Employee", "2"),)), BOB),
        (["tag:Employee"], account(tags=(("Other", "2"),)), None),
        (["tag:Employee", "email-name"], account(tags=(("Employee", "9"),)), ANA),
        ([], account(), None),
    ],
)
def test_rules_link_in_their_order(rules, given, person):
    link = Linker([ANA, BOB], [], rules).link(given)

    assert (person, "person" if person else "unlinked") == (link.person, link.kind)
    assert link.why


def test_two_people_who_fit_are_nobody():
    twin = ANA._replace(id="3", email="ana@other.example")

    link = Linker([ANA, twin], [], ["email-name"]).link(account())

    assert ("unlinked", None) == (link.kind, link.person)
    assert "2 people fit" in link.why


def test_a_declaration_comes_first_and_needs_an_owner_who_exists():
    declared = [Declared("ana", "aws:*", "service", "2", None), Declared("robot", "*", "service", "9", None)]
    linker = Linker([ANA, BOB], declared, ["email-name"])

    assert ("service", BOB) == linker.link(account())[:2]
    assert "unlinked" == linker.link(account("robot")).kind


def evening(day: int) -> datetime:
    """Midnight in Berlin as the engine has it: UTC without saying so."""
    return datetime(2026, 6, day, 22, tzinfo=UTC).replace(tzinfo=None)


def test_worked_days_leave_out_weekends_and_holidays():
    rules = {"workweek": ["monday", "friday"], "holidays": ["2026-06-15"], "zone": "Europe/Berlin"}
    days = workdays(rules, [evening(12)])

    place = days.index(evening(12))  # the Friday is over at midnight in Berlin
    assert evening(19) == days[place + 1]  # the Monday is a holiday


def people(folder: Path, at: datetime, last_day: str = "", *, there: bool = True) -> Snapshot:
    folder.mkdir(exist_ok=True)
    rows = [["1", "Ada", "ada@example.com", "2024-01-02", last_day, ""]] if there else []
    rows.append(["2", "Bob", "bob@example.com", "2024-01-02", "", ""])
    return read_people(mapping(folder, rows, [], zone="UTC"), lambda: at, "ana@host")


def verdicts(bench: Workbench, check: str, member: str, **promised) -> list[tuple[str, datetime, datetime]]:
    evaluation = bench.evaluate(policy(DAYS[0].date() - timedelta(days=10), **promised), DAYS[-1] + timedelta(hours=1))
    span = Interval(DAYS[0], DAYS[-1] + timedelta(hours=1))
    return [
        (one.verdict, one.interval.start, one.interval.end)
        for one in evaluation.standing(span, set(Verdict), check)
        if one.member == member
    ]


@pytest.mark.parametrize("event", [True, False], ids=["with the event", "without it"])
def test_a_leaver_is_late_until_access_is_gone(tmp_path, event):
    bench = Workbench(tmp_path, DAYS[0])
    for day, gone in zip(DAYS, (False, False, True), strict=True):
        bench.record(snapshot(day, ada=not gone), people(tmp_path / "hr", day, "2026-01-31"))
    if event:
        bench.hear(batch(call("DeleteUser", userName="ada")))

    found = verdicts(bench, "people-leaver-aws", "1", leaver_removal={"within": "12 hours"})

    late = [(start, end) for verdict, start, end in found if verdict == Verdict.FAIL]
    removed = datetime.fromisoformat("2026-02-02T23:40:10+00:00") if event else DAYS[2]
    assert [removed] == [end for _, end in late]


def test_who_vanishes_from_the_export_has_left(tmp_path):
    bench = Workbench(tmp_path, DAYS[0])
    for day, there in zip(DAYS, (True, False, False), strict=True):
        bench.record(snapshot(day), people(tmp_path / "hr", day, there=there))

    found = verdicts(bench, "people-leaver-aws", "1", leaver_removal={"within": "12 hours"})

    assert Verdict.FAIL == found[-1][0]
    assert DAYS[1] + timedelta(hours=12) == found[-1][1]


def test_access_before_the_first_day_ends_with_it(tmp_path):
    bench = Workbench(tmp_path, DAYS[0])
    for day in DAYS:
        rows = [["1", "Ada", "ada@example.com", "2026-02-02", "", ""]] if day < DAYS[2] else []
        hr = mapping(tmp_path, [*rows, ["2", "Bob", "", "2024-01-02", "", ""]], [], zone="UTC")
        bench.record(snapshot(day), read_people(hr, lambda at=day: at, "ana@host"))

    found = verdicts(bench, "people-early-aws", "1")

    early = [(start, end) for verdict, start, end in found if verdict == Verdict.FAIL]
    assert [(DAYS[0], datetime(2026, 2, 2, tzinfo=UTC))] == early


def test_a_user_nobody_stands_behind_is_shown(tmp_path):
    bench = Workbench(tmp_path, DAYS[0])
    for day, there in zip(DAYS, (True, True, True), strict=True):
        bench.record(snapshot(day), people(tmp_path / "hr", day, there=there))
    evaluation = bench.evaluate(policy(DAYS[0].date()), DAYS[-1] + timedelta(hours=1))

    owners = [one for one in evaluation.now() if one.check == "aws-account-owner" and one.member]
    assert [(SCOPE, ADA, Verdict.PASS)] == [(one.scope, one.member, one.verdict) for one in owners]
