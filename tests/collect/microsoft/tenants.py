"""Sessions on the test tenant, with a clock that only waiting moves, and a small company to read."""

import httpx2

from collect.microsoft.scripted import Time
from observant.collect.microsoft.clouds import CLOUDS
from observant.collect.microsoft.identity import Token
from observant.collect.microsoft.pace import Pace
from observant.collect.microsoft.session import MicrosoftSession, http_client
from observant.evidence.snapshot import Collection, Snapshot
from observant_clouds.microsoft import Certificate, Container, Secret, Service, Tenant, wsgi

SUBSCRIPTION = "production"
TENANT_LOGS = {"entra.directory_audits", "entra.activity_log"}
"""Collections of events, the first reading of which says what nobody can read any more."""


class Reached:
    """The tenant behind its service, and the one clock of both sides."""

    def __init__(self, tenant: Tenant | None = None) -> None:
        self.tenant = tenant or Tenant()
        self.time = Time(self.tenant.now.timestamp())
        self.service = Service(self.tenant, monotonic=self.time.ticks)
        self.tenant.clock = self.time.now

    @property
    def traffic(self):
        return self.service.traffic

    def token(self, scope: str, claims: str) -> Token:
        issued = self.service.tokens.issue(scope.removesuffix("/.default"), revived=bool(claims))
        return Token(issued, self.time.at + 3599)

    def session(self) -> MicrosoftSession:
        client = http_client(httpx2.WSGITransport(app=wsgi(self.service)))
        pace = Pace(self.time.ticks, self.time.pause, lambda: 1.0)
        return MicrosoftSession(CLOUDS["global"], self.token, client, pace, self.time.now)


def furnish(tenant: Tenant) -> None:
    """Three people, a guest, nested and hidden groups, roles held and eligible, an application, logs, a review."""
    tenant.user("ada", created=400, employeeId="1")
    tenant.user("bob", created=300)
    tenant.user("eve", created=200)
    tenant.guest("gil", invited=90)
    tenant.sign_in("ada", 3)
    tenant.methods("ada", "fido2SecurityKey")
    tenant.group("inner", ["bob"])
    tenant.group("outer", ["inner", "eve"])
    tenant.group("secret-society", ["ada"], hidden=True)
    tenant.group("nobody-asks", ["bob"])
    tenant.group("admins", ["ada"], role_assignable=True, owners=["bob"])
    tenant.group("cloud-owners", ["eve"])
    tenant.conditional_access("MFA", grant=["mfa"], exclude_groups=["outer", "secret-society"])
    tenant.role("admins", "Global Administrator")
    tenant.eligible("bob", "User Administrator")
    tenant.application(
        "robot",
        secrets=[Secret(created=400, days=730)],
        certificates=[Certificate()],
        federated=[("https://token.example", "repo:x")],
        owners=["bob"],
    )
    tenant.application_permission("robot", "User.Read.All")
    tenant.program_sign_in("robot", 2)
    tenant.access_review("quarterly", group="admins", reviewers=("ada",))
    tenant.review_instance("quarterly", 100, 86, {"ada": "Approve"}, reviewer="ada")
    tenant.subscription(SUBSCRIPTION)
    tenant.azure_assignment("cloud-owners", "Owner", SUBSCRIPTION)
    tenant.workspace("logs", SUBSCRIPTION, tables={"AuditLogs": 400})
    tenant.storage_account(
        "archive", SUBSCRIPTION, containers={"insights-logs-auditlogs": Container(365, locked=True)}, delete_after=500
    )
    tenant.log_setting("to-logs", workspace="logs", storage="archive")
    tenant.log_setting("activity", ["Administrative"], workspace="logs", at=SUBSCRIPTION)
    tenant.open()


def named(snapshot: Snapshot, name: str) -> Collection:
    return next(one for one in snapshot.collections if one.name == name)


def gaps(snapshot: Snapshot) -> dict[str, str]:
    return {one.name: one.gap.reason.value for one in snapshot.collections if one.gap is not None}


def unread(snapshot: Snapshot) -> dict[str, set[str]]:
    """Collection -> urns of the things in it that could not be read."""
    found = {
        one.name: {entity.urn for entity in one.entities if "Unread" in entity.configuration}
        for one in snapshot.collections
    }
    return {name: urns for name, urns in found.items() if urns}
