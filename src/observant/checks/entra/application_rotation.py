from observant.checks.check import check


@check(
    "entra-application-rotation", criteria=("CC6.1",), judges="entra_rotation", concerns="applications with credentials"
)
def application_rotation() -> str:
    """Every application was given a new credential in the documented time.

    **What it judges.** Each application and service principal that signs in with secrets or certificates: when the
    newest of them began, against the commitment `application_credential_age`. Its population is the list of the last
    rotation of every one of them.

    **Why.** Old credentials are found one by one; this is the question of the auditor: when was this principal last
    rotated?

    **How to re-perform it by hand.** Per application the latest `startDateTime` in `passwordCredentials` and
    `keyCredentials`.

    **What it cannot see.** Whether the application uses the new credential. The old one beside it is judged by
    `entra-credential-age`.
    """
    return """
        select app.scope, app.member, app.label, during(app, promised), true as applies,
               app.last_rotated + promised.max_age as violated_from,
               'last rotated ' || cast(app.last_rotated as varchar) || ', the documented time is '
                 || promised.max_age_in_words as because
        from entra_rotation as app
        join commitment_application_credential_age as promised on overlaps(app, promised)
    """
