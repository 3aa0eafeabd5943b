"""Applications and service principals, their credentials, owners and use."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from observant_clouds.microsoft.groups import Groups
from observant_clouds.microsoft.journal import changed, key_description, target
from observant_clouds.microsoft.state import Json, When

APPLICATION: Json = {
    "addIns": [],
    "appRoles": [],
    "applicationTemplateId": None,
    "certification": None,
    "defaultRedirectUri": None,
    "deletedDateTime": None,
    "description": None,
    "disabledByMicrosoftStatus": None,
    "groupMembershipClaims": None,
    "identifierUris": [],
    "isDeviceOnlyAuthSupported": None,
    "isFallbackPublicClient": None,
    "keyCredentials": [],
    "notes": None,
    "passwordCredentials": [],
    "requiredResourceAccess": [],
    "serviceManagementReference": None,
    "signInAudience": "AzureADMyOrg",
    "tags": [],
    "tokenEncryptionKeyId": None,
    "uniqueName": None,
}
SERVICE_PRINCIPAL: Json = {
    "accountEnabled": True,
    "addIns": [],
    "alternativeNames": [],
    "appDescription": None,
    "appRoleAssignmentRequired": False,
    "appRoles": [],
    "applicationTemplateId": None,
    "deletedDateTime": None,
    "description": None,
    "disabledByMicrosoftStatus": None,
    "homepage": None,
    "keyCredentials": [],
    "loginUrl": None,
    "notes": None,
    "notificationEmailAddresses": [],
    "oauth2PermissionScopes": [],
    "passwordCredentials": [],
    "preferredSingleSignOnMode": None,
    "replyUrls": [],
    "servicePrincipalType": "Application",
    "signInAudience": "AzureADMyOrg",
    "tags": [],
    "tokenEncryptionKeyId": None,
}


@dataclass(frozen=True)
class Secret:
    """A client secret: `Secret(created=30, days=180)`."""

    created: When = None
    days: int | None = 180
    """How long it is valid; None: it never ends."""
    name: str = "secret"


@dataclass(frozen=True)
class Certificate:
    """A certificate; `usage="Sign"` makes the pair that SAML signing has."""

    created: When = None
    days: int | None = 365
    name: str = "certificate"
    usage: str = "Verify"


class Programs(Groups):
    """The part of a tenant that is programs and how they prove who they are."""

    def application(
        self,
        name: str,
        *,
        secrets: Iterable[Secret] = (),
        certificates: Iterable[Certificate] = (),
        federated: Iterable[tuple[str, str]] = (),
        owners: Iterable[str] = (),
        created: When = 400,
        service_principal: bool = True,
        **properties: Any,
    ) -> str:
        """Register an application, and its service principal. `federated`: (issuer, subject). Answers its object id."""
        one = {
            **APPLICATION,
            "id": self.guid("application", name),
            "appId": self.guid("app", name),
            "createdDateTime": self.at(created),
            "displayName": name,
            "publisherDomain": self.domain,
            **properties,
        }
        self.keep("applications", name, one)
        targets = [target("Application", one["id"], name)]
        self.journal("Add application", "Core Directory", "ApplicationManagement", "Add", targets)
        if service_principal:
            self.service_principal(name, app_id=one["appId"], created=created)
        for secret in secrets:
            self.secret(name, secret)
        for certificate in certificates:
            self.certificate(name, certificate)
        for issuer, subject in federated:
            self.federated_credential(name, issuer, subject)
        for owner in owners:
            self.owner(name, owner)
        return str(one["id"])

    def service_principal(self, name: str, *, app_id: str | None = None, created: When = 400, **properties: Any) -> str:
        """An instance of an application in this tenant; give `servicePrincipalType="ManagedIdentity"` for those."""
        app = app_id or self.guid("app", name)
        one = {
            **SERVICE_PRINCIPAL,
            "id": self.guid("service principal", name),
            "appDisplayName": name,
            "appId": app,
            "appOwnerOrganizationId": self.tenant_id,
            "createdDateTime": self.at(created),
            "displayName": name,
            "servicePrincipalNames": [app],
            **properties,
        }
        self.keep("servicePrincipals", name, one)
        targets = [target("ServicePrincipal", one["id"], name)]
        self.journal("Add service principal", "Core Directory", "ApplicationManagement", "Add", targets)
        return str(one["id"])

    def managed_identity(self, name: str, **properties: Any) -> str:
        return self.service_principal(
            name, servicePrincipalType="ManagedIdentity", appOwnerOrganizationId=None, signInAudience=None, **properties
        )

    def remove_application(self, name: str) -> None:
        """Delete an application, its service principal and the roles that one held."""
        one = self.find("applications", name)
        del self.objects["applications"][one["id"]]
        principals = [id_ for id_, each in self.objects["servicePrincipals"].items() if each["appId"] == one["appId"]]
        for id_ in principals:
            del self.objects["servicePrincipals"][id_]
            for held in (*self.members.values(), *self.owners.values()):
                held.pop(id_, None)
        targets = [target("Application", one["id"], one["displayName"])]
        self.journal("Delete application", "Core Directory", "ApplicationManagement", "Delete", targets)

    # -- credentials

    def secret(self, name: str, secret: Secret | None = None, *, kind: str = "applications") -> str:
        """Add a client secret to an application (or to a service principal). Answers its key id."""
        made = secret or Secret()
        one, start = self.find(kind, name), self.moment(made.created)
        key = self.guid("key", one["id"], made.name, self.at(start), len(one["passwordCredentials"]))
        added = {
            "customKeyIdentifier": None,
            "displayName": made.name,
            "endDateTime": self._end(start, made.days),
            "hint": key[:3],
            "keyId": key,
            "secretText": None,
            "startDateTime": self.at(start),
        }
        self._credentials(kind, one, "passwordCredentials", [*one["passwordCredentials"], added])
        return key

    def certificate(self, name: str, certificate: Certificate | None = None, *, kind: str = "applications") -> str:
        """Add a certificate; for `usage="Sign"` also its verifying half and the secret that goes with it."""
        made = certificate or Certificate()
        one, start = self.find(kind, name), self.moment(made.created)
        thumbprint = self.guid("thumbprint", one["id"], made.name, self.at(start)).replace("-", "").upper()
        added = [
            {
                "customKeyIdentifier": thumbprint,
                "displayName": made.name,
                "endDateTime": self._end(start, made.days),
                "key": None,
                "keyId": self.guid("key", one["id"], made.name, self.at(start), usage),
                "startDateTime": self.at(start),
                "type": "AsymmetricX509Cert",
                "usage": usage,
            }
            for usage in (("Sign", "Verify") if made.usage == "Sign" else (made.usage,))
        ]
        self._credentials(kind, one, "keyCredentials", [*one["keyCredentials"], *added])
        if made.usage == "Sign":
            self.secret(name, Secret(made.created, made.days, made.name), kind=kind)
            one["passwordCredentials"][-1] |= {"keyId": added[0]["keyId"], "customKeyIdentifier": thumbprint}
        return str(added[0]["keyId"])

    def _end(self, start: datetime, days: int | None) -> str | None:
        return None if days is None else self.at(start + timedelta(days=days))

    def remove_credential(self, name: str, key_id: str, *, kind: str = "applications") -> None:
        """Remove the secret or certificate with this key id."""
        one = self.find(kind, name)
        for where in ("passwordCredentials", "keyCredentials"):
            left = [each for each in one[where] if each["keyId"] != key_id]
            if len(left) < len(one[where]):
                self._credentials(kind, one, where, left)
                return
        raise KeyError(f"no such credential of {name}: {key_id}")

    def _credentials(self, kind: str, one: Json, where: str, held: list[Json]) -> None:
        before = [*one["passwordCredentials"], *one["keyCredentials"]]
        one[where] = held
        after = [*one["passwordCredentials"], *one["keyCredentials"]]
        edit = changed("KeyDescription", key_description(before), key_description(after))
        included = changed("Included Updated Properties", None, "KeyDescription")
        if kind == "applications":
            activity, word = "Update application – Certificates and secrets management ", "Application"
        else:
            grown = len(after) > len(before)
            activity = f"{'Add' if grown else 'Remove'} service principal credentials"
            word = "ServicePrincipal"
        targets = [target(word, one["id"], one["displayName"], edit, included)]
        self.journal(activity, "Core Directory", "ApplicationManagement", "Update", targets)

    def federated_credential(
        self, name: str, issuer: str, subject: str, *, audience: str = "api://AzureADTokenExchange"
    ) -> str:
        """Trust tokens of another issuer for this application. Answers the credential's id."""
        app = self.find("applications", name)
        id_ = self.guid("federated", app["id"], issuer, subject)
        made = {
            "id": id_,
            "name": f"trust-{id_[:8]}",
            "issuer": issuer,
            "subject": subject,
            "description": None,
            "audiences": [audience],
        }
        self.objects["federatedIdentityCredentials"].setdefault(app["id"], {})[id_] = made
        edit = changed("FederatedIdentityCredentials", None, made["name"])
        targets = [target("Application", app["id"], app["displayName"], edit)]
        self.journal("Update application", "Core Directory", "ApplicationManagement", "Update", targets)
        return id_

    # -- use

    def program_sign_in(self, name: str, when: When = None, *, key_id: str | None = None) -> None:
        """A program signs in with its own credential; shows in the reports on service principals and credentials."""
        principal, at, request = self.find("servicePrincipals", name), self.at(when), self.fresh("sign-in")
        activity = {"lastSignInDateTime": at, "lastSignInRequestId": request}
        kept = self.objects["servicePrincipalSignInActivities"].setdefault(
            principal["appId"],
            {"id": self.guid("activity", principal["appId"]), "appId": principal["appId"], **_NO_USE},
        )
        kept["applicationAuthenticationClientSignInActivity"] = kept["lastSignInActivity"] = activity
        if key_id is not None:
            self._credential_use(principal, key_id, activity)

    def _credential_use(self, principal: Json, key_id: str, activity: Json) -> None:
        app = next((each for each in self.all("applications") if each["appId"] == principal["appId"]), None)
        held = app or principal
        for where, kind in (("passwordCredentials", "clientSecret"), ("keyCredentials", "certificate")):
            found = next((each for each in held[where] if each["keyId"] == key_id), None)
            if found is None:
                continue
            self.objects["appCredentialSignInActivities"][key_id] = {
                "id": self.guid("credential activity", key_id),
                "appId": principal["appId"],
                "appObjectId": app["id"] if app else None,
                "servicePrincipalObjectId": principal["id"],
                "resourceId": "00000003-0000-0000-c000-000000000000",
                "keyId": key_id,
                "keyType": kind,
                "keyUsage": "sign" if kind == "certificate" else "verify",
                "credentialOrigin": "application" if app else "servicePrincipal",
                "createdDateTime": found["startDateTime"],
                "expirationDateTime": found["endDateTime"],
                "signInActivity": activity,
            }


_NO_USE: Json = {
    "applicationAuthenticationClientSignInActivity": None,
    "applicationAuthenticationResourceSignInActivity": None,
    "delegatedClientSignInActivity": None,
    "delegatedResourceSignInActivity": None,
    "lastSignInActivity": None,
}
