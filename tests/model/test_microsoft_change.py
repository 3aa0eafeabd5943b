"""Which events of Microsoft's logs change access: every decision has a reason, and real events are recognised."""

import json
from importlib.resources import files
from pathlib import Path

import pytest

from observant.collect.entra.audits import CATEGORIES
from observant.inventory.microsoft_changes import AZURE_CHANGE, ENTRA_CHANGE
from observant.model.change import UNRECOGNISED
from observant.model.microsoft_change import azure_category, entra_category

VECTORS = Path(__file__).parents[3] / "shared/data/azure/log-event-vectors.json"
LISTS = {
    name: json.loads(files("observant.model").joinpath(f"change_events/{name}.json").read_bytes())
    for name in ("entra", "azure")
}


def test_every_audit_category_is_decided_and_what_changes_access_is_read():
    changes, excluded = set(LISTS["entra"]["changes"]), LISTS["entra"]["excluded"]

    assert set() == changes & set(excluded)
    assert changes <= set(CATEGORIES)
    assert set(CATEGORIES) - changes <= set(excluded)
    reasons = [*excluded.values(), *LISTS["entra"]["activities"], *LISTS["azure"]["excluded"]]
    assert all(len(reason) > 4 for reason in reasons)
    patterns = [one for each in LISTS["entra"]["activities"].values() for one in each]
    assert [one.lower() for one in patterns] == patterns


@pytest.mark.parametrize(
    ("category", "activity", "expected"),
    [
        ("RoleManagement", "Add member to role", "privilege"),
        ("RoleManagement", "Add member to role completed (PIM activation)", "privilege"),
        ("RoleManagement", "Add member to role requested (PIM activation)", None),
        ("RoleManagement", "Add member to role request approved (PIM activation)", None),
        ("UserManagement", "Disable account", "identity"),
        ("UserManagement", "Change user license", None),
        ("UserManagement", "Something new", "identity"),
        ("GroupManagement", "Download group members - finished (bulk)", None),
        ("GroupManagement", "Add member to group", "membership"),
        ("Policy", "Update conditional access policy", "policy"),
        ("Policy", "Create access review", None),
        ("ApplicationManagement", "Consent to application", "application"),
        ("Device", "Add device", None),
        ("BrandNewCategory", "Add something", UNRECOGNISED),
    ],
)
def test_what_a_directory_audit_event_is(category, activity, expected):
    assert expected == entra_category(category, activity)


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("Microsoft.Authorization/roleAssignments/write", "grant"),
        ("MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/DELETE", "grant"),
        ("Microsoft.Authorization/elevateAccess/action", "grant"),
        ("Microsoft.Authorization/roleDefinitions/write", "policy"),
        ("Microsoft.Authorization/policies/audit/action", None),
        ("Microsoft.Authorization/somethingNew/write", UNRECOGNISED),
        ("Microsoft.Authorization/roleAssignments/read", None),
        ("Microsoft.Storage/storageAccounts/regenerateKey/action", "credential"),
        ("Microsoft.KeyVault/vaults/accessPolicies/write", "resource policy"),
        ("Microsoft.Compute/disks/write", None),
    ],
)
def test_what_an_operation_of_azure_is(operation, expected):
    assert expected == azure_category(operation)


def as_answered(log: dict) -> tuple[str, dict]:
    """A line of the diagnostic log in the shape in which Graph or ARM would have answered it."""
    name = log["operationName"]
    if log.get("category") in ("Administrative", "Policy") and "Microsoft.aadiam" not in log.get("resourceId", ""):
        status = log.get("resultType") or log.get("status") or ""
        return "azure", {"operationName": name, "status": status, "eventTimestamp": log["time"], **_caller(log)}
    inner = log.get("properties") or {}
    event = {**inner, "activityDisplayName": inner.get("activityDisplayName") or name}
    return "entra", {
        **event,
        "category": inner.get("category") or log.get("category", ""),
        "activityDateTime": log["time"],
    }


def _caller(log: dict) -> dict:
    return {"caller": log.get("caller"), "resourceId": log.get("resourceId")}


ABOUT_ACCESS = ("authorization/role", "elevateaccess", "rbac.authorization", "regeneratekey", "role assignment")
ABOUT_ACCESS += ("service principal", "policy", "elevated their access")
NONE_OF_ACCESS = ("policies/audit", "immutabilitypolicies", "firewallpolicies", "sign-in activity")


@pytest.mark.skipif(not VECTORS.exists(), reason=f"{VECTORS} is not there: event vectors are not shipped")
def test_every_event_of_the_vectors_that_changes_access_is_recognised():
    missed, taken = [], 0
    for one in json.loads(VECTORS.read_bytes()):
        log, event = as_answered(one["log"])
        table = AZURE_CHANGE if log == "azure" else ENTRA_CHANGE
        rows = [row for reading in table.readings for row in reading.rows("urn", event)][:1]
        said = json.dumps([event.get("operationName"), event.get("activityDisplayName")]).lower()
        meant = any(word in said for word in ABOUT_ACCESS) and not any(word in said for word in NONE_OF_ACCESS)
        taken += bool(rows)
        if meant and not rows and (str(event.get("status")).lower() not in ("started", "start", "accepted")):
            missed.append(said)

    assert [] == missed
    assert taken >= 15
