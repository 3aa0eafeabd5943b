"""`observant changes`, from files to the list."""

import csv
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from collect.changes.trail import ACCOUNT, event, key, put
from collect.files.trail_bucket import Bucket, write_keys
from observant.cli.program import run

BEGAN = {"credentials": {"accessKeyId": "ASIA1"}}
WORKFLOW = {
    "type": "WebIdentityUser",
    "userName": "repo:acme/infra:environment:production",
    "identityProvider": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com",
}
BY_WORKFLOW = {
    "type": "AssumedRole",
    "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deployment/GitHubActions",
    "accessKeyId": "ASIA1",
}


@pytest.fixture
def workspace(tmp_path: Path) -> list[str]:
    assert run(["init", str(tmp_path / "w"), "--company", "Example"]) == 0
    put(
        tmp_path / "logs",
        key("20260203T1005Z"),
        event("AssumeRoleWithWebIdentity", source="sts", responseElements=BEGAN, userIdentity=WORKFLOW),
        event("AttachRolePolicy", userIdentity=BY_WORKFLOW, requestParameters={"roleName": "r", "policyArn": "arn:p"}),
        event("CreateUser", "2026-02-04T10:00:00Z", requestParameters={"userName": "bob"}, errorCode="AccessDenied"),
        event("ListUsers"),
    )
    return ["-w", str(tmp_path / "w"), "changes"]


def test_what_was_read_is_listed_with_who_did_it(workspace, tmp_path, capsys):
    assert 0 == run([*workspace, "read", str(tmp_path / "logs"), "--supplied-by", "ana"])
    capsys.readouterr()

    assert 0 == run([*workspace, "list", "--json"])
    (change,) = json.loads(capsys.readouterr().out)["changes"]

    assert ("AttachRolePolicy", "grant", "r") == (change["event"], change["category"], change["target"])
    assert ("repo:acme/infra:environment:production", "workflow") == (change["actor"], change["actor_kind"])


@pytest.mark.parametrize(
    ("options", "events"),
    [
        (["--failed"], ["AttachRolePolicy", "CreateUser"]),
        (["--failed", "--from", "2026-02-04", "--to", "2026-02-04"], ["CreateUser"]),
        (["--category", "cred*"], []),
        (["--actor", "repo:acme/*"], ["AttachRolePolicy"]),
        (["--scope", "aws:999*"], []),
    ],
)
def test_filters(workspace, tmp_path, capsys, options, events):
    run([*workspace, "read", str(tmp_path / "logs")])
    capsys.readouterr()

    assert 0 == run([*workspace, "list", "--csv", *options])

    assert events == [row["event"] for row in csv.DictReader(capsys.readouterr().out.splitlines())]


def test_without_any_log_the_list_says_that_it_knows_nothing(workspace, capsys):
    assert 3 == run([*workspace, "list"])

    assert "no log was read yet" in capsys.readouterr().err


def test_the_digests_of_a_folder_are_proven_or_not(tmp_path, capsys):
    signing = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    bucket, keys = Bucket(tmp_path / "bucket", signing), str(write_keys(tmp_path / "keys.json", signing))
    bucket.pass_hour()
    bucket.pass_hour()
    command = ["changes", "verify-digests", str(bucket.folder)]

    assert 0 == run([*command, "--keys", keys])
    assert "Everything is proven: 2 digests and 4 log files" in capsys.readouterr().out
    assert 3 == run(command)
    assert "key unknown" in capsys.readouterr().out

    (bucket.folder / bucket.logs[1]).unlink()

    assert 4 == run([*command, "--keys", keys, "--json"])
    (found,) = json.loads(capsys.readouterr().out)["findings"]
    assert ("log file missing", bucket.logs[1], True) == (found["what"], found["name"], found["damage"])


TRACKER = """
[[sources.tickets]]
name = "changes"
system = "export"
file = "tickets.csv"
kinds = { change = ["Change"] }

[sources.tickets.columns]
id = "Key"
kind = "Type"
created = "Created"
approver = "Approver"
approved = "Approved"
"""
HEADER = "Key,Type,Created,Approver,Approved\n"


def test_a_change_is_matched_and_a_human_links_it(workspace, tmp_path, capsys):
    root = tmp_path / "w"
    with (root / "observant.toml").open("a") as settings:
        settings.write(TRACKER)
    (root / "tickets.csv").write_text(f"{HEADER}CHG-1,Change,2026-02-01T09:00Z,chief,2026-02-02T09:00:00Z\n")
    assert 0 == run([*workspace, "read", str(tmp_path / "logs")])
    assert 0 == run(["-w", str(root), "collect"])
    capsys.readouterr()

    assert 0 == run([*workspace, "match", "--from", "2026-02-01", "--to", "2026-03-01", "--json"])
    answer = json.loads(capsys.readouterr().out)
    (row,) = [dict(zip(answer["columns"], one, strict=True)) for one in answer["rows"]]
    assert ("unlinked", None) == (row["class"], row["ticket"])
    assert 0 == run([*workspace, "match", "--from", "2026-02-01", "--to", "2026-03-01", "--class", "planned", "--csv"])
    assert 1 == len(capsys.readouterr().out.splitlines())

    assert 2 == run([*workspace, "link", row["change"], "--ticket", "CHG-9", "--reason", "seen"])
    assert 2 == run([*workspace, "link", "nothing", "--ticket", "CHG-1", "--reason", "seen"])
    assert 2 == run([*workspace, "link", row["change"], "--ticket", "CHG-1", "--reason", " "])
    assert 0 == run([*workspace, "link", row["change"], "--ticket", "chg-1", "--reason", "seen", "--by", "ana"])
    capsys.readouterr()
    assert 0 == run([*workspace, "match", "--from", "2026-02-01", "--to", "2026-03-01", "--json"])
    answer = json.loads(capsys.readouterr().out)
    (row,) = [dict(zip(answer["columns"], one, strict=True)) for one in answer["rows"]]
    assert ("planned", "CHG-1", "linked by ana", "declared") == tuple(
        row[name] for name in ("class", "ticket", "rule", "strength")
    )
    assert 0 == run([*workspace, "match", "--from", "2026-02-01", "--to", "2026-03-01", "--tickets", "--csv"])
    assert "CHG-1" in capsys.readouterr().out
