from observant.checks.check import check


@check(
    "azure-standing-privilege",
    criteria=("CC6.1", "CC6.3"),
    judges="azure_privileged_holder",
    concerns="ways to a far-reaching role",
)
def standing_privilege() -> str:
    """People hold a far-reaching role on production subscriptions only while they need it.

    **What it judges.** Every person who holds a role that writes everything or assigns roles on a subscription that the
    commitment `production_access` declares to be production, at the subscription, inherited or through groups. Held for
    good fails; what is activated for some hours, or may be activated, does not. The commitment `production_people` may
    name exceptions; accounts of the commitment `emergency_accounts` are exempt.

    **Why.** An Owner at all times is an Owner while the session is stolen. Activation makes each use an event with a
    reason.

    **How to re-perform it by hand.** `GET /subscriptions/{id}/providers/Microsoft.Authorization/roleAssignments`, less
    those which `roleAssignmentScheduleInstances` lists with `assignmentType` `Activated`; groups replaced by their
    members.

    **What it cannot see.** Deny assignments. Membership in groups that PIM activates for some hours counts as held.
    """
    return """
        select holder.scope, holder.member, holder.label, during(holder, place, production, promised, emergency),
               case when production.documented then
                 holder.principal_kind = 'user' and holder.level <> 'below'
                 and regexp_matches(place.called, '(?m)' || production.production)
               end as applies,
               case when promised.documented then
                 holder.how = 'standing' and (holder.writes_everything or holder.assigns_roles)
                 and not (coalesce(regexp_matches(holder.principal_name, emergency.accounts), false)
                         or coalesce(regexp_matches(holder.principal, emergency.accounts), false)
                         or coalesce(regexp_matches(holder.principal_name, promised.allowed), false)
                         or coalesce(regexp_matches(holder.principal, promised.allowed), false))
               end as violated,
               coalesce(holder.role_name, holder.role) || ' ' || holder.how || ', given at ' || holder.level || ' '
                 || holder.assigned_at
                 || case when holder.path is null then '' else ' through group ' || holder.path end as because
        from azure_privileged_holder as holder
        join azure_subscription_called as place on place.scope = holder.scope and overlaps(holder, place)
        join commitment_production_access as production
          on overlaps(holder, production) and overlaps(place, production)
        join commitment_production_people as promised
          on overlaps(holder, promised) and overlaps(place, promised) and overlaps(production, promised)
        join commitment_emergency_accounts as emergency
          on overlaps(holder, emergency) and overlaps(place, emergency) and overlaps(production, emergency)
         and overlaps(promised, emergency)
    """
