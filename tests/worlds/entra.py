"""An Entra tenant and its subscription as builders: one in which every check passes, one in which every one fails."""

from collections.abc import Callable
from datetime import datetime, timedelta

from collect.microsoft.tenants import Reached
from observant.collect.azure import collect_subscription, groups_in
from observant.collect.entra import collect_tenant
from observant.evidence.snapshot import Snapshot
from observant_clouds.microsoft import Certificate, Clock, Secret, Tenant
from observant_clouds.microsoft.logs import ENTRA_CATEGORIES, SUBSCRIPTION_CATEGORIES

NAME = "worlds"
SHOP = "shop"
RESTRICTED = "2af84b1e-32c8-42b7-82bc-daa82404023b"
SAME_AS_MEMBERS = "a0b1b346-4d3e-4e8b-98f8-753987be4970"


def read(build: Callable[[Tenant], None], at: datetime, unread: timedelta = timedelta()) -> list[Snapshot]:
    """What the collectors make of the tenant that `build` makes, and of each of its subscriptions.

    `unread`: for how long nobody read the event logs.
    """
    tenant = Tenant(NAME, Clock(at))
    build(tenant)
    reached = Reached(tenant)
    subscriptions = [
        collect_subscription(reached.session(), id_, reached.time.now, last_read=lambda _: at - unread)
        for id_ in tenant.objects["subscriptions"]
    ]
    groups = frozenset(group for one in subscriptions for group in groups_in(one.collections))
    return [
        collect_tenant(
            reached.session(),
            tenant.tenant_id,
            reached.time.now,
            also_groups=groups,
            last_read=lambda _: at - unread,
        ),
        *subscriptions,
    ]


def best(tenant: Tenant) -> None:
    """Everything as promised, with the odd shapes that a careless reader gets wrong."""
    _people(tenant)
    _privileges(tenant)
    _programs(tenant)
    _guests(tenant)
    _sign_ins(tenant)
    _azure(tenant)


def _people(tenant: Tenant) -> None:
    tenant.user("ada", signed_in=2)
    tenant.user("bob", signed_in=10)
    tenant.user("newcomer", created=3)
    tenant.role("newcomer", "Directory Readers")
    tenant.user("gone", created=400, accountEnabled=False)
    tenant.user("breakglass-1", created=400)


def _privileges(tenant: Tenant) -> None:
    tenant.role("breakglass-1", "Global Administrator", outside_pim=True)
    tenant.eligible("ada", "Global Administrator", start=100, until=-200)
    tenant.role_policy("Global Administrator", approval=True, approvers=["bob"], eligibility_days=365)
    tenant.activate("ada", "Global Administrator", 4, when=0.05)
    tenant.role("bob", "Directory Readers")
    tenant.group("approvers", ["ada"])
    tenant.group("tier-0", role_assignable=True)
    tenant.role("tier-0", "User Administrator")
    tenant.group_eligible("tier-0", "bob", start=10, until=-300)
    tenant.group_activate("tier-0", "bob", 2, when=0.05)
    tenant.group_policy(
        "tier-0", approval=True, approvers=["approvers"], activation_hours=2, authentication_context="c1"
    )


def _programs(tenant: Tenant) -> None:
    tenant.application("robot", certificates=[Certificate(created=30)], federated=[("https://idp.example", "repo:x")])
    tenant.application("sync", certificates=[Certificate(created=30, days=360)], owners=["robot"])
    tenant.certificate("sync", Certificate(created=300, days=1095, usage="Sign"), kind="servicePrincipals")
    tenant.role("sync", "Directory Synchronization Accounts")
    tenant.role("sync", "Hybrid Identity Administrator")
    tenant.application_permission("sync", "Directory.ReadWrite.All")
    tenant.application_permission("robot", "User.Read.All")
    tenant.managed_identity("mill")


def _guests(tenant: Tenant) -> None:
    tenant.guest("gil", invited=300)
    tenant.sign_in("gil", 5)
    tenant.guest("moved", invited=300, userType="Member")
    tenant.sign_in("moved", 20)
    tenant.guest("invited", invited=5, accepted=False)
    tenant.authorization(allowInvitesFrom="adminsAndGuestInviters", guestUserRoleId=RESTRICTED)
    tenant.access_review("guests", guests_only=True, reviewers=("ada",))
    tenant.review_instance("guests", 40, 26, {"gil": "Approve", "moved": "Approve"}, reviewer="ada", decided=30)


def _sign_ins(tenant: Tenant) -> None:
    """MFA for everybody by two policies that complement each other; whom they exclude is covered, or promised."""
    tenant.methods("breakglass-1", "fido2SecurityKey")
    tenant.user("svc-scan", created=400, signed_in=1)
    tenant.group("emergency", ["breakglass-1"])
    tenant.group("without", [], groups=["emergency"])
    anywhere = {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}
    tenant.conditional_access(
        "MFA outside", grant=["mfa"], exclude_groups=["without"], exclude_users=["svc-scan"], locations=anywhere
    )
    tenant.conditional_access(
        "MFA inside",
        grant=["mfa", "compliantDevice"],
        operator="AND",
        exclude_groups=["without"],
        exclude_users=["svc-scan"],
        locations={"includeLocations": ["AllTrusted"]},
    )
    tenant.conditional_access("scanner at home", grant=["block"], users=["svc-scan"], locations=anywhere)
    tenant.conditional_access(
        "no legacy", grant=["block"], clients=["exchangeActiveSync", "other"], exclude_groups=["emergency"]
    )
    tenant.conditional_access(
        "no device code",
        grant=["block"],
        exclude_groups=["emergency"],
        authenticationFlows={"transferMethods": "deviceCodeFlow,authenticationTransfer"},
    )
    tenant.conditional_access(
        "strong administrators",
        strength="Phishing-resistant MFA",
        roles=["Global Administrator", "User Administrator"],
        exclude_groups=["emergency"],
    )
    tenant.conditional_access("tried out", grant=["block"], state="enabledForReportingButNotEnforced")
    tenant.conditional_access("stepping up", grant=["mfa"])
    stepping_up = {"includeApplications": [], "includeAuthenticationContextClassReferences": ["c1"]}
    tenant.change_policy("stepping up", conditions={"applications": stepping_up})


