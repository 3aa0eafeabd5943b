from observant.checks.check import check


@check(
    "azure-permanent-eligibility",
    criteria=("CC6.2", "CC6.3"),
    judges="azure_privileged_holder",
    concerns="ways to a far-reaching role",
)
def permanent_eligibility() -> str:
    """The right to activate a far-reaching Azure role ends in the documented time.

    **What it judges.** Every eligibility for a role that writes everything or assigns roles, at a subscription, above
    it or below it, also through groups, against the commitment `role_eligibility`, the same as for directory roles: it
    must have an end, no later after its beginning than documented.

    **Why.** A right that never ends is never asked about again. An end makes somebody renew it, or not.

    **How to re-perform it by hand.** `GET
    /subscriptions/{id}/providers/Microsoft.Authorization/roleEligibilityScheduleInstances`: entries without
    `endDateTime`, or with one later than `startDateTime` plus the documented time.

    **What it cannot see.** Whether somebody asks before renewing. What PIM asks for on activation of an Azure role.
    """
    return """
        select holder.scope, holder.member, holder.label, during(holder, promised), holder.how = 'eligible' as applies,
               case when promised.documented
                    then holder.permanent or holder.start_at + promised.max_eligibility < holder.end_at end as violated,
               case when holder.permanent then 'eligible without end'
                    else 'eligible from ' || cast(holder.start_at as varchar) || ' to '
                      || cast(holder.end_at as varchar)
                      || ', documented are ' || promised.max_eligibility_in_words end as because
        from azure_privileged_holder as holder
        join commitment_role_eligibility as promised on overlaps(holder, promised)
    """
