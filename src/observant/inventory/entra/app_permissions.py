"""Application permissions: what a program may do in Microsoft Graph as itself, without anybody signed in.

Some of them come to a privileged directory role, or to more: whoever can grant roles, add credentials to any program,
or reset what an administrator signs in with, is an administrator a request later. No answer of Graph says which, so
the list is ours, by what the permissions reference says that each allows:
https://learn.microsoft.com/graph/permissions-reference
"""

from collections.abc import Iterator

from observant.evidence.snapshot import Json
from observant.inventory.table import Reading, Row, Table, text_of, time_of

_GIVE_ROLES = (
    "RoleManagement.ReadWrite.Directory",
    "RoleAssignmentSchedule.ReadWrite.Directory",
    "RoleEligibilitySchedule.ReadWrite.Directory",
    "RoleManagementPolicy.ReadWrite.Directory",
    "RoleManagementPolicy.ReadWrite.AzureADGroup",
    "PrivilegedAccess.ReadWrite.AzureAD",
    "PrivilegedAccess.ReadWrite.AzureADGroup",
    "PrivilegedAccess.ReadWrite.AzureResources",
    "PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup",
    "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup",
    "EntitlementManagement.ReadWrite.All",
)
"""Assign roles or membership in the groups that hold them, or take away what activating one asks for."""

_ACT_AS_PROGRAMS = (
    "AppRoleAssignment.ReadWrite.All",
    "Application.ReadWrite.All",
    "Application.ReadUpdate.All",
    "Policy.ReadWrite.PermissionGrant",
    "Synchronization.ReadWrite.All",
)
"""Grant permissions, or add a credential to a program that has them."""

_ACT_AS_PEOPLE = (
    "UserAuthenticationMethod.ReadWrite.All",
    "User-PasswordProfile.ReadWrite.All",
    "User.ReadWrite.All",
    "Policy.ReadWrite.AuthenticationMethod",
    "Policy.ReadWrite.ConditionalAccess",
    "Domain.ReadWrite.All",
    "Organization.ReadWrite.All",
    "OnPremDirectorySynchronization.ReadWrite.All",
)
"""Change what people sign in with, or what signing in asks for."""

_CHANGE_GROUPS = (
    "Directory.ReadWrite.All",
    "Group.ReadWrite.All",
    "GroupMember.ReadWrite.All",
    "AdministrativeUnit.ReadWrite.All",
)
"""Change who is in groups that hold Azure roles or are exempt from policies."""

PRIVILEGED = frozenset((*_GIVE_ROLES, *_ACT_AS_PROGRAMS, *_ACT_AS_PEOPLE, *_CHANGE_GROUPS))
"""Permissions with the power of a privileged role."""


def _granted(urn: str, grant: Json) -> Iterator[Row]:
    value = text_of(grant.get("appRoleValue"))
    granted = time_of(grant.get("createdDateTime"))
    holder = text_of(grant.get("principalDisplayName")) or text_of(grant.get("principalId"))
    yield Row(
        member=urn,
        label=f"{value or grant.get('appRoleId')} of {holder or urn}",
        values=(
            text_of(grant.get("principalId")),
            text_of(grant.get("appRoleId")),
            value,
            None if value is None else value in PRIVILEGED,
            granted,
        ),
        born=granted,
    )


APP_PERMISSION = Table(
    name="entra_app_permission",
    about=(
        "Application permissions of Microsoft Graph that programs hold: `permission` is its name, NULL where Graph no "
        "longer has one by that id. `privileged` means that it comes to the power of a privileged role."
    ),
    columns={
        "principal": "VARCHAR",
        "app_role": "VARCHAR",
        "permission": "VARCHAR",
        "privileged": "BOOLEAN",
        "granted_at": "TIMESTAMP",
    },
    readings=(Reading("entra.app_permissions", "configuration", _granted),),
)
