"""What the place of a file says about it, in folders that tools lay out with a file for each object.

EntraExporter writes `Groups/<id>/<id>.json`, and beside it `Groups/<id>/Members/<id>/<id>.json` with little more than
the id of each member. Such a user is no row of a list of users.
https://github.com/microsoft/EntraExporter/blob/main/src/Get-EEDefaultSchema.ps1
"""

import re
from pathlib import Path, PurePath
from typing import NamedTuple


class Owner(NamedTuple):
    """`Groups/<id>/Members/...`: kind `groups`, has `members`."""

    kind: str
    id: str
    has: str


def owner_of(path: Path) -> Owner | None:
    """Whose an object is that lies in the folder of another object; None when it lies in none."""
    own, has, owner = path.parent, path.parent.parent, path.parent.parent.parent
    if path.stem != own.name or not owner.name or not (owner / f"{owner.name}.json").is_file():
        return None
    return Owner(owner.parent.name.lower(), owner.name, has.name.lower())


_ROLES_OF = re.compile(r"(?:^|/)rolemanagement/(\w+)/(?:roledefinitions|roleassignments)\b[^/]*(?:/[^/]+){0,2}$")


def of_another_service(place: PurePath | str) -> bool:
    """Roles of Exchange, Intune and others look like those of the directory, by path or by `@odata.context`."""
    found = _ROLES_OF.search(str(place).replace("\\", "/").lower())
    return found is not None and found[1] != "directory"


def left_out(path: Path) -> str:
    """What EntraExporter asks for less than all of; empty when it is all."""
    if path.parent.parent.name.lower() == "roleassignmentscheduleinstances":
        return "EntraExporter leaves out assignments that were activated"
    return ""


def is_named_members(path: Path) -> bool:
    return path.stem.lower().startswith("members")