def _azure(tenant: Tenant) -> None:
    tenant.management_group("live")
    tenant.subscription(SHOP, parent="live", tags={"environment": "production"})
    tenant.application("deployer", certificates=[Certificate(created=10)], owners=["robot"])
    tenant.azure_assignment("deployer", "Contributor", SHOP)
    tenant.azure_assignment("robot", "Reader", SHOP)
    tenant.azure_assignment("ada", "Owner", "live")
    tenant.azure_eligible("bob", "Contributor", SHOP, start=10, until=-300)
    tenant.azure_eligible("ada", "Contributor", "live", start=10, until=-300)
    for scope in (SHOP, "live"):
        tenant.azure_role_policy("Contributor", scope, approval=True, approvers=["ada"], activation_hours=4)
    tenant.azure_activate("bob", "Contributor", SHOP, 4, when=0.05)
    tenant.workspace("logs", SHOP, retention=400, tables={"AuditLogs": 730})
    tenant.log_setting("to-logs", ENTRA_CATEGORIES, workspace="logs")
    tenant.log_setting("activity", SUBSCRIPTION_CATEGORIES, workspace="logs", at=SHOP)


def worst(tenant: Tenant) -> None:
    """At least one violation of everything."""
    tenant.user("stale", created=400)
    tenant.user("left", accountEnabled=False)
    tenant.user("never", created=400)
    tenant.role("never", "Directory Readers")
    tenant.guest("gone", invited=400)
    tenant.guest("open", invited=100, accepted=False)
    tenant.authorization(allowInvitesFrom="everyone", guestUserRoleId=SAME_AS_MEMBERS)
    tenant.application("legacy", secrets=[Secret(created=500, days=730)])
    tenant.application("ending", secrets=[Secret(created=350, days=355)])
    for name in ("stale", "left", "gone", "legacy", "ending"):
        tenant.role(name, "Global Administrator")
    tenant.application("granted", owners=["stale"])
    tenant.application_permission("granted", "AppRoleAssignment.ReadWrite.All")
    tenant.eligible("stale", "Privileged Role Administrator")
    tenant.role_policy(
        "Privileged Role Administrator", mfa=False, approval=True, approvers=["left"], activation_hours=24
    )
    tenant.eligible("stale", "User Administrator")
    tenant.role_policy("User Administrator", authentication_context="c7")
    tenant.activate("stale", "Privileged Role Administrator", 24, when=0.1)
    for name in ("breakglass-1", "breakglass-2"):
        tenant.user(name, created=400, signed_in=0.1)
        tenant.methods(name, "mobilePhone")
    tenant.user("svc-scan", created=400)
    tenant.group("without", ["stale", "svc-scan", "open"])
    tenant.conditional_access("MFA", grant=["mfa"], exclude_groups=["without"], exclude_roles=["Global Administrator"])
    tenant.conditional_access("tried out", grant=["mfa"], state="enabledForReportingButNotEnforced")
    tenant.subscription(SHOP, tags={"environment": "production"})
    tenant.azure_assignment("legacy", "Owner", tenant.tenant_id)
    tenant.azure_assignment("stale", "Owner", SHOP)
    tenant.azure_eligible("stale", "Contributor", SHOP)
    tenant.azure_role_policy("Contributor", SHOP, activation_hours=12)
    tenant.workspace("logs", SHOP, retention=30)
    tenant.storage_account("archive", SHOP, delete_after=90)
    tenant.log_setting("to-archive", ["AuditLogs"], storage="archive")
    tenant.log_setting("activity", ["Administrative"], storage="archive", at=SHOP)
    tenant.open()
    tenant.remove_log_setting("activity", at=SHOP, by="stale")
    tenant.log_setting("for-a-day", ["AuditLogs"], storage="archive")
    tenant.remove_log_setting("for-a-day", by="stale")


def mixed(tenant: Tenant) -> None:
    """Some of both, so that hiding a part could change a verdict either way."""
    best(tenant)
    tenant.user("stale", created=400)
    tenant.role("stale", "User Administrator")
    tenant.guest("idle", invited=400)
    tenant.group("hidden", ["stale"], hidden=True)
    tenant.azure_assignment("hidden", "Owner", SHOP)
    tenant.application("legacy", secrets=[Secret(created=500, days=730)])
    tenant.azure_assignment("legacy", "Owner", "live")
    tenant.application_permission("legacy", "Application.ReadWrite.All")
    tenant.member("tier-0", "sync")
    tenant.member("without", "idle")
    tenant.conditional_access("hidden ones", grant=["block"], groups=["hidden"])
