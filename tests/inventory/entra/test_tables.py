"""What rows an object becomes, above all where the answer is odd, partial or missing."""

from datetime import UTC, datetime
from typing import Any

import pytest

from observant.inventory.activation_rules import minutes
from observant.inventory.projection import TABLES
from observant.model.time import BEGINNING

Json = dict[str, Any]


def rows(table: str, urn: str, facet: Json) -> list[Json]:
    """Rows as column -> value."""
    shape = TABLES[table]
    found = []
    for row in (row for reading in shape.readings for row in reading.rows(urn, facet)):
        assert len(shape.columns) == len(row.values)
        found.append({"member": row.member, "label": row.label, **dict(zip(shape.columns, row.values, strict=True))})
    return found


def row(table: str, facet: Json, urn: str = "1") -> Json:
    (one,) = rows(table, urn, facet)
    return one


@pytest.mark.parametrize("table", [name for name in TABLES if name.startswith(("entra_", "azure_"))])
@pytest.mark.parametrize("facet", [{}, {"Unread": {"reason": "denied", "detail": "403"}}])
def test_what_says_nothing_becomes_nothing_or_null(table: str, facet: Json) -> None:
    said = {"member", "label", "readable", "because"}
    for one in rows(table, "unread", facet):
        found = {value for column, value in one.items() if column not in said}
        assert {None, "unread", "application", "service principal"} >= found, one


def at(day: int) -> datetime:
    return datetime(2025, 6, day, tzinfo=UTC)


USER = {
    "userPrincipalName": "ada@example.com",
    "accountEnabled": True,
    "userType": "Member",
    "creationType": None,
    "externalUserState": None,
    "createdDateTime": "2025-06-01T00:00:00Z",
    "onPremisesSyncEnabled": None,
}


@pytest.mark.parametrize(
    ("changed", "invited"),
    [
        ({}, False),
        ({"userType": "Guest"}, False),  # a guest account made by hand, without an invitation
        ({"userType": "Member", "creationType": "Invitation"}, True),
        ({"userPrincipalName": "bob_other.org#EXT#@example.onmicrosoft.com"}, True),
        ({"userType": "Guest", "externalUserState": "PendingAcceptance"}, True),
    ],
)
def test_who_was_invited(changed: Json, invited: bool) -> None:
    assert invited is row("entra_user", USER | changed)["invited"]


def test_a_user_without_the_properties_that_tell_is_not_said_to_be_uninvited() -> None:
    partial = {key: value for key, value in USER.items() if key != "creationType"}

    assert row("entra_user", partial)["invited"] is None
    assert row("entra_user", {"accountEnabled": "yes"})["enabled"] is None
    assert row("entra_user", USER)["on_premises"] is False


@pytest.mark.parametrize(
    ("usage", "last"),
    [
        ({"signInActivity": None}, BEGINNING),
        ({"signInActivity": {"lastSuccessfulSignInDateTime": None}}, BEGINNING),
        (
            {"signInActivity": {"lastSuccessfulSignInDateTime": "0001-01-01T00:00:00Z"}},
            BEGINNING,
        ),
        ({"signInActivity": {"lastSuccessfulSignInDateTime": "2025-06-03T00:00:00.1234567Z"}}, at(3)),
        ({"signInActivity": {"lastSignInDateTime": "2025-06-03T00:00:00Z"}}, None),
    ],
)
def test_the_last_sign_in(usage: Json, last: datetime | None) -> None:
    assert last == row("entra_user_activity", usage)["last_successful_sign_in"]


def test_members_of_a_group_and_of_one_that_is_hidden() -> None:
    seen = {"id": "g", "members": [{"id": "a", "type": "user"}, {"id": "h", "type": "group"}]}
    hidden = {"Unread": {"reason": "denied", "detail": "Member.Read.Hidden"}}

    assert [("g a", "user"), ("g h", "group")] == [
        (one["member"], one["principal_kind"]) for one in rows("entra_group_member", "g", seen)
    ]
    assert row("entra_group_reading", seen)["readable"] is True
    assert [] == rows("entra_group_member", "g", hidden)
    told = row("entra_group_reading", hidden, "g")
    assert (False, "denied (Member.Read.Hidden)") == (told["readable"], told["because"])
    (owner,) = rows("entra_group_owner", "g", hidden)
    assert ("g", None) == (owner["group_id"], owner["principal"])


def test_a_list_of_members_with_something_odd_in_it_is_not_readable() -> None:
    assert row("entra_group_reading", {"id": "g", "members": [{"id": "a"}, "b"]})["readable"] is False
    assert row("entra_group_reading", {"id": "g", "members": []})["readable"] is True


@pytest.mark.parametrize(
    ("role", "privileged"),
    [
        ({"isBuiltIn": True, "templateId": "62e90394-69f5-4237-9190-012177145e10"}, True),
        ({"isBuiltIn": True, "templateId": "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"}, False),  # Directory Readers
        ({"isBuiltIn": True, "templateId": "00000000-0000-0000-0000-000000000000"}, None),  # newer than our list
        ({"isBuiltIn": False, "templateId": "x"}, None),
        ({"isBuiltIn": False, "templateId": "x", "isPrivileged": True}, True),
    ],
)
def test_which_roles_are_privileged(role: Json, privileged: bool | None) -> None:
    assert privileged is row("entra_role", role)["privileged"]


