"""GitHub: issues with their labels and what closed them, pull requests with reviews, commits and who merged them.

https://docs.github.com/rest, version 2022-11-28. Descriptions are not kept, only what they refer to; of events only
labels and who closed an issue; of commits only their ids.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from observant.collect.tickets.session import MOST_PAGES, Refusal, TrackerSession, objects
from observant.collect.tickets.shape import approval, moment_of, person, pull_request, references_in, ticket
from observant.collect.tickets.tracker import Tracker
from observant.collect.unread import Unread
from observant.evidence.snapshot import Entity, GapReason, Json, Reconciliation
from observant.model.time import text

if TYPE_CHECKING:
    from observant.collect.tickets.collector import Answer

PUBLIC = "https://api.github.com"
_PAGE = "100"
_HEADERS = {"accept": "application/vnd.github+json", "x-github-api-version": "2022-11-28"}
_STATES = {"APPROVED": "approved", "CHANGES_REQUESTED": "changes_requested", "DISMISSED": "dismissed"}
_MOST_COMMITS = 250
"""GitHub lists no more commits of a pull request than this."""


def read_tickets(session: TrackerSession, tracker: Tracker, since: datetime | None) -> "Answer":
    """Issues that are no pull requests. Raises Unread."""
    from observant.collect.tickets.collector import Answer

    found: list[Entity] = []
    counts: list[Reconciliation] = []
    for repository in tracker.repositories:
        issues = [one for one in _issues(session, repository, since) if "pull_request" not in one]
        found += [_issue(session, repository, one) for one in issues]
        counts.append(_counted(session, repository, "issue", found))
    return Answer(found, _together(counts))


def read_pull_requests(session: TrackerSession, tracker: Tracker, since: datetime | None) -> "Answer":
    """Raises Unread."""
    from observant.collect.tickets.collector import Answer

    found: list[Entity] = []
    counts: list[Reconciliation] = []
    for repository in tracker.repositories:
        numbers = [_number(one) for one in _issues(session, repository, since) if "pull_request" in one]
        found += [_pull_request(session, repository, number) for number in numbers]
        counts.append(_counted(session, repository, "pr", found))
    return Answer(found, _together(counts))


def _together(counts: list[Reconciliation]) -> list[Reconciliation]:
    """One count for all repositories, as what was read before is not told apart by them."""
    if not counts:
        return []
    return [Reconciliation(counts[0].source, sum(one.expected for one in counts), counts[-1].actual)]


def _issues(session: TrackerSession, repository: str, since: datetime | None) -> Iterator[Json]:
    """Oldest change first, so that what changes meanwhile comes at the end and is not passed over."""
    query = {"state": "all", "sort": "updated", "direction": "asc", "per_page": _PAGE}
    yield from _listed(session, f"/repos/{repository}/issues", query | ({"since": text(since)} if since else {}))


def _listed(session: TrackerSession, path: str, query: dict[str, str]) -> Iterator[Json]:
    page = session.get(path, query, _HEADERS)
    seen = {path}
    for _ in range(MOST_PAGES):
        yield from objects(page, f"github:{path}")
        following = page.following
        if following is None:
            return
        if following in seen:
            break
        seen.add(following)
        page = session.get(following, None, _HEADERS)
    raise Unread(GapReason.TRUNCATED, f"github:{path}: the list has no end")


def _counted(session: TrackerSession, repository: str, kind: str, found: list[Entity]) -> Reconciliation:
    """How many GitHub's index has. Raises Unread."""
    page = session.get("/search/issues", {"q": f"repo:{repository} is:{kind}", "per_page": "1"}, _HEADERS)
    total = page.body.get("total_count") if isinstance(page.body, dict) else None
    if not isinstance(total, int) or page.body.get("incomplete_results"):
        raise Unread(GapReason.FAILED, "github:/search/issues: holds no whole count")
    return Reconciliation(f"search is:{kind}", total, len(found))


def _number(issue: Json) -> int:
    number = issue.get("number")
    if not isinstance(number, int):
        raise Unread(GapReason.FAILED, "github: an issue has no number")
    return number


def _user(value: Any) -> Json | None:  # noqa: ANN401
    return person(value.get("login"), value.get("name"), value.get("email")) if isinstance(value, dict) else None


