"""The tenant and its people: users, when they signed in, and what they registered to sign in with."""

import json
from collections.abc import Iterator
from datetime import datetime

from observant.evidence.snapshot import Json
from observant.inventory.table import Reading, Row, Table, flag_of, text_of, time_of
from observant.inventory.use import still_in_use
from observant.model.time import BEGINNING


def _tenant(urn: str, organization: Json) -> Iterator[Row]:
    name = text_of(organization.get("displayName"))
    created = time_of(organization.get("createdDateTime"))
    yield Row(
        member=urn,
        label=f"tenant {name or urn}",
        values=(name, created, flag_of(organization.get("onPremisesSyncEnabled"))),
        born=created,
    )


TENANT = Table(
    name="entra_tenant",
    about="Entra tenants.",
    columns={"display_name": "VARCHAR", "created_at": "TIMESTAMP", "on_premises": "BOOLEAN"},
    readings=(Reading("entra.organization", "configuration", _tenant),),
)


def _invited(user: Json) -> bool | None:
    """Whether the account came by invitation: a guest, or somebody else's account made a member (B2B member)."""
    signs = ("creationType", "userPrincipalName", "externalUserState")
    if user.get("creationType") == "Invitation" or text_of(user.get("externalUserState")):
        return True
    if "#EXT#" in (text_of(user.get("userPrincipalName")) or ""):
        return True
    return False if all(sign in user for sign in signs) else None


def _user(urn: str, user: Json) -> Iterator[Row]:
    upn, name = text_of(user.get("userPrincipalName")), text_of(user.get("displayName"))
    created = time_of(user.get("createdDateTime"))
    yield Row(
        member=urn,
        label=upn or name or urn,
        values=(
            upn,
            name,
            flag_of(user.get("accountEnabled")),
            text_of(user.get("userType")),
            _invited(user),
            text_of(user.get("externalUserState")),
            time_of(user.get("externalUserStateChangeDateTime")),
            created,
            *(text_of(user.get(each)) for each in ("employeeId", "employeeType", "department")),
            user.get("onPremisesSyncEnabled") is True if "onPremisesSyncEnabled" in user else None,
            text_of(user.get("mail")),
        ),
        born=created,
    )


USER = Table(
    name="entra_user",
    about=(
        "Users of the tenant. `user_type` is Member or Guest; `invited` is also true for somebody else's account that "
        "was made a member. `on_premises` means synchronised from an on-premises directory."
    ),
    columns={
        "upn": "VARCHAR",
        "display_name": "VARCHAR",
        "enabled": "BOOLEAN",
        "user_type": "VARCHAR",
        "invited": "BOOLEAN",
        "external_state": "VARCHAR",
        "external_state_changed_at": "TIMESTAMP",
        "created_at": "TIMESTAMP",
        "employee_id": "VARCHAR",
        "employee_type": "VARCHAR",
        "department": "VARCHAR",
        "on_premises": "BOOLEAN",
        "mail": "VARCHAR",
    },
    readings=(Reading("entra.users", "configuration", _user),),
)

_SIGN_INS = ("lastSuccessfulSignInDateTime", "lastSignInDateTime", "lastNonInteractiveSignInDateTime")


def _signed_in(activity: Json, name: str) -> datetime | None:
    """The time; BEGINNING where the provider says there was none; None where it says nothing of that kind."""
    if name not in activity:
        return None
    at = time_of(activity[name])
    if activity[name] is None or (at is not None and at < BEGINNING):  # 0001-01-01 also means none
        return BEGINNING
    return at


def _activity(urn: str, usage: Json) -> Iterator[Row]:
    activity = usage.get("signInActivity")
    values: tuple[datetime | None, ...] = (None,) * len(_SIGN_INS)
    if isinstance(activity, dict):
        values = tuple(_signed_in(activity, name) for name in _SIGN_INS)
    elif activity is None and "signInActivity" in usage:
        values = (BEGINNING,) * len(_SIGN_INS)
    yield Row(member=urn, label=urn, values=values)


USER_ACTIVITY = Table(
    name="entra_user_activity",
    about=(
        "When each user last signed in. 1970-01-01 means that the provider has no sign-in; it records successful ones "
        "since December 2023. The two other columns count failed attempts too. Sign-ins less than 7 days apart are one "
        "row, which has the last of them. The provider is up to two days late."
    ),
    columns={
        "last_successful_sign_in": "TIMESTAMP",
        "last_sign_in": "TIMESTAMP",
        "last_non_interactive": "TIMESTAMP",
    },
    readings=(Reading("entra.user_activity", "usage", _activity),),
    absorbs=still_in_use,
)


def _registration(urn: str, details: Json) -> Iterator[Row]:
    methods = details.get("methodsRegistered")
    listed = sorted(method for method in methods if isinstance(method, str)) if isinstance(methods, list) else None
    yield Row(
        member=urn,
        label=text_of(details.get("userPrincipalName")) or urn,
        values=(
            flag_of(details.get("isMfaCapable")),
            flag_of(details.get("isMfaRegistered")),
            None if listed is None else json.dumps(listed),
        ),
    )


REGISTRATION = Table(
    name="entra_registration",
    about=(
        "What each user registered to sign in with; `methods` is a JSON list. Being able to use MFA is not being "
        "asked for it."
    ),
    columns={"mfa_capable": "BOOLEAN", "mfa_registered": "BOOLEAN", "methods": "VARCHAR"},
    readings=(Reading("entra.registration_details", "configuration", _registration),),
)

ROLES_OF_GUESTS = {
    "a0b1b346-4d3e-4e8b-98f8-753987be4970": "same as members",
    "10dae51f-b6af-4016-8d66-8c2a99b929b3": "limited",
    "2af84b1e-32c8-42b7-82bc-daa82404023b": "restricted",
}
"""Template ids that `guestUserRoleId` may have, and what they mean."""


def _authorization_policy(urn: str, policy: Json) -> Iterator[Row]:
    yield Row(
        member=urn,
        label="authorization policy of the tenant",
        values=(
            text_of(policy.get("allowInvitesFrom")),
            ROLES_OF_GUESTS.get(text_of(policy.get("guestUserRoleId")) or ""),
        ),
    )


AUTHORIZATION_POLICY = Table(
    name="entra_authorization_policy",
    about=(
        "Who may invite guests (`everyone`, `adminsGuestInvitersAndAllMembers`, `adminsAndGuestInviters`, `none`), and "
        "what guests may see: `same as members`, `limited` or `restricted`."
    ),
    columns={"invites_from": "VARCHAR", "guest_access": "VARCHAR"},
    readings=(Reading("entra.authorization_policy", "configuration", _authorization_policy),),
)
