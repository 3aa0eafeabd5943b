"""Harbourlight's year in its Entra tenant and its two Azure subscriptions, told event by event. All of it is fictional.

The same fourteen people as in `company.py`, over the same year, read on the same mornings. Besides the ordinary days:

- 2 October to the end: people activate administrator roles for a few hours, with reason and approval.
- until 13 January: the role User Administrator is activated without anybody's approval.
- 28 November: the migration project with Acme ends. Its guest, petra, never signs in again and stays; two reviews pass
  over her. Acme's service principal stays Contributor on production until 4 May.
- 9 to 16 February: emre is a standing Global Administrator, assigned outside PIM.
- 24 to 27 March, while nothing is collected: kim is in the finance group. Only the audit log has it.
- 7 April: four more people are put into the MFA exclusion group, which then holds 5 of 23 users, 22 %. On 9 June it is
  one again.
- 14 April to 27 May: the secret of `invoice-export` is older than a year.
- 12 May: the certificate of `backup-vault` is rotated in time.
- 15 May, a Friday, 18:20: the policy that blocks legacy authentication is disabled; on Sunday, 20:05, it is on again.
  Both snapshots between fail, because the token endpoint is down that weekend, so no snapshot shows it. The audit log
  does, and so do two sign-ins over IMAP.
- 12 June: dana leaves; her account is disabled three days later.
- 14 July to 4 September: the log workspace keeps 90 days in place of 365.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from observant_clouds.company import FIRST, LAST, moment
from observant_clouds.microsoft import Certificate, Secret, Service, Tenant
from observant_clouds.microsoft.logs import SIGN_IN_CATEGORIES

PRODUCTION, DEVELOPMENT = "Harbourlight Production", "Harbourlight Development"

STAFF: dict[str, str] = {
    "ada": "platform",
    "bjorn": "platform",
    "chidi": "engineering",
    "dana": "engineering",
    "emre": "engineering",
    "grace": "support",
    "hana": "support",
    "ivan": "finance",
    "jonas": "engineering",
    "kim": "people",
    "lena": "sales",
    "mira": "sales",
    "noor": "engineering",
    "oskar": "management",
}
"""The fourteen people and their departments."""
GUESTS: dict[str, str] = {
    "petra": "acme.example",
    "tomas": "acme.example",
    "olu": "auditor.example",
    "wim": "designstudio.example",
}
SERVICE_ACCOUNTS = ("svc-scanner", "svc-meeting-room")
EMERGENCY = ("emergency-1", "emergency-2")

ADMINISTRATOR, USERS = "Global Administrator", "User Administrator"
MFA, LEGACY = "CA01 Require MFA for all users", "CA02 Block legacy authentication"
EXEMPT, BREAK_GLASS = "MFA exclusions", "Emergency access"
LEGACY_ALLOWED = (
    datetime.fromisoformat("2026-05-15T18:20:00+00:00"),
    datetime.fromisoformat("2026-05-17T20:05:00+00:00"),
)
"""While the policy that blocks legacy authentication was off."""
UNREACHABLE = (date(2026, 5, 16), date(2026, 5, 17))
"""First and last day on which no token was to be had, so that nothing could be read."""
APPROVED_SINCE = date(2026, 1, 13)
"""From this day on somebody approves when the role User Administrator is activated."""
RETENTION_CUT = (date(2026, 7, 14), date(2026, 9, 4))

_LOG_TABLES = (
    "AuditLogs",
    "SigninLogs",
    "AADNonInteractiveUserSignInLogs",
    "AADServicePrincipalSignInLogs",
    "AADManagedIdentitySignInLogs",
    "AzureActivity",
)
_TOKENS = "/{tenant}/oauth2/v2.0/token"


@dataclass(frozen=True)
class Event:
    """Something that happens once."""

    at: datetime
    happens: Callable[["CompanyTenant"], object]


class CompanyTenant:
    """Plays the year: `live_until(moment)` lets everything happen up to a moment. `service` answers for the tenant."""

    def __init__(self) -> None:
        self.tenant = Tenant("harbourlight")
        self.service = Service(self.tenant)
        self._chance = Random(23)
        self._pending = sorted(_story(), key=lambda event: event.at)
        self._gone: set[str] = set()
        self._lived = moment(FIRST, -48)
        self.tenant.move_to(self._lived)
        _open(self.tenant)
        self.tenant.open("ada")

    def live_until(self, until: datetime) -> None:
        """Let events and ordinary working days happen up to `until`, and leave the clock there."""
        day = self._lived
        while day < until:
            following = min(day + timedelta(days=1), until)
            self._happen(following)
            self._work(following)
            day = following
        self._lived = until
        self.tenant.move_to(until)

    def leaves(self, name: str) -> None:
        """Stops working. What happens to the account is another matter."""
        self._gone.add(name)

    def secret_of(self, application: str, place: int = 0) -> str:
        """The key id of a secret; the oldest is at 0."""
        return str(self.tenant.find("applications", application)["passwordCredentials"][place]["keyId"])

    def _happen(self, until: datetime) -> None:
        while self._pending and self._pending[0].at <= until:
            event = self._pending.pop(0)
            self.tenant.move_to(event.at)
            event.happens(self)

    def _work(self, until: datetime) -> None:
        """People sign in on most working days, guests on some, programs on all."""
        self.tenant.move_to(until)
        yesterday = until - timedelta(days=1)
        working = yesterday.weekday() < 5
        for name in (*STAFF, "elif", *GUESTS):
            there = ("users", name) in self.tenant.names and name not in self._gone
            if working and there and self._chance.random() < (0.2 if name in GUESTS else 0.8):
                began = yesterday.replace(hour=8) + timedelta(minutes=self._chance.randrange(540))
                self.tenant.sign_in(name, began)
                self.tenant.sign_in(name, began + timedelta(hours=2), interactive=False)
        for name in SERVICE_ACCOUNTS:
            self.tenant.sign_in(name, until - timedelta(hours=3), interactive=False)
        for name in ("invoice-export", "status-page"):
            key = self.secret_of(name, -1)
            self.tenant.program_sign_in(name, until - timedelta(hours=2), key_id=key)
        self.tenant.program_sign_in("deploy-pipeline", until - timedelta(hours=1))


# -- how the year begins


def _open(tenant: Tenant) -> None:
    tenant.licence = "P2"
    _people(tenant)
    _policies(tenant)
    _privileges(tenant)
    _programs(tenant)
    _azure(tenant)
    tenant.authorization(
        allowInvitesFrom="adminsAndGuestInviters", guestUserRoleId="2af84b1e-32c8-42b7-82bc-daa82404023b"
    )
    tenant.access_review(
        "Guests, quarterly", guests_only=True, reviewers=("ada",), by="ada", created="2025-01-15T09:00:00Z"
    )


def _people(tenant: Tenant) -> None:
    for number, (name, department) in enumerate(STAFF.items()):
        tenant.user(name, created="2024-09-02T09:00:00Z", department=department, employeeId=str(101 + number))
        tenant.methods(name, "microsoftAuthenticatorPush", *(["fido2SecurityKey"] if department == "platform" else []))
        tenant.sign_in(name, "2025-09-26T08:30:00Z")
    for name in SERVICE_ACCOUNTS:
        tenant.user(name, created="2024-10-01T09:00:00Z", employeeType="service account", signed_in=1)
    for name in EMERGENCY:
        tenant.user(name, created="2024-09-02T09:00:00Z", employeeType="emergency access")
        tenant.methods(name, "fido2SecurityKey")
    for name, home in GUESTS.items():
        tenant.guest(name, home, invited="2025-08-18T09:00:00Z", accepted="2025-08-19T07:30:00Z")
        tenant.sign_in(name, "2025-09-25T08:30:00Z")
    tenant.group("Staff", STAFF, created="2024-09-02T09:00:00Z")
    tenant.group("Finance", ["ivan", "oskar"], created="2024-09-02T09:00:00Z")
    tenant.group(EXEMPT, ["hana"], created="2024-09-02T09:00:00Z")
    tenant.group(BREAK_GLASS, EMERGENCY, role_assignable=True, created="2024-09-02T09:00:00Z")
    tenant.group("Platform administrators", ["ada", "bjorn"], role_assignable=True, created="2024-09-02T09:00:00Z")


def _policies(tenant: Tenant) -> None:
    modern = ("browser", "mobileAppsAndDesktopClients")
    tenant.named_location("Office Bremen", ["203.0.113.0/24"], trusted=True)
    tenant.conditional_access(MFA, grant=["mfa"], clients=modern, exclude_groups=[BREAK_GLASS, EXEMPT])
    tenant.conditional_access(
        LEGACY, grant=["block"], clients=["exchangeActiveSync", "other"], exclude_groups=[BREAK_GLASS]
    )
    tenant.conditional_access(
        "CA03 Phishing-resistant MFA for administrators",
        strength="Phishing-resistant MFA",
        roles=[ADMINISTRATOR, "Privileged Role Administrator", USERS],
        exclude_groups=[BREAK_GLASS],
    )
    tenant.conditional_access(
        "CA04 MFA for guests", grant=["mfa"], guests="b2bCollaborationGuest,b2bCollaborationMember"
    )
    tenant.conditional_access(
        "CA05 Block device code flow",
        grant=["block"],
        exclude_groups=[BREAK_GLASS],
        state="enabledForReportingButNotEnforced",
        authenticationFlows={"transferMethods": "deviceCodeFlow"},
    )


def _privileges(tenant: Tenant) -> None:
    tenant.role(BREAK_GLASS, ADMINISTRATOR, start="2024-09-02T09:00:00Z")
    for name in ("ada", "bjorn"):
        tenant.eligible(name, ADMINISTRATOR, start="2025-01-07T09:00:00Z", until="2027-01-07T09:00:00Z")
    tenant.eligible("chidi", USERS, start="2025-01-07T09:00:00Z", until="2027-01-07T09:00:00Z")
    tenant.role_policy(ADMINISTRATOR, activation_hours=4, approval=True, approvers=["ada", "bjorn"], ticket=True)
    tenant.role_policy(USERS, activation_hours=8)


def _programs(tenant: Tenant) -> None:
    github = "https://token.actions.githubusercontent.com"
    tenant.application(
        "deploy-pipeline", federated=[(github, "repo:harbourlight/product:environment:production")], owners=["ada"]
    )
    tenant.application("invoice-export", secrets=[Secret("2025-04-14T08:00:00Z", 730)], owners=["ivan"])
    tenant.application("status-page", secrets=[Secret("2025-09-01T08:00:00Z", 180)], owners=["bjorn"])
    tenant.application("backup-vault", certificates=[Certificate("2025-06-02T08:00:00Z", 730)], owners=["bjorn"])
    tenant.managed_identity("web-frontend")


def _azure(tenant: Tenant) -> None:
    tenant.management_group("harbourlight", display="Harbourlight")
    tenant.subscription(PRODUCTION, parent="harbourlight", tags={"environment": "production"})
    tenant.subscription(DEVELOPMENT, parent="harbourlight", tags={"environment": "development"})
    tenant.azure_assignment(BREAK_GLASS, "Owner", tenant.tenant_id)
    tenant.azure_assignment("Staff", "Reader", DEVELOPMENT)
    tenant.azure_assignment("deploy-pipeline", "Contributor", PRODUCTION)
    tenant.azure_assignment("web-frontend", "Reader", PRODUCTION)
    tenant.azure_eligible(
        "Platform administrators", "Owner", PRODUCTION, start="2025-01-07T09:00:00Z", until="2027-01-07T09:00:00Z"
    )
    tenant.azure_role_policy("Owner", PRODUCTION, activation_hours=4, approval=True, approvers=["ada", "bjorn"])
    tenant.workspace("harbourlight-logs", PRODUCTION, retention=90, tables=dict.fromkeys(_LOG_TABLES, 365))
    tenant.log_setting("to-log-analytics", SIGN_IN_CATEGORIES, workspace="harbourlight-logs")
    for subscription in (PRODUCTION, DEVELOPMENT):
        tenant.log_setting(
            "activity", ["Administrative", "Policy", "Security"], workspace="harbourlight-logs", at=subscription
        )


# -- what happens


def _at(written: str) -> datetime:
    return datetime.fromisoformat(f"{written}:00+00:00")


def _story() -> list[Event]:
    events: list[Event] = []

    def on(written: str, *steps: Callable[[CompanyTenant], object]) -> None:
        events.extend(Event(_at(written), step) for step in steps)

    _privileged_work(on)
    _guests(on)
    _programs_rotate(on)
    _exclusions(on)
    _joiners_and_leavers(on)

    # A standing administrator for a week, past PIM.
    on("2026-02-09T17:40", lambda one: one.tenant.role("emre", ADMINISTRATOR, outside_pim=True, by="oskar"))
    on("2026-02-16T10:15", lambda one: one.tenant.remove_role("emre", ADMINISTRATOR))

    # Device code flow is no longer only watched.
    on("2026-02-24T10:00", lambda one: one.tenant.change_policy("CA05 Block device code flow", state="enabled"))

    # Somebody is in the finance group while nothing is collected.
    on("2026-03-24T11:00", lambda one: one.tenant.member("Finance", "kim"))
    on("2026-03-27T16:30", lambda one: one.tenant.remove_member("Finance", "kim"))

    # Legacy authentication is let in for a weekend on which nothing can be read.
    on("2026-05-15T18:20", lambda one: one.tenant.change_policy(LEGACY, state="disabled"))
    on(
        "2026-05-16T00:10",
        lambda one: one.service.traffic.fault(_TOKENS, status=503, code="temporarily_unavailable") and None,
    )
    for written in ("2026-05-16T09:12", "2026-05-17T08:47"):
        on(written, lambda one: one.tenant.sign_in("svc-scanner", logged=True, client="IMAP4"))
    on("2026-05-17T20:05", lambda one: one.tenant.change_policy(LEGACY, state="enabled"))
    on("2026-05-17T22:00", lambda one: one.service.traffic.heal())

    # The log workspace keeps less.
    on(f"{RETENTION_CUT[0]}T15:00", lambda one: _keep_logs(one.tenant, 90))
    on(f"{RETENTION_CUT[1]}T09:30", lambda one: _keep_logs(one.tenant, 365))
    return events


On = Callable[..., None]
"""(moment as written, what happens then...)"""


def _privileged_work(on: On) -> None:
    """Every second Thursday an administrator role is activated for a change; the other administrator approves."""
    day, number = date(2025, 10, 2), 0
    while day <= LAST:
        who, other = ("ada", "bjorn") if number % 2 == 0 else ("bjorn", "ada")
        ticket = f"OPS-{200 + number}"

        def activate(one: CompanyTenant, who: str = who, other: str = other, ticket: str = ticket) -> None:
            why = f"Planned change {ticket}"
            one.tenant.activate(who, ADMINISTRATOR, 4, justification=why, ticket=ticket, approved_by=other)

        on(f"{day}T13:00", activate)
        if number % 3 == 0:
            on(f"{day}T14:00", _password_resets("bjorn" if day >= APPROVED_SINCE else None))
        day, number = day + timedelta(days=14), number + 1
    on(
        f"{APPROVED_SINCE}T09:00",
        lambda one: one.tenant.role_policy(USERS, activation_hours=8, approval=True, approvers=["ada", "bjorn"]),
    )
    on("2026-01-20T10:00", lambda one: one.tenant.azure_activate("ada", "Owner", PRODUCTION, 4))
    on("2026-06-23T10:00", lambda one: one.tenant.azure_activate("bjorn", "Owner", PRODUCTION, 4))


def _password_resets(approved_by: str | None) -> Callable[[CompanyTenant], object]:
    return lambda one: one.tenant.activate("chidi", USERS, 8, justification="Password resets", approved_by=approved_by)


def _guests(on: On) -> None:
    """Acme's project and its guest; reviews of guests in December, March and September, none in June."""
    on("2025-11-28T17:00", lambda one: one.leaves("petra"))
    for start, decisions in (
        ("2025-12-08", {"petra": "NotReviewed", "tomas": "Approve", "olu": "Approve", "wim": "Approve"}),
        ("2026-03-09", {"petra": "NotReviewed", "tomas": "Approve", "olu": "Approve", "wim": "Approve"}),
        ("2026-09-07", {"petra": "NotReviewed", "olu": "Approve", "wim": "Approve"}),
    ):
        _review(on, date.fromisoformat(start), decisions)
    on("2026-06-30T16:00", lambda one: one.leaves("tomas"), lambda one: one.tenant.remove_user("tomas"))


