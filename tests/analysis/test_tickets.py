"""From a change to its ticket and back: which rule finds it, how sure that is, and what stays unknown."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from observant.analysis.actors import Actor
from observant.analysis.people.linking import Person
from observant.analysis.tickets.identity import Named, same
from observant.analysis.tickets.made import Made, act_of
from observant.analysis.tickets.matching import Tickets
from observant.analysis.tickets.meaning import PULL_REQUEST, Approval, Ticket, Who
from observant.analysis.tickets.unread import unread_logs
from observant.checks import commitments
from observant.checks.registry import CHECKS
from observant.collect.people import read_people
from observant.collect.tickets.collector import collect_tickets
from observant.evidence.log import Draft
from observant.evidence.snapshot import Collection, Snapshot
from observant.inventory.projection import Inventory
from observant.model.interval import Interval
from observant.model.time import text
from observant.period.evaluate import Evaluation
from observant.period.registers import REGISTERS, rows_of
from observant_clouds.aws import DEFAULT_ACCOUNT
from worlds.people import mapping
from worlds.tickets import COMMIT, event, heard, tracker
from worlds.workbench import Workbench, policy, without

SCOPE = f"aws:{DEFAULT_ACCOUNT}"
NIGHT = datetime(2025, 6, 2, 23, 40, tzinfo=UTC)
EVENT = "0e1f2a3b-0000-4000-8000-00000000abcd"
ADA, BOB = (Person("people:hr", one, name, None, None, None) for one, name in (("1", "Ada"), ("2", "Bob")))


# -- rules, one by one


class Names:
    """A directory in which everybody is known by the name of their account."""

    def actor(self, scope: str, actor: Actor, at: datetime) -> Named:
        return self.who(scope, Who(actor.name, None), at)

    def who(self, scope: str, who: Who, at: datetime) -> Named:
        person = {"ada": ADA, "bob": BOB}.get(who.id)
        return Named(scope, frozenset({who.id}), person)


def naive(hours: float) -> datetime:
    return (NIGHT + timedelta(hours=hours)).replace(tzinfo=None)


def one(name: str, *names: str, by: str = "ada", **changed: Any) -> Ticket:
    given: dict[str, Any] = {
        "scope": "tickets:t",
        "id": name,
        "title": "",
        "purpose": "change",
        "status": "",
        "cancelled": False,
        "requester": Who(by, None),
        "implementer": None,
        "created": naive(-5),
        "closed": None,
        "approvals": (Approval(Who("chief", None), naive(-2)),),
        "names": frozenset(names),
        "commits": frozenset(),
        "repository": "",
        "merged": None,
        "record": 1,
    }
    return Ticket(**(given | changed))


def merged(name: str, hours: float, commit: str = "") -> Ticket:
    repository = name.partition("#")[0]
    return one(name, purpose=PULL_REQUEST, repository=repository, merged=naive(hours), commits=frozenset({commit}))


def made(*said: tuple[str, str], repositories: tuple[str, ...] = (), by: str = "ada") -> Made:
    actor = Actor(by, "user", "caller")
    resources = frozenset({"deployment", "hotfix"})
    return Made(
        *(SCOPE, EVENT, "AttachRolePolicy", naive(0), 1, "AttachRolePolicy", "grant", "grant", "deployment", actor),
        *(tuple(said), frozenset(repositories), resources, ""),
    )


PULLS = [
    merged("acme/app#6", -8, "a" * 40),
    merged("acme/app#7", -0.5, COMMIT),
    merged("acme/app#8", 2, "b" * 40),
    merged("acme/other#9", -0.1, "c" * 40),
]
NAME, TAG = "role session name", "session tag"

CASES = {
    "id in a name": (made((NAME, "ada-CHG-1")), [one("CHG-1")], "CHG-1", "named"),
    "id of another spelling": (made((TAG, "chg0030002")), [one("CHG0030002")], "CHG0030002", "named"),
    "id that no pattern knows": (made((TAG, "2025/7")), [one("2025/7")], "2025/7", "named"),
    "longer id is another": (made((NAME, "ada-CHG-12")), [one("CHG-1")], None, None),
    "id inside a word is none": (made((NAME, "XCHG-1")), [one("CHG-1")], None, None),
    "event in the ticket": (made(), [one("CHG-1", EVENT, by="bob")], "CHG-1", "named"),
    "commit": (made((NAME, f"deploy-{COMMIT[:9]}")), PULLS, "acme/app#7", "traced"),
    "another commit": (made((NAME, "deploy-4f1c0dea")), PULLS, None, None),
    "number of a pull request": (
        made((TAG, "pr-6"), repositories=("acme/app",)),
        PULLS,
        "acme/app#6",
        "traced",
    ),
    "number in no repository": (made((TAG, "pr-6")), PULLS, None, None),
    "last merge before the workflow": (made(repositories=("acme/app",)), PULLS, "acme/app#7", "traced"),
    "merged a day earlier": (made(repositories=("acme/app",)), [merged("acme/app#1", -25)], None, None),
    "resource, time and person": (made(), [one("CHG-1", "deployment")], "CHG-1", "likely"),
    "somebody else's": (made(), [one("CHG-1", "deployment", by="bob")], "CHG-1", "possible"),
    "another thing": (made(), [one("CHG-1", "payroll")], None, None),
    "closed long before": (made(), [one("CHG-1", "deployment", created=naive(-99), closed=naive(-60))], None, None),
    "written long after": (made(), [one("CHG-1", "deployment", created=naive(73))], None, None),
    "written a day after": (made(), [one("CHG-1", "deployment", created=naive(24))], "CHG-1", "likely"),
    "cancelled": (made(), [one("CHG-1", "deployment", cancelled=True)], None, None),
    "the stronger rule wins": (
        made((NAME, "CHG-2")),
        [one("CHG-1", "deployment"), one("CHG-2", by="bob")],
        "CHG-2",
        "named",
    ),
    "approved before wins": (
        made(),
        [one("CHG-1", "deployment", approvals=()), one("CHG-2", "hotfix", created=naive(-9))],
        "CHG-2",
        "likely",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_rules_find_the_ticket_and_nothing_else(case: str) -> None:
    change, tickets, found, strength = CASES[case]
    best = next(iter(Tickets(tickets, Names()).matching(change).matches), None)  # type: ignore[arg-type]

    assert (found, strength) == ((best.ticket.id, best.strength) if best else (None, None))


def test_who_cannot_be_compared_is_unclear() -> None:
    found = Tickets([one("CHG-1", "deployment", by="somebody")], Names()).matching(made())  # type: ignore[arg-type]

    assert {("tickets:t", "CHG-1")} == found.unclear
    assert ["possible"] == [match.strength for match in found.matches]


@pytest.mark.parametrize(
    ("first", "other", "expected"),
    [
        (Named("aws", frozenset({"ada"}), ADA), Named("tickets:t", frozenset({"al"}), ADA), True),
        (Named("aws", frozenset({"ada"}), ADA), Named("tickets:t", frozenset({"ada"}), BOB), False),
        (Named("aws", frozenset({"ada"}), None), Named("tickets:t", frozenset({"ada"}), BOB), True),
        (Named("tickets:t", frozenset({"ada"}), None), Named("tickets:t", frozenset({"bob"}), None), False),
        (Named("aws", frozenset({"ada"}), None), Named("tickets:t", frozenset({"bob"}), None), None),
        (Named("aws", frozenset({"ada"}), ADA), Named("tickets:t", frozenset({"bob"}), None), None),
    ],
)
def test_two_names_are_one_person_two_or_unknown(first: Named, other: Named, expected: bool | None) -> None:
    assert (expected, expected) == (same(first, other), same(other, first))


@pytest.mark.parametrize(
    ("name", "category", "act"),
    [
        ("AttachUserPolicy", "grant", "grant"),
        ("DetachUserPolicy", "grant", "removal"),
        ("RemoveUserFromGroup", "membership", "removal"),
        ("CreateLoginProfile", "credential", "grant"),
        ("PutUserPermissionsBoundary", "boundary", "other"),
        ("StopLogging", "log", "other"),
    ],
)
def test_whether_a_change_gives_or_takes(name: str, category: str, act: str) -> None:
    assert act == act_of(name, category)


# -- one log, judged


def at(hours: float) -> str:
    return text(NIGHT + timedelta(hours=hours))


def row(key: str, title: str, kind: str = "Change", approved: float | None = -2, requester: str = "asker") -> list[str]:
    chief, when = ("chief", at(approved)) if approved is not None else ("", "")
    return [key, title, kind, "Done", requester, chief, when, "", at(-5), ""]


TICKETS = [
    row("CHG-1", "planned"),
    row("CHG-2", "approved afterwards", approved=3),
    row("CHG-3", "in time", "Emergency", approved=20),
    row("CHG-4", "two days late", "Emergency", approved=48),
    row("CHG-5", "never approved", "Emergency", approved=None),
    row("CHG-6", "for pipeline-role", requester="somebody"),
    row("CHG-7", "found by a human"),
    row("CHG-8", "their own", requester="Ada@example.com"),
]
PULL_REQUESTS = [
    ["acme/app#1", "x", "ada", "chief", at(-1), "ada", at(-0.5), at(-3), ""],
    ["acme/app#2", "x", "ada", "ada", at(-30), "ada", at(-29), at(-31), ""],
    ["acme/app#3", "x", "ada", "chief", at(-28), "ada", at(-29), at(-31), ""],
    ["acme/app#4", "x", "ada", "", "", "", "", at(-3), ""],
]


def change(name: str, session: str = "", by: str = "ada", key: str = "", role: str = "some-role") -> dict[str, Any]:
    found = event("DetachRolePolicy", NIGHT, by=by, session=session, roleName=role, policyArn="arn:aws:iam::1:policy/p")
    found["userIdentity"] |= {"accessKeyId": key} if key else {}
    return found | {"eventID": name}


def workflow(key: str, **tags: str) -> dict[str, Any]:
    """The event with which a workflow of GitHub began the session of this access key."""
    provider = f"arn:aws:iam::{DEFAULT_ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
    return event("AssumeRoleWithWebIdentity", NIGHT - timedelta(minutes=1)) | {
        "eventSource": "sts.amazonaws.com",
        "eventID": f"session-{key}",
        "userIdentity": {
            "type": "WebIdentityUser",
            "userName": "repo:acme/app:ref:refs/heads/main",
            "identityProvider": provider,
        },
        "requestParameters": {"roleArn": "arn", "principalTags": tags},
        "responseElements": {"credentials": {"accessKeyId": key}, "assumedRoleUser": {"arn": "arn"}},
    }


EVENTS = [
    *(change(f"named-{number}", session=f"x-CHG-{number}") for number in (1, 2, 3, 4, 5)),
    *(workflow("ASIA1"), change("workflow", session="deploy", key="ASIA1")),
    *(workflow("ASIA2", Ticket="CHG-1"), change("tagged", session="deploy", key="ASIA2")),
    change("alone"),
    change("unclear", role="pipeline-role"),
    change("linked"),
    change("explained"),
    change("own", session="y-CHG-8", by="ada"),
]


def declared(name: str, ticket: str, reason: str) -> Draft:
    predicate = {"change": name, "ticket": ticket, "reason": reason, "by": "ana"}
    return Draft("change-link", SCOPE, NIGHT + timedelta(hours=97), predicate)


def judged(folder: Path, *, hidden: tuple[str, ...] = (), read: float = 96) -> Evaluation:
    """Everything is read once, so many hours after the night."""
    bench, when = Workbench(folder, NIGHT - timedelta(days=1)), NIGHT + timedelta(hours=read)
    known = [
        [number, name, f"{name}@example.com", "2020-01-01", "", ""] for number, name in (("1", "ada"), ("2", "chief"))
    ]
    snapshots = [
        read_people(mapping(folder, known, []), lambda: when, "ana@host"),
        collect_tickets(tracker(folder, TICKETS, PULL_REQUESTS), lambda: when, "ana@host"),
        Snapshot(SCOPE, when, when, "api", "arn", [Collection("iam.users"), Collection("iam.credential_report")], []),
    ]
    bench.record(*(without(one, hidden) for one in snapshots))
    bench.hear(heard(SCOPE, when, *EVENTS))
    bench.log.append([declared("linked", "CHG-7", "forgot to name it"), declared("explained", "", "a drill")])
    return bench.evaluate(policy(NIGHT.date() - timedelta(days=30)))


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    return judged(tmp_path_factory.mktemp("night"))


def states(evaluation: Evaluation, name: str) -> list[tuple[Any, ...]]:
    """(from, linked, ticket, approved) of a change, in order."""
    return evaluation.query(
        "SELECT strftime(valid_from, '%d %H:%M'), linked, ticket, approved FROM aws_change_trace WHERE member = ? "
        "ORDER BY valid_from",
        [name],
    )


def verdicts(evaluation: Evaluation, check: str, name: str) -> list[tuple[str, str]]:
    """(from, verdict) since the reading, in order."""
    return evaluation.query(
        "SELECT strftime(valid_from, '%d %H:%M'), verdict FROM verdict WHERE check_id = ? AND member = ? "
        "AND valid_to > TIMESTAMP '2025-06-06 23:41:00' ORDER BY valid_from",
        [check, name],
    )


SINCE = "02 23:40"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("named-1", [(SINCE, True, "CHG-1", True)]),
        ("named-2", [(SINCE, True, "CHG-2", False), ("03 02:40", True, "CHG-2", True)]),
        ("named-4", [(SINCE, True, "CHG-4", False), ("04 23:40", True, "CHG-4", True)]),
        ("named-5", [(SINCE, True, "CHG-5", False)]),
        ("workflow", [(SINCE, True, "acme/app#1", True)]),
        ("tagged", [(SINCE, True, "CHG-1", True)]),
        ("alone", [(SINCE, False, None, False)]),
        ("unclear", [(SINCE, None, None, False)]),
        ("linked", [(SINCE, False, None, False), ("07 00:40", True, "CHG-7", True)]),
    ],
)
def test_what_holds_of_a_change_in_time(night: Evaluation, name: str, expected: list[tuple[Any, ...]]) -> None:
    assert expected == states(night, name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("named-1", ["pass"]),
        ("alone", ["fail"]),
        ("unclear", ["unknown"]),
        ("linked", ["fail", "pass"]),
        ("explained", ["fail", "pass"]),
    ],
)
def test_a_change_needs_a_ticket_or_a_human_who_explains_it(night: Evaluation, name: str, expected: list[str]) -> None:
    assert expected == [verdict for _, verdict in verdicts(night, "aws-change-ticket", name)]


@pytest.mark.parametrize(
    ("name", "violated"),
    [
        ("named-1", []),
        ("named-2", [("02 23:40", "03 02:40")]),
        ("named-3", []),
        ("named-4", [("03 23:40", "04 23:40")]),
        ("named-5", [("03 23:40", "31 00:00")]),
        ("workflow", []),
    ],
)
def test_emergencies_may_wait_for_their_approval_and_nothing_else(
    night: Evaluation, name: str, violated: list[tuple[str, str]]
) -> None:
    (sql,) = (check.sql for check in CHECKS.values() if check.id == "aws-change-approval")
    rows = night.query(
        f"SELECT strftime(violated_from, '%d %H:%M'), strftime(valid_to, '%d %H:%M') FROM ({sql}) "
        "WHERE member = ? AND violated_from < valid_to",
        [name],
    )
    assert violated == rows


def test_people_are_compared_behind_their_names(night: Evaluation) -> None:
    (row,) = night.query(
        "SELECT requester_approved, approver_implemented, requester_implemented FROM aws_change_party "
        "WHERE member = 'workflow'"
    )

    assert (False, False, True) == row  # ada wrote and merged it; chief approved


@pytest.mark.parametrize(
    ("name", "failed"), [("acme/app#1", 0), ("acme/app#2", 1), ("acme/app#3", 1), ("acme/app#4", 0)]
)
def test_pull_requests_that_nobody_else_approved_in_time(night: Evaluation, name: str, failed: int) -> None:
    rows = night.query(
        "SELECT count(*) FROM verdict WHERE check_id = 'tickets-self-merge' AND member = ? AND verdict = 'fail'",
        [name],
    )
    assert [(failed,)] == rows


def test_tickets_know_the_changes_that_were_made_for_them(night: Evaluation) -> None:
    rows = night.query(
        "SELECT member, max(changes), bool_or(done), bool_or(done IS NULL) FROM tickets_ticket_use GROUP BY member"
    )
    found = {member: rest for member, *rest in rows}

    assert [2, True, False] == found["CHG-1"]
    assert [0, None, True] == found["CHG-6"]  # may be that of the pipeline's role: who asked is not known
    assert [1, True, False] == found["CHG-7"]  # by hand


def test_trackers_that_were_read_too_early_or_not_at_all_leave_it_unknown(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    early = judged(tmp_path_factory.mktemp("early"), read=-1)
    blind = judged(tmp_path_factory.mktemp("blind"), hidden=("tickets.tickets",))

    assert [(SINCE, None, None, False)] == states(early, "alone")
    assert {"unknown"} == {verdict for _, verdict in verdicts(blind, "aws-change-ticket", "alone")}


def test_the_register_has_unlinked_changes_first_and_a_class_for_each(night: Evaluation) -> None:
    register = REGISTERS["change-tickets"]
    within = Interval(NIGHT - timedelta(days=1), NIGHT + timedelta(days=1))
    rows = [dict(zip(register.columns, row, strict=True)) for row in rows_of(register, night, within)]

    assert "unlinked" == rows[0]["class"]
    assert {
        "named-1": "planned",
        "named-2": "late",
        "named-3": "emergency",
        "named-4": "late",
        "named-5": "unapproved",
        "workflow": "planned",
        "tagged": "planned",
        "alone": "unlinked",
        "unclear": "unknown",
        "linked": "planned",
        "explained": "explained",
        "own": "planned",
    } == {row["change"]: row["class"] for row in rows}


def test_a_log_with_nothing_new_was_read_all_the_same(tmp_path: Path) -> None:
    bench, inventory = Workbench(tmp_path, NIGHT), Inventory.open(None)
    bench.record(Snapshot(SCOPE, NIGHT, NIGHT, "api", "arn", [Collection("iam.users")], []))
    days = [NIGHT + timedelta(days=day) for day in (1, 2, 3)]
    bench.hear(heard(SCOPE, days[0], change("x")), heard("", days[1]))
    somebody_else = heard("", days[2])
    bench.hear(replace(somebody_else, reading=replace(somebody_else.reading, supplied_by="bob@host")))
    inventory.advance(bench.log)
    commitments.load(inventory.connection, policy(NIGHT.date() - timedelta(days=30)), {"snapshot_cadence"})

    late = (days[1] + timedelta(hours=30)).replace(tzinfo=None)
    told = [(one.unread, one.start, one.end.year) for one in unread_logs(inventory.connection)]
    assert [(False, NIGHT.replace(tzinfo=None), 2025), (True, late, 9999)] == told
