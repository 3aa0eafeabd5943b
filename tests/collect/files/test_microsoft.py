"""Exports of Entra ID and Azure in a folder: what `az rest` and others would have saved, read back."""

import json
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from collect.microsoft.tenants import SUBSCRIPTION, Reached, furnish, gaps, named
from observant.collect.azure import collect_subscription
from observant.collect.entra import collect_tenant
from observant.collect.entra.directory import USER_FIELDS
from observant.collect.files import read_folder
from observant.collect.files.microsoft.kinds import KINDS, MEMBERS
from observant.collect.microsoft.session import http_client
from observant.errors import InputError
from observant.evidence.snapshot import IGNORED

READ_LATER = datetime(2026, 2, 1, tzinfo=UTC)


class Exporter:
    """Saves what a tenant answers, address by address, as `az rest` does: one page, as it came."""

    def __init__(self, reached: Reached) -> None:
        self.reached = reached
        self.client = http_client(reached.session()._client._transport)

    def get(self, url: str) -> dict:
        token = self.reached.token(url.split("/v1.0")[0].split("/subscriptions")[0].split("/providers")[0], "").text
        answer = self.client.get(quote(url, safe=":/?&=$(),'"), headers={"authorization": f"Bearer {token}"})
        assert 200 == answer.status_code, answer.text
        return answer.json()


@pytest.fixture
def reached():
    made = Reached()
    furnish(made.tenant)
    return made


@pytest.fixture
def folder(reached, tmp_path):
    """Every command that the gaps name, carried out."""
    exporter = Exporter(reached)
    subscription = reached.tenant.names["subscriptions", SUBSCRIPTION]
    for kind in KINDS:
        url = kind.url.replace("<subscription>", subscription).replace("<fields>", USER_FIELDS)
        for group in ["admins"] if "<group>" in url else [""]:
            answer = exporter.get(url.replace("<group>", reached.tenant.id_of(group) if group else ""))
            (tmp_path / f"{kind.collection}.json").write_text(json.dumps(answer))
    for group in ("admins", "outer", "inner", "secret-society"):
        one = reached.tenant.id_of(group)
        (tmp_path / f"members-{one}.json").write_text(json.dumps(exporter.get(MEMBERS.url.replace("<group>", one))))
    return tmp_path


def read(folder, taken_at=None):
    found = read_folder(folder, lambda: READ_LATER, "ada@laptop", taken_at)
    return {one.scope.partition(":")[0]: one for one in found}


def edit(path, change):
    value = json.loads(path.read_text())
    changed = change(value)
    path.write_text(json.dumps(value if changed is None else changed))


NOT_FROM_FILES = {
    "entra.group_owners",
    "entra.access_reviews",
    "entra.access_review_decisions",
    "entra.app_permissions",
    "entra.service_principal_activity",
    "entra.directory_audits",
    "entra.directory_audits_window",
    "entra.log_destinations",
    "entra.management_groups",
    "entra.activity_log",
    "entra.activity_log_window",
}


def test_exports_say_what_the_api_said(reached, folder):
    offline = read(folder)
    live = {
        "entra": collect_tenant(reached.session(), reached.tenant.tenant_id, reached.time.now),
        "azure": collect_subscription(
            reached.session(), reached.tenant.names["subscriptions", SUBSCRIPTION], reached.time.now
        ),
    }
    # owners, federated credentials and isPrivileged come from requests of their own; users have more properties
    richer = {"entra.applications", "entra.service_principals", "entra.role_definitions", "entra.groups"}

    assert NOT_FROM_FILES == gaps(offline["entra"]).keys()
    for source, snapshot in offline.items():
        assert live[source].scope == snapshot.scope
        for collection in snapshot.collections:
            if collection.gap is None:
                there = {one.urn: one for one in named(live[source], collection.name).entities}
                here = {one.urn: one for one in collection.entities}
                assert there.keys() == here.keys(), collection.name
                if collection.name not in richer:
                    assert {urn: one.configuration for urn, one in there.items()} == {
                        urn: one.configuration for urn, one in here.items()
                    }