INSTANCE = {
    "principalId": "p",
    "roleDefinitionId": "r",
    "directoryScopeId": "/",
    "assignmentType": "Assigned",
    "memberType": "Direct",
    "startDateTime": None,
    "endDateTime": None,
}


def test_assignments_with_and_without_an_end() -> None:
    outside_of_pim = row("entra_role_assignment", INSTANCE)
    ending = row("entra_role_assignment", INSTANCE | {"endDateTime": "2025-06-05T00:00:00Z"})
    silent = row("entra_role_assignment", {key: value for key, value in INSTANCE.items() if key != "endDateTime"})

    assert (None, None, True) == tuple(outside_of_pim[name] for name in ("start_at", "end_at", "permanent"))
    assert (at(5), False) == (ending["end_at"], ending["permanent"])
    assert (None, None) == (silent["end_at"], silent["permanent"])


def test_pim_for_groups_writes_an_end_also_when_there_is_none() -> None:
    instance = {"groupId": "g", "principalId": "p", "accessId": "owner", "endDateTime": "9999-12-31T23:59:59.997Z"}

    found = row("entra_group_eligibility", instance)
    assert ("owner", None, True) == (found["access"], found["end_at"], found["permanent"])


def test_instances_of_a_group_that_may_not_be_seen() -> None:
    found = row("entra_group_assignment", {"groupId": "g", "Unread": {"reason": "denied", "detail": "403"}})

    assert ("g", None, None) == (found["group_id"], found["principal"], found["permanent"])


def rules(*found: Json) -> Json:
    return {"roleDefinitionId": "r", "scopeId": "/", "policy": {"rules": list(found)}}


def test_what_an_activation_asks_for() -> None:
    approvers = [
        {"@odata.type": "#microsoft.graph.singleUser", "userId": "u"},
        {"@odata.type": "#microsoft.graph.groupMembers", "groupId": "g"},
        {"@odata.type": "#microsoft.graph.requestorManager"},
    ]
    asked = rules(
        {"id": "Expiration_EndUser_Assignment", "maximumDuration": "PT8H30M"},
        {"id": "Enablement_EndUser_Assignment", "enabledRules": ["Justification"]},
        {
            "id": "Approval_EndUser_Assignment",
            "setting": {"isApprovalRequired": True, "approvalStages": [{"primaryApprovers": approvers}]},
        },
        {"id": "Expiration_Admin_Eligibility", "isExpirationRequired": False, "maximumDuration": "P365D"},
    )

    found = row("entra_role_rule", asked)
    assert (510, False, True) == tuple(
        found[f"activation_{name}"] for name in ("max_minutes", "requires_mfa", "requires_justification")
    )
    assert (True, False, 365) == tuple(
        found[name] for name in ("activation_requires_approval", "eligibility_expires", "eligibility_max_days")
    )
    assert found["assignment_expires"] is None  # a rule that is not there says nothing
    reading = TABLES["entra_approver"].readings[0]
    assert [("groupMembers", "g"), ("requestorManager", None), ("singleUser", "u")] == [
        one.values[2:] for one in reading.rows("1", asked)
    ]


@pytest.mark.parametrize(
    ("written", "minutes_"),
    [
        ("PT8H", 480),
        ("P1DT12H", 2160),
        ("P15D", 21600),
        ("P1Y", 366 * 1440),
        ("PT0S", None),
        ("8h", None),
        (None, None),
    ],
)
def test_iso_durations(written: str | None, minutes_: int | None) -> None:
    assert minutes_ == minutes(written)


def credentials(facet: Json) -> list[tuple[Any, ...]]:
    reading = TABLES["entra_credential"].readings[0]
    return [(one.values[3], one.values[4], one.values[5]) for one in reading.rows("app", facet)]


def test_a_saml_certificate_is_one_credential_with_its_password() -> None:
    pair = {"customKeyIdentifier": "AB", "type": "AsymmetricX509Cert"}
    saml = {
        "keyCredentials": [
            pair | {"keyId": "1", "usage": "Verify"},
            pair | {"keyId": "2", "usage": "Sign", "type": "X509CertAndPassword"},
        ],
        "passwordCredentials": [
            {"keyId": "2", "customKeyIdentifier": "AB"},
            {"keyId": "3", "customKeyIdentifier": None},
        ],
    }

    assert [("certificate", True, "1"), ("secret", True, "2"), ("secret", False, "3")] == credentials(saml)


def test_credentials_of_every_kind() -> None:
    facet = {
        "keyCredentials": [{"keyId": "1", "usage": "Verify", "type": "AsymmetricX509Cert"}],
        "passwordCredentials": [{"keyId": "2", "endDateTime": None, "startDateTime": "2025-06-01T00:00:00Z"}],
        "federatedIdentityCredentials": [{"id": "3", "name": "github"}],
    }

    assert [("certificate", False, "1"), ("secret", False, "2"), ("federated", False, "3")] == credentials(facet)
    without_end = [one.values[-1] for one in TABLES["entra_credential"].readings[0].rows("app", facet)]
    assert [None, False, None] == without_end  # said to have none; the others do not say
