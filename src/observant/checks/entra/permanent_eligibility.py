from observant.checks.check import check


@check(
    "entra-permanent-eligibility",
    criteria=("CC6.2", "CC6.3"),
    judges="entra_privileged_holder",
    concerns="ways to a privileged role",
)
def permanent_eligibility() -> str:
    """The right to activate a privileged role ends in the documented time.

    **What it judges.** Every eligibility for a privileged directory role, also through groups, against the commitment
    `role_eligibility`: it must have an end, no later after its beginning than documented.

    **Why.** A right that never ends is never asked about again. An end makes somebody renew it, or not.

    **How to re-perform it by hand.** `GET /roleManagement/directory/roleEligibilityScheduleInstances` and
    `/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances?$filter=groupId eq '…'`: entries without
    `endDateTime`, or with one later than `startDateTime` plus the documented time. PIM for groups writes the year
    9999 for no end.

    **What it cannot see.** Whether somebody asks before renewing. A principal that the directory does not list may be
    anything.
    """
    return """
        select holder.scope, holder.member, holder.label, during(holder, promised),
               case when holder.principal_kind is not null then holder.holding = 'eligible' end as applies,
               case when promised.documented
                    then holder.permanent or holder.start_at + promised.max_eligibility < holder.end_at end as violated,
               case when holder.permanent then 'eligible without end'
                    else 'eligible from ' || cast(holder.start_at as varchar) || ' to '
                      || cast(holder.end_at as varchar)
                      || ', documented are ' || promised.max_eligibility_in_words end as because
        from entra_privileged_holder as holder
        join commitment_role_eligibility as promised on overlaps(holder, promised)
    """