def test_each_gap_names_its_command(reached, folder):
    for name in ("entra.named_locations", "azure.role_assignments"):
        (folder / f"{name}.json").unlink()
    for path in folder.glob("members-*"):
        path.unlink()
    found = read(folder)

    assert "identity/conditionalAccess/namedLocations" in named(found["entra"], "entra.named_locations").gap.detail
    assert "members-<group>.json" in named(found["entra"], "entra.group_members").gap.detail
    assert "roleAssignments?api-version=2022-04-01" in named(found["azure"], "azure.role_assignments").gap.detail
    assert {"not_attempted"} == set(gaps(found["entra"]).values())


def test_who_handed_in_what_and_when_it_was(folder):
    tenant = read(folder)["entra"]

    assert ("files", "ada@laptop") == (tenant.origin, tenant.supplied_by)
    assert {"latest moment in the exports"} == {one.parameters["time_from"] for one in tenant.requests}
    assert tenant.started < READ_LATER
    assert all(64 == len(one.body_sha256) for one in tenant.requests)


def test_a_stated_time_before_what_the_export_knows_of_is_refused(folder):
    with pytest.raises(InputError, match="knows of"):
        read(folder, datetime(2024, 1, 1, tzinfo=UTC))


def test_a_page_without_its_next_one_is_truncation(reached, folder):
    reached.service.pages.largest = 2
    exporter = Exporter(reached)
    first = exporter.get("https://graph.microsoft.com/v1.0/users?$top=2")
    (folder / "entra.users.json").write_text(json.dumps(first))

    assert "truncated" == gaps(read(folder)["entra"])["entra.users"]

    second = exporter.get(first["@odata.nextLink"])
    (folder / "users-2.json").write_text(json.dumps(second))

    assert 4 == len(named(read(folder)["entra"], "entra.users").entities)


def test_pages_gathered_in_one_file_are_pages(reached, folder):
    reached.service.pages.largest = 2
    exporter = Exporter(reached)
    first = exporter.get("https://graph.microsoft.com/v1.0/users?$top=2")
    pages = [first, exporter.get(first["@odata.nextLink"])]
    (folder / "entra.users.json").write_text(json.dumps(pages))
    gathered = named(read(folder)["entra"], "entra.users")
    (folder / "entra.users.json").write_text("\n".join(json.dumps(page) for page in pages))

    assert 4 == len(gathered.entities)
    assert gathered == named(read(folder)["entra"], "entra.users")


def test_a_file_for_each_object(reached, folder):
    """As EntraExporter writes them: Policies/ConditionalAccess/<id>/<id>.json, Groups/<id>/Members/<id>.json."""
    policies = json.loads((folder / "entra.conditional_access_policies.json").read_text())["value"]
    (folder / "entra.conditional_access_policies.json").unlink()
    for one in policies:
        path = folder / "Policies" / "ConditionalAccess" / one["id"]
        path.mkdir(parents=True)
        (path / f"{one['id']}.json").write_text(json.dumps(one))
    (folder / "Policies" / "else.json").write_text(json.dumps({"id": "x", "somethingElse": True}))
    tenant = read(folder)["entra"]

    assert [one["id"] for one in policies] == [
        one.urn for one in named(tenant, "entra.conditional_access_policies").entities
    ]
    assert IGNORED in [one.operation for one in tenant.requests]


