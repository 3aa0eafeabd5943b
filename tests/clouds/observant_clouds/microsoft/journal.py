"""The parts of directory audit events, in the shapes the real log has.

Values are JSON inside text, as in Microsoft's log: a name is written with its quotes, a list with its brackets.
https://learn.microsoft.com/entra/identity/monitoring-health/reference-audit-activities
"""

import json
from typing import Any

from observant_clouds.microsoft.state import Json


def changed(name: str, old: Any, new: Any) -> Json:
    """A modified property; None stands for a side that does not exist."""
    return {"displayName": name, "oldValue": _text(old), "newValue": _text(new)}


def _text(value: Any) -> str | None:
    return None if value is None else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def target(kind: str, id: str | None, name: str | None, *properties: Json, upn: str | None = None) -> Json:  # noqa: A002
    """A target resource: `User`, `Group`, `Role`, `Policy`, `Application`, `ServicePrincipal`..."""
    return {
        "id": id,
        "displayName": name,
        "type": kind,
        "userPrincipalName": upn,
        "groupType": "unknownFutureValue" if kind == "Group" else None,
        "modifiedProperties": list(properties),
    }


def principal_target(kind: str, one: Json, *properties: Json) -> Json:
    """A user, group or service principal as a target."""
    word = {"users": "User", "groups": "Group", "servicePrincipals": "ServicePrincipal"}[kind]
    return target(word, one["id"], one["displayName"], *properties, upn=one.get("userPrincipalName"))


def key_description(credentials: list[Json]) -> list[str]:
    """The list of secrets and certificates as the log describes them."""
    return [
        f"[KeyIdentifier={each['keyId']},KeyType={'AsymmetricX509Cert' if 'usage' in each else 'Password'},"
        f"KeyUsage={each.get('usage') or 'Verify'},DisplayName={each.get('displayName') or ''}]"
        for each in credentials
    ]
