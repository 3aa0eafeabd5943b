"""What changed access in the estates, and the tickets and pull requests that a tracker has for it."""

import csv
import json
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from observant.collect.tickets.collector import collect_tickets
from observant.collect.tickets.tracker import Tracker
from observant.evidence.events import EventBatch, Reading
from observant.evidence.snapshot import Snapshot
from observant.model.time import text
from observant_clouds.aws import DEFAULT_ACCOUNT
from worlds.organization import MANAGEMENT

TICKET_HEADER = [
    "Key",
    "Summary",
    "Type",
    "Status",
    "Reporter",
    "Approver",
    "Approved",
    "Assignee",
    "Created",
    "Closed",
]
TICKET_COLUMNS = dict(
    zip(
        *(
            ("id", "title", "kind", "status", "requester", "approver", "approved", "implementer", "created", "closed"),
            TICKET_HEADER,
        ),
        strict=True,
    )
)
PULL_HEADER = ["Id", "Title", "Author", "Approver", "Approved", "Merged by", "Merged", "Created", "Commits"]
PULL_COLUMNS = dict(
    zip(
        *(
            ("id", "title", "author", "approver", "approved", "merged_by", "merged", "created", "commits"),
            PULL_HEADER,
        ),
        strict=True,
    )
)
Rows = list[list[str]]
COMMIT = "4f1c0de4f1c0de4f1c0de4f1c0de4f1c0de4f1c0"


def tracker(folder: Path, tickets: Rows, pull_requests: Rows = [], **changed: Any) -> Tracker:  # noqa: B006
    """Write both files, and say what is in them."""
    for name, header, rows in (("tickets.csv", TICKET_HEADER, tickets), ("pulls.csv", PULL_HEADER, pull_requests)):
        with (folder / name).open("w", newline="") as file:
            csv.writer(file).writerows([header, *rows])
    given: dict[str, Any] = {
        "name": "changes",
        "system": "export",
        "statuses": {"approved": ["Approved"], "cancelled": ["Cancelled"]},
        "kinds": {"change": ["Change"], "emergency": ["Emergency"], "access": ["Access"]},
        "file": folder / "tickets.csv",
        "pull_requests": folder / "pulls.csv" if pull_requests else None,
        "columns": TICKET_COLUMNS,
        "pull_request_columns": PULL_COLUMNS,
    }
    return Tracker(**(given | changed))


def read(estate: Callable[[datetime], tuple[Rows, Rows]], at: datetime) -> Snapshot:
    with tempfile.TemporaryDirectory() as folder:
        return collect_tickets(tracker(Path(folder), *estate(at)), lambda: at, "ana@host")


def event(
    name: str, at: datetime, by: str = "", session: str = "", identity: str = "", **request: Any
) -> dict[str, Any]:
    """One event of CloudTrail: by the IAM user `by`, or by a role in a session of this name and source identity."""
    account = DEFAULT_ACCOUNT
    user = {"type": "IAMUser", "arn": f"arn:aws:iam::{account}:user/{by}", "userName": by}
    role = {"type": "AssumedRole", "arn": f"arn:aws:sts::{account}:assumed-role/admin/{session}"}
    role |= {"sessionContext": {"sourceIdentity": identity}} if identity else {}
    return {
        "eventVersion": "1.08",
        "userIdentity": role if session else user,
        "eventTime": text(at),
        "eventSource": "iam.amazonaws.com",
        "eventName": name,
        "awsRegion": "us-east-1",
        "requestParameters": request,
        "responseElements": None,
        "eventID": f"{name}-{by or session}-{text(at)}",
        "readOnly": False,
        "recipientAccountId": account,
    }


def heard(scope: str, at: datetime, *events: dict[str, Any]) -> EventBatch:
    """A reading of the log of one account."""
    raws = [json.dumps(one).encode() for one in events]
    times = [datetime.fromisoformat(one["eventTime"]) for one in events]
    reading = Reading(at, at, "cloudtrail", "files", "ana@host", len(raws))
    return EventBatch(scope, raws, min(times, default=None), max(times, default=None), reading)


def _log(at: datetime, *events: dict[str, Any]) -> list[EventBatch]:
    return [heard(f"aws:{DEFAULT_ACCOUNT}", at, *events), heard(f"aws:{MANAGEMENT}", at)]


def best_log(at: datetime) -> list[EventBatch]:
    """A group that an approved ticket asked for, a removal with its ticket, and what a reviewed commit deployed."""
    before = at - timedelta(hours=5)
    return _log(
        at,
        event("AddUserToGroup", before, session="ops-CHG-1", identity="fresh", userName="ada", groupName="staff"),
        event("RemoveUserFromGroup", before, session="ops-CHG-2", identity="fresh", userName="ada", groupName="old"),
        event(
            "PutRolePolicy",
            before,
            session=f"deploy-{COMMIT[:12]}",
            identity="fresh",
            roleName="app",
            policyName="narrow",
        ),
        event("ChangePassword", before, by="ada"),
    )


def best(at: datetime) -> tuple[Rows, Rows]:
    asked, approved, done = (text(at - timedelta(hours=hours)) for hours in (30, 20, 5))
    tickets = [
        ["CHG-1", "Ada joins the staff", "Access", "Done", "ada", "chief", approved, "ops", asked, done],
        ["CHG-2", "Ada leaves the old group", "Change", "Done", "ada", "chief", approved, "ops", asked, done],
        ["CHG-3", "Not needed after all", "Change", "Cancelled", "ada", "chief", approved, "", asked, done],
        ["BUG-4", "A bug", "Bug", "Open", "ada", "", "", "", asked, ""],
    ]
    return tickets, [["acme/app#7", "Narrow the app", "ada", "chief", approved, "ops", approved, asked, COMMIT]]


def worst_log(at: datetime) -> list[EventBatch]:
    """By hand, without a ticket; and with one that nobody approved but who asked for it and did it, much later."""
    before = at - timedelta(hours=5)
    return _log(
        at,
        event("AttachUserPolicy", before, by="double", userName="stale", policyArn="arn:aws:iam::aws:policy/Admin"),
        event("RemoveUserFromGroup", before, by="double", userName="stale", groupName="wheel"),
        event("PutRolePolicy", before, by="double", session="climber-CHG-9", roleName="app", policyName="everything"),
    )


def worst(at: datetime) -> tuple[Rows, Rows]:
    asked, late = (text(at + timedelta(days=days)) for days in (-0.25, 41))
    tickets = [
        ["CHG-9", "Everything", "Emergency", "Done", "climber-CHG-9", "climber-CHG-9", late, "", asked, ""],
        ["CHG-8", "Remove the contractor", "Change", "Approved", "boss", "chief", asked, "", asked, ""],
    ]
    return tickets, [["acme/app#8", "Everything", "solo", "solo", asked, "solo", asked, asked, ""]]


def mixed_log(at: datetime) -> list[EventBatch]:
    before = at - timedelta(hours=4)
    more = event("AttachRolePolicy", before, by="stale", roleName="app", policyArn="arn:aws:iam::aws:policy/Admin")
    return [*best_log(at), heard(f"aws:{DEFAULT_ACCOUNT}", at, more)]


def mixed(at: datetime) -> tuple[Rows, Rows]:
    """The ticket names the role; whether it is of who changed it depends on the list of people."""
    tickets, pull_requests = best(at)
    asked, approved = (text(at - timedelta(hours=hours)) for hours in (30, 20))
    more = ["CHG-5", "More for app", "Change", "Done", "stale@example.com", "chief", approved, "", asked, ""]
    return [*tickets, more], pull_requests
