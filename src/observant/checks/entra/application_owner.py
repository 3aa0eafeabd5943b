from observant.checks.alike import IMPROPERLY_OWNED, OWNED_BY
from observant.checks.check import check


@check(
    "entra-application-owner",
    criteria=("CC6.1", "CC6.3"),
    judges="entra_privileged_application",
    concerns="privileged applications",
)
def application_owner() -> str:
    """Privileged applications have an owner who may be one.

    **What it judges.** Every service principal of the tenant's own applications that holds a privileged directory
    role, also through groups or as the owner of one, or an application permission of Microsoft Graph that comes to
    one, such as `RoleManagement.ReadWrite.Directory`, against the commitment `application_owners`: it has an owner,
    and no person owns it unless the commitment says that people may.

    **Why.** Nobody answers for an application without an owner. And an owner can add a credential and act as the
    application, so a person who owns a privileged application holds its role, past all rules of activation.

    **How to re-perform it by hand.** `GET /servicePrincipals/{id}/owners` and `GET /applications/{id}/owners` of each
    service principal among the holders of privileged roles, and of each that `GET
    /servicePrincipals/{id}/appRoleAssignedTo` of Microsoft Graph lists with a permission that can give roles, act as
    other programs or people, or change groups.

    **What it cannot see.** Managed identities and applications of other tenants, whose owners are not in this one,
    are not what it is about. Who may manage all applications by a role, such as Application Administrator.
    Permissions of other resources than Microsoft Graph, and those that a signed-in user lends.
    """
    return f"""
        select app.scope, app.member, app.label, during(app, promised),
               app.kind = 'Application' and app.home_tenant = split_part(app.scope, ':', 2) and app.privileged
                 as applies,
               {IMPROPERLY_OWNED} as violated,
               {OWNED_BY} as because
        from entra_privileged_application as app
        join commitment_application_owners as promised on overlaps(app, promised)
    """  # noqa: S608 (our own text)