def _review(on: On, start: date, decisions: dict[str, str]) -> None:
    """A run of two weeks; the reviewer decides on the third day, and at the end the decisions are applied."""
    review, end = "Guests, quarterly", start + timedelta(days=14)
    running: list[str] = []

    def begin(one: CompanyTenant) -> None:
        running.append(one.tenant.start_review(review, decisions, moment(end, 8)))

    def decide(one: CompanyTenant) -> None:
        for who, decision in decisions.items():
            if decision != "NotReviewed":
                one.tenant.decide(running[0], who, decision, reviewer="ada", justification="still works with us")

    on(f"{start}T08:00", begin)
    on(f"{start + timedelta(days=3)}T10:00", decide)
    on(f"{end}T08:00", lambda one: one.tenant.end_review(running[0]))


def _programs_rotate(on: On) -> None:
    on("2025-10-20T10:30", _acme_migration)
    on("2026-05-04T13:30", lambda one: one.tenant.remove_azure_assignment("acme-migration", "Contributor", PRODUCTION))
    _rotation(on, "invoice-export", "2026-05-27", valid=730)
    _rotation(on, "status-page", "2026-02-10", valid=180)
    _rotation(on, "status-page", "2026-07-21", valid=180)
    on("2026-05-12T10:00", lambda one: one.tenant.certificate("backup-vault", Certificate(days=730)))
    on("2026-05-14T10:00", _old_certificate_removed)