def _issue(session: TrackerSession, repository: str, issue: Json) -> Entity:
    number = _number(issue)
    labels = [
        str(one.get("name") if isinstance(one, dict) else one)
        for one in issue.get("labels", [])
        if isinstance(one, (dict, str))
    ]
    status = "closed" if issue.get("state") == "closed" else "open"
    if status == "closed" and issue.get("state_reason") == "not_planned":
        status = "not planned"
    assigned = issue.get("assignees") or [issue.get("assignee")]
    approvals, transitions = _events(session, repository, number)
    return ticket(
        f"{repository}#{number}",
        title=issue.get("title"),
        kind=(issue.get("type") or {}).get("name") if isinstance(issue.get("type"), dict) else None,
        labels=labels,
        status=status,
        requester=_user(issue.get("user")),
        implementer=_user(assigned[0]) if len(assigned) == 1 else None,
        created=moment_of(issue.get("created_at")),
        closed=moment_of(issue.get("closed_at")),
        approvals=approvals,
        transitions=transitions,
        references=references_in(issue.get("title"), issue.get("body"), repository=repository),
    )


def _events(session: TrackerSession, repository: str, number: int) -> tuple[list[Json] | Json, list[Json]]:
    """(approvals, or why they could not be read; statuses). Who sets a label that is mapped to `approved` approves."""
    try:
        events = list(_listed(session, f"/repos/{repository}/issues/{number}/events", {"per_page": _PAGE}))
    except Refusal as refusal:
        if not _is_own(refusal):
            raise
        return refusal.instead, []
    transitions: list[Json] = []
    for one in events:
        to = {"labeled": f"label:{(one.get('label') or {}).get('name')}", "closed": "closed", "reopened": "open"}
        if one.get("event") in to:
            at = moment_of(one.get("created_at"))
            transitions.append({"to": to[one["event"]], "by": _user(one.get("actor")), "at": at})
    return [], transitions


def _is_own(refusal: Refusal) -> bool:
    """Whether it concerns this one thing, and not all of them."""
    return refusal.reason is not GapReason.THROTTLED and refusal.status in (403, 404, 410)


def _pull_request(session: TrackerSession, repository: str, number: int) -> Entity:
    base = f"/repos/{repository}/pulls/{number}"
    page = session.get(base, None, _HEADERS)
    found: Json = page.body if isinstance(page.body, dict) else {}
    head, target = found.get("head") or {}, found.get("base") or {}
    if not isinstance(found.get("number"), int) or not isinstance(head, dict) or not isinstance(target, dict):
        raise Unread(GapReason.FAILED, f"github:{base}: is no pull request")
    return pull_request(
        f"{repository}#{number}",
        repository=repository,
        title=found.get("title"),
        author=_user(found.get("user")),
        approvals=_reviews(session, base),
        merged_by=_user(found.get("merged_by")),
        created=moment_of(found.get("created_at")),
        merged=moment_of(found.get("merged_at")),
        closed=moment_of(found.get("closed_at")),
        commits=_commits(session, base, found),
        head=head.get("ref"),
        base=target.get("ref"),
        references=references_in(found.get("title"), found.get("body"), head.get("ref"), repository=repository),
    )


def _reviews(session: TrackerSession, base: str) -> list[Json] | Json:
    try:
        reviews = list(_listed(session, f"{base}/reviews", {"per_page": _PAGE}))
    except Refusal as refusal:
        if not _is_own(refusal):
            raise
        return refusal.instead
    return [
        approval(_user(one.get("user")), moment_of(one.get("submitted_at")), _STATES[one["state"]])
        for one in reviews
        if one.get("state") in _STATES
    ]


def _commits(session: TrackerSession, base: str, found: Json) -> list[str] | Json:
    """Ids of the commits, and of the one that merging made."""
    try:
        listed = list(_listed(session, f"{base}/commits", {"per_page": _PAGE}))
    except Refusal as refusal:
        if not _is_own(refusal):
            raise
        return refusal.instead
    ids = [one["sha"] for one in listed if isinstance(one.get("sha"), str)]
    merged = found.get("merge_commit_sha")
    if found.get("merged_at") and isinstance(merged, str):
        ids.append(merged)
    if len(listed) >= _MOST_COMMITS:
        detail = f"GitHub lists {_MOST_COMMITS} commits of a pull request at most"
        return Unread(GapReason.TRUNCATED, detail).instead
    return list(dict.fromkeys(ids))
