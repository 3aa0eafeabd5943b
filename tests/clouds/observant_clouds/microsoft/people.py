"""Users, guests, sign-ins and registered methods."""

from typing import Any

from observant_clouds.microsoft.journal import changed, principal_target
from observant_clouds.microsoft.state import Json, State, When

USER: Json = {
    "accountEnabled": True,
    "assignedLicenses": [],
    "businessPhones": [],
    "city": None,
    "companyName": None,
    "country": None,
    "creationType": None,
    "deletedDateTime": None,
    "department": None,
    "employeeHireDate": None,
    "employeeId": None,
    "employeeLeaveDateTime": None,
    "employeeType": None,
    "externalUserState": None,
    "externalUserStateChangeDateTime": None,
    "givenName": None,
    "jobTitle": None,
    "lastPasswordChangeDateTime": None,
    "mail": None,
    "mobilePhone": None,
    "officeLocation": None,
    "onPremisesDistinguishedName": None,
    "onPremisesImmutableId": None,
    "onPremisesLastSyncDateTime": None,
    "onPremisesSamAccountName": None,
    "onPremisesSyncEnabled": None,
    "otherMails": [],
    "passwordPolicies": None,
    "preferredLanguage": None,
    "proxyAddresses": [],
    "signInActivity": None,
    "surname": None,
    "usageLocation": None,
    "userType": "Member",
}
USER_DEFAULT = [
    "businessPhones",
    "displayName",
    "givenName",
    "id",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
]
"""What /users answers when nothing is selected."""


