"""What is asked of Conditional Access: the sign-ins each requirement is about, and what a policy must guarantee."""

import msgspec

from observant.analysis.conditional_access.conditions import Conditions
from observant.analysis.conditional_access.grants import (
    Control,
    Grants,
    Guarantee,
    blocks,
    impossible_for_legacy_clients,
    multi_factor,
    phishing_resistant,
)
from observant.analysis.conditional_access.policy import Policy
from observant.analysis.conditional_access.region import ACTION, CLIENT, FLOW, YES, Box, values_of
from observant.analysis.conditional_access.subjects import Selection, Subjects

_SIGN_IN = {ACTION: values_of(ACTION, ["sign-in"])}
_MODERN: Box = {**_SIGN_IN, CLIENT: values_of(CLIENT, ["browser", "mobileAppsAndDesktopClients"])}
_LEGACY: Box = {
    **_SIGN_IN,
    CLIENT: values_of(CLIENT, ["easSupported", "easUnsupported", "other"]),
    FLOW: values_of(FLOW, ["neither"]),
}


class Requirement(msgspec.Struct, frozen=True):
    """One thing that must hold for every sign-in of `space`."""

    id: str
    asks: str
    """In words, as what is required."""
    space: Box
    guarantee: Guarantee
    outside: bool = False
    """Only sign-ins from outside of every named location are meant."""


REQUIREMENTS: dict[str, Requirement] = {
    one.id: one
    for one in (
        Requirement("mfa", "MFA", _MODERN, multi_factor),
        Requirement("phishing_resistant", "phishing-resistant MFA", _MODERN, phishing_resistant),
        Requirement("legacy_blocked", "that legacy authentication is blocked", _LEGACY, impossible_for_legacy_clients),
        Requirement(
            "device_code_blocked",
            "that the device code flow is blocked",
            {**_MODERN, FLOW: values_of(FLOW, ["deviceCodeFlow"])},
            blocks,
        ),
        Requirement("confined", "MFA outside of named locations", _MODERN, multi_factor, outside=True),
    )
}

DEFAULTS = "security defaults"
DEFAULTS_JUDGE = "Microsoft judges the sign-in to need MFA"
_DEFAULT_ROLES = (
    "62e90394-69f5-4237-9190-012177145e10",  # Global Administrator
    "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",  # Application Administrator
    "c4e39bd9-1100-46d3-8c65-fb160da0071f",  # Authentication Administrator
    "b0f54661-2d74-4c50-afa3-1ec803f12efe",  # Billing Administrator
    "158c047a-c907-4556-b7ef-446551a6b5f7",  # Cloud Application Administrator
    "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9",  # Conditional Access Administrator
    "29232cdf-9323-42fd-ade2-1d097af3e4de",  # Exchange Administrator
    "729827e3-9c14-49f7-bb1b-9608f156bbb8",  # Helpdesk Administrator
    "966707d0-3269-4727-9be2-8c3a10f19b9d",  # Password Administrator
    "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",  # Privileged Authentication Administrator
    "e8611ab8-c189-46e8-94e1-60213ab1f814",  # Privileged Role Administrator
    "194ae4cb-b126-40b2-bd5b-6091b380977d",  # Security Administrator
    "f28a1f50-f6e7-4571-818b-6a12f2af6b6c",  # SharePoint Administrator
    "fe930be7-5e62-47db-91af-98c3a49a38b1",  # User Administrator
)


def security_defaults(enabled: bool | None) -> list[Policy]:
    """Security defaults as the policies they amount to; none when they are off, unclear ones when nobody can tell.

    https://learn.microsoft.com/entra/fundamentals/security-defaults: administrators of these roles do MFA at every
    sign-in, others when Microsoft finds it necessary, and legacy authentication is blocked.
    """
    everybody, admins = Selection(everybody=True), Selection(roles=_DEFAULT_ROLES)
    needed: Box = {**_SIGN_IN, DEFAULTS_JUDGE: YES}
    return [
        Policy(
            id=DEFAULTS,
            name=DEFAULTS,
            enforced=enabled,
            report_only=False,
            subjects=Subjects(meant, Selection()),
            conditions=Conditions((box,), narrowing, (), False),
            grants=Grants((Control(control),), False),
        )
        for meant, box, narrowing, control in (
            (admins, _SIGN_IN, (), "mfa"),
            (everybody, needed, (f"when {DEFAULTS_JUDGE}",), "mfa"),
            (everybody, _LEGACY, (), "block"),
        )
        if enabled is not False
    ]
