"""What a policy's grant controls guarantee, in Kleene's logic: True, False, or None where it cannot be known.

Sources: https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-grant and
https://learn.microsoft.com/entra/identity/authentication/concept-authentication-strengths

- with OR each control alone lets somebody in, so every one of them must guarantee it; with AND one is enough
- `block` guarantees everything: nobody comes in who did not do it
- a strength is as good as the weakest combination that it allows
- a control this code does not know guarantees nothing, and its absence does not disprove anything either
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from observant.analysis.kleene import both, either

Strengths = Mapping[str, tuple[str, ...] | None]
"""Authentication strength id (lower case) -> allowed combinations; None where they could not be read."""

BUILT_IN_STRENGTHS: Strengths = {
    "00000000-0000-0000-0000-000000000002": (
        "windowsHelloForBusiness",
        "fido2",
        "x509CertificateMultiFactor",
        "deviceBasedPush",
        "temporaryAccessPassOneTime",
        "temporaryAccessPassMultiUse",
        "password,microsoftAuthenticatorPush",
        "password,softwareOath",
        "password,hardwareOath",
        "password,sms",
        "password,voice",
        "federatedMultiFactor",
    ),
    "00000000-0000-0000-0000-000000000003": (
        "windowsHelloForBusiness",
        "fido2",
        "x509CertificateMultiFactor",
        "deviceBasedPush",
    ),
    "00000000-0000-0000-0000-000000000004": ("windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor"),
}
"""Microsoft's own three, which nobody can edit: read where a policy names one by id alone."""

_PHISHING_RESISTANT = {"windowshelloforbusiness", "fido2", "x509certificatemultifactor"}
_WHOLE = _PHISHING_RESISTANT | {
    "devicebasedpush",
    "temporaryaccesspassonetime",
    "temporaryaccesspassmultiuse",
    "federatedmultifactor",
}
"""Methods that are several factors by themselves."""
_FIRST = {"password", "federatedsinglefactor", "x509certificatesinglefactor"}
_SECOND = {"microsoftauthenticatorpush", "softwareoath", "hardwareoath", "sms", "voice"}
_KNOWN = _WHOLE | _FIRST | _SECOND | {"email", "qrcodepin"}


class Control(msgspec.Struct, frozen=True):
    """One grant control. `name` lower case; `combinations` of a strength, None where they could not be read."""

    name: str
    combinations: tuple[str, ...] | None = None


class Grants(msgspec.Struct, frozen=True):
    """`every` is True for AND, False for OR, None where the operator could not be read."""

    controls: tuple[Control, ...]
    every: bool | None


Guarantee = Callable[[Control], bool | None]


def guarantees(grants: Grants, what: Guarantee) -> bool | None:
    """Whether everybody let in by these grants has met `what`. No control at all guarantees nothing."""
    if not grants.controls:
        return False
    answers = [what(control) for control in grants.controls]
    if len(answers) == 1 or grants.every is not None:
        return either(answers) if grants.every else both(answers)
    strict, lenient = both(answers), either(answers)
    return strict if strict == lenient else None


def blocks(control: Control) -> bool | None:
    """Nobody comes in at all."""
    return _known(control, {"block"})


def multi_factor(control: Control) -> bool | None:
    """Two factors of different kinds are shown. A compliant device is not one, and a new password is none."""
    if control.name == "strength":
        return _weakest(control, _is_multi_factor)
    return _known(control, {"block", "mfa"})


def phishing_resistant(control: Control) -> bool | None:
    """A method bound to the genuine site is used; any MFA may still be a code read to the wrong person."""
    if control.name == "strength":
        return _weakest(control, _is_phishing_resistant)
    return _known(control, {"block"})


def impossible_for_legacy_clients(control: Control) -> bool | None:
    """A client that sends name and password alone cannot meet this, and so stays outside.

    https://learn.microsoft.com/entra/identity/conditional-access/policy-block-legacy-authentication names MFA, device
    compliance and join state as what such clients cannot send.
    """
    return _known(control, {"block", "mfa", "compliantdevice", "domainjoineddevice", "strength"})


_CONTROLS = {
    "block",
    "mfa",
    "compliantdevice",
    "domainjoineddevice",
    "approvedapplication",
    "compliantapplication",
    "passwordchange",
    "strength",
    "terms of use",
    "custom factor",
}


def _known(control: Control, guaranteeing: set[str]) -> bool | None:
    if control.name in guaranteeing:
        return True
    return False if control.name in _CONTROLS else None


def _weakest(control: Control, good: Callable[[str], bool | None]) -> bool | None:
    """A strength that allows nothing we can see is not understood, rather than perfect."""
    return both(map(good, control.combinations)) if control.combinations else None


def _methods(combination: str) -> set[str]:
    return {part.strip().lower() for part in combination.split(",")}


def _is_multi_factor(combination: str) -> bool | None:
    methods = _methods(combination)
    if methods & _WHOLE or (methods & _FIRST and methods & _SECOND):
        return True
    return False if methods <= _KNOWN else None


def _is_phishing_resistant(combination: str) -> bool | None:
    methods = _methods(combination)
    if methods & _PHISHING_RESISTANT:
        return True
    return False if methods <= _KNOWN else None


def grants_of(given: Any, strengths: Strengths) -> Grants:  # noqa: ANN401 (as Graph sent it)
    """Read `grantControls`; whatever has an unexpected shape becomes a control nobody knows."""
    if given is None or given == {}:
        return Grants((), None)
    if not isinstance(given, dict):
        return Grants((Control("unreadable"),), None)
    controls = [Control(name.lower()) for name in _texts(given.get("builtInControls"))]
    controls += [Control("terms of use") for _ in _texts(given.get("termsOfUse"))]
    controls += [Control("custom factor") for _ in _texts(given.get("customAuthenticationFactors"))]
    controls += _strength(given.get("authenticationStrength"), strengths)
    operator = given.get("operator")
    every = {"AND": True, "OR": False}.get(operator.upper()) if isinstance(operator, str) else None
    return Grants(tuple(controls), every)


def _strength(given: Any, strengths: Strengths) -> list[Control]:  # noqa: ANN401
    """The strength as the policy embeds it, else as the tenant lists it, else as Microsoft ships it."""
    if not isinstance(given, dict):
        return [] if given is None else [Control("strength")]
    embedded, id_ = _texts(given.get("allowedCombinations")), given.get("id")
    if embedded:
        return [Control("strength", tuple(embedded))]
    if not isinstance(id_, str):
        return [Control("strength")] if any(given.values()) else []
    key = id_.lower()
    return [Control("strength", strengths[key] if key in strengths else BUILT_IN_STRENGTHS.get(key))]


def _texts(value: Any) -> list[str]:  # noqa: ANN401
    """A list of texts; an element of another kind becomes a name nobody knows."""
    if value is None:
        return []
    if not isinstance(value, list):
        return ["unreadable"]
    return [one if isinstance(one, str) else "unreadable" for one in value]