class People(State):
    """The part of a tenant that is people."""

    def user(self, name: str, *, created: When = 400, signed_in: When | bool = False, **properties: Any) -> str:
        """Make a member of the tenant; any property of Graph's user may be given. Answers its id."""
        one = {
            **USER,
            "id": self.guid("user", name),
            "createdDateTime": self.at(created),
            "displayName": name.capitalize(),
            "lastPasswordChangeDateTime": self.at(created),
            "mailNickname": name,
            "userPrincipalName": f"{name}@{self.domain}",
            **properties,
        }
        self._add_user(name, one)
        if signed_in is not False:
            self.sign_in(name, None if signed_in is True else signed_in)
        return str(one["id"])

    def guest(
        self,
        name: str,
        home: str = "partner.example",
        *,
        invited: When = 200,
        accepted: When | bool = True,
        **more: Any,
    ) -> str:
        """Invite somebody from another organization; `accepted=False` leaves the invitation pending."""
        pending = accepted is False
        changed_at = invited if pending or accepted is True else accepted
        properties: Json = {
            "creationType": "Invitation",
            "externalUserState": "PendingAcceptance" if pending else "Accepted",
            "externalUserStateChangeDateTime": self.at(changed_at),
            "mail": f"{name}@{home}",
            "userPrincipalName": f"{name}_{home}#EXT#@{self.domain}",
            "userType": "Guest",
            **more,
        }
        return self.user(name, created=invited, **properties)

    def _add_user(self, name: str, one: Json) -> None:
        self.keep("users", name, one)
        self.names["users", str(one["userPrincipalName"]).lower()] = one["id"]
        guest = one["creationType"] == "Invitation"
        properties = [
            changed("AccountEnabled", [], [one["accountEnabled"]]),
            changed("UserType", [], [one["userType"]]),
        ]
        if guest:
            self.journal(
                "Invite external user", "Invited Users", "UserManagement", "Add", [principal_target("users", one)]
            )
        self.journal(
            "Add user", "Core Directory", "UserManagement", "Add", [principal_target("users", one, *properties)]
        )

    def change_user(self, name: str, **properties: Any) -> None:
        """Set properties of a user, such as `accountEnabled=False`."""
        one = self.find("users", name)
        differing = {key: value for key, value in properties.items() if one.get(key) != value}
        edits = [changed(key[0].upper() + key[1:], [one.get(key)], [value]) for key, value in differing.items()]
        one.update(differing)
        activity = "Update user"
        if "accountEnabled" in differing:
            activity = "Enable account" if differing["accountEnabled"] else "Disable account"
        if differing:
            included = changed(
                "Included Updated Properties", None, ", ".join(key[0].upper() + key[1:] for key in differing)
            )
            targets = [principal_target("users", one, *edits, included)]
            self.journal(activity, "Core Directory", "UserManagement", "Update", targets)

    def remove_user(self, name: str) -> None:
        """Delete a user: memberships and role assignments go, what policies name stays."""
        one = self.find("users", name)
        del self.objects["users"][one["id"]]
        for held in (*self.members.values(), *self.owners.values()):
            held.pop(one["id"], None)
        for kind in ("roleAssignments", "roleAssignmentScheduleInstances", "roleEligibilityScheduleInstances"):
            gone = [id_ for id_, each in self.objects[kind].items() if each["principalId"] == one["id"]]
            for id_ in gone:
                del self.objects[kind][id_]
        self.journal("Delete user", "Core Directory", "UserManagement", "Delete", [principal_target("users", one)])

    # -- sign-ins

    def sign_in(
        self,
        name: str,
        when: When = None,
        *,
        interactive: bool = True,
        success: bool = True,
        logged: bool = False,
        client: str = "Browser",
    ) -> None:
        """A sign-in; `logged` also writes it to the sign-in log (`client` as Graph's clientAppUsed)."""
        user, at, request = self.find("users", name), self.at(when), self.fresh("sign-in")
        activity = dict(user["signInActivity"] or dict.fromkeys(_ACTIVITY))
        kind = "lastSignIn" if interactive else "lastNonInteractiveSignIn"
        activity[f"{kind}DateTime"], activity[f"{kind}RequestId"] = at, request
        if success:
            activity["lastSuccessfulSignInDateTime"], activity["lastSuccessfulSignInRequestId"] = at, request
        user["signInActivity"] = activity
        if logged:
            self.objects["signIns"][request] = self._logged(user, request, at, interactive, success, client)

    def _logged(self, user: Json, request: str, at: str, interactive: bool, success: bool, client: str) -> Json:
        return {
            "id": request,
            "createdDateTime": at,
            "userDisplayName": user["displayName"],
            "userPrincipalName": user["userPrincipalName"],
            "userId": user["id"],
            "appId": "00000002-0000-0ff1-ce00-000000000000",
            "appDisplayName": "Office 365 Exchange Online",
            "ipAddress": "203.0.113.20",
            "clientAppUsed": client,
            "correlationId": self.guid("correlation", request),
            "conditionalAccessStatus": "notApplied",
            "isInteractive": interactive,
            "riskDetail": "none",
            "riskLevelAggregated": "none",
            "riskLevelDuringSignIn": "none",
            "riskState": "none",
            "riskEventTypes": [],
            "riskEventTypes_v2": [],
            "resourceDisplayName": "Office 365 Exchange Online",
            "resourceId": "00000002-0000-0ff1-ce00-000000000000",
            "status": {
                "errorCode": 0 if success else 50126,
                "failureReason": "Other."
                if success
                else "Invalid username or password or Invalid on-premise username or password.",
                "additionalDetails": None,
            },
            "deviceDetail": {
                "deviceId": "",
                "displayName": "",
                "operatingSystem": "Windows10",
                "browser": "Edge 130.0.0",
                "isCompliant": False,
                "isManaged": False,
                "trustType": "",
            },
            "location": {"city": "Bremen", "state": "Bremen", "countryOrRegion": "DE", "geoCoordinates": None},
            "appliedConditionalAccessPolicies": [],
        }

    def methods(self, name: str, *registered: str, **details: Any) -> None:
        """What a user has registered: `microsoftAuthenticatorPush`, `fido2SecurityKey`, `mobilePhone`..."""
        self.find("users", name)
        self.objects["registrations"][self.id_of(name, "users")] = {"methodsRegistered": list(registered), **details}


_ACTIVITY = (
    "lastSignInDateTime",
    "lastSignInRequestId",
    "lastNonInteractiveSignInDateTime",
    "lastNonInteractiveSignInRequestId",
    "lastSuccessfulSignInDateTime",
    "lastSuccessfulSignInRequestId",
)