def _old_certificate_removed(one: CompanyTenant) -> None:
    oldest = one.tenant.find("applications", "backup-vault")["keyCredentials"][0]
    one.tenant.remove_credential("backup-vault", str(oldest["keyId"]))


def _acme_migration(one: CompanyTenant) -> None:
    one.tenant.application("acme-migration", secrets=[Secret(days=730)], owners=["petra"], created=0)
    one.tenant.azure_assignment("acme-migration", "Contributor", PRODUCTION, created=0, by="ada")


def _rotation(on: On, application: str, day: str, *, valid: int) -> None:
    """A second secret is made, and the first removed two days later."""
    on(f"{day}T08:00", lambda one: one.tenant.secret(application, Secret(days=valid)))
    removed = _at(f"{day}T08:30") + timedelta(days=2)
    on(f"{removed:%Y-%m-%dT%H:%M}", lambda one: one.tenant.remove_credential(application, one.secret_of(application)))


def _exclusions(on: On) -> None:
    for number, name in enumerate(("lena", "mira", "grace", "svc-scanner")):
        on(f"2026-04-07T10:{number:02d}", lambda one, name=name: one.tenant.member(EXEMPT, name))
        on(f"2026-06-09T09:{number:02d}", lambda one, name=name: one.tenant.remove_member(EXEMPT, name))


def _joiners_and_leavers(on: On) -> None:
    on("2026-01-12T09:00", _elif_joins)
    on("2026-01-15T16:20", lambda one: one.tenant.methods("elif", "microsoftAuthenticatorPush"))
    on("2026-06-12T17:00", lambda one: one.leaves("dana"))
    on("2026-06-15T09:30", lambda one: one.tenant.change_user("dana", accountEnabled=False))


def _elif_joins(one: CompanyTenant) -> None:
    one.tenant.user("elif", created=0, department="engineering", employeeId="115")
    one.tenant.member("Staff", "elif")


def _keep_logs(tenant: Tenant, days: int) -> None:
    for table in _LOG_TABLES:
        tenant.set_retention("harbourlight-logs", table, days)
