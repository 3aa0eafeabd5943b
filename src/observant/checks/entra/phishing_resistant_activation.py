from observant.checks.check import check


@check(
    "entra-phishing-resistant-activation",
    criteria=("CC6.1", "CC6.3"),
    judges="entra_activated_coverage_person",
    concerns="people with a role they may activate",
)
def phishing_resistant_activation() -> str:
    """Privileged roles that are activated are used with phishing-resistant MFA.

    **What it judges.** Everybody who may activate a privileged role, himself or through a group, in the state in which
    the role is active: whether Conditional Access then demands phishing-resistant MFA, as the commitment
    `phishing_resistant_admins` promises. Each role by itself: one may be included in a policy, and another excluded.

    **Why.** A policy for roles reaches somebody only while the role is active, and an exclusion for a role only then,
    too. Nobody who looks at the tenant on a quiet day sees either.

    **How to re-perform it by hand.** List `GET /roleManagement/directory/roleEligibilityScheduleInstances`; for each
    person add the role in question to what he holds, and apply the policies as for a standing administrator.

    **What it cannot see.** Roles that are eligible for an administrative unit only, and custom roles: policies do not
    see these. Rules of PIM that ask for MFA at the moment of activation are another check.
    """
    return """
        select held.scope, held.member, held.label, during(held, promised),
               held.requirement = 'phishing_resistant' and not held.emergency as applies,
               case when promised.documented then
                 held.state <> 'covered'
                 and not coalesce(regexp_matches(held.label, promised.excused), false)
               end as violated,
               held.because as because
        from entra_activated_coverage_person as held
        join commitment_phishing_resistant_admins as promised on overlaps(held, promised)
    """
