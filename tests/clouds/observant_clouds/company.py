"""A fictional company's year in its AWS account, told event by event. Nothing here is real, and nothing is a fixture:
the account lives in the test cloud, and whoever looks at it reads it through the AWS API.

Harbourlight is a software company of fourteen people. Its year has the usual ordinary days, and these stories:

- 14 November, 23:40: in an incident a policy that allows everything is attached to the deployment role; it is taken
  away on 17 November.
- 20 October: a vendor gets an access key for a migration that ends in November. The key is switched off on 4 May.
- 7 February, a Saturday: somebody signs in as root.
- March: collection is broken. At first every call is denied, then the scheduled job does not run at all.
- 1 June: the written policy tightens key rotation from 90 to 60 days.
- 12 June: an engineer leaves. Three months later she is still an active IAM user with an active key.
- 21 July: the trail is stopped for a day and a half.
- nils is a contractor until 19 December. His password is taken away that day. He comes back on 1 June; five days before
  he has a password again, and is still in the group that nobody took him out of.
- 20 January: the pipeline attaches a policy to the deployment role. On 24 June somebody does the like by hand.

- 9 December: a bucket with releases is opened to a partner. Access Analyzer says so the same day; nobody looks at it
  until February.
- nobody assumes the role of the organization's administrator after January, and dana owned the backup's user.
- at the beginning log files are neither locked nor encrypted with a key of the company; both are put right. For a week
  in May reads of customers' data are not recorded, and for two days in August the log bucket refuses its files.

`company_organization` tells of the AWS organization above it. Whatever is done through `by`, CloudTrail has events of.

and some smaller ones: a new colleague without MFA for three days, a rotation that is not finished, an account created
for somebody who never came, a policy hung on a person.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from observant_clouds import company_organization
from observant_clouds.aws.event_log import EventLog
from observant_clouds.aws.hand import GITHUB, Hand, iam_user, identity_center_user, workflow
from observant_clouds.aws.inprocess import Cloud
from observant_clouds.aws.traffic import Fault
from observant_clouds.aws.world import Account, Key, statement

NAME = "Harbourlight (fictional)"
ACCOUNT = "111122223333"
FIRST = date(2025, 10, 1)
LAST = date(2026, 9, 30)
READ_AT = timedelta(hours=6)
"""Time of day of the scheduled snapshot."""

STAFF = {
    "ada": ("platform",),
    "bjorn": ("platform",),
    "chidi": ("developers",),
    "dana": ("developers",),
    "emre": ("developers",),
    "grace": ("support",),
    "hana": ("support",),
    "ivan": ("finance",),
}
_WORKS = ("ada", "bjorn", "chidi", "dana", "elif", "emre", "grace", "hana", "ivan")
_PROGRAMS = ("ci-deploy", "backup")

PIPELINE = "repo:harbourlight/infrastructure:ref:refs/heads/main"
"""Subject of the workflow's token."""

DENIED = (date(2026, 3, 2), date(2026, 3, 16))
"""First and last day on which every call was denied."""
SILENT = (date(2026, 3, 17), date(2026, 3, 31))
"""First and last day on which nothing ran."""

_READS = (
    "iam:GetAccountAuthorizationDetails",
    "iam:GenerateCredentialReport",
    "iam:GetCredentialReport",
    "iam:GetAccountSummary",
    "iam:GetAccountPasswordPolicy",
    "iam:ListAccountAliases",
    "iam:ListVirtualMFADevices",
    "cloudtrail:DescribeTrails",
    "accessanalyzer:ListAnalyzers",
)


@dataclass(frozen=True)
class Event:
    """Something that happens once."""

    at: datetime
    happens: Callable[["Company"], None]