def test_lists_of_the_command_line(reached, folder):
    assignments = json.loads((folder / "azure.role_assignments.json").read_text())["value"]
    flat = [{"id": one["id"], "name": one["name"], "type": one["type"], **one["properties"]} for one in assignments]
    flat[0]["principalName"] = "eve@example"
    (folder / "azure.role_assignments.json").write_text(json.dumps(flat))
    users = json.loads((folder / "entra.users.json").read_text())["value"]
    plain = [{key: one[key] for key in ("id", "displayName", "userPrincipalName")} for one in users]
    (folder / "entra.users.json").write_text(json.dumps(plain))
    found = read(folder)

    assert {one["properties"]["principalId"] for one in assignments} == {
        one.configuration["properties"]["principalId"]
        for one in named(found["azure"], "azure.role_assignments").entities
    }
    assert 4 == len(named(found["entra"], "entra.users").entities)
    assert "not_attempted" == gaps(found["entra"])["entra.user_activity"]


def test_an_empty_list_says_what_it_is_empty_of(folder):
    path = folder / "entra.conditional_access_policies.json"
    edit(path, lambda value: value.update(value=[]))

    assert [] == named(read(folder)["entra"], "entra.conditional_access_policies").entities
    assert "entra.conditional_access_policies" not in gaps(read(folder)["entra"])


def test_without_a_tenant_nothing_is_read(folder):
    (folder / "entra.organization.json").unlink()
    (folder / "azure.subscription.json").unlink()

    with pytest.raises(InputError, match="names its tenant") as wrong:
        read(folder)
    assert "/v1.0/organization" in wrong.value.remedy


def test_exports_of_two_tenants_are_refused(folder):
    other = json.loads((folder / "entra.organization.json").read_text())
    other["value"][0]["id"] = "00000000-0000-0000-0000-000000000002"
    (folder / "other.json").write_text(json.dumps(other))

    with pytest.raises(InputError, match="several tenants"):
        read(folder)


def test_one_object_in_two_versions_is_refused(folder):
    one = json.loads((folder / "entra.users.json").read_text())["value"][0]
    (folder / "older.json").write_text(json.dumps({**one, "displayName": "before"}))

    with pytest.raises(InputError, match="not the same"):
        read(folder)


def test_members_of_whom_has_to_be_said(folder):
    path = next(folder.glob("members-*"))
    path.rename(folder / "members.json")

    with pytest.raises(InputError, match="whose members"):
        read(folder)


def test_a_broken_file_is_named(folder):
    path = folder / "entra.users.json"
    path.write_text(path.read_text()[:200])

    with pytest.raises(InputError, match=r"entra\.users\.json"):
        read(folder)


def test_a_secret_in_an_export_is_not_kept(folder):
    edit(
        folder / "entra.applications.json",
        lambda value: value["value"][0]["passwordCredentials"][0].update(secretText="leaked"),
    )

    assert "leaked" not in repr(read(folder))


def test_aws_and_microsoft_lie_side_by_side(folder):
    (folder / "summary").mkdir()
    (folder / "summary" / "aliases.json").write_text('{"AccountAliases": ["x"]}')

    with pytest.raises(InputError, match="no export names its account"):
        read(folder)


# --- folders as EntraExporter lays them out --------------------------------------------------------------------------


def lay_out(folder, *path, objects, sides=()):
    """`Groups/<id>/<id>.json` for each object, and below it what `sides` (name, objects of one) say."""
    for one in objects:
        place = folder.joinpath(*path, one["id"])
        place.mkdir(parents=True)
        (place / f"{one['id']}.json").write_text(json.dumps(one))
        for name, of in sides:
            lay_out(place, name, objects=of(one))


