"""A whole account from the file that the AWS CLI writes."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from observant.analysis.aws.account import Judgement, evaluate

ARN = "arn:aws:iam::111122223333:"
ADMIN = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
ASSUME = {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}}
TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}]}


def details(encoded: bool) -> bytes:
    def written(document: Any) -> Any:
        return quote(json.dumps(document)) if encoded else document

    admin = {
        "Arn": f"{ARN}policy/all",
        "PolicyName": "all",
        "PolicyVersionList": [
            {"Document": written(ADMIN), "IsDefaultVersion": True, "VersionId": "v2"},
            {"Document": written(ASSUME), "IsDefaultVersion": False, "VersionId": "v1"},
        ],
    }
    attached = [{"PolicyArn": admin["Arn"], "PolicyName": "all"}]
    assume = [{"PolicyName": "assume", "PolicyDocument": written(ASSUME)}]
    hidden = [{"PolicyArn": f"{ARN}policy/hidden", "PolicyName": "hidden"}]
    return json.dumps(
        {
            "UserDetailList": [
                {"Arn": f"{ARN}user/ann", "UserName": "ann", "GroupList": ["boss"]},
                {"Arn": f"{ARN}user/bob", "UserName": "bob", "UserPolicyList": assume},
                {"Arn": f"{ARN}user/cy", "UserName": "cy", "AttachedManagedPolicies": hidden},
                {"Arn": f"{ARN}user/dee", "UserName": "dee"},
            ],
            "GroupDetailList": [{"Arn": f"{ARN}group/boss", "GroupName": "boss", "AttachedManagedPolicies": attached}],
            "RoleDetailList": [
                {
                    "Arn": f"{ARN}role/ops",
                    "RoleName": "ops",
                    "AssumeRolePolicyDocument": written(TRUST),
                    "AttachedManagedPolicies": attached,
                }
            ],
            "Policies": [admin],
        }
    ).encode()


@pytest.mark.parametrize("encoded", [False, True], ids=["objects", "encoded"])
def test_everybody_is_judged(encoded: bool) -> None:
    found: dict[str, Judgement] = {each.arn.rpartition("/")[2]: each for each in evaluate(details(encoded))}

    assert {"ann": True, "bob": False, "cy": None, "dee": False, "ops": True, "boss": True} == {
        name: each.said.administrator for name, each in found.items()
    }
    assert {"ann": False, "bob": True, "dee": False} == {
        name: found[name].reach.escalates for name in ("ann", "bob", "dee")
    }
    assert f"({ARN}role/ops)" in found["bob"].reach.because
    assert "none" == found["ops"].trust.word  # type: ignore[union-attr]
    assert "was not shown" in found["cy"].said.administrator_because
