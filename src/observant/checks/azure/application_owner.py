from observant.checks.alike import IMPROPERLY_OWNED, OWNED_BY
from observant.checks.check import check


@check(
    "azure-application-owner",
    criteria=("CC6.1", "CC6.3"),
    judges="azure_powerful_application",
    concerns="applications with a far-reaching role",
)
def application_owner() -> str:
    """Applications with power over production have an owner who may be one.

    **What it judges.** Every service principal of the tenant's own applications that holds a role which writes
    everything or assigns roles on a subscription that the commitment `production_access` declares to be production,
    against the commitment `application_owners`, the same as for directory roles: it has an owner, and no person owns
    it unless the commitment says that people may.

    **Why.** Nobody answers for an application without an owner. And an owner can add a credential and act as the
    application, so a person who owns a pipeline holds its role in production.

    **How to re-perform it by hand.** `GET /servicePrincipals/{id}/owners` and `GET /applications/{id}/owners` of each
    service principal among the holders of Owner, Contributor and such roles.

    **What it cannot see.** Managed identities and applications of other tenants, whose owners are not in this one, are
    not what it is about. Roles on single resource groups and resources.
    """
    return f"""
        select app.scope, app.member, app.label, during(app, place, production, promised),
               case when production.documented then
                 app.own and regexp_matches(place.called, '(?m)' || production.production)
               end as applies,
               {IMPROPERLY_OWNED} as violated,
               {OWNED_BY} as because
        from azure_powerful_application as app
        join azure_subscription_called as place on place.scope = app.scope and overlaps(app, place)
        join commitment_production_access as production on overlaps(app, production) and overlaps(place, production)
        join commitment_application_owners as promised
          on overlaps(app, promised) and overlaps(place, promised) and overlaps(production, promised)
    """  # noqa: S608 (our own text)
