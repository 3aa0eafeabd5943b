"""Worked policy vectors: every answer the engine gives is the expected one, and every witness replays."""

import json
from pathlib import Path
from typing import Any

import pytest

from observant.analysis.iam import api

FILE = Path(__file__).parents[2] / "vectors/policy/development.json"
SET = json.loads(FILE.read_text())
VECTORS = {each["id"]: each for each in SET["vectors"]}


def of(kind: str) -> list[Any]:
    return [pytest.param(each, id=name) for name, each in VECTORS.items() if each["kind"] == kind]


def decided(vector: dict[str, Any], known: dict[str, Any], **more: Any) -> Any:
    return api.decision(
        vector["principal"],
        vector["action"],
        vector["resource"],
        identity=vector["identity"],
        boundary=vector.get("boundary"),
        session=[vector["session"]] if "session" in vector else None,
        scps=vector.get("scps"),
        rcps=vector.get("rcps"),
        resource_policy=vector.get("resource_policy"),
        resource_account=vector.get("resource_account", ""),
        management_account=vector.get("flags", {}).get("account_is_management", False),
        known=known,
        **more,
    )


@pytest.mark.parametrize("vector", of("decision"))
def test_decisions(vector: dict[str, Any]) -> None:
    found = decided(vector, vector["context"]["known"], absent=vector["context"]["absent"])

    assert vector["expect"] == found.answer
    if found.answer == "denied":
        assert (vector["denied"] == "explicit") == found.explicit
    assert vector.get("conditional_on", []) == list(found.conditional_on)


@pytest.mark.parametrize("vector", of("decision"))
def test_witnesses(vector: dict[str, Any]) -> None:
    for witness in vector["witness"]:
        assert witness["expect"] == decided(vector, witness["context"], others="absent").answer


@pytest.mark.parametrize("vector", of("admin_equivalent"))
def test_administrators(vector: dict[str, Any]) -> None:
    assert vector["expect"] == api.admin_equivalent(vector["principal"], vector["identity"]).word


@pytest.mark.parametrize("vector", of("privesc"))
def test_escalation(vector: dict[str, Any]) -> None:
    assert vector["expect"] == api.privilege_escalation(vector["principal"], vector["identity"]).word


@pytest.mark.parametrize("vector", of("trust"))
def test_trust(vector: dict[str, Any]) -> None:
    found = api.role_trust(vector["trust_policy"], vector["account"], organization=vector["own_org"])

    assert vector["expect"] == found.word


@pytest.mark.parametrize("vector", of("mfa_enforced"))
def test_mfa(vector: dict[str, Any]) -> None:
    assert vector["expect"] == api.mfa_enforcement(vector["principal"], vector["identity"]).word


@pytest.mark.parametrize("vector", of("no_new_access"))
def test_inclusion(vector: dict[str, Any]) -> None:
    found = api.no_new_access(vector["candidate"], vector["reference"])

    assert {"pass": True, "fail": False}[vector["expect"]] is found.included
    assert (found.witness is None) is found.included


def test_every_kind_is_tried() -> None:
    tried = {"decision", "admin_equivalent", "privesc", "trust", "mfa_enforced", "no_new_access"}

    assert tried == {each["kind"] for each in VECTORS.values()} == set(SET["kinds"])


def test_the_copy_is_current() -> None:
    original = Path(__file__).parents[4] / "shared/data/aws/policy_vectors.json"
    if not original.exists():
        pytest.skip(f"{original} is not there")

    assert json.loads(original.read_text()) == SET
