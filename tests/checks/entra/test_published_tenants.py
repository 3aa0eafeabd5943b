"""The test tenant that ScubaGear publishes with its results: the same verdicts, or a difference that is written down.

The export lies outside of the repository. Without it these tests are skipped, visibly.
"""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from observant.model.interval import Interval
from observant.model.time import text
from observant.model.verdict import Verdict
from observant.period.evaluate import Evaluation
from worlds.directory import GLOBAL_ADMINISTRATOR, Directory
from worlds.judging import START, judged

SHARED = Path(__file__).parents[4] / "shared" / "data" / "azure" / "scuba-tenant-createreport.json"
PAGE = (Path(__file__).parents[3] / "docs" / "scubagear.md").read_text()

pytestmark = pytest.mark.skipif(
    not SHARED.is_file(), reason=f"{SHARED} is not there: the published tenant is not tried"
)

# RequirementMet and ActualValue of TestResults.json beside the export, version 0.3.0
PUBLISHED = {
    "MS.AAD.1.1v1": False,
    "MS.AAD.3.1v1": False,
    "MS.AAD.3.2v2": False,
    "MS.AAD.3.6v1": True,
    "MS.AAD.7.1v1": False,
    "MS.AAD.7.4v1": False,
    "MS.AAD.7.5v1": False,
    "MS.AAD.7.6v1": True,
    "MS.AAD.8.1v1": True,
    "MS.AAD.8.2v1": True,
}
STANDING = {
    "Application Administrator",
    "Cloud Application Administrator",
    "Exchange Administrator",
    "Global Administrator",
    "Privileged Role Administrator",
    "SharePoint Administrator",
    "User Administrator",
}
NOT_PRIVILEGED_TO_MICROSOFT = {"Exchange Administrator", "SharePoint Administrator"}
WITHOUT_APPROVAL = {
    "Application Administrator",
    "Cloud Application Administrator",
    "Hybrid Identity Administrator",
    "Privileged Role Administrator",
    "User Administrator",
}
PROMISED: dict[str, dict[str, object]] = {
    "emergency_accounts": {"accounts": ["nobody"]},
    "privileged_roles": {"allowed": ["nobody"]},
    "administrator_number": {"global_administrators": 8, "global_administrators_with_eligible": 8},
    "role_activation": {"max_activation": "24 hours", "approval": True},
    "guest_policy": {
        "invites_from": ["none", "adminsAndGuestInviters"],
        "guest_access": ["limited", "restricted"],
    },
}


def graph(value: Any) -> Any:
    """An export of the PowerShell SDK, spelled as Graph answers; its dates are milliseconds in a text."""
    if isinstance(value, dict):
        given = {key: one for key, one in value.items() if key != "AdditionalProperties"}
        found = {key[:1].lower() + key[1:]: graph(one) for key, one in given.items()}
        return found | value.get("AdditionalProperties", {})
    if isinstance(value, list):
        return [graph(one) for one in value]
    date = re.fullmatch(r"/Date\((\d+)\)/", value) if isinstance(value, str) else None
    return text(datetime.fromtimestamp(int(date[1]) // 1000, UTC)) if date else value


def tenant(directory: Directory, _: Directory) -> None:
    export = json.loads(SHARED.read_text())
    held: set[tuple[str, str]] = set()
    for role in graph(export["privileged_roles"]):
        id_, name = role["roleTemplateId"], role["displayName"]
        given = {"templateId": id_, "displayName": name, "isBuiltIn": True, "isEnabled": True}
        directory.keep("entra.role_definitions", id_, given)
        directory.keep("entra.role_policies", id_, {"roleDefinitionId": id_, "policy": {"rules": role["rules"]}})
        for one in role["assignments"]:
            directory.assign(
                one["principalId"], id_, startDateTime=one["startDateTime"], endDateTime=one["endDateTime"]
            )
            held.add((one["principalId"], name))
    roles = {one["DisplayName"]: one["RoleTemplateId"] for one in export["privileged_roles"]}
    for id_, person in export["privileged_users"].items():
        directory.user(id_, displayName=person["DisplayName"])
        # The export lists a role that somebody may activate like one that is held.
        for name in sorted(set(person["roles"])):
            if (id_, name) not in held:
                directory.eligible(id_, roles[name])
    directory.user("ordinary")
    for policy in graph(export["conditional_access_policies"]):
        directory.keep("entra.conditional_access_policies", policy["id"], policy)
    (authorization,) = graph(export["authorization_policies"])
    directory.keep("entra.authorization_policy", "authorizationPolicy", authorization)
    directory.keep("entra.security_defaults", "defaults", {"isEnabled": False})


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    return judged(tmp_path_factory.mktemp("scuba"), tenant, **PROMISED)


def failing(found: Evaluation, check: str) -> set[str]:
    told = found.standing(Interval(START, found.as_of), {Verdict.FAIL}, check)
    return {one.label for one in told if one.member}


def rows() -> dict[str, tuple[bool, str, bool, bool]]:
    """Policy -> (published, check, ours, same) as the page says."""
    told = {}
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0].startswith("MS.AAD.") and len(cells) == 6:
            told[cells[0]] = (cells[2] == "met", cells[3], cells[4] == "met", cells[5] == "yes")
    return told


def test_the_page_tells_of_every_result() -> None:
    assert PUBLISHED == {policy: published for policy, (published, *_) in rows().items()}
    assert all(same == (published == ours) for published, _, ours, same in rows().values())


# Of a check that judges more than the policy asks, the part that is meant.
PART = {"MS.AAD.7.1v1": "Global Administrator", "MS.AAD.7.6v1": "role Global Administrator"}


@pytest.mark.parametrize("policy", PUBLISHED)
def test_our_verdict_is_what_the_page_says(found: Evaluation, policy: str) -> None:
    _, check, met, _ = rows()[policy]
    failed = {label for label in failing(found, check) if PART.get(policy, "") in label}

    assert met == (not failed)
    assert {Verdict.PASS, Verdict.FAIL} & {one.verdict for one in found.now() if one.check == check}


def test_the_roles_with_standing_holders_are_those_that_were_published(found: Evaluation) -> None:
    assert STANDING - NOT_PRIVILEGED_TO_MICROSOFT == {
        label.partition(": ")[2] for label in failing(found, "entra-standing-privilege")
    }


def test_the_roles_without_approval_are_those_that_were_published(found: Evaluation) -> None:
    judged_roles = {one.label for one in found.now() if one.check == "entra-activation-requirements" and one.member}
    failed = {label.removeprefix("role ") for label in failing(found, "entra-activation-requirements")}

    assert failed == {name for name in WITHOUT_APPROVAL if f"role {name}" in judged_roles}
    assert "role Global Administrator" in judged_roles


def test_seven_global_administrators_hold_the_role_and_fifteen_may(found: Evaluation) -> None:
    holders = found.query(
        "SELECT holding, count(*) FROM entra_privileged_holder WHERE role = ? GROUP BY holding ORDER BY holding",
        [GLOBAL_ADMINISTRATOR],
    )

    assert [("eligible", 8), ("standing", 7)] == holders
