"""ServiceNow: records of a task table (change requests, unless the workspace says otherwise) with their approvals.

Table API: https://www.servicenow.com/docs/r/api-reference/rest-apis/c_TableAPI.html. Stored values are in UTC. A
reader's access rules leave rows out without a word, so what comes is counted against `X-Total-Count`.
"""

from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from observant.collect.tickets.session import TrackerSession, objects
from observant.collect.tickets.shape import approval, moment_of, person, references_in, ticket
from observant.collect.tickets.tracker import Tracker
from observant.collect.unread import Unread
from observant.evidence.snapshot import Entity, GapReason, Json, Reconciliation

if TYPE_CHECKING:
    from observant.collect.tickets.collector import Answer

_PAGE = 1000
_AT_ONCE = 100
"""Approvals are asked for so many records at a time: addresses may not be too long."""
_APPROVALS = "sysapproval_approver"


def _who(field: str) -> list[str]:
    return [field, f"{field}.user_name", f"{field}.email"]


def _fields(tracker: Tracker) -> list[str]:
    people = [*_who("requested_by"), *_who("opened_by"), *_who(tracker.implementer or "assigned_to")]
    return [
        *("sys_id", "number", "short_description", "description", "type", "sys_class_name", "state", "approval"),
        *("sys_created_on", "opened_at", "closed_at", "parent"),
        *people,
    ]


def read_tickets(session: TrackerSession, tracker: Tracker, since: datetime | None) -> "Answer":
    """The records of the query. Raises Unread."""
    from observant.collect.tickets.collector import Answer

    changed = f"sys_updated_on>={since:%Y-%m-%d %H:%M:%S}" if since else ""
    query = "^".join(part for part in (tracker.query, changed, "ORDERBYsys_id") if part)
    records, total = _all(session, tracker.table, query, _fields(tracker))
    approvals = _approvals(session, [_value(one, "sys_id") for one in records])
    found = [_record(tracker, one, approvals.get(_value(one, "sys_id"), [])) for one in records]
    return Answer(found, [] if since else [Reconciliation("X-Total-Count", total, len(found))])


def _all(session: TrackerSession, table: str, query: str, fields: list[str]) -> tuple[list[Json], int]:
    path, found = f"/api/now/table/{table}", list[Json]()
    asked = {
        "sysparm_query": query,
        "sysparm_fields": ",".join(fields),
        "sysparm_display_value": "all",
        "sysparm_exclude_reference_link": "true",
        "sysparm_limit": str(_PAGE),
    }
    offset = 0
    while True:
        page = session.get(path, {**asked, "sysparm_offset": str(offset)})
        found += objects(page, f"servicenow:{path}", "result")
        written = page.headers.get("x-total-count", "")
        if not written.isascii() or not written.isdigit():
            raise Unread(GapReason.FAILED, f"servicenow:{path}: does not say how many records there are")
        offset += _PAGE
        if offset >= int(written):
            break
    if len(found) != int(written):
        hidden = f"{int(written) - len(found)} of {written} records are hidden from the reader, or came meanwhile"
        raise Unread(GapReason.TRUNCATED, f"servicenow:{path}: {hidden}")
    return found, int(written)


def _approvals(session: TrackerSession, ids: list[str]) -> dict[str, list[Json]]:
    """sys_id -> who approved it and when. Raises Unread."""
    found: dict[str, list[Json]] = defaultdict(list)
    for start in range(0, len(ids), _AT_ONCE):
        wanted = ",".join(ids[start : start + _AT_ONCE])
        fields = ["sysapproval", "state", "sys_updated_on", *_who("approver")]
        query = f"sysapprovalIN{wanted}^state=approved^ORDERBYsys_id"
        for one in _all(session, _APPROVALS, query, fields)[0]:
            by, at = _person(one, "approver"), moment_of(_value(one, "sys_updated_on"))
            found[_value(one, "sysapproval")].append(approval(by, at))
    return found


def _value(record: Json, field: str) -> str:
    found = record.get(field)
    value = found.get("value") if isinstance(found, dict) else found
    return value if isinstance(value, str) else ""


def _shown(record: Json, field: str) -> Any:  # noqa: ANN401
    found = record.get(field)
    return found.get("display_value") if isinstance(found, dict) else found


def _person(record: Json, field: str) -> Json | None:
    named = _value(record, f"{field}.user_name") or _value(record, field)
    return person(named, _shown(record, field), _value(record, f"{field}.email"))


def _record(tracker: Tracker, record: Json, approvals: list[Json]) -> Entity:
    number = _value(record, "number")
    if not number:
        raise Unread(GapReason.DENIED, f"servicenow:{tracker.table}: the number of a record is hidden from the reader")
    return ticket(
        number,
        title=_shown(record, "short_description"),
        kind=_shown(record, "type") or _shown(record, "sys_class_name"),
        status=_shown(record, "state"),
        requester=_person(record, "requested_by") or _person(record, "opened_by"),
        implementer=_person(record, tracker.implementer or "assigned_to"),
        created=moment_of(_value(record, "opened_at") or _value(record, "sys_created_on")),
        closed=moment_of(_value(record, "closed_at")),
        approvals=approvals,
        references=references_in(
            _shown(record, "short_description"), _shown(record, "description"), _shown(record, "parent")
        ),
    )
