from observant.checks.check import check


@check(
    "entra-application-secret", criteria=("CC6.1",), judges="entra_credential", concerns="credentials of applications"
)
def application_secret() -> str:
    """Applications sign in with certificates or federation, not with secrets.

    **What it judges.** Every secret and symmetric key of an application or a service principal, against the
    commitment `application_certificates`, which may name exceptions. The password that comes with a SAML certificate
    is none.

    **Why.** A secret is copied into configuration, tickets and mails, and whoever has read it can use it. The private
    key of a certificate need never leave where it was made, and federation has nothing to copy at all.

    **How to re-perform it by hand.** `GET /applications?$select=appId,displayName,passwordCredentials,keyCredentials`
    and the same of `/servicePrincipals`: every entry of `passwordCredentials` whose `customKeyIdentifier` is not that
    of a key with usage `Sign`.

    **What it cannot see.** Where the private key of a certificate is kept. Secrets that have ended count until they
    are removed.
    """
    return """
        select held.scope, held.member, held.label, during(held, promised), not held.signing as applies,
               case when promised.documented then held.kind = 'secret'
                 and not coalesce(regexp_matches(held.owner_name, promised.secrets_allowed), false)
                 and not coalesce(regexp_matches(held.app_id, promised.secrets_allowed), false) end as violated,
               held.kind || ' of ' || coalesce(held.owner_name, held.owner) as because
        from entra_credential as held
        join commitment_application_certificates as promised on overlaps(held, promised)
    """
