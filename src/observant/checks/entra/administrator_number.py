from observant.checks.check import check


@check(
    "entra-administrator-number",
    criteria=("CC6.1", "CC6.3"),
    judges="entra_administrator_number",
    concerns="roles of each tenant",
)
def administrator_number() -> str:
    """No more than the documented number hold the roles that can give every other one.

    **What it judges.** How many principals hold the roles Global Administrator and Privileged Role Administrator at
    one time, directly or through groups, against the commitment `administrator_number`. Works with every licence:
    what is activated for some hours counts while it is active.

    **Why.** Who holds one of these two roles holds all of them. Their number is the number of accounts whose loss is
    the loss of the tenant.

    **How to re-perform it by hand.** `GET /roleManagement/directory/roleAssignments?$filter=roleDefinitionId eq
    '62e90394-69f5-4237-9190-012177145e10'` (and `e8611ab8-c189-46e8-94e1-60213ab1f814`); replace groups by their
    members; count each principal once.

    **What it cannot see.** Those who are eligible and not active: see `entra-administrator-eligible`. Where a group
    could not be read and the known holders are within the number, the answer is unknown.
    """
    return """
        select counted.scope, counted.member, counted.label, during(counted, promised),
               counted.role_name = 'Global Administrator' or promised.privileged_role_administrators is not null
                 or not promised.documented as applies,
               case when counted.holders > case when counted.role_name = 'Global Administrator'
                                                then promised.global_administrators
                                                else promised.privileged_role_administrators end then true
                    when counted.unseen or not promised.documented then null else false end as violated,
               'held by ' || cast(counted.holders as varchar)
                 || case when counted.unseen then ' or more' else '' end || ': ' || counted.names as because
        from entra_administrator_number as counted
        join commitment_administrator_number as promised on overlaps(counted, promised)
    """
