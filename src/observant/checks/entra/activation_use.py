from observant.checks.check import check


@check("entra-activation-use", criteria=("CC6.1", "CC7.2"), judges="entra_activation", concerns="activations seen")
def activation_use() -> str:
    """Activations of roles end in the documented time.

    **What it judges.** Every activation of a directory role that a snapshot showed, against the commitment
    `role_activation`. Its population is the list of activations over the period.

    **Why.** Rules say what may happen, this says what happened.

    **How to re-perform it by hand.** In each stored reading of `GET
    /roleManagement/directory/roleAssignmentScheduleInstances` take the entries with `assignmentType` `Activated`, and
    compare `startDateTime` with `endDateTime`.

    **What it cannot see.** Activations that began and ended between two snapshots; the directory's audit log has
    them. Assignments that were not activated are not what it is about.
    """
    return """
        select used.scope, used.member, used.label, during(used, promised), true as applies,
               case when promised.documented
                    then used.permanent or used.start_at + promised.max_activation < used.end_at end as violated,
               'active from ' || cast(used.start_at as varchar) || ' to '
                 || coalesce(cast(used.end_at as varchar), 'no end')
                 as because
        from entra_activation as used
        join commitment_role_activation as promised on overlaps(used, promised)
    """
