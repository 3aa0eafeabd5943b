from observant.checks.check import check


@check(
    "entra-phishing-resistant-administrator",
    criteria=("CC6.1", "CC6.3"),
    judges="entra_named_coverage",
    concerns="administrators",
)
def phishing_resistant_administrator() -> str:
    """Privileged roles are used with phishing-resistant MFA.

    **What it judges.** Everybody with an active privileged role, held directly or through a group, for the whole tenant
    or an administrative unit: whether Conditional Access demands phishing-resistant MFA at every sign-in, as the
    commitment `phishing_resistant_admins` promises. An authentication strength counts when each combination it allows
    is phishing-resistant. Accounts the commitment excuses, and emergency accounts, may do without.

    **Why.** A code or a push can be got out of an administrator by a copied sign-in page. A key bound to the genuine
    site cannot. Policies that name roles do not reach custom roles or roles in an administrative unit, which is easy to
    overlook.

    **How to re-perform it by hand.** For each administrator use *What If* in the portal and look for a grant of an
    authentication strength; open the strength and look for anything but Windows Hello, FIDO2 and certificates.

    **What it cannot see.** What the administrator really signed in with: the sign-in log knows.
    """
    return """
        select held.scope, held.member, held.label, during(held, promised),
               held.requirement = 'phishing_resistant' and held.admin is not false and not held.emergency as applies,
               case when promised.documented and held.admin then
                 held.state <> 'covered'
                 and not coalesce(regexp_matches(held.label, promised.excused), false)
               end as violated,
               held.because as because
        from entra_named_coverage as held
        join commitment_phishing_resistant_admins as promised on overlaps(held, promised)
    """
