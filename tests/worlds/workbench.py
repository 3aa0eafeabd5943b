"""A log, an inventory and an evaluation in one place, for tests that start from snapshots."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from observant.evidence.events import EventBatch
from observant.evidence.log import Draft, Log
from observant.evidence.signers import Keys
from observant.evidence.snapshot import Collection, Gap, GapReason, Json, Snapshot
from observant.evidence.store.local import LocalStore
from observant.inventory.projection import Inventory
from observant.model.commitment import Commitment, parameter
from observant.model.kinds import KINDS
from observant.model.time import moment, text
from observant.period.evaluate import Evaluation

ORIGIN = "worlds.example/evidence"
PROMISED: dict[str, dict[str, object]] = {
    "snapshot_cadence": {"every": "24 hours", "grace": "6 hours"},
    "key_age_report_cadence": {"every": "7 days", "grace": "1 day"},
    "access_key_max_age": {"max_age": "90 days"},
    "unused_access_key": {"max_idle": "45 days"},
    "access_key_overlap": {"max_overlap": "7 days"},
    "never_used_credential": {"max_unused": "30 days"},
    "inactive_user": {"max_idle": "90 days"},
    "access_statements": {
        "statements": [
            "arn:aws:iam::*:user/* may s3:Get*, ec2:Describe*",
            "only arn:aws:iam::*:role/platform-* may iam:CreateUser",
        ]
    },
    "sensitive_data": {"resources": ["arn:aws:s3:::payroll-*"], "readers": ["arn:aws:iam::*:user/*"]},
    "trusted_accounts": {"allowed": ["444455556666"]},
    "trail_retention": {"keep": "365 days"},
    "sensitive_buckets": {"buckets": ["payroll-*"]},
    "organization_trail": {},
    "trail_encryption": {},
    "unused_role": {"max_idle": "90 days"},
    "analyzer_findings": {"max_open": "30 days"},
    "trail_delivery": {"max_silence": "1 hour"},
    "mfa_boundary": {},
    "permission_set_session": {"max_session": "8 hours"},
    "admin_permission_sets": {"allowed": ["BreakGlass"]},
    "account_administrators": {"allowed": ["ada 1*"]},
    "delegated_administrators": {"allowed": ["222233334444 cloudtrail.amazonaws.com"]},
    "leaver_removal": {"within": "24 hours"},
    "change_tickets": {"exempt": ["ChangePassword *"]},
    "change_approval": {"emergency_within": "24 hours"},
    "change_separation": {
        "requester_and_approver": True,
        "approver_and_implementer": True,
        "requester_and_implementer": True,
    },
    "pull_request_approval": {},
    "ticket_implementation": {"within": "30 days"},
    "grant_approval": {},
    "removal_tickets": {},
    "mover_access": {"within": "7 days"},
    "access_review_cadence": {"scopes": ["*"], "every": "30 days", "grace": "5 days"},
    "access_review_actions": {"within": "10 days"},
    "password_policy": {"minimum_length": 14, "reuse_prevention": 24, "require_symbols": True},
    "credential_expiry_report_cadence": {"every": "7 days", "grace": "1 day"},
    "emergency_accounts": {"accounts": ["breakglass-*"], "least": 1, "most": 1},
    "service_accounts": {"accounts": ["svc-*"], "confinement": True},
    "mfa_coverage": {"least_percent": 100},
    "conditional_access_exclusions": {"most_people": 1, "most_percent": 20},
    "legacy_authentication": {"most_people": 0},
    "device_code_flow": {"most_people": 0},
    "phishing_resistant_admins": {},
    "report_only_policies": {"max_time": "30 days"},
    "privileged_roles": {"allowed": ["sync"]},
    "administrator_number": {
        "global_administrators": 4,
        "privileged_role_administrators": 2,
        "global_administrators_with_eligible": 4,
    },
    "role_eligibility": {"max_eligibility": "365 days"},
    "role_activation": {"max_activation": "8 hours", "approval": True, "mfa": True, "justification": True},
    "application_certificates": {},
    "application_credential_age": {"max_age": "365 days"},
    "application_credential_expiry": {"notice": "14 days", "removal": "30 days"},
    "application_owners": {},
    "inactive_guest": {"max_idle": "90 days"},
    "guest_invitation": {"max_pending": "30 days"},
    "guest_policy": {"invites_from": ["none", "adminsAndGuestInviters"], "guest_access": ["restricted"]},
    "guest_review": {"every": "180 days"},
    "log_retention": {"categories": ["AuditLogs", "SignInLogs", "*UserSignInLogs"], "retention": "365 days"},
    "log_forwarding": {"categories": ["AuditLogs", "SignInLogs"], "destinations": ["*/workspaces/logs"]},
    "production_access": {"production": ["tag:environment=production"], "allowed": ["deployer"]},
    "production_people": {"allowed": ["ada@*"]},
    "activity_log_retention": {"categories": ["Administrative", "Policy"], "retention": "365 days"},
    "activity_log_forwarding": {"categories": ["Administrative"], "destinations": ["*/workspaces/logs"]},
}


def policy(effective: date, **changed: dict[str, object] | None) -> list[Commitment]:
    """The written policy of the worlds; an entry that is None was never written down."""
    wanted = {name: given for name, given in (PROMISED | changed).items() if given is not None}
    return [
        Commitment(
            name=name,
            document="Access Control Policy",
            clause="4",
            statement=KINDS[name].promises,
            effective=effective,
            parameters={key: parameter(KINDS[name].parameters[key], value) for key, value in given.items()},
        )
        for name, given in wanted.items()
    ]


class Workbench:
    """One log in `folder`, whose clock stands where the test puts it."""

    def __init__(self, folder: Path, start: datetime = datetime(2025, 1, 1, tzinfo=UTC)) -> None:
        self.now = start
        keys = Keys.create(folder / "keys", ORIGIN)
        self.log = Log.create(LocalStore(folder / "evidence"), keys, ORIGIN, lambda: self.now)

    def record(self, *read: Snapshot | EventBatch) -> None:
        snapshots = [one for one in read if isinstance(one, Snapshot)]
        self.now = max([self.now, *(one.finished for one in snapshots)])
        self.log.append_run(read, Draft("run", "", self.now, {}))

    def hear(self, *batches: EventBatch) -> None:
        self.log.append_run(batches, Draft("reading", "", self.now, {}))

    def evaluate(
        self, commitments: Iterable[Commitment], as_of: datetime | None = None, inventory: Inventory | None = None
    ) -> Evaluation:
        return Evaluation.of(
            self.log, inventory or Inventory.open(None), list(commitments), as_of or self.now + timedelta(hours=1)
        )


def without(snapshot: Snapshot, hidden: Iterable[str]) -> Snapshot:
    """The same snapshot as somebody sees it who is denied some collections."""
    names = set(hidden)
    gap = Gap(GapReason.DENIED, "AccessDenied: not authorized")
    return replace(
        snapshot,
        collections=[Collection(one.name, gap=gap) if one.name in names else one for one in snapshot.collections],
    )


def heard_later(batch: EventBatch, by: timedelta) -> EventBatch:
    """The same events, delivered again."""
    reading = replace(batch.reading, started=batch.reading.started + by, finished=batch.reading.finished + by)
    return replace(batch, reading=reading)


def later(snapshot: Snapshot, by: timedelta) -> Snapshot:
    """The same state, read again after some time. Trails have gone on delivering meanwhile."""
    read = [_delivered(one, by) if one.name == "cloudtrail.trail_status" else one for one in snapshot.collections]
    return replace(snapshot, started=snapshot.started + by, finished=snapshot.finished + by, collections=read)


def _delivered(status: Collection, by: timedelta) -> Collection:
    def moved(usage: Json) -> Json:
        last = usage.get("LatestDeliveryTime")
        return {**usage, "LatestDeliveryTime": text(moment(last) + by)} if last else usage

    return replace(status, entities=[replace(one, usage=moved(one.usage or {})) for one in status.entities])
