from observant.checks.check import check


@check(
    "aws-change-separation",
    criteria=("CC6.3", "CC8.1"),
    judges="aws_change_party",
    concerns="changes of access with a ticket",
)
def change_separation() -> str:
    """Who asks for a change of access, who approves it and who makes it are different people where that is promised.

    **What it judges.** Every change for which a ticket or pull request was found, against those parts of the commitment
    `change_separation` that are set; what `change_tickets` exempts is not concerned. People are compared through the
    rules that link accounts to the list of people; two names that no rule links are one person when they are equal, two
    when they are names of one system, and else not known to be either. A pipeline makes what somebody merged, so who
    merged stands for it.

    **Why.** Who can ask, approve and act alone needs nobody to notice.

    **How to re-perform it by hand.** For each change take requester, approvers and implementer from the register
    `change-tickets`, and look each up in the list of people.

    **What it cannot see.** Two people who share an account.
    """
    return """
        select party.scope, party.member, party.label, during(party),
               coalesce(party.linked, true)
                 and not coalesce(regexp_matches(party.event || ' ' || party.actor, needed.exempt), false) as applies,
               case when promised.documented and party.linked
                    then (coalesce(promised.requester_and_approver, false) and party.requester_approved)
                      or (coalesce(promised.approver_and_implementer, false) and party.approver_implemented)
                      or (coalesce(promised.requester_and_implementer, false) and party.requester_implemented)
               end as violated,
               coalesce(party.ticket || ': ', '') || 'asked by ' || coalesce(party.requester, 'nobody known')
                 || ', approved by ' || coalesce(party.approvers, 'nobody known')
                 || ', made by ' || coalesce(party.implementer, 'nobody known') as because
        from aws_change_party as party
        join commitment_change_separation as promised
          on promised.valid_from <= party.valid_from and party.valid_from < promised.valid_to
        join commitment_change_tickets as needed
          on needed.valid_from <= party.valid_from and party.valid_from < needed.valid_to
    """
