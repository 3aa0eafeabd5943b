"""Applications, service principals, who owns them, and what they sign in with.

A SAML certificate is listed twice (usage Sign and Verify) and its private key brings a password along. The three share
a `customKeyIdentifier`, or the password has the private key's `keyId`; they are one credential, which signs tokens and
does not sign the application in.
"""

from collections.abc import Callable, Iterator
from typing import Any

from observant.evidence.snapshot import Json
from observant.inventory.entra.groups import UNSEEN, listed
from observant.inventory.table import Reading, Row, Table, Value, flag_of, text_of, time_of, unread_of


def _application(urn: str, application: Json) -> Iterator[Row]:
    name, created = text_of(application.get("displayName")), time_of(application.get("createdDateTime"))
    audience = text_of(application.get("signInAudience"))
    yield Row(urn, name or urn, (text_of(application.get("appId")), name, created, audience), born=created)


APPLICATION = Table(
    name="entra_application",
    about="Applications registered in the tenant.",
    columns={
        "app_id": "VARCHAR",
        "display_name": "VARCHAR",
        "created_at": "TIMESTAMP",
        "audience": "VARCHAR",
    },
    readings=(Reading("entra.applications", "configuration", _application),),
)


def _service_principal(urn: str, principal: Json) -> Iterator[Row]:
    name = text_of(principal.get("displayName"))
    yield Row(
        member=urn,
        label=name or urn,
        values=(
            text_of(principal.get("appId")),
            name,
            text_of(principal.get("servicePrincipalType")),
            flag_of(principal.get("accountEnabled")),
            text_of(principal.get("appOwnerOrganizationId")),
        ),
    )


SERVICE_PRINCIPAL = Table(
    name="entra_service_principal",
    about=(
        "Service principals: what an application is in this tenant. `kind` is Application, ManagedIdentity, Legacy or "
        "SocialIdp; `home_tenant` is where its application is registered."
    ),
    columns={
        "app_id": "VARCHAR",
        "display_name": "VARCHAR",
        "kind": "VARCHAR",
        "enabled": "BOOLEAN",
        "home_tenant": "VARCHAR",
    },
    readings=(Reading("entra.service_principals", "configuration", _service_principal),),
)


def _dicts(value: Any) -> list[Json]:  # noqa: ANN401
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _credential(urn: str, facet: Json, kind: str, found: Json, signing: bool | None) -> Row:
    key = text_of(found.get("keyId")) or text_of(found.get("id")) or text_of(found.get("name"))
    name = text_of(found.get("displayName")) or text_of(found.get("name"))
    start, end = time_of(found.get("startDateTime")), time_of(found.get("endDateTime"))
    expires: Value = None if "endDateTime" not in found else found["endDateTime"] is not None
    owner = text_of(facet.get("displayName")) or urn
    return Row(
        member=f"{urn} {key}",
        label=f"{kind} {name or key} of {owner}",
        values=(
            urn,
            text_of(facet.get("displayName")),
            text_of(facet.get("appId")),
            kind,
            signing,
            key,
            name,
            start,
            end,
            expires,
        ),
        born=start,
    )


def _credentials(urn: str, facet: Json) -> Iterator[Row]:
    keys, passwords = _dicts(facet.get("keyCredentials")), _dicts(facet.get("passwordCredentials"))
    halves_that_sign = [key for key in keys if key.get("usage") == "Sign"]
    signing = {key.get("customKeyIdentifier") for key in halves_that_sign} - {None}
    private = {key.get("keyId") for key in halves_that_sign} - {None}
    for key in keys:
        signs = key.get("customKeyIdentifier") in signing
        if signs and key.get("usage") == "Sign":
            continue  # its other half, Verify, stands for both
        kind = "secret" if key.get("type") == "Symmetric" else "certificate"
        yield _credential(urn, facet, kind, key, signs or key.get("usage") == "Sign")
    halves = {key.get("customKeyIdentifier") for key in keys if key.get("usage") == "Verify"}
    for key in keys:
        if key.get("usage") == "Sign" and key.get("customKeyIdentifier") in signing - halves:
            yield _credential(urn, facet, "certificate", key, True)
    for password in passwords:
        signs = password.get("customKeyIdentifier") in signing or password.get("keyId") in private
        yield _credential(urn, facet, "secret", password, signs)
    for federated in _dicts(facet.get("federatedIdentityCredentials")):
        yield _credential(urn, facet, "federated", federated, False)


CREDENTIAL = Table(
    name="entra_credential",
    about=(
        "Secrets, certificates and federations of applications and service principals (`owner` is the object's id and "
        "`owner_name` its name). `signing` is true for SAML certificates and their passwords, which sign tokens. "
        "`expires` is false where the provider says that there is no end."
    ),
    columns={
        "owner": "VARCHAR",
        "owner_name": "VARCHAR",
        "app_id": "VARCHAR",
        "kind": "VARCHAR",
        "signing": "BOOLEAN",
        "key_id": "VARCHAR",
        "name": "VARCHAR",
        "start_at": "TIMESTAMP",
        "end_at": "TIMESTAMP",
        "expires": "BOOLEAN",
    },
    readings=(
        Reading("entra.applications", "configuration", _credentials),
        Reading("entra.service_principals", "configuration", _credentials),
    ),
)


def _owners(kind: str) -> Callable[[str, Json], Iterator[Row]]:
    def rows(urn: str, facet: Json) -> Iterator[Row]:
        name, app = text_of(facet.get("displayName")) or urn, text_of(facet.get("appId"))
        owners = None if unread_of(facet) else listed(facet, "owners")
        if owners is None:
            yield Row(f"{urn} {UNSEEN}", f"owners of {name}, who could not be read", (urn, app, kind, None, None))
            return
        for owner, owner_kind in owners:
            yield Row(f"{urn} {owner}", f"{owner_kind} {owner}, owner of {name}", (urn, app, kind, owner, owner_kind))

    return rows


OWNER = Table(
    name="entra_owner",
    about=(
        "Owners of applications and service principals (`kind`): they can add a credential and act as it. `principal` "
        "is NULL where the owners could not be read."
    ),
    columns={
        "owned": "VARCHAR",
        "app_id": "VARCHAR",
        "kind": "VARCHAR",
        "principal": "VARCHAR",
        "principal_kind": "VARCHAR",
    },
    readings=(
        Reading("entra.applications", "configuration", _owners("application")),
        Reading("entra.service_principals", "configuration", _owners("service principal")),
    ),
)
