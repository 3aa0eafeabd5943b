"""Sources of the settings: roles, accounts, and what happens when one of them fails."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from observant.app.collection import SourceFailure, collect
from observant.app.create import create_workspace
from observant.app.sources import from_settings
from observant.app.unfinished import Unfinished
from observant.app.workspace import Workspace
from observant.errors import ConfigurationError, UsageError
from observant.evidence.snapshot import Snapshot
from observant.model.time import now
from observant_clouds.aws import Cloud, access_key, cloud

CALLER, OTHER = "111122223333", "444455556666"


def role(account: str) -> str:
    return f"arn:aws:iam::{account}:role/Reader"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with cloud() as running:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", access_key(CALLER))
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        running.account(CALLER)
        yield running


def workspace(folder: Path, sources: str) -> Workspace:
    create_workspace(folder / "workspace", "Example Ltd", "", now)
    with (folder / "workspace/observant.toml").open("a") as settings:
        settings.write(sources)
    return Workspace.open(folder / "workspace")


def quiet(_: str) -> None:
    """No progress."""


def test_without_a_source_and_without_credentials_the_remedy_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(UsageError, match=r"add \[\[sources.aws\]\]"):
        from_settings(workspace(tmp_path, ""), now)


def test_without_a_source_the_account_of_the_environments_credentials_is_read(aws: Cloud, tmp_path: Path) -> None:
    read = list(from_settings(workspace(tmp_path, ""), now)(quiet))

    assert [f"aws:{CALLER}"] == [one.scope for one in read if isinstance(one, Snapshot)]


def test_a_missing_profile_does_not_stop_the_other_sources(aws: Cloud, tmp_path: Path) -> None:
    made = workspace(tmp_path, '[[sources.aws]]\nprofile = "nobody"\n[[sources.aws]]\nregion = "us-east-1"\n')

    failed, read = from_settings(made, now)(quiet)

    assert isinstance(failed, SourceFailure)
    assert "aws profile nobody" == failed.source
    assert "nobody" in failed.why
    assert isinstance(read, Snapshot)


def test_an_account_that_cannot_be_entered_is_a_snapshot_of_gaps(aws: Cloud, tmp_path: Path) -> None:
    aws.traffic.fault("sts:AssumeRole", containing=OTHER)
    made = workspace(tmp_path, f'[[sources.aws]]\nroles = ["{role(CALLER)}", "{role(OTHER)}"]\n')

    result = collect(made, from_settings(made, now), "person", now, quiet)
    by_scope = {one.scope: one for one in result.scopes}

    assert {f"aws:{CALLER}", f"aws:{OTHER}"} == set(by_scope)
    assert {"denied"} == {gap.reason for gap in by_scope[f"aws:{OTHER}"].gaps}
    assert 0 == by_scope[f"aws:{OTHER}"].collections
    assert not result.complete


def test_only_the_named_accounts_are_read(aws: Cloud, tmp_path: Path) -> None:
    made = workspace(tmp_path, f'[[sources.aws]]\nroles = ["{role(CALLER)}", "{role(OTHER)}"]\n')

    read = list(from_settings(made, now, [OTHER])(quiet))

    assert [f"aws:{OTHER}"] == [one.scope for one in read if isinstance(one, Snapshot)]
    with pytest.raises(UsageError, match=r"no role of observant.toml is in account 999999999999"):
        from_settings(made, now, ["999999999999"])


ORGANIZATION = '[[sources.aws]]\norganization = true\nrole_name = "Reader"\n'


def taken(read: list[Snapshot | SourceFailure]) -> list[str]:
    return sorted(one.scope if isinstance(one, Snapshot) else f"failure: {one.why}" for one in read)


def test_the_accounts_of_an_organization_are_found(aws: Cloud, tmp_path: Path) -> None:
    organization = aws.organization(CALLER)
    organization.account(OTHER, "other", organization.unit("prod"))
    organization.account("777788889999", "closed")
    organization.close("777788889999")
    made = workspace(tmp_path, ORGANIZATION)

    read = list(from_settings(made, now)(quiet))

    assert [f"aws:{CALLER}", f"aws:{OTHER}", f"organization:{organization.id}"] == taken(read)
    entered = next(one for one in read if isinstance(one, Snapshot) and one.scope == f"aws:{OTHER}")
    assert f"arn:aws:sts::{OTHER}:assumed-role/Reader/observant" == entered.supplied_by


def test_an_account_of_the_organization_can_be_chosen(aws: Cloud, tmp_path: Path) -> None:
    organization = aws.organization(CALLER)
    organization.account(OTHER)
    made = workspace(tmp_path, ORGANIZATION)

    assert [f"aws:{OTHER}", f"organization:{organization.id}"] == taken(list(from_settings(made, now, [OTHER])(quiet)))


def test_an_account_that_another_source_read_is_not_read_twice(aws: Cloud, tmp_path: Path) -> None:
    aws.organization(CALLER).account(OTHER)
    made = workspace(tmp_path, f'[[sources.aws]]\nroles = ["{role(OTHER)}"]\n' + ORGANIZATION)

    read = taken(list(from_settings(made, now)(quiet)))

    assert 1 == read.count(f"aws:{OTHER}")


def test_an_organization_that_hides_its_accounts_is_told(aws: Cloud, tmp_path: Path) -> None:
    organization = aws.organization(CALLER)
    organization.account(OTHER)
    aws.traffic.fault("organizations:ListRoots", code="AccessDeniedException")

    read = taken(list(from_settings(workspace(tmp_path, ORGANIZATION), now)(quiet)))

    assert [
        f"aws:{CALLER}",
        f"failure: the accounts of organization:{organization.id} cannot be listed",
        f"organization:{organization.id}",
    ] == read


def test_without_an_organization_the_source_fails(aws: Cloud, tmp_path: Path) -> None:
    (failed,) = from_settings(workspace(tmp_path, ORGANIZATION), now)(quiet)

    assert isinstance(failed, SourceFailure)
    assert "does not say which organization it is in" in failed.why


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ('organization = "yes"', "not true or false"),
        ('role_name = "Reader"', "for the accounts of an organization"),
        ('organization = true\nrole_name = "a b"', "not the name of a role"),
    ],
)
def test_what_is_wrong_with_an_organization_is_told_with_its_line(tmp_path: Path, written: str, problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        workspace(tmp_path, f"[[sources.aws]]\n{written}\n")


def cut_off(made: Workspace, after: int) -> None:
    """A run that ends when so many accounts are done."""
    done: list[str] = []

    def tell(line: str) -> None:
        done.extend([line] * (" done (" in line))
        if len(done) == after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        collect(made, from_settings(made, now, unfinished=Unfinished(made.root, now)), "person", now, tell)


def fleet(aws: Cloud, folder: Path) -> Workspace:
    organization = aws.organization(CALLER)
    for number in range(6):
        organization.account(f"{555500000000 + number}")
    return workspace(folder, ORGANIZATION)


def test_a_run_that_was_cut_off_goes_on(aws: Cloud, tmp_path: Path) -> None:
    made = fleet(aws, tmp_path)
    cut_off(made, after=4)
    entered = aws.traffic.requests["sts:AssumeRole"]
    read_before = len(list((made.root / "unfinished").glob("*.json")))

    aws.traffic.forget()
    result = collect(made, from_settings(made, now, unfinished=Unfinished(made.root, now)), "person", now, quiet)

    assert (8, []) == (len(result.scopes), result.failures)  # the organization and seven accounts
    assert read_before >= 4
    assert 7 - read_before <= aws.traffic.requests["sts:AssumeRole"] + 1 < entered + 1
    assert not (made.root / "unfinished").exists()


def test_what_was_read_long_ago_is_read_again(aws: Cloud, tmp_path: Path) -> None:
    made = fleet(aws, tmp_path)
    cut_off(made, after=4)
    aws.shift(hours=2)

    aws.traffic.forget()
    result = collect(made, from_settings(made, now, unfinished=Unfinished(made.root, now)), "person", now, quiet)

    assert 6 == aws.traffic.requests["sts:AssumeRole"]
    assert {now()} == {one.started for one in result.scopes}


def test_what_others_could_have_written_is_read_again(aws: Cloud, tmp_path: Path) -> None:
    made = fleet(aws, tmp_path)
    cut_off(made, after=4)
    for file in (made.root / "unfinished").glob("*.json"):
        file.chmod(0o666)

    aws.traffic.forget()
    collect(made, from_settings(made, now, unfinished=Unfinished(made.root, now)), "person", now, quiet)

    assert 6 == aws.traffic.requests["sts:AssumeRole"]


def test_passing_trouble_is_asked_again_and_a_denial_is_not(aws: Cloud, tmp_path: Path) -> None:
    made = fleet(aws, tmp_path)
    aws.traffic.fault("iam:ListAccountAliases")
    denied = list(from_settings(made, now, unfinished=Unfinished(made.root, now))(quiet))
    aws.traffic.heal()
    aws.traffic.fault("iam:ListAccountAliases", code="ServiceFailure", status=400)
    unfinished = Unfinished(tmp_path, now)
    for one in from_settings(made, now)(quiet):
        if isinstance(one, Snapshot):
            unfinished.keep(one)

    assert 8 == len(denied)
    assert Unfinished(made.root, now).of("aws:555500000001") is not None
    assert unfinished.of("aws:555500000001") is None