@pytest.fixture
def laid_out(reached, folder, tmp_path_factory):
    """The same tenant as `folder`, by another tool: one file for each object, members and owners beside groups."""
    made = tmp_path_factory.mktemp("exporter")

    def answered(name):
        return json.loads((folder / f"{name}.json").read_text())["value"]

    users = {one["id"]: one for one in answered("entra.users")}

    def members(group):
        path = folder / f"members-{group['id']}.json"
        found = json.loads(path.read_text())["value"] if path.exists() else []
        return [
            {"id": one["id"], **{key: users[one["id"]][key] for key in ("userPrincipalName", "displayName")}}
            if one["id"] in users
            else one
            for one in found
        ]

    def somebody(_):
        return [{"id": one, "userPrincipalName": "x", "displayName": None} for one in sorted(users)[:1]]

    (made / "Organization").mkdir()
    (made / "Organization/Organization.json").write_text(json.dumps(answered("entra.organization")[0]))
    lay_out(made, "Users", objects=users.values())
    lay_out(made, "Groups", objects=answered("entra.groups"), sides=[("Members", members), ("Owners", somebody)])
    lay_out(made, "Applications", objects=answered("entra.applications"), sides=[("Owners", somebody)])
    roles = answered("entra.role_definitions")
    lay_out(made, "DirectoryRoles", objects=[{"id": roles[0]["id"]}], sides=[("Members", somebody)])
    lay_out(made, "RoleManagement", "Directory", "RoleDefinitions", objects=roles)
    lay_out(made, "RoleManagement", "Directory", "RoleAssignments", objects=answered("entra.role_assignments"))
    foreign = [{**roles[0], "id": "00000000-0000-0000-0000-00000000000e"}]
    lay_out(made, "RoleManagement", "Exchange", "RoleDefinitions", objects=foreign)
    held = [{**one, "id": f"exchange-{one['id']}"} for one in answered("entra.role_assignments")]
    lay_out(made, "RoleManagement", "DeviceManagement", "RoleAssignments", objects=held)
    lay_out(
        made,
        *("RoleManagement", "Directory", "RoleAssignmentScheduleInstances"),
        objects=answered("entra.role_assignment_instances"),
    )
    builtin = {"id": "/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635"}
    builtin |= {"name": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "type": "Microsoft.Authorization/roleDefinitions"}
    place = made / "IAM/RoleDefinitions/BuiltInRole"
    place.mkdir(parents=True)
    (place / f"{builtin['name']}.json").write_text(json.dumps({**builtin, "properties": {"roleName": "Owner"}}))
    return made


def test_an_object_in_the_folder_of_another_one_is_no_row_of_a_list(folder, laid_out):
    listed, own = read(folder), read(laid_out)

    assert ["entra"] == list(own)
    for name in (
        "entra.users",
        "entra.groups",
        "entra.role_definitions",
        "entra.role_assignments",
        "entra.applications",
    ):
        assert named(own["entra"], name).gap is None
        assert {one.urn: one for one in named(listed["entra"], name).entities} == {
            one.urn: one for one in named(own["entra"], name).entities
        }
    members = named(listed["entra"], "entra.group_members").entities
    assert [one for one in members if one.configuration["members"]] == named(
        own["entra"], "entra.group_members"
    ).entities
    assert {IGNORED} < {one.operation for one in own["entra"].requests}


def test_what_the_tool_leaves_out_is_a_gap(laid_out):
    whole = read(laid_out)["entra"]
    for path in (laid_out / "Groups").iterdir():
        edit(path / f"{path.name}.json", lambda group: {**group, "groupTypes": ["DynamicMembership"]})

    assert "activated" in named(whole, "entra.role_assignment_instances").gap.detail
    assert "dynamic" in named(read(laid_out)["entra"], "entra.groups").gap.detail


def test_members_saved_by_the_command_line_are_no_users(reached, folder):
    """`az ad group member list` answers a list of users that does not say of which group."""
    path = folder / f"members-{reached.tenant.id_of('admins')}.json"
    users = json.loads((folder / "entra.users.json").read_text())["value"]
    members = json.loads(path.read_text())["value"]
    path.write_text(json.dumps([{**one, "displayName": "else"} for one in users if one["id"] == members[0]["id"]]))
    again = read(folder)["entra"]

    assert 4 == len(named(again, "entra.users").entities)
    group = next(one for one in named(again, "entra.group_members").entities if one.urn in path.name)
    assert [{"id": members[0]["id"], "type": "user"}] == group.configuration["members"]