class Company:
    """Plays the year: `live_until(moment)` lets everything happen up to a moment."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.account: Account = cloud.account(ACCOUNT)
        self.log = EventLog(ACCOUNT, cloud.now)
        self._chance = Random(11)
        self._pending = sorted(_story(), key=lambda event: event.at)
        self._gone: set[str] = set()
        self._lived = moment(FIRST, -48)
        self.refused = ""
        """The error with which the log bucket refuses its files, while it does."""
        cloud.move_to(self._lived)
        self._open()
        self.organization = company_organization.CompanyOrganization(self, ACCOUNT)

    def live_until(self, until: datetime) -> None:
        """Let events and ordinary working days happen up to `until`, and leave the clock there."""
        day = self._lived
        while day < until:
            following = min(day + timedelta(days=1), until)
            self._happen(following)
            self._work(following)
            day = following
        self._lived = until
        self.cloud.move_to(until)

    def _happen(self, until: datetime) -> None:
        while self._pending and self._pending[0].at <= until:
            event = self._pending.pop(0)
            self.cloud.move_to(event.at)
            event.happens(self)

    def _work(self, until: datetime) -> None:
        """Everybody signs in on most working days; programs use their keys every day."""
        yesterday = until - timedelta(days=1)
        working = yesterday.weekday() < 5
        for name in _WORKS:
            if working and name in self.account.iam.users and name not in self._gone and self._chance.random() < 0.8:
                began = yesterday.replace(hour=8) + timedelta(minutes=self._chance.randrange(540))
                self.account.sign_in(name, began)
        for name in _PROGRAMS:
            newest = self.account.iam.users[name].access_keys[-1]
            self.account.use_key(name, newest.access_key_id, until - timedelta(minutes=self._chance.randrange(5, 300)))
        if working:
            self.account.use_role("deployment", yesterday.replace(hour=14))
        self.account.deliver("main", until - timedelta(minutes=12), error=self.refused)
        if working and "dana" not in self._gone:
            self.account.use_key("dana", when=yesterday.replace(hour=10))

    def by(self, name: str) -> Hand:
        """An administrator at work, signed in through Identity Center."""
        return Hand(self.account, self.log, identity_center_user(ACCOUNT, "Emergency", name))

    def own(self, name: str) -> Hand:
        """A user who does something about their own account; a program, too."""
        return Hand(self.account, self.log, iam_user(ACCOUNT, name))

    def pipeline(self, run: str) -> Hand:
        """A run of the workflow that changes the infrastructure."""
        self.account.use_role("organization-administrator")
        return Hand(self.account, self.log, workflow(self.log, "organization-administrator", PIPELINE, run))

    def leaves(self, name: str) -> None:
        """Stops working. What happens to the account is another matter."""
        self._gone.add(name)

    # -- how the year begins

    def _open(self) -> None:
        account = self.account
        account.alias("harbourlight")
        account.root(mfa=True, password_last_used="2025-03-03T09:00:00Z")
        account.password_policy(minimum_length=14, reuse_prevention=24)
        account.bucket("harbourlight-trail", expire_days=400)
        account.bucket("harbourlight-customers")
        account.trail(
            "main", "harbourlight-trail", organization=True, selectors=_recorded("All"), started="2025-01-02T00:00:00Z"
        )
        self.analyzer = account.analyzer("outside", created="2024-06-01T09:00:00Z")
        read_only = account.aws_policy(
            "ReadOnlyAccess", statement(["s3:Get*", "s3:List*", "ec2:Describe*", "iam:Get*"])
        )
        billing = account.aws_policy("Billing", statement(["aws-portal:*", "cur:*"]), path="/job-function/")
        admin = account.aws_policy("AdministratorAccess", statement("*"))
        deploy = account.policy(
            "deploy",
            statement(["ecs:*", "lambda:*", "s3:PutObject"], "arn:aws:s3:::harbourlight-releases/*"),
            created="2024-06-01T09:00:00Z",
        )
        backup = account.policy(
            "backup", statement(["s3:PutObject"], "arn:aws:s3:::harbourlight-backup/*"), created="2024-06-01T09:00:00Z"
        )
        account.group("platform", policies=[read_only, deploy], created="2024-06-01T09:00:00Z")
        account.group("developers", policies=[read_only], created="2024-06-01T09:00:00Z")
        account.group("support", policies=[read_only], created="2024-06-01T09:00:00Z")
        account.group("finance", policies=[billing], created="2024-06-01T09:00:00Z")
        account.group("programs", policies=[backup, deploy], created="2024-06-01T09:00:00Z")
        account.role("deployment", policies=[deploy], created="2024-06-01T09:00:00Z")
        account.role("organization-administrator", _TRUSTS_PIPELINE, policies=[admin], created="2024-06-01T09:00:00Z")
        account.use_role("organization-administrator", "2025-09-15T10:00:00Z")
        for name, groups in STAFF.items():
            account.user(
                name,
                created="2024-09-02T09:00:00Z",
                password="2025-06-02T09:00:00Z",
                password_last_used="2025-09-30T08:30:00Z",
                mfa="virtual",
                groups=groups,
            )
        account.key("dana", created="2025-09-08T10:00:00Z", last_used="2025-09-29T10:00:00Z")
        account.user(
            "nils",
            created="2025-04-01T09:00:00Z",
            password="2025-04-01T09:00:00Z",
            password_last_used="2025-09-30T09:10:00Z",
            mfa="virtual",
            groups=["developers"],
        )
        account.user(
            "ci-deploy", created="2024-06-01T09:00:00Z", groups=["programs"], keys=[Key("2025-08-18T07:00:00Z")]
        )
        account.user("backup", created="2024-06-01T09:00:00Z", groups=["programs"], keys=[Key("2025-09-01T07:00:00Z")])


def moment(day: date, hours: float = 0) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hours)


def readings() -> list[datetime]:
    """When the schedule wants a snapshot: every day from the one before the year to the one after it."""
    days = (LAST - FIRST).days + 3
    return [moment(FIRST - timedelta(days=1)) + timedelta(days=number) + READ_AT for number in range(days)]


def runs_on(day: date) -> bool:
    """Whether the scheduled collection runs on this day at all."""
    return not SILENT[0] <= day <= SILENT[1]


def _at(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


def _story() -> list[Event]:
    events: list[Event] = []

    def on(written: str, *steps: Callable[[Company], None]) -> None:
        events.extend(Event(_at(written), step) for step in steps)

    # The vendor's access key.
    on("2025-10-20T10:00", lambda one: _vendor(one.by("ada")))
    for day in range(40):
        used = _at("2025-10-21T03:00") + timedelta(days=day)
        events.append(Event(used, lambda one: one.account.use_key("vendor-acme-migration")))
    on("2026-05-04T13:30", lambda one: one.by("ada").set_key("vendor-acme-migration", active=False))

    # The late-night incident.
    on("2025-11-14T23:40", lambda one: _everything_allowed(one.by("bjorn")))
    on("2025-11-17T14:05", lambda one: one.by("bjorn").detach("role", "deployment", _hotfix(one.account)))

    # What Access Analyzer finds, and nobody looks at until February.
    on(
        "2025-12-09T09:00",
        lambda one: one.account.finding(one.analyzer, _RELEASES, resource_type="AWS::S3::Bucket") and None,
    )
    on("2026-02-02T10:00", lambda one: one.account.archive(one.analyzer, "00000000-0000-4000-8000-" + ACCOUNT))

    # The administrator's role is used less and less.
    for written in ("2025-11-20T10:00", "2026-01-20T10:00"):
        on(written, lambda one: one.account.use_role("organization-administrator"))

    # The log is locked, then encrypted; reads are left out for a week; the bucket refuses its files for two days.
    on("2025-12-01T10:00", lambda one: one.account.lock_bucket("harbourlight-trail", "COMPLIANCE", 365))
    on(
        "2026-01-12T10:00",
        lambda one: one.by("ada").encrypt_trail("main", one.account.arn("key/7d1e", "kms", "us-east-1")),
    )
    on("2026-05-18T11:00", lambda one: one.by("bjorn").record("main", _recorded("WriteOnly")))
    on("2026-05-25T11:00", lambda one: one.by("ada").record("main", _recorded("All")))
    on("2026-08-10T02:00", lambda one: setattr(one, "refused", "AccessDenied"))
    on("2026-08-12T01:00", lambda one: setattr(one, "refused", ""))
    company_organization.story(on, ACCOUNT)

    # A colleague joins, without MFA for three days.
    on("2026-01-12T09:00", lambda one: one.by("ada").user("elif", password=True, groups=["developers"]))
    on("2026-01-15T16:20", lambda one: one.own("elif").mfa("elif"))

    # Somebody signs in as root.
    on("2026-02-07T21:13", lambda one: one.account.root(mfa=True, password_last_used="2026-02-07T21:13:00Z"))

    # Collection breaks.
    on(f"{DENIED[0]}T00:10", lambda one: one.cloud.traffic.faults.extend(Fault(action) for action in _READS))
    on("2026-03-31T18:00", lambda one: one.cloud.traffic.heal())

    # Rotations, one of which is not finished for 17 days.
    for written in ("2025-11-03", "2026-01-19", "2026-04-06", "2026-05-30", "2026-07-24", "2026-09-17"):
        _rotation(on, "ci-deploy", written, days=3)
    for written in ("2025-11-24", "2026-02-10", "2026-04-27", "2026-06-20", "2026-08-14"):
        _rotation(on, "backup", written, days=17 if written == "2026-04-27" else 2)
    for written in ("2025-12-01", "2026-02-23", "2026-05-18"):
        _rotation(on, "dana", written, days=1)

    # An account for somebody who never came.
    on("2026-04-20T11:00", lambda one: one.by("ada").user("farid", password=True, mfa=True))
    on("2026-06-30T11:00", lambda one: one.by("ada").remove_user("farid"))

    # A policy hung on a person.
    on(
        "2026-05-11T15:00",
        lambda one: one.by("bjorn").put_inline("user", "grace", "month-end", statement("s3:GetObject")),
    )
    on("2026-05-20T15:00", lambda one: one.by("bjorn").remove_inline("user", "grace", "month-end"))

    _contractor(on)

    # A role is changed by the pipeline, and much later by hand.
    on(
        "2026-01-20T10:00",
        lambda one: one.pipeline("8123").attach("role", "deployment", one.account.arn("policy/backup")),
    )
    on("2026-06-24T18:10", lambda one: one.by("bjorn").detach("role", "deployment", one.account.arn("policy/backup")))

    # An engineer leaves; her account stays.
    on("2026-06-12T17:00", lambda one: one.leaves("dana"))

    # The trail is stopped for a day and a half.
    on("2026-07-21T19:00", lambda one: one.by("bjorn").stop_trail("main"))
    on("2026-07-23T08:30", lambda one: one.by("ada").start_trail("main"))
    return events


_TRUSTS_PIPELINE = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{GITHUB}"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com", f"{GITHUB}:sub": PIPELINE}},
        }
    ],
}
_RELEASES = "arn:aws:s3:::harbourlight-releases"


def _recorded(objects: str) -> list[dict[str, Any]]:
    """All management events, and these events of objects in the customers' bucket."""
    customers = [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::harbourlight-customers/"]}]
    return [
        {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []},
        {"ReadWriteType": objects, "IncludeManagementEvents": False, "DataResources": customers},
    ]


def _vendor(by: Hand) -> None:
    by.user("vendor-acme-migration", inline={"migration": statement("rds:Describe*")})
    by.key("vendor-acme-migration")


def _hotfix(account: Account) -> str:
    return account.arn("policy/incident-hotfix")


def _everything_allowed(by: Hand) -> None:
    by.attach("role", "deployment", by.policy("incident-hotfix", statement("*", Sid="Hotfix")))


def _contractor(on: Callable[..., None]) -> None:
    """Nils goes, and comes back."""
    for written in ("2025-10-14T09:20", "2025-11-18T08:50", "2025-12-18T09:05", "2026-06-01T08:40", "2026-08-25T09:00"):
        on(written, lambda one: one.account.sign_in("nils"))
    on("2025-12-19T16:00", lambda one: one.by("ada").remove_password("nils"))
    on("2026-05-27T10:00", lambda one: one.by("ada").password("nils"))


def _rotation(on: Callable[..., None], user: str, day: str, *, days: int) -> None:
    """A second key is made, and the first removed some days later."""
    on(f"{day}T07:00", lambda one: one.own(user).key(user))
    end = _at(f"{day}T07:30") + timedelta(days=days)
    on(f"{end:%Y-%m-%dT%H:%M}", lambda one: one.own(user).remove_key(user))
