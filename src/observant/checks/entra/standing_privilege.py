from observant.checks.check import check


@check(
    "entra-standing-privilege",
    criteria=("CC6.1", "CC6.3"),
    judges="entra_privileged_holder",
    concerns="ways to a privileged role",
)
def standing_privilege() -> str:
    """Privileged roles are held only for the time they are needed.

    **What it judges.** Every way in which somebody holds a privileged directory role: directly, through groups,
    through membership that PIM gives, and through owning a group that holds one. Held at all times fails; what is
    activated for some hours, or may be activated, does not. Against the commitment `privileged_roles`; accounts of
    the commitment `emergency_accounts` are exempt.

    **Why.** A role that is always on is on when the account is stolen. Just-in-time access makes each use an event
    with a reason, and its absence the normal state.

    **How to re-perform it by hand.** `GET /roleManagement/directory/roleAssignmentScheduleInstances`: entries with
    `assignmentType` `Assigned` and without `endDateTime`, or longer than documented. Where the principal is a group,
    list its members and owners, and the members of groups in it; take those out who are listed with `assignmentType`
    `activated` at `/identityGovernance/privilegedAccess/group/assignmentScheduleInstances`. Roles made outside of PIM
    have no `startDateTime` and count.

    **What it cannot see.** Whether a custom role is privileged, unless Microsoft or the commitment says so. The power
    to take over an account that holds a role, for example by resetting its password.
    """
    return """
        select holder.scope, holder.member, holder.label, during(holder, promised, emergency), true as applies,
               case when promised.documented then
                 coalesce(holder.privileged,
                          case when regexp_matches(holder.role_name, promised.ordinary_roles) then false end)
                 and holder.holding in ('standing', 'owner')
                 and (holder.permanent or promised.max_assignment is null
                      or holder.start_at + promised.max_assignment < holder.end_at)
                 and not (coalesce(regexp_matches(holder.principal_name, emergency.accounts), false)
                         or coalesce(regexp_matches(holder.principal, emergency.accounts), false)
                         or coalesce(regexp_matches(holder.principal_name, promised.allowed), false)
                         or coalesce(regexp_matches(holder.principal, promised.allowed), false))
               end as violated,
               case when holder.principal is null then 'the members of a group could not be read: ' || holder.path
                    when holder.privileged is null then 'nobody said whether this custom role is privileged'
                    when holder.holding = 'owner' then 'owns a group that holds the role'
                    when holder.holding = 'standing' and not holder.permanent
                    then 'active until ' || cast(holder.end_at as varchar)
                    when holder.holding = 'standing' then 'active without end'
                    else holder.holding end as because
        from entra_privileged_holder as holder
        join commitment_privileged_roles as promised on overlaps(holder, promised)
        join commitment_emergency_accounts as emergency on overlaps(holder, emergency) and overlaps(promised, emergency)
    """
