"""What Harbourlight's tracker exports on each day. Nothing here is real.

- The late-night incident has its emergency ticket, written the same night and approved two days later than promised.
- The pipeline changes a role on 20 January with a pull request that a colleague approved. What somebody does by hand on
  24 June has nothing, nor has what was hung on Grace in May.
- Farid's user was asked for; its removal was not. A removal that was approved in March is never made.
- On 8 April Bjorn merges a pull request of his own that nobody looked at.
"""

import csv
import io
from datetime import UTC, datetime

TICKETS_FILE, PULL_REQUESTS_FILE = "tickets.csv", "pull-requests.csv"

_HEADER = ("Key", "Summary", "Type", "Status", "Reporter", "Approver", "Approved", "Assignee", "Created", "Closed")
_TICKETS = (
    # key, summary, type, reporter, approver, approved, assignee, created, closed
    ("HL-97", "Review the names of buckets", "Task", "ada", "", "", "ada"),
    ("HL-101", "Migration by Acme: vendor-acme-migration", "Access", "ivan", "bjorn", "2025-10-17T15:00", "ada"),
    ("HL-118", "Incident: incident-hotfix on deployment", "Emergency", "bjorn", "ada", "2025-11-17T23:30", "bjorn"),
    ("HL-127", "Contract of nils ends", "Access", "emre", "bjorn", "2025-12-17T10:00", "ada"),
    ("HL-129", "New colleague: elif", "Access", "chidi", "bjorn", "2026-01-07T09:30", "ada"),
    ("HL-131", "Encrypt the trail main", "Change", "bjorn", "chidi", "2026-01-09T14:00", "ada"),
    ("HL-140", "Remove the billing role of the old shop", "Change", "ivan", "chidi", "2026-03-02T11:00", "bjorn"),
    ("HL-150", "New colleague: farid", "Access", "chidi", "bjorn", "2026-04-17T16:00", "ada"),
    ("HL-154", "Migration is over: vendor-acme-migration", "Access", "ivan", "bjorn", "2026-05-04T11:00", "ada"),
    ("HL-158", "Record reads again: trail main", "Change", "chidi", "bjorn", "2026-05-22T10:00", "ada"),
    ("HL-160", "nils comes back", "Access", "emre", "bjorn", "2026-05-26T15:00", "ada"),
)
_TIMES = {
    "HL-97": ("2025-09-22T09:00", "2025-10-07T09:00"),
    "HL-101": ("2025-10-16T09:00", "2025-10-20T12:00"),
    "HL-118": ("2025-11-14T23:55", "2025-11-18T09:00"),
    "HL-127": ("2025-12-16T09:00", "2025-12-20T09:00"),
    "HL-129": ("2026-01-05T09:00", "2026-01-16T09:00"),
    "HL-131": ("2026-01-08T09:00", "2026-01-12T12:00"),
    "HL-140": ("2026-02-27T09:00", ""),
    "HL-150": ("2026-04-15T09:00", "2026-04-21T09:00"),
    "HL-154": ("2026-05-04T09:00", "2026-05-05T09:00"),
    "HL-158": ("2026-05-21T09:00", "2026-05-26T09:00"),
    "HL-160": ("2026-05-25T09:00", "2026-05-28T09:00"),
}
"""Key -> (created, closed)."""

_PULL_HEADER = ("Id", "Title", "Author", "Approver", "Approved", "Merged by", "Merged", "Created")
_INFRASTRUCTURE = "harbourlight/infrastructure"
_PULL_REQUESTS = (
    (f"{_INFRASTRUCTURE}#38", "Names of buckets", "ada", "bjorn", "2025-10-06T10:00", "ada", "2025-10-06T11:00"),
    (
        f"{_INFRASTRUCTURE}#41",
        "Copies by the pipeline",
        "emre",
        "bjorn",
        "2026-01-20T09:10",
        "chidi",
        "2026-01-20T09:40",
    ),
    (f"{_INFRASTRUCTURE}#44", "Tidy up", "bjorn", "", "", "bjorn", "2026-04-08T17:30"),
)

SOURCE = """
[[sources.tickets]]
name = "tracker"
system = "export"
file = "tickets.csv"
pull_requests = "pull-requests.csv"
statuses = { cancelled = ["Cancelled"] }
kinds = { change = ["Change"], emergency = ["Emergency"], access = ["Access"] }

[sources.tickets.columns]
id = "Key"
title = "Summary"
kind = "Type"
status = "Status"
requester = "Reporter"
approver = "Approver"
approved = "Approved"
implementer = "Assignee"
created = "Created"
closed = "Closed"

[sources.tickets.pull_request_columns]
id = "Id"
title = "Title"
author = "Author"
approver = "Approver"
approved = "Approved"
merged_by = "Merged by"
merged = "Merged"
created = "Created"
"""
"""For `observant.toml`."""

_OWN = '["ChangePassword *", "*AccessKey arn:aws:iam::*:user/*", "*MFADevice arn:aws:iam::*:user/*"]'
PROMISES: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    (
        "change_tickets",
        "12.1",
        "Every change of access has a ticket; own passwords, keys and devices need none.",
        {"exempt": _OWN},
    ),
    (
        "change_approval",
        "12.2",
        "Changes are approved before they are made; emergency changes within 24 hours after.",
        {"emergency_within": "24 hours"},
    ),
    (
        "change_separation",
        "12.3",
        "Nobody approves what they asked for or make.",
        {"requester_and_approver": "true", "approver_and_implementer": "true"},
    ),
    ("pull_request_approval", "12.4", "A colleague approves every pull request.", {"approvals": "1"}),
    ("ticket_implementation", "12.5", "Approved changes are made within 30 days.", {"within": "30 days"}),
    ("grant_approval", "12.6", "Access is given to people after it was approved.", {}),
    ("removal_tickets", "12.7", "Every removal of a person's access has a ticket.", {}),
)
"""What the written policy says about changes."""


def tickets(now: datetime) -> str:
    """`tickets.csv` as exported at a moment."""
    rows = []
    for key, summary, kind, reporter, approver, approved, assignee in _TICKETS:
        created, closed = _TIMES[key]
        if _by(created, now):
            is_approved, is_closed = _by(approved, now), _by(closed, now)
            status = "Done" if is_closed else "Approved" if is_approved else "Open"
            given = (approver, _zoned(approved)) if is_approved else ("", "")
            ended = _zoned(closed) if is_closed else ""
            rows.append((key, summary, kind, status, reporter, *given, assignee, _zoned(created), ended))
    return _written(_HEADER, rows)


def pull_requests(now: datetime) -> str:
    """`pull-requests.csv` as exported at a moment: those that are merged."""
    rows = [
        (name, title, author, approver, _zoned(approved), merged_by, _zoned(merged), _zoned(merged))
        for name, title, author, approver, approved, merged_by, merged in _PULL_REQUESTS
        if _by(merged, now)
    ]
    # An export without a row is no export: until the first is merged, one is open.
    return _written(
        _PULL_HEADER, rows or [(f"{_INFRASTRUCTURE}#37", "Open", "ada", "", "", "", "", "2025-09-29T08:00Z")]
    )


def _by(written: str, now: datetime) -> bool:
    return bool(written) and datetime.fromisoformat(written).replace(tzinfo=UTC) <= now


def _zoned(written: str) -> str:
    return f"{written}Z" if written else ""


def _written(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([header, *rows])
    return file.getvalue()
