from observant.checks.check import check


@check(
    "organization-permission-set-session",
    criteria=("CC6.1",),
    judges="organization_permission_set",
    concerns="permission sets",
)
def permission_set_session() -> str:
    """Sessions of permission sets are no longer than documented.

    **What it judges.** Every permission set of Identity Center: its session duration against the commitment
    `permission_set_session` in force at that moment. Where none is set, AWS ends the session after one hour.

    **Why.** A session that was stolen, or belongs to somebody who left, works until it ends.

    **How to re-perform it by hand.** `aws sso-admin describe-permission-set`: `SessionDuration` beside the clause.

    **What it cannot see.** The session of the access portal itself, and sessions taken further by assuming other roles.
    """
    return """
        select permission_set.scope, permission_set.member, permission_set.label, during(permission_set, promised),
               true as applies,
               permission_set.session_seconds * interval '1 second' > promised.max_session as violated,
               'sessions last ' || coalesce(cast(permission_set.session_seconds as varchar), 'an unknown number of')
                 || ' seconds, documented are ' || coalesce(promised.max_session_in_words, 'none') as because
        from organization_permission_set as permission_set
        join commitment_permission_set_session as promised on overlaps(permission_set, promised)
    """
