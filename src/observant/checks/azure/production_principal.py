from observant.checks.check import check


@check(
    "azure-production-principal",
    criteria=("CC6.1", "CC6.3"),
    judges="azure_role_holder",
    concerns="holders of far-reaching roles",
)
def production_principal() -> str:
    """Service principals hold no far-reaching role on production subscriptions.

    **What it judges.** Every service principal that holds a role which writes everything or assigns roles on a
    subscription that the commitment `production_access` declares to be production: Owner, Contributor, User Access
    Administrator, Role Based Access Control Administrator, and custom roles with the same power; given on the
    subscription, inherited from a management group or from the root, directly or through groups. The commitment may
    name exceptions, and may include roles that are given on resource groups and resources.

    **Why.** The credential of a pipeline is copied to more places than any password, and nothing asks it for a second
    factor.

    **How to re-perform it by hand.** `GET /subscriptions/{id}/providers/Microsoft.Authorization/roleAssignments` and
    `roleDefinitions`: `principalType` `ServicePrincipal`, or a group with one in it, and a role whose `actions` less
    `notActions` allow writing to any provider, or `Microsoft.Authorization/roleAssignments/write`.

    **What it cannot see.** Roles on many single resources that come to the same. A condition of an assignment is
    named and does not excuse it. Deny assignments.
    """
    return """
        select holder.scope, holder.member, holder.label, during(holder, place, promised),
               holder.principal_kind = 'servicePrincipal'
                 and regexp_matches(place.called, '(?m)' || promised.production)
                 and (holder.level <> 'below' or coalesce(promised.resource_groups, false)) as applies,
               (holder.writes_everything or holder.assigns_roles)
                 and not (coalesce(regexp_matches(holder.principal_name, promised.allowed), false)
                         or coalesce(regexp_matches(holder.principal, promised.allowed), false)) as violated,
               coalesce(holder.role_name, holder.role) || ' given at ' || holder.level || ' ' || holder.assigned_at
                 || case when holder.path is null then '' else ' through group ' || holder.path end
                 || case when holder.condition is null then '' else ', on the condition ' || holder.condition end
                 as because
        from azure_role_holder as holder
        join azure_subscription_called as place on place.scope = holder.scope and overlaps(holder, place)
        join commitment_production_access as promised on overlaps(holder, promised) and overlaps(place, promised)
    """
