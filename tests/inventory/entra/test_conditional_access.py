"""Rows of Conditional Access, with the shapes the audit log really has."""

import json
from typing import Any

import pytest

from observant.inventory.entra.conditional_access import POLICY, POLICY_EVENT, SECURITY_DEFAULTS
from observant.inventory.table import Row, Table

BEFORE = {"id": "p", "displayName": "Outside MFA", "state": "enabled"}
AFTER = BEFORE | {"state": "disabled"}


def rows(table: Table, entity: dict[str, Any]) -> list[Row]:
    return list(table.readings[0].rows("urn", entity))


def event(**changed: Any) -> dict[str, Any]:
    """As https://learn.microsoft.com/graph/api/resources/directoryaudit has it."""
    changes = [
        {"displayName": "ConditionalAccessPolicy", "oldValue": json.dumps(BEFORE), "newValue": json.dumps(AFTER)}
    ]
    return {
        "activityDisplayName": "Update conditional access policy",
        "activityDateTime": "2025-03-03T10:00:07.123Z",
        "result": "success",
        "initiatedBy": {"user": {"id": "u", "userPrincipalName": "eve@example.com"}, "app": None},
        "targetResources": [{"id": "p", "displayName": "Outside MFA", "modifiedProperties": changes}],
    } | changed


def one(**changed: Any) -> dict[str, Any]:
    row = rows(POLICY_EVENT, event(**changed))[0]
    return dict(zip(POLICY_EVENT.columns, row.values, strict=True)) | {"member": row.member}


def test_an_update_has_both_documents_and_who_made_it() -> None:
    found = one()

    assert BEFORE == json.loads(found["before"])
    assert AFTER == json.loads(found["after"])
    assert ("update", "p", "eve@example.com", "urn p") == tuple(
        found[name] for name in ("action", "policy", "actor", "member")
    )
    assert "2025-03-03T10:00:07+00:00" == found["happened_at"].isoformat()


@pytest.mark.parametrize("value", [None, "", '{"id":"p","disp', 7, '"text"', "[]"])
def test_what_the_log_does_not_have_whole_is_null(value: object) -> None:
    target = {"id": "p", "modifiedProperties": [{"displayName": "ConditionalAccessPolicy", "newValue": value}]}

    assert one(targetResources=[target])["after"] is None


def test_quoted_twice() -> None:
    change = {"displayName": "ConditionalAccessPolicy", "newValue": json.dumps(json.dumps(AFTER))}

    assert AFTER == json.loads(one(targetResources=[{"id": "p", "modifiedProperties": [change]}])["after"])


@pytest.mark.parametrize(
    "changed",
    [
        {"activityDisplayName": "Update named location"},
        {"result": "failure"},
        {"targetResources": None},
        {"targetResources": ["p", {"displayName": "without id"}]},
    ],
)
def test_other_events_have_no_row(changed: dict[str, Any]) -> None:
    assert [] == rows(POLICY_EVENT, event(**changed))


def test_a_change_by_an_application() -> None:
    assert "deployer" == one(initiatedBy={"user": None, "app": {"displayName": "deployer", "appId": "a"}})["actor"]


def test_documents_are_kept_whole_and_ordered() -> None:
    row = rows(POLICY, {"state": "enabled", "displayName": "x", "conditions": {"b": 1, "a": None}})[0]

    assert ("enabled", "x", '{"conditions":{"a":null,"b":1},"displayName":"x","state":"enabled"}') == row.values


def test_what_the_provider_does_not_say_is_null() -> None:
    assert (None, None) == rows(POLICY, {})[0].values[:2]
    assert (None,) == rows(SECURITY_DEFAULTS, {"isEnabled": "yes"})[0].values
