"""Graph's logs and reports: what happened, who signed in, who registered which methods."""

from datetime import timedelta

from observant_clouds.microsoft import permissions as may
from observant_clouds.microsoft.graph_answers import Rows, everything, listing
from observant_clouds.microsoft.query import Shape
from observant_clouds.microsoft.routing import Call, Route
from observant_clouds.microsoft.state import Json, read


def _recent(kind: str, moment: str) -> Rows:
    """Events that the directory still keeps, newest first."""

    def rows(call: Call) -> list[Json]:
        now = call.tenant.now
        oldest = now - timedelta(days=call.tenant.native_retention_days)
        kept = [each for each in call.tenant.all(kind) if oldest <= read(each[moment]) <= now]
        return sorted(kept, key=lambda each: str(each[moment]))[::-1]

    return rows


def _registrations(call: Call) -> list[Json]:
    tenant = call.tenant
    admins = {each["principalId"] for each in tenant.role_assignments()}
    return [
        _registration(user, tenant.objects["registrations"].get(id_, {}), id_ in admins, tenant.at())
        for id_, user in tenant.objects["users"].items()
    ]


_PASSWORDLESS = {
    "fido2SecurityKey",
    "microsoftAuthenticatorPasswordless",
    "passKeyDeviceBound",
    "passKeyDeviceBoundAuthenticator",
    "windowsHelloForBusiness",
}
_STRONG = _PASSWORDLESS | {
    "hardwareOneTimePasscode",
    "microsoftAuthenticatorPush",
    "mobilePhone",
    "softwareOneTimePasscode",
}


def _registration(user: Json, given: Json, admin: bool, at: str) -> Json:
    methods = given.get("methodsRegistered", [])
    strong = bool(_STRONG & set(methods))
    details = {
        "id": user["id"],
        "userPrincipalName": user["userPrincipalName"],
        "userDisplayName": user["displayName"],
        "userType": user["userType"].lower(),
        "isAdmin": admin,
        "isSsprRegistered": strong,
        "isSsprEnabled": True,
        "isSsprCapable": strong,
        "isMfaRegistered": strong,
        "isMfaCapable": strong,
        "isPasswordlessCapable": bool(_PASSWORDLESS & set(methods)),
        "lastUpdatedDateTime": at,
        "methodsRegistered": methods,
        "isSystemPreferredAuthenticationMethodEnabled": True,
        "systemPreferredAuthenticationMethods": [],
        "userPreferredMethodForSecondaryAuthentication": "none",
    }
    return {**details, **given}


_AUDIT_FILTERS = {
    "activityDateTime": "eq ge le gt lt",
    "activityDisplayName": "eq startswith",
    "category": "eq",
    "correlationId": "eq",
    "initiatedBy/app/displayName": "eq startswith",
    "initiatedBy/user/id": "eq",
    "initiatedBy/user/userPrincipalName": "eq startswith",
    "loggedByService": "eq",
    "result": "eq",
    "targetResources/displayName": "eq startswith",
    "targetResources/id": "eq",
}
_SIGN_IN_FILTERS = {
    "appId": "eq",
    "clientAppUsed": "eq",
    "conditionalAccessStatus": "eq",
    "createdDateTime": "eq ge le gt lt",
    "signInEventTypes": "eq",
    "userId": "eq",
    "userPrincipalName": "eq startswith",
}


def _sign_ins(call: Call) -> list[Json]:
    """v1.0 has the interactive ones; beta all kinds, told apart by signInEventTypes, and by default the interactive."""
    found = _recent("signIns", "createdDateTime")(call)
    marked = [
        {**each, "signInEventTypes": ["interactiveUser" if each["isInteractive"] else "nonInteractiveUser"]}
        for each in found
    ]
    if call.version == "beta":
        asked = "signineventtypes" in call.request.query.get("$filter", "").lower()
        return marked if asked else [each for each in marked if each["isInteractive"]]
    return [each for each in found if each["isInteractive"]]


ROUTES: list[Route] = [
    listing(
        "/reports/authenticationMethods/userRegistrationDetails",
        _registrations,
        may.LOGS,
        Shape(
            "userRegistrationDetails",
            {"id": "eq", "isMfaCapable": "eq", "isMfaRegistered": "eq", "isAdmin": "eq", "userType": "eq"},
            page=1000,
        ),
        licence="P1",
        limit="reports",
    ),
    *(
        listing(
            f"/reports/{kind}",
            everything(kind),
            may.LOGS,
            Shape(entity, {"appId": "eq"}, page=1000),
            versions=("beta",),
            licence="P1",
            limit="reports",
        )
        for kind, entity in (
            ("servicePrincipalSignInActivities", "servicePrincipalSignInActivity"),
            ("appCredentialSignInActivities", "appCredentialSignInActivity"),
        )
    ),
    listing(
        "/auditLogs/directoryAudits",
        _recent("directoryAudits", "activityDateTime"),
        may.LOGS,
        Shape("directoryAudit", _AUDIT_FILTERS, orders=("activityDateTime",), page=1000, largest=1000),
        limit="reports",
    ),
    listing(
        "/auditLogs/signIns",
        _sign_ins,
        may.LOGS,
        Shape("signIn", _SIGN_IN_FILTERS, orders=("createdDateTime",), page=1000, largest=1000),
        licence="P1",
        limit="reports",
    ),
]
