from observant.checks.check import check

_MOST = """case when counted.role_name = 'Global Administrator' then promised.global_administrators_with_eligible
                    else promised.privileged_role_administrators_with_eligible end"""


@check(
    "entra-administrator-eligible",
    criteria=("CC6.1", "CC6.3"),
    judges="entra_administrator_reach",
    concerns="roles of each tenant",
)
def administrator_eligible() -> str:
    """No more than the documented number hold, or may activate, the roles that can give every other one.

    **What it judges.** How many principals hold the roles Global Administrator and Privileged Role Administrator or are
    eligible for them, all together: directly, through groups, through membership that may be activated, or as the owner
    of a group; against `global_administrators_with_eligible` and `privileged_role_administrators_with_eligible` of the
    commitment `administrator_number`. A role without such a number is not judged.

    **Why.** An account that may activate the role is worth stealing too. Where nobody approves, it is worth as much.

    **How to re-perform it by hand.** `GET /roleManagement/directory/roleAssignmentScheduleInstances` and
    `roleEligibilityScheduleInstances` of the two roles; replace groups by their members, by those whom
    `/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances` lists and by their owners; count each
    principal once.

    **What it cannot see.** What activating asks for: see `entra-activation-requirements`. Where somebody could not be
    seen and the known ones are within the number, the answer is unknown.
    """
    return f"""
        select counted.scope, counted.member, counted.label, during(counted, promised),
               {_MOST} is not null or not promised.documented as applies,
               case when not promised.documented then null
                    when counted.holders > {_MOST} then true
                    when counted.unseen then null else false end as violated,
               'held by or open to ' || cast(counted.holders as varchar)
                 || case when counted.unseen then ' or more' else '' end || ': ' || counted.names as because
        from entra_administrator_reach as counted
        join commitment_administrator_number as promised on overlaps(counted, promised)
    """  # noqa: S608 (our own text)
