"""Trackers are read whole, then by what changed; what they refuse, cut or hide is a gap; no secret leaves a trace."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from openapi_schema_validator import OAS30Validator

from observant.collect.tickets.collector import PULL_REQUESTS, READ_ANEW, TICKETS, Earlier, collect_tickets
from observant.collect.tickets.session import TrackerSession, Waiting
from observant.collect.tickets.tracker import Tracker
from observant.evidence.snapshot import Snapshot
from observant_clouds.trackers import GitHub, Jira, ServiceNow
from observant_clouds.trackers.github import DESCRIPTION, path_of
from observant_clouds.trackers.service import Answer, Fault, Service

NOW = datetime(2025, 6, 10, 6, tzinfo=UTC)
ADDRESSES = {
    "github": ("https://api.github.com", "Bearer t0ken"),
    "jira-cloud": ("https://acme.atlassian.net", "Basic cmVhZGVyQGV4YW1wbGUuY29tOnQwa2Vu"),
    "jira": ("https://jira.example.com", "Bearer t0ken"),
    "servicenow": ("https://acme.service-now.com", "Basic cmVhZGVyOnQwa2Vu"),
}
PAUSES: list[float] = []


def read(service: Service, system: str, earlier: Earlier | None = None, at: datetime = NOW, **more: Any) -> Snapshot:
    address, authorization = ADDRESSES[system]
    given = {"statuses": {}, "kinds": {}, "repositories": ["acme/infra"] if system == "github" else []} | more
    tracker = Tracker(name="t", system=system, address=address, **given)
    PAUSES.clear()
    waiting = Waiting(lambda: 0.0, PAUSES.append, lambda: 1.0)
    client = httpx2.Client(transport=httpx2.WSGITransport(app=service))
    session = TrackerSession(system, address, authorization, client, waiting, lambda: at)
    return collect_tickets(tracker, lambda: at, "ana", session=session, earlier=earlier)


def found(snapshot: Snapshot, collection: str = TICKETS) -> dict[str, Any]:
    (one,) = (each for each in snapshot.collections if each.name == collection)
    assert one.gap is None, one.gap
    return {entity.urn: entity.configuration for entity in one.entities}


def gap(snapshot: Snapshot, collection: str = TICKETS) -> tuple[str, str]:
    (one,) = (each for each in snapshot.collections if each.name == collection)
    assert one.gap is not None
    assert not one.entities
    return one.gap.reason.value, one.gap.detail


def as_earlier(snapshot: Snapshot, anew: datetime | None = None) -> Earlier:
    rules = snapshot.collections[-1].entities[0].configuration
    known = {name: found(snapshot, name) for name in (TICKETS, PULL_REQUESTS)}
    return Earlier(snapshot.started, anew or snapshot.started, rules, known)


@pytest.fixture
def github() -> GitHub:
    made = GitHub()
    made.issue(1, "ada", "2025-06-01T08:00:00Z", title="Role for billing", body="see arn:aws:iam::1:role/billing, #2")
    made.event(1, "labeled", "chief", "2025-06-01T09:00:00Z", "approved")
    made.event(1, "labeled", "ada", "2025-06-01T08:30:00Z", "change")
    made.event(1, "mentioned", "bob", "2025-06-01T08:31:00Z")
    made.pull(2, "ada", "2025-06-01T10:00:00Z", "ada", "2025-06-01T12:00:00Z", title="Billing")
    made.review(2, "bob", "2025-06-01T11:00:00Z")
    made.review(2, "bob", "2025-06-01T11:30:00Z", "COMMENTED")
    made.commit(2, "a" * 40)
    made.issue(3, "bob", "2025-06-02T08:00:00Z", labels=[{"name": "emergency"}])
    return made


def test_github_tells_issues_and_pull_requests(github: GitHub) -> None:
    snapshot = read(github, "github")
    issue, pull = found(snapshot)["acme/infra#1"], found(snapshot, PULL_REQUESTS)["acme/infra#2"]

    assert {"acme/infra#1", "acme/infra#3"} == set(found(snapshot))
    moves = [(one["to"], one["by"]["id"], one["at"]) for one in issue["transitions"]]
    assert ("label:approved", "chief", "2025-06-01T09:00:00Z") in moves
    assert 2 == len(moves)
    assert ["acme/infra#2", "arn:aws:iam::1:role/billing"] == issue["references"]
    assert "body" not in issue
    assert [("bob", "approved")] == [(one["by"]["id"], one["state"]) for one in pull["approvals"]]
    assert ("ada", "ada", "2025-06-01T12:00:00Z") == (pull["author"]["id"], pull["merged_by"]["id"], pull["merged"])
    assert "a" * 40 in pull["commits"]


def test_what_github_is_asked_and_answers_is_as_published(github: GitHub) -> None:
    read(github, "github")
    for path, query in github.asked:
        published = path_of(path)
        assert published, path
        about = DESCRIPTION["paths"][published]
        assert set(query) <= set(about["query"]), path
        answer = github.answer(path, query)
        assert answer is not None
        schema = {**about["schema"], "components": {"schemas": DESCRIPTION["schemas"]}}
        assert [] == [error.message for error in OAS30Validator(schema).iter_errors(answer.body)], path


def test_only_what_changed_is_asked_for_again(github: GitHub) -> None:
    earlier = as_earlier(read(github, "github"))
    github.asked.clear()
    github.issue(9, "ada", "2025-06-11T05:00:00Z")
    again = read(github, "github", earlier, NOW + timedelta(days=1))

    assert {"acme/infra#1", "acme/infra#3", "acme/infra#9"} == set(found(again))
    since = {query["since"] for path, query in github.asked if path.endswith("/issues") and "since" in query}
    assert {"2025-06-08T06:00:00Z"} == since
    assert not any(path.endswith("/issues/1/events") for path, _ in github.asked)


@pytest.mark.parametrize("why", ["deleted", "old", "asked otherwise"])
def test_everything_is_read_anew_when_something_else_is_wanted_or_missing(github: GitHub, why: str) -> None:
    earlier = as_earlier(read(github, "github"), NOW - READ_ANEW if why == "old" else None)
    github.asked.clear()
    if why == "deleted":
        del github.things[3]
    more = {"kinds": {"change": ["change"]}} if why == "asked otherwise" else {}
    again = read(github, "github", earlier, NOW + timedelta(hours=1), **more)

    assert ("acme/infra#3" in found(again)) == (why != "deleted")
    assert any(path.endswith("/issues/1/events") for path, _ in github.asked)


def test_a_limit_is_waited_for_and_then_told(github: GitHub) -> None:
    limit = Answer({"message": "secondary rate limit"}, 403, {"retry-after": "60"})
    github.faults.append(Fault("/pulls/2/reviews", limit))
    assert found(read(github, "github"), PULL_REQUESTS)
    assert 60 in PAUSES

    github.faults.append(Fault("/issues", limit, 99))
    assert "throttled" == gap(read(github, "github"))[0]
    spent = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW.timestamp()) + 3000)}
    github.faults[:] = [Fault("/issues", Answer({"message": "API rate limit exceeded"}, 403, spent), 99)]
    assert "throttled" == gap(read(github, "github"))[0]
    assert not [pause for pause in PAUSES if pause > 300]


def test_one_hidden_history_is_not_known_and_hides_nothing_else(github: GitHub) -> None:
    github.faults.append(Fault("/issues/1/events", Answer({"message": "Not Found"}, 404)))
    github.faults.append(Fault("/pulls/2/reviews", Answer({"message": "Forbidden"}, 403)))
    snapshot = read(github, "github")

    assert "denied" == found(snapshot)["acme/infra#1"]["approvals"]["Unread"]["reason"]
    assert [] == found(snapshot)["acme/infra#3"]["approvals"]
    assert "denied" == found(snapshot, PULL_REQUESTS)["acme/infra#2"]["approvals"]["Unread"]["reason"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer({"message": "Bad credentials ghp_abcdef"}, 401), "denied"),
        (Answer({"message": "Not Found"}, 404), "denied"),
        (Answer({"message": "broken"}, 500), "failed"),
        (Answer(b"<html>", 200), "failed"),
        (Answer({"not": "a list"}, 200), "failed"),
        (Answer([], 301, {"location": "https://elsewhere.example"}), "failed"),
        (Answer([], 200, {"link": '<https://elsewhere.example/x>; rel="next"'}), "failed"),
    ],
)
def test_what_is_no_answer_is_a_gap_without_a_secret(github: GitHub, answer: Answer, reason: str) -> None:
    github.faults.append(Fault("/repos/acme/infra/issues", answer, 99))
    snapshot = read(github, "github")

    assert reason == gap(snapshot)[0]
    written = repr(snapshot)
    assert "t0ken" not in written
    assert "ghp_" not in written


def test_a_count_that_is_not_reached_is_a_gap(github: GitHub) -> None:
    github.faults.append(
        Fault("/search/issues", Answer({"total_count": 7, "incomplete_results": False, "items": []}), 9)
    )

    assert ("truncated", "tickets.tickets: 2 of 7 by search is:issue") == gap(read(github, "github"))


@pytest.mark.parametrize("system", ["jira-cloud", "jira"])
def test_jira_tells_every_status_and_by_whom(system: str) -> None:
    jira = Jira(cloud=system == "jira-cloud")
    jira.issue(
        "CHG-1",
        *(("Waiting", "ada", "2025-06-01T10:00:00.000+0200"), ("Approved", "chief", "2025-06-01T11:00:00.000+0200")),
        *(("Doing", "bob", "2025-06-01T12:00:00.000+0200"), ("Done", "bob", "2025-06-01T13:00:00.000+0200")),
        created="2025-06-01T09:30:00.123+0200",
        resolutiondate="2025-06-01T13:00:00.000+0200",
        assignee={"name": "bob", "displayName": "Bob", "emailAddress": "bob@example.com"},
        issuelinks=[{"outwardIssue": {"key": "OPS-7"}}],
        description={"type": "doc", "content": [{"type": "text", "text": "for arn:aws:iam::1:role/billing"}]},
        customfield_1=[{"completedDate": {"iso8601": "2025-06-01T11:00:00+0200"}, "approvers": [_decided("chief")]}],
    )
    for number in range(2, 5):
        jira.issue(f"CHG-{number}", created="2025-06-02T09:00:00.000+0000")
    snapshot = read(jira, system, user="reader@example.com", query="project = CHG", approvers="customfield_1")
    issue = found(snapshot)["CHG-1"]

    assert {f"CHG-{number}" for number in range(1, 5)} == set(found(snapshot))
    assert ["Waiting", "Approved", "Doing", "Done"] == [one["to"] for one in issue["transitions"]]
    assert "2025-06-01T09:00:00Z" == issue["transitions"][1]["at"]
    assert ("chief@example.com" if system == "jira-cloud" else "chief") == issue["transitions"][1]["by"]["id"]
    assert [("2025-06-01T09:00:00Z", "approved")] == [(one["at"], one["state"]) for one in issue["approvals"]]
    assert ("2025-06-01T07:30:00Z", "2025-06-01T11:00:00Z") == (issue["created"], issue["closed"])
    assert {"OPS-7", "arn:aws:iam::1:role/billing"} <= set(issue["references"])
    assert {} == found(snapshot, PULL_REQUESTS)


def _decided(name: str) -> dict[str, Any]:
    return {"approver": {"name": name, "displayName": name}, "approverDecision": "approved"}


def test_jira_is_asked_in_minutes_as_its_moments_have_no_zone() -> None:
    jira = Jira(cloud=False)
    jira.issue("CHG-1", created="2025-06-02T09:00:00.000+0000")
    earlier = as_earlier(read(jira, "jira", query="project = CHG OR project = OPS"))
    read(jira, "jira", earlier, NOW + timedelta(hours=1), query="project = CHG OR project = OPS")

    jql = jira.asked[-1][1]["jql"]
    assert jql.startswith("(project = CHG OR project = OPS) AND updated >= -2941m ")


def test_issues_that_jira_counts_and_does_not_answer_are_a_gap() -> None:
    jira = Jira(cloud=False)
    for number in range(3):
        jira.issue(f"CHG-{number}", created="2025-06-02T09:00:00.000+0000")
    jira.hidden.add("CHG-1")

    assert ("truncated", "jira:/rest/api/2/search: 2 of 3 issues were answered") == gap(read(jira, "jira"))


@pytest.fixture
def servicenow() -> ServiceNow:
    made = ServiceNow()
    for number, state in ((1, "Closed"), (2, "Implement")):
        made.row(
            "change_request",
            sys_id=f"id{number}",
            number=f"CHG003000{number}",
            short_description="Role for billing",
            type=("emergency", "Emergency"),
            state=("3", state),
            sys_updated_on="2025-06-01 08:00:00",
            sys_created_on="2025-06-01 08:00:00",
            closed_at="",
            requested_by=("u1", "Ada"),
            requested_by__user_name="ada",
            requested_by__email="ada@example.com",
        )
    for name, state in (("chief", "approved"), ("other", "requested")):
        made.row(
            "sysapproval_approver",
            sys_id=f"a-{name}",
            sysapproval="id1",
            state=state,
            sys_updated_on="2025-06-01 09:00:00",
            approver__user_name=name,
        )
    return made


def test_servicenow_tells_records_with_their_approvals(servicenow: ServiceNow) -> None:
    snapshot = read(servicenow, "servicenow", user="reader")
    one = found(snapshot)["CHG0030001"]

    assert ("Emergency", "Closed", "2025-06-01T08:00:00Z") == (one["kind"], one["status"], one["created"])
    assert {"id": "ada", "name": "Ada", "email": "ada@example.com"} == one["requester"]
    assert [("chief", "2025-06-01T09:00:00Z")] == [(each["by"]["id"], each["at"]) for each in one["approvals"]]
    assert [] == found(snapshot)["CHG0030002"]["approvals"]


def test_rows_that_servicenow_hides_are_a_gap(servicenow: ServiceNow) -> None:
    servicenow.hidden.add("id2")

    reason, detail = gap(read(servicenow, "servicenow"))
    assert "truncated" == reason
    assert "1 of 2 records are hidden" in detail


def test_an_export_names_row_column_and_remedy(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        "Key,Created,Ok,By\nA-1,2025-06-01T08:00,2025-06-01 9:00,chief\nA-1,soon,,\n,2025-06-01,,\n"
    )
    columns = {"id": "Key", "created": "Created", "approved": "Ok", "approver": "By"}
    tracker = Tracker("t", "export", {}, {}, file=tmp_path / "t.csv", columns=columns, zone="Europe/Berlin")

    reason, detail = gap(collect_tickets(tracker, lambda: NOW, "ana"))
    assert "failed" == reason
    for told in (
        "row 2, column Ok: '2025-06-01 9:00' is no moment",
        "row 3, column Created",
        "row 4, column Key: is empty",
    ):
        assert told in detail
