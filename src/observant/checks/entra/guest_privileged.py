from observant.checks.check import check


@check(
    "entra-guest-privileged",
    criteria=("CC6.1", "CC6.3"),
    judges="entra_privileged_holder",
    concerns="ways to a privileged role",
)
def guest_privileged() -> str:
    """Guests hold no privileged role.

    **What it judges.** Every way to a privileged directory role, standing or to be activated, that ends at a guest or
    at an account that came by invitation. The commitment `guest_administrators` may name exceptions.

    **Why.** How such an account is protected, and when it is closed, is decided by another company.

    **How to re-perform it by hand.** Look up each holder of a privileged role, members of groups included, with `GET
    /users/{id}?$select=userType,creationType,externalUserState,userPrincipalName`: `Guest`, `Invitation`, a state, or
    `#EXT#` in the name.

    **What it cannot see.** People of other companies for whom an ordinary account was made.
    """
    return """
        select holder.scope, holder.member, holder.label, during(holder, person, promised), true as applies,
               (person.user_type = 'Guest' or person.invited)
                 and holder.privileged
                 and not (coalesce(regexp_matches(holder.principal_name, promised.allowed), false)
                         or coalesce(regexp_matches(holder.principal, promised.allowed), false)) as violated,
               case when (person.user_type = 'Guest' or person.invited) then 'a guest, ' || holder.holding
                    else 'an account of the tenant' end as because
        from entra_privileged_holder as holder
        join entra_user as person
          on person.scope = holder.scope and person.member = holder.principal and overlaps(holder, person)
        join commitment_guest_administrators as promised on overlaps(holder, promised) and overlaps(person, promised)
        where holder.principal_kind = 'user'
        union all
        select holder.scope, holder.member, holder.label, during(holder),
               case when holder.principal_kind = 'servicePrincipal' then false end, null,
               case when holder.principal is null then 'the members of a group could not be read: ' || holder.path
                    else 'not a user of the tenant' end
        from entra_privileged_holder as holder
        where holder.principal_kind is distinct from 'user'
    """
