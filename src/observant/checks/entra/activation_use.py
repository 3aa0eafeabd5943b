from observant.checks.check import check


@check("entra-activation-use", criteria=("CC6.1", "CC7.2"), judges="entra_activation", concerns="activations")
def activation_use() -> str:
    """Activations of roles end in the documented time, and give a reason.

    **What it judges.** Every activation of a directory role, or of membership in a privileged group, that a snapshot
    showed or the directory audit log tells of, against the commitment `role_activation`: how long it lasted, and, where
    a justification is promised, that the log has one. Privileged are groups that can hold a directory role or hold one
    of Azure, and those that PIM lets into one of them. Its population is the list of activations over the period, with
    reason, ticket and approver.

    **Why.** Rules say what may happen, this says what happened.

    **How to re-perform it by hand.** `GET /auditLogs/directoryAudits?$filter=loggedByService eq 'PIM'`: *Add member to
    role completed (PIM activation)* begins one, *Remove member from role (PIM activation expired)* of the same person
    and role ends it. In each stored reading of `GET /roleManagement/directory/roleAssignmentScheduleInstances` take the
    entries with `assignmentType` `Activated`, and the same in `GET
    /identityGovernance/privilegedAccess/group/assignmentScheduleInstances?$filter=groupId eq '…'` of each group.

    **What it cannot see.** Whether the reason is true. Of an activation that only a snapshot showed the reason is not
    known, and not held against it. Events that fell out of the log unread: see `entra-event-loss`.
    """
    return """
        select used.scope, used.member, used.label, during(used, promised), true as applies,
               case when promised.documented
                    then used.permanent or used.start_at + promised.max_activation < used.end_at
                      or (coalesce(promised.justification, false) and coalesce(used.justification = '', false))
               end as violated,
               used.told as witnessed,
               'active from ' || cast(used.start_at as varchar) || ' to '
                 || coalesce(cast(used.end_at as varchar), 'no known end')
                 || case when used.justification = '' then ', without a reason'
                         else coalesce(': ' || used.justification, '') end
                 || coalesce(', ticket ' || used.ticket, '')
                 || coalesce(', approved by ' || used.approved_by, '') as because
        from entra_activation as used
        join commitment_role_activation as promised on overlaps(used, promised)
    """
