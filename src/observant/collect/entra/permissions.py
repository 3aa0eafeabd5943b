"""What the reading application needs, made from what the parts declare: nothing more.

`docs/entra-permissions.json` and `docs/azure-role.json` are the output of this module.
"""

import json

from observant.collect.azure import collector as azure
from observant.collect.entra import collector as entra
from observant.collect.entra.groups import HIDDEN
from observant.collect.microsoft.operation import Operation
from observant.collect.microsoft.reading import Part
from observant.evidence.snapshot import Json

PARTS: tuple[Part, ...] = (*entra.PARTS, *azure.PARTS)


def _of(part: Part, *, arm: bool) -> list[Operation]:
    return [operation for operation in part.declaration.operations if operation.arm is arm]


def _permission(name: str) -> Json:
    """One application permission with the requests and collections that need it."""
    needing = [(part, one) for part in PARTS for one in _of(part, arm=False) if one.permission == name]
    return {
        "permission": name,
        "requests": sorted({operation.name for _, operation in needing}),
        "collections": sorted({collection for part, _ in needing for collection in part.declaration.collections}),
    }


def permissions() -> Json:
    names = sorted({operation.permission for part in PARTS for operation in _of(part, arm=False)})
    hidden = {
        "permission": HIDDEN,
        "without": "groups with hidden membership stay unread, and what depends on them unknown",
    }
    return {"application": [_permission(name) for name in names], "optional": [hidden]}


def actions() -> list[str]:
    """Every ARM action that some part needs, sorted."""
    return sorted({one.permission for part in PARTS for one in _of(part, arm=True)}, key=str.lower)


def role() -> Json:
    """A custom role with exactly those actions, for who does not want to assign Reader."""
    return {
        "Name": "Observant reader",
        "IsCustom": True,
        "Description": "Reads who holds which role, and where logs go and for how long they are kept.",
        "Actions": [action for action in actions() if not action.startswith("microsoft.aadiam/")],
        "NotActions": [],
        "DataActions": [],
        "NotDataActions": [],
        "AssignableScopes": ["/providers/Microsoft.Management/managementGroups/<tenant id>"],
    }


def rendered_permissions() -> str:
    return json.dumps(permissions(), indent=2) + "\n"


def rendered_role() -> str:
    return json.dumps(role(), indent=2) + "\n"
