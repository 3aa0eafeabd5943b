from observant.checks.check import check


@check("tickets-self-merge", criteria=("CC8.1",), judges="tickets_pull_request", concerns="merged pull requests")
def self_merge() -> str:
    """Pull requests are merged after somebody else approved them.

    **What it judges.** Every merged pull request: whether as many others as the commitment `pull_request_approval`
    asks for, one when it names no number, had approved it when it was merged, by the last review of each. Its author is
    no other. Merging unapproved is an exception of the day on which it was merged.

    **Why.** In infrastructure as code the pull request is the change, and who merges their own makes it alone.

    **How to re-perform it by hand.** Open the pull request, and compare the times of its reviews with the time of its
    merge.

    **What it cannot see.** Two accounts of one person in the tracker. Pushes past all pull requests.
    """
    return """
        select pull.scope, pull.member, pull.label, during(pull),
               pull.merged_at is not null as applies,
               case when not promised.documented or pull.others is null then null
                    when pull.others < coalesce(promised.approvals, 1) then pull.merged_at
                    else timestamp '9999-12-31' end as violated_from,
               case when pull.others < coalesce(promised.approvals, 1) then pull.merged_at + interval '1 day'
                    else timestamp '9999-12-31' end as violated_to,
               'written by ' || coalesce(pull.author, 'nobody known') || ', merged by '
                 || coalesce(pull.merged_by, 'nobody known') || ', approved by '
                 || coalesce(nullif(pull.approvers, ''), 'nobody else') as because
        from tickets_pull_request as pull
        join commitment_pull_request_approval as promised
          on promised.valid_from <= coalesce(pull.merged_at, pull.valid_from)
         and coalesce(pull.merged_at, pull.valid_from) < promised.valid_to
    """
