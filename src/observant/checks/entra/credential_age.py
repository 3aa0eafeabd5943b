from observant.checks.check import check


@check("entra-credential-age", criteria=("CC6.1",), judges="entra_credential", concerns="credentials of applications")
def credential_age() -> str:
    """Credentials of applications are rotated on the documented schedule.

    **What it judges.** Every secret and certificate with which an application signs in, against the commitment
    `application_credential_age`. Age counts from `startDateTime`. A credential that ends before it is too old never
    is.

    **Why.** The longer a credential lives, the more places hold a copy of it. Two years are what the portal offers.

    **How to re-perform it by hand.** `GET /applications` and `/servicePrincipals` with `passwordCredentials` and
    `keyCredentials`: `startDateTime` plus the documented age, if that is before `endDateTime`.

    **What it cannot see.** Whether a new credential is really used instead of the old one. Certificates that sign
    SAML tokens are left out here and judged by `entra-credential-expiry`.
    """
    return """
        select held.scope, held.member, held.label, during(held, promised),
               held.kind in ('secret', 'certificate') and not held.signing as applies,
               case when held.start_at + promised.max_age >= held.end_at then timestamp '9999-12-31'
                    else held.start_at + promised.max_age end as violated_from,
               held.kind || ' since ' || cast(held.start_at as varchar) || ', older than the documented '
                 || promised.max_age_in_words as because
        from entra_credential as held
        join commitment_application_credential_age as promised on overlaps(held, promised)
    """
