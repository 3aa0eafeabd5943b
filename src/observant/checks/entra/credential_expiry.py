from observant.checks.check import check


@check(
    "entra-credential-expiry",
    criteria=("CC6.1", "CC7.1"),
    judges="entra_credential",
    concerns="credentials of applications",
)
def credential_expiry() -> str:
    """Credentials of applications are replaced before they end, and removed after.

    **What it judges.** Every secret and certificate of an application or a service principal, SAML certificates
    included, against the commitment `application_credential_expiry`: in the documented time before its end a newer
    credential of the same application must be there, and in the documented time after its end it must be gone.

    **Why.** A credential that ends unnoticed stops production, and its replacement is then made in a hurry and by
    whoever is at hand. The forecast names the day.

    **How to re-perform it by hand.** `endDateTime` of every entry of `passwordCredentials` and `keyCredentials`, less
    the documented notice; look for a later `startDateTime` of the same application.

    **What it cannot see.** Whether the newer one is in use. Without `endDateTime` a credential never ends.
    """
    return """
        select held.scope, held.member, held.label, during(held, app, promised),
               held.kind in ('secret', 'certificate') as applies,
               case when not promised.documented then null
                    when not held.expires then timestamp '9999-12-31'
                    when app.last_rotated > held.start_at then held.end_at + promised.removal
                    else held.end_at - promised.notice end as violated_from,
               held.kind || coalesce(' expires on ' || cast(held.end_at as varchar), ' never expires')
                 || case when app.last_rotated > held.start_at then ' and has a successor'
                         else ' and has no successor' end
                 as because
        from entra_credential as held
        join entra_rotation as app on app.scope = held.scope and app.member = held.owner and overlaps(held, app)
        join commitment_application_credential_expiry as promised
          on overlaps(held, promised) and overlaps(app, promised)
        where not held.signing
        union all
        select held.scope, held.member, held.label, during(held, promised), held.kind = 'certificate',
               case when not promised.documented then null
                    when not held.expires then timestamp '9999-12-31' else held.end_at - promised.notice end,
               'certificate that signs tokens'
                 || coalesce(' expires on ' || cast(held.end_at as varchar), ' never expires')
        from entra_credential as held
        join commitment_application_credential_expiry as promised on overlaps(held, promised)
        where held.signing
        union all
        select held.scope, held.member, held.label, during(held, promised), false, timestamp '9999-12-31',
               'federation has nothing that ends'
        from entra_credential as held
        join commitment_application_credential_expiry as promised on overlaps(held, promised)
        where held.kind = 'federated'
    """
