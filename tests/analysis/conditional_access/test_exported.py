"""Policies and tenants that other projects published: the same verdict as theirs, or a difference that is written down.

The files lie outside of the repository. Without them these tests are skipped, visibly.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from observant.analysis.conditional_access import REQUIREMENTS, Facts, Population, coverage, exactly, policy_of
from observant.analysis.conditional_access.subjects import subjects_of

SHARED = Path(__file__).parents[4] / "shared" / "data" / "azure"
DIFFERENCES = (Path(__file__).parents[3] / "docs" / "conditional-access-differences.md").read_text()

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason=f"{SHARED} is not there: exported policies are not tried")


def graph(value: Any) -> Any:
    """An export of the PowerShell SDK, spelled as Graph answers."""
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: graph(one) for key, one in value.items() if key != "AdditionalProperties"}
    return [graph(one) for one in value] if isinstance(value, list) else value


def tenant(name: str) -> list[dict[str, Any]]:
    found = json.loads((SHARED / name).read_text())["conditional_access_policies"]
    return [graph(one) for one in (found if isinstance(found, list) else [found])]


def plain_people() -> Population:
    """Three members whom no policy names: what holds for them holds for everybody who is not an exception."""
    return Population(Facts(count=3, users={}, kinds={"members": exactly(0b111)}, groups={}))


def covered(policies: list[dict[str, Any]], requirement: str) -> bool:
    people = plain_people()
    found = coverage(REQUIREMENTS[requirement], [policy_of(one, {}) for one in policies], people)
    return found.covered.surely == people.judged.surely


# PowerShell/ScubaGear/Testing/Unit/PowerShell/CreateReport/CreateReportStubs/TestResults.json, RequirementMet
SCUBA = {"MS.AAD.1.1v1": False, "MS.AAD.3.1v1": False, "MS.AAD.3.2v2": False}
ASKED = {"MS.AAD.1.1v1": "legacy_blocked", "MS.AAD.3.1v1": "phishing_resistant", "MS.AAD.3.2v2": "mfa"}


@pytest.mark.parametrize("policy", SCUBA)
def test_scuba_tenant_comes_to_the_same(policy: str) -> None:
    assert SCUBA[policy] == covered(tenant("scuba-tenant-createreport.json"), ASKED[policy])


@pytest.mark.parametrize("policy", ["MS.AAD.1.1v1", "MS.AAD.3.2v2"])
def test_scuba_tenant_without_its_excluded_application(policy: str) -> None:
    """What both of us miss is one application: with it every ordinary person is covered."""
    policies = tenant("scuba-tenant-createreport.json")
    for one in policies:
        one["conditions"]["applications"]["excludeApplications"] = []

    assert covered(policies, ASKED[policy])


def test_scuba_report_only_tenant_covers_nobody() -> None:
    assert not any(covered(tenant("scuba-tenant-runrego.json"), name) for name in REQUIREMENTS)


def exported() -> Iterator[tuple[str, dict[str, Any]]]:
    for one in json.loads((SHARED / "ca-policies" / "filipin-policy-sets.json").read_text()):
        yield one["file"], one["policy"]
    for one in json.loads((SHARED / "ca-policies" / "dataguys-ca-templates.json").read_text()):
        yield one["name"], one["details"] | {"state": "enabled", "displayName": one["name"]}
    for file in sorted((SHARED / "ca-policies" / "caoptics").glob("*.json")):
        for one in json.loads(file.read_text()):
            yield f"{file.name} {one['displayName']}", one


def test_every_exported_condition_is_understood() -> None:
    """No condition or control of a real policy may be one that this code does not know."""
    for name, document in exported():
        policy = policy_of(document, {})
        unread = set(policy.conditions.unread)

        assert set() == unread, name
        assert not [one for one in policy.grants.controls if one.name == "unreadable"], name


def test_placeholders_in_exported_policies_may_stand_for_anybody() -> None:
    for name, document in exported():
        text = json.dumps(document["conditions"]["users"])
        subjects = subjects_of(document["conditions"]["users"])
        unread = subjects.include.unread + subjects.exclude.unread
        assert bool(re.search(r"<|Current administrator", text)) == bool(unread), name


def rows() -> dict[str, list[str]]:
    """Policy name -> requirements it guarantees in full, as the document about differences lists them."""
    found = {}
    for line in DIFFERENCES.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) == 3 and cells[0] not in ("template", "---"):
            found[cells[0]] = [] if cells[1] == "nothing" else cells[1].split(", ")
    return found


def test_microsofts_templates_guarantee_what_the_page_says() -> None:
    told = rows()
    for one in json.loads((SHARED / "ca-policies" / "dataguys-ca-templates.json").read_text()):
        document = one["details"] | {"state": "enabled"}
        document["conditions"] = document["conditions"] | {"users": {"includeUsers": ["All"]}}
        found = [name for name in REQUIREMENTS if covered([document], name)]

        assert told[one["name"]] == found, one["name"]
