"""The policies every tenant has, as they are before anybody changes them."""

from observant_clouds.microsoft.state import Json

_SINGLE_FACTOR_PAIRS = (
    "password,microsoftAuthenticatorPush",
    "password,softwareOath",
    "password,hardwareOath",
    "password,sms",
    "password,voice",
    "federatedMultiFactor",
    "microsoftAuthenticatorPush,federatedSingleFactor",
    "softwareOath,federatedSingleFactor",
    "hardwareOath,federatedSingleFactor",
    "sms,federatedSingleFactor",
    "voice,federatedSingleFactor",
)
PHISHING_RESISTANT = ("windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor")
PASSWORDLESS = (*PHISHING_RESISTANT, "deviceBasedPush")


def _strength(number: int, name: str, combinations: tuple[str, ...]) -> Json:
    return {
        "id": f"00000000-0000-0000-0000-00000000000{number}",
        "createdDateTime": "2021-12-01T00:00:00Z",
        "modifiedDateTime": "2021-12-01T00:00:00Z",
        "displayName": name,
        "description": f"The built-in strength {name}.",
        "policyType": "builtIn",
        "requirementsSatisfied": "mfa",
        "allowedCombinations": list(combinations),
    }


BUILTIN_STRENGTHS: list[Json] = [
    _strength(
        2,
        "Multifactor authentication",
        (*PASSWORDLESS, "temporaryAccessPassOneTime", "temporaryAccessPassMultiUse", *_SINGLE_FACTOR_PAIRS),
    ),
    _strength(3, "Passwordless MFA", PASSWORDLESS),
    _strength(4, "Phishing-resistant MFA", PHISHING_RESISTANT),
]

SECURITY_DEFAULTS: Json = {
    "id": "00000000-0000-0000-0000-000000000005",
    "displayName": "Security Defaults",
    "description": "Security defaults are the identity security mechanisms that Microsoft recommends for everybody.",
    "isEnabled": False,
}

AUTHORIZATION: Json = {
    "id": "authorizationPolicy",
    "allowInvitesFrom": "adminsAndGuestInviters",
    "allowedToSignUpEmailBasedSubscriptions": True,
    "allowedToUseSSPR": True,
    "allowEmailVerifiedUsersToJoinOrganization": False,
    "allowUserConsentForRiskyApps": None,
    "blockMsolPowerShell": False,
    "displayName": "Authorization Policy",
    "description": "Used to manage authorization related settings across the company.",
    "guestUserRoleId": "10dae51f-b6af-4016-8d66-8c2a99b929b3",
    "defaultUserRolePermissions": {
        "allowedToCreateApps": False,
        "allowedToCreateSecurityGroups": False,
        "allowedToCreateTenants": False,
        "allowedToReadBitlockerKeysForOwnedDevice": True,
        "allowedToReadOtherUsers": True,
        "permissionGrantPoliciesAssigned": [],
    },
}


def _method(kind: str, id_: str, state: str) -> Json:
    everybody = {"targetType": "group", "id": "all_users", "isRegistrationRequired": False}
    return {
        "@odata.type": f"#microsoft.graph.{kind}AuthenticationMethodConfiguration",
        "id": id_,
        "state": state,
        "excludeTargets": [],
        "includeTargets": [everybody],
    }


AUTHENTICATION_METHODS: Json = {
    "id": "authenticationMethodsPolicy",
    "displayName": "Authentication Methods Policy",
    "description": "The tenant-wide policy that controls which authentication methods are allowed.",
    "lastModifiedDateTime": "2025-01-15T09:00:00Z",
    "policyVersion": "1.5",
    "policyMigrationState": "migrationComplete",
    "registrationEnforcement": {
        "authenticationMethodsRegistrationCampaign": {
            "snoozeDurationInDays": 1,
            "state": "default",
            "excludeTargets": [],
            "includeTargets": [],
        }
    },
    "authenticationMethodConfigurations": [
        _method("fido2", "Fido2", "enabled"),
        _method("microsoftAuthenticator", "MicrosoftAuthenticator", "enabled"),
        _method("sms", "Sms", "disabled"),
        _method("temporaryAccessPass", "TemporaryAccessPass", "enabled"),
        _method("email", "Email", "disabled"),
    ],
}
