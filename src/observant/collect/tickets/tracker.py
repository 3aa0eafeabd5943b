"""What the workspace says about one source of tickets: where it is, what is asked of it, and what its words mean."""

from pathlib import Path

import msgspec

from observant.evidence.snapshot import Json

SYSTEMS = ("export", "github", "jira-cloud", "jira", "servicenow")
"""`jira` is Jira Data Center."""

TICKET_FIELDS = (
    *("id", "title", "kind", "status", "requester", "approver", "approved", "implementer", "created", "closed"),
    "references",
)
TICKET_REQUIRED = ("id", "created")
PULL_REQUEST_FIELDS = (
    *("id", "title", "author", "approver", "approved", "merged_by", "merged", "created", "closed", "commits"),
    *("head", "references"),
)
PULL_REQUEST_REQUIRED = ("id", "author", "created", "merged")

MEANINGS = ("approved", "cancelled")
"""What a status can mean. Who moves a ticket to an `approved` one approves it."""
PURPOSES = ("change", "emergency", "access")
"""What a kind of ticket can be for."""


class Tracker(msgspec.Struct, frozen=True):
    """One source of tickets. Holds no secret: `token` names where one is found."""

    name: str
    """As in the scope `tickets:<name>`."""
    system: str
    statuses: dict[str, list[str]]
    """Meaning -> statuses, in the tracker's own words; of GitHub, `label:NAME` is a status too."""
    kinds: dict[str, list[str]]
    """Purpose -> kinds of ticket, in the tracker's own words; of GitHub, labels."""
    file: Path | None = None
    """`export`: tickets, CSV with a header or JSON."""
    pull_requests: Path | None = None
    columns: dict[str, str] = {}
    pull_request_columns: dict[str, str] = {}
    zone: str = "UTC"
    """`export`: IANA name, for moments that name none."""
    date_format: str = ""
    """`export`: as of `strptime`; empty for ISO 8601."""
    address: str = ""
    """`https://…` without a slash at the end."""
    repositories: list[str] = []
    query: str = ""
    """Jira: JQL. ServiceNow: an encoded query."""
    table: str = "change_request"
    """ServiceNow."""
    approvers: str = ""
    """Jira: the field that lists approvals of a service project, or people who approved."""
    implementer: str = ""
    """Jira, ServiceNow: the field that names who makes the change; the assignee when empty."""
    user: str = ""
    token_variable: str = ""
    token_file: Path | None = None

    @property
    def rules(self) -> Json:
        """What its words mean, and what was asked for: both are evidence."""
        return {
            "system": self.system,
            "address": self.address,
            "asked": {"repositories": self.repositories, "query": self.query, "table": self.table},
            "fields": {"approvers": self.approvers, "implementer": self.implementer},
            "statuses": {meaning: self.statuses.get(meaning, []) for meaning in MEANINGS},
            "kinds": {purpose: self.kinds.get(purpose, []) for purpose in PURPOSES},
        }
