"""Tenants and subscriptions of the settings, from the test tenant into the log, and what the doctor says of them."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from collect.microsoft.tenants import SUBSCRIPTION, TENANT_LOGS, Reached, furnish, named
from observant.app.collection import SourceFailure, collect
from observant.app.create import create_workspace
from observant.app.doctor import Outcome, examine
from observant.app.microsoft_sources import last_complete
from observant.app.sources import from_folder, from_settings
from observant.app.workspace import Workspace
from observant.collect.microsoft.session import MicrosoftSession
from observant.errors import UsageError
from observant.evidence.snapshot import Snapshot
from observant.model.scope import Scope


def quiet(_: str) -> None:
    """No progress."""


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch) -> Reached:
    made = Reached()
    furnish(made.tenant)
    monkeypatch.setattr(MicrosoftSession, "open", classmethod(lambda cls, identity: made.session()))
    return made


def source(kind: str, tenant: str, more: str = "") -> str:
    return f'[[sources.{kind}]]\ntenant = "{tenant}"\nidentity = "managed"\n{more}\n'


@pytest.fixture
def workspace(reached: Reached, tmp_path: Path) -> Workspace:
    create_workspace(tmp_path / "workspace", "Example Ltd", "", reached.time.now)
    with (tmp_path / "workspace/observant.toml").open("a") as settings:
        settings.write(source("entra", reached.tenant.tenant_id))
        settings.write(source("azure", reached.tenant.tenant_id, 'subscriptions = "all"'))
    return Workspace.open(tmp_path / "workspace")


def scopes(reached: Reached) -> tuple[str, str]:
    subscription = reached.tenant.names["subscriptions", SUBSCRIPTION]
    return f"azure:{subscription}", f"entra:{reached.tenant.tenant_id}"


def test_subscriptions_first_then_the_tenant_with_their_groups(reached: Reached, workspace: Workspace) -> None:
    read = [one for one in from_settings(workspace, reached.time.now)(quiet) if isinstance(one, Snapshot)]

    assert list(scopes(reached)) == [one.scope for one in read]
    assert reached.tenant.id_of("cloud-owners") in [one.urn for one in named(read[1], "entra.group_members").entities]


def test_a_run_records_both(reached: Reached, workspace: Workspace) -> None:
    result = collect(workspace, from_settings(workspace, reached.time.now), "person", reached.time.now, quiet)

    assert result.complete
    assert list(scopes(reached)) == [one.scope for one in result.scopes]
    lost = {gap.collection: gap.detail for one in result.scopes for gap in one.unread}
    assert {"azure.activity_log", *TENANT_LOGS} == lost.keys()
    assert "when the log was last read is not known" in lost["entra.directory_audits"]


def test_a_stretch_of_a_log_that_nobody_can_read_any_more_is_told(reached: Reached, workspace: Workspace) -> None:
    for days in (0, 1, 40):
        reached.time.at += timedelta(days=days).total_seconds()
        result = collect(workspace, from_settings(workspace, reached.time.now), "person", reached.time.now, quiet)
        told = [(gap.collection, gap.reason) for one in result.scopes for gap in one.unread]
        assert days != 1 or not told

    assert [("entra.directory_audits", "truncated")] == told


def test_the_next_run_reads_events_since_the_last_complete_one(reached: Reached, workspace: Workspace) -> None:
    scope = Scope.parse(scopes(reached)[1])
    assert last_complete(workspace, scope, "entra.directory_audits", reached.time.now) is None

    began = reached.time.now()
    collect(workspace, from_settings(workspace, reached.time.now), "person", reached.time.now, quiet)
    reached.time.at += timedelta(days=1).total_seconds()
    reached.service.permissions.discard("AuditLog.Read.All")
    collect(workspace, from_settings(workspace, reached.time.now), "person", reached.time.now, quiet)
    reached.time.at += timedelta(days=1).total_seconds()

    assert began == last_complete(workspace, scope, "entra.directory_audits", reached.time.now)
    reached.time.at += timedelta(days=100).total_seconds()
    assert last_complete(workspace, scope, "entra.directory_audits", reached.time.now) is None


def test_a_subscription_that_nobody_can_see_is_all_gaps(
    reached: Reached, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = "00000000-0000-0000-0000-000000000007"
    seen = scopes(reached)[0].removeprefix("azure:")
    monkeypatch.setattr("observant.collect.azure.visible", lambda *_: ([seen], [hidden]))
    read = {one.scope: one for one in from_settings(workspace, reached.time.now)(quiet) if isinstance(one, Snapshot)}

    assert {"denied"} == {one.gap.reason.value for one in read[f"azure:{hidden}"].collections if one.gap}
    assert all(one.gap for one in read[f"azure:{hidden}"].collections)


def test_subscriptions_that_cannot_be_listed_do_not_stop_the_tenant(reached: Reached, workspace: Workspace) -> None:
    reached.traffic.fault("/subscriptions", code="AuthorizationFailed")
    failed, read = from_settings(workspace, reached.time.now)(quiet)

    assert isinstance(failed, SourceFailure)
    assert f"azure tenant {reached.tenant.tenant_id}" == failed.source
    assert "AuthorizationFailed" in failed.why
    assert isinstance(read, Snapshot)


def test_a_machine_without_the_secret_is_told(
    reached: Reached, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.delenv("AZURE_CLIENT_SECRET", raising=False)
    create_workspace(tmp_path / "other", "Example Ltd", "", reached.time.now)
    tenant = reached.tenant.tenant_id
    with (tmp_path / "other/observant.toml").open("a") as settings:
        settings.write(f'[[sources.entra]]\ntenant = "{tenant}"\nclient_id = "{tenant}"\nidentity = "secret"\n')
        settings.write(f'[[sources.azure]]\ntenant = "{tenant}"\nclient_id = "{tenant}"\ncertificate = "gone.pem"\n')
        settings.write('subscriptions = "all"\n')
    certificate, secret = from_settings(Workspace.open(tmp_path / "other"), reached.time.now)(quiet)

    assert isinstance(secret, SourceFailure)
    assert isinstance(certificate, SourceFailure)
    assert "AZURE_CLIENT_SECRET" in secret.why
    assert "gone.pem" in certificate.why


def test_only_what_is_named_is_read(reached: Reached, workspace: Workspace) -> None:
    read = list(from_settings(workspace, reached.time.now, [reached.tenant.tenant_id])(quiet))

    assert [scopes(reached)[1]] == [one.scope for one in read if isinstance(one, Snapshot)]
    with pytest.raises(UsageError, match="names no such tenant"):
        from_settings(workspace, reached.time.now, ["00000000-0000-0000-0000-000000000001"])


def test_the_doctor_names_permissions_and_roles(reached: Reached, workspace: Workspace) -> None:
    reached.service.permissions.difference_update({"AuditLog.Read.All", "Member.Read.Hidden"})
    tenant = reached.tenant.tenant_id
    reached.service.reads = [f"/providers/Microsoft.Management/managementGroups/{tenant}"]
    found = examine(workspace, reached.time.now, quiet, online=True)
    remedies = {one.what: one.remedy for one in found if one.outcome is Outcome.MISSING}

    assert "AuditLog.Read.All" in remedies["entra.registration_details"]
    assert "AuditLog.Read.All" in remedies["entra.user_activity"]
    assert "/providers/Microsoft.aadiam" in remedies["entra.log_settings"]
    assert "the scope /," in remedies["entra.activity_log"]
    assert "Member.Read.Hidden" in remedies["entra.group_members"]


def test_the_doctor_tells_a_licence_from_a_permission(reached: Reached, workspace: Workspace) -> None:
    reached.tenant.licence = "P1"
    found = examine(workspace, reached.time.now, quiet, online=True)
    remedies = {one.what: one.remedy for one in found if one.outcome is Outcome.MISSING}

    assert "licence" in remedies["entra.role_eligibility_instances"]


def test_exports_of_a_tenant_are_recorded_as_handed_in(reached: Reached, workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    written = json.dumps({"value": [reached.tenant.organization()]})
    (tmp_path / "exports/organization.json").write_text(written)
    source = from_folder(tmp_path / "exports", "ada", None, [reached.tenant.tenant_id], reached.time.now)
    result = collect(workspace, source, "person", reached.time.now, quiet)

    assert [scopes(reached)[1]] == [one.scope for one in result.scopes]
    assert ["ada"] == [one.supplied_by for one in result.scopes]
    with pytest.raises(UsageError, match="holds no export of"):
        from_folder(tmp_path / "exports", "ada", None, ["123456789012"], reached.time.now)
