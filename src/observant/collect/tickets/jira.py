"""Jira Cloud (REST API v3) and Data Center (v2): issues with every status they went through and by whom.

https://developer.atlassian.com/cloud/jira/platform/rest/v3 and https://docs.atlassian.com/software/jira/docs/api/REST.
JQL has no zone of its own: a moment in it is read in that of the caller, so changes are asked for by minutes ago.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from observant.collect.tickets.session import MOST_PAGES, TrackerSession, objects
from observant.collect.tickets.shape import approval, moment_of, person, references_in, ticket
from observant.collect.tickets.tracker import Tracker
from observant.collect.unread import Unread
from observant.evidence.snapshot import Entity, GapReason, Json, Reconciliation

if TYPE_CHECKING:
    from observant.collect.tickets.collector import Answer

_PAGE = 100
_FIELDS = (
    *("summary", "description", "issuetype", "status", "labels", "reporter", "creator", "assignee", "created"),
    *("resolutiondate", "issuelinks", "parent"),
)


def read_tickets(session: TrackerSession, tracker: Tracker, since: datetime | None) -> "Answer":
    """The issues of the query. Raises Unread."""
    from observant.collect.tickets.collector import Answer

    cloud = tracker.system == "jira-cloud"
    jql = _jql(tracker, since, session.now())
    listed, total = _cloud(session, tracker, jql) if cloud else _data_center(session, tracker, jql)
    found = [_issue(session, tracker, one, cloud=cloud) for one in listed]
    if total is not None and since is None:
        return Answer(found, [Reconciliation("total of the search", total, len(found))])
    return Answer(found)


def _jql(tracker: Tracker, since: datetime | None, now: datetime) -> str:
    asked = f"({tracker.query})" if tracker.query else ""
    if since is not None:
        minutes = max(1, int((now - since).total_seconds() // 60) + 1)
        asked = " AND ".join(part for part in (asked, f"updated >= -{minutes}m") if part)
    return f"{asked} ORDER BY created ASC, key ASC".strip()


def _fields(tracker: Tracker) -> str:
    return ",".join(dict.fromkeys([*_FIELDS, *filter(None, (tracker.approvers, tracker.implementer))]))


def _cloud(session: TrackerSession, tracker: Tracker, jql: str) -> tuple[list[Json], None]:
    """Pages by token; their number is not told."""
    path, found, seen = "/rest/api/3/search/jql", list[Json](), set[str]()
    query = {"jql": jql, "fields": _fields(tracker), "expand": "changelog", "maxResults": str(_PAGE)}
    while True:
        page = session.get(path, query)
        found += objects(page, f"jira-cloud:{path}", "issues")
        token = page.body.get("nextPageToken")
        if not isinstance(token, str) or not token:
            return found, None
        if token in seen or len(seen) >= MOST_PAGES:
            raise Unread(GapReason.TRUNCATED, f"jira-cloud:{path}: the list has no end")
        seen.add(token)
        query["nextPageToken"] = token


def _data_center(session: TrackerSession, tracker: Tracker, jql: str) -> tuple[list[Json], int]:
    """Pages by number. One that comes back empty before the total is reached means that something was left out."""
    path, found = "/rest/api/2/search", list[Json]()
    query = {"jql": jql, "fields": _fields(tracker), "expand": "changelog", "maxResults": str(_PAGE)}
    while True:
        page = session.get(path, {**query, "startAt": str(len(found))})
        issues, total = objects(page, f"jira:{path}", "issues"), page.body.get("total")
        if not isinstance(total, int):
            raise Unread(GapReason.FAILED, f"jira:{path}: holds no total")
        found += issues
        if len(found) >= total:
            return found, total
        if not issues:
            raise Unread(GapReason.TRUNCATED, f"jira:{path}: {len(found)} of {total} issues were answered")


def _user(value: Any) -> Json | None:  # noqa: ANN401
    if not isinstance(value, dict):
        return None
    named = value.get("name") or value.get("emailAddress") or value.get("accountId") or value.get("key")
    return person(named, value.get("displayName"), value.get("emailAddress"))


def _name(value: Any) -> object:  # noqa: ANN401
    return value.get("name") or value.get("value") if isinstance(value, dict) else value


def _issue(session: TrackerSession, tracker: Tracker, issue: Json, *, cloud: bool) -> Entity:
    key, fields = issue.get("key"), issue.get("fields")
    if not isinstance(key, str) or not isinstance(fields, dict):
        raise Unread(GapReason.FAILED, f"{tracker.system}: an issue has no key or no fields")
    assigned = fields.get(tracker.implementer or "assignee")
    links = [
        one[side].get("key")
        for one in fields.get("issuelinks") or []
        for side in _SIDES
        if isinstance(one.get(side), dict)
    ]
    links += [(fields.get("parent") or {}).get("key")]
    return ticket(
        key,
        title=fields.get("summary"),
        kind=_name(fields.get("issuetype")),
        labels=[one for one in fields.get("labels") or [] if isinstance(one, str)],
        status=_name(fields.get("status")),
        requester=_user(fields.get("reporter") or fields.get("creator")),
        implementer=_user(assigned[0] if isinstance(assigned, list) and len(assigned) == 1 else assigned),
        created=moment_of(fields.get("created")),
        closed=moment_of(fields.get("resolutiondate")),
        approvals=_approvals(fields.get(tracker.approvers)) if tracker.approvers else [],
        transitions=_transitions(session, issue, cloud=cloud),
        references=[
            *references_in(fields.get("summary"), *_texts(fields.get("description"))),
            *(one for one in links if isinstance(one, str)),
        ],
    )


_SIDES = ("inwardIssue", "outwardIssue")


def _texts(description: Any) -> Iterator[str]:  # noqa: ANN401
    """The text in a description: text itself, or a document of Atlassian's format."""
    due = [description]
    while due:
        one = due.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, list):
            due += one
        elif isinstance(one, dict):
            due += [one.get("text"), one.get("content"), (one.get("attrs") or {}).get("url")]


