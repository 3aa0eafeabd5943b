from observant.checks.check import check


@check("entra-guest-policy", criteria=("CC6.2", "CC6.3"), judges="entra_authorization_policy", concerns="tenants")
def guest_policy() -> str:
    """Only those named by the written policy may invite guests, and guests see no more than documented.

    **What it judges.** Who may invite guests, and what guests may see of the directory, against the commitment
    `guest_policy`.

    **Why.** Where everybody may invite, guests included, nobody knows who is in the directory and why.

    **How to re-perform it by hand.** `GET /policies/authorizationPolicy`: `allowInvitesFrom` and `guestUserRoleId`
    (`2af84b1e-32c8-42b7-82bc-daa82404023b` restricted, `10dae51f-b6af-4016-8d66-8c2a99b929b3` limited,
    `a0b1b346-4d3e-4e8b-98f8-753987be4970` the same as members).

    **What it cannot see.** Restrictions by domain and by cross-tenant access settings.
    """
    return """
        select policy.scope, policy.member, policy.label, during(policy, promised), true as applies,
               not regexp_matches(policy.invites_from, promised.invites_from)
                 or not regexp_matches(policy.guest_access, promised.guest_access) as violated,
               'invitations from: ' || policy.invites_from || '; access of guests: ' || policy.guest_access as because
        from entra_authorization_policy as policy
        join commitment_guest_policy as promised on overlaps(policy, promised)
    """
