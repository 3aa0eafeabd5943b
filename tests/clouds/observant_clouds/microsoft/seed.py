"""A tenant of any size in which everything follows from an index, for benchmarks and laws."""

from observant_clouds.microsoft.programs import Certificate, Secret
from observant_clouds.microsoft.storage import Container
from observant_clouds.microsoft.tenant import Tenant

_DEPARTMENTS = ("engineering", "sales", "support", "finance", "people")
_METHODS = (("microsoftAuthenticatorPush",), ("fido2SecurityKey", "microsoftAuthenticatorPush"), ("mobilePhone",), ())


def seed(
    tenant: Tenant, users: int = 10_000, groups: int | None = None, applications: int | None = None
) -> dict[str, int]:
    """Users (every tenth a guest), a tenth as many groups, a fiftieth as many applications; roles, Azure, logs.

    Answers what was made.
    """
    group_count = max(10, users // 10) if groups is None else groups
    application_count = max(5, users // 50) if applications is None else applications
    _users(tenant, users)
    _groups(tenant, users, group_count)
    _applications(tenant, users, application_count)
    _policies(tenant)
    if users >= 20:
        _privileges(tenant)
    _azure(tenant, application_count)
    return {"users": users, "groups": group_count, "applications": application_count}


def user_name(i: int) -> str:
    return f"user-{i:05d}"


def _users(tenant: Tenant, users: int) -> None:
    for i in range(users):
        name, seen = user_name(i), None if i % 17 == 0 else float(i % 120)
        if i % 10 == 9:
            tenant.guest(name, invited=300 - i % 200, accepted=i % 30 != 29)
        else:
            tenant.user(
                name,
                created=600 - i % 500,
                department=_DEPARTMENTS[i % 5],
                employeeId=str(i),
                accountEnabled=i % 50 != 49,
            )
        if seen is not None:
            tenant.sign_in(name, seen)
        tenant.methods(name, *_METHODS[i % 4])


def _groups(tenant: Tenant, users: int, groups: int) -> None:
    tenant.group("CA exclusions", [user_name(i) for i in range(0, users, 25)])
    tenant.group("Break glass", [user_name(i) for i in range(min(2, users))], role_assignable=True)
    tenant.group("Tier 0", [user_name(i) for i in range(10, min(14, users))], role_assignable=True)
    for i in range(groups - 3):
        name = f"group-{i:04d}"
        tenant.group(name, role_assignable=i % 100 == 50)
        inside = tenant.members[tenant.id_of(name, "groups")]
        for j in range(20):
            if users:
                inside[tenant.id_of(user_name((i * 37 + j * 11) % users), "users")] = "users"
        if i % 10 == 3:
            # nested two levels deep
            tenant.member(name, f"group-{i - 1:04d}")
            tenant.member(f"group-{i - 1:04d}", f"group-{i - 2:04d}")


def _applications(tenant: Tenant, users: int, applications: int) -> None:
    for i in range(applications):
        tenant.application(
            f"app-{i:04d}",
            secrets=[Secret(created=400 if i % 5 == 0 else 40, days=730)] if i % 2 == 0 else [],
            certificates=[Certificate(created=100)] if i % 3 == 0 else [],
            federated=[("https://token.actions.githubusercontent.com", f"repo:seeded/app-{i}:ref:refs/heads/main")]
            if i % 7 == 0
            else [],
            owners=[user_name(i % users)] if users else [],
        )


def _policies(tenant: Tenant) -> None:
    tenant.conditional_access(
        "Require MFA for all users", grant=["mfa"], exclude_groups=["Break glass", "CA exclusions"]
    )
    tenant.conditional_access(
        "Block legacy authentication",
        grant=["block"],
        clients=["exchangeActiveSync", "other"],
        exclude_groups=["Break glass"],
    )
    tenant.conditional_access(
        "Phishing-resistant MFA for administrators",
        strength="Phishing-resistant MFA",
        roles=["Global Administrator", "Privileged Role Administrator"],
    )
    tenant.conditional_access("Guests use MFA", grant=["mfa"], guests="b2bCollaborationGuest,b2bCollaborationMember")
    tenant.conditional_access(
        "Compliant devices", grant=["compliantDevice", "domainJoinedDevice"], state="enabledForReportingButNotEnforced"
    )
    tenant.named_location("Office", ["203.0.113.0/24"], trusted=True)


def _privileges(tenant: Tenant) -> None:
    tenant.role(user_name(0), "Global Administrator")
    tenant.role("Tier 0", "Privileged Role Administrator")
    for i in range(2, 12):
        tenant.eligible(user_name(i), "Global Administrator" if i % 2 else "User Administrator")
    tenant.activate(user_name(3), "Global Administrator", 8, when=0.1)
    tenant.group_eligible("Tier 0", user_name(12))


def _azure(tenant: Tenant, applications: int) -> None:
    tenant.management_group("platform")
    tenant.management_group("workloads", parent="platform")
    for i in range(5):
        name = f"subscription-{i}"
        tenant.subscription(
            name, parent="workloads" if i else None, tags={"environment": "production" if i < 2 else "test"}
        )
        for j in range(0, applications, 5):
            tenant.azure_assignment(f"app-{j:04d}", "Contributor" if j % 2 else "Reader", name)
    tenant.azure_assignment("Tier 0", "Owner", tenant.tenant_id)
    tenant.workspace("logs", "subscription-0", retention=90, tables={"SigninLogs": 365, "AuditLogs": 365})
    tenant.storage_account(
        "logarchive", "subscription-0", containers={"insights-logs-signinlogs": Container(365, locked=True)}
    )
    tenant.log_setting("to-logs", workspace="logs", storage="logarchive")
    tenant.log_setting("activity", ["Administrative", "Security"], workspace="logs", at="subscription-0")