def _approvals(value: Any) -> list[Json]:  # noqa: ANN401
    """A list of approvals of a service project, or people whom the field names, without a time."""
    listed = value if isinstance(value, list) else [value] if isinstance(value, dict) else []
    found: list[Json] = []
    for one in listed:
        if isinstance(one, dict) and isinstance(one.get("approvers"), list):
            at = _epoch(one.get("completedDate"))
            said = [each for each in one["approvers"] if isinstance(each, dict)]
            found += [approval(_user(each.get("approver")), at) for each in said if each.get(_DECISION) == "approved"]
        elif isinstance(one, dict) and "approvers" not in one:
            found.append(approval(_user(one), None))
    return found


_DECISION = "approverDecision"


def _epoch(value: Any) -> str | None:  # noqa: ANN401
    """A date of the service desk's API, which comes in several spellings at once."""
    return moment_of(value.get("iso8601")) if isinstance(value, dict) else moment_of(value)


def _transitions(session: TrackerSession, issue: Json, *, cloud: bool) -> list[Json]:
    """Every status that it went to. A search answers only the first part of a long history. Raises Unread."""
    log = issue.get("changelog")
    histories = log.get("histories") if isinstance(log, dict) else None
    if not isinstance(histories, list) or not isinstance(log, dict):
        raise Unread(GapReason.FAILED, f"jira: {issue.get('key')} has no history")
    if int(log.get("total") or 0) > len(histories):
        histories = _whole(session, str(issue["key"]), cloud=cloud)
    found = [
        {"to": item.get("toString"), "by": _user(one.get("author")), "at": moment_of(one.get("created"))}
        for one in histories
        for item in one.get("items") or []
        if item.get("field") == "status"
    ]
    return sorted(found, key=lambda one: str(one["at"]))


def _whole(session: TrackerSession, key: str, *, cloud: bool) -> list[Json]:
    if not cloud:  # Data Center answers the whole history with the issue itself
        page = session.get(f"/rest/api/2/issue/{key}", {"fields": "status", "expand": "changelog"})
        log = page.body.get("changelog") if isinstance(page.body, dict) else None
        return log["histories"] if isinstance(log, dict) and isinstance(log.get("histories"), list) else []
    found: list[Json] = []
    while True:
        path = f"/rest/api/3/issue/{key}/changelog"
        page = session.get(path, {"startAt": str(len(found)), "maxResults": str(_PAGE)})
        values = objects(page, f"jira-cloud:{path}", "values")
        found += values
        if page.body.get("isLast", True) or not values:
            return found
