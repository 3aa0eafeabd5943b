"""A whole account from one file: what `aws iam get-account-authorization-details` writes.

The same evaluation as of collected evidence, at one moment and without an organization.
"""

from typing import Any
from urllib.parse import unquote

import msgspec

from observant.analysis.aws.bound import Bound, Document
from observant.analysis.aws.facts import Facts
from observant.analysis.aws.judged import Said, judge
from observant.analysis.aws.reaching import NOWHERE, Around, Reach
from observant.analysis.iam.callers import Own
from observant.analysis.iam.canary import check_canaries
from observant.analysis.iam.trust import Trust, trust
from observant.analysis.uncollected import uncollected
from observant.model.time import BEGINNING, FOREVER

_NONE = msgspec.Raw(b"null")


class _Version(msgspec.Struct):
    Document: msgspec.Raw = _NONE
    IsDefaultVersion: bool = False


class _Managed(msgspec.Struct):
    Arn: str
    PolicyVersionList: list[_Version] = []


class _Inline(msgspec.Struct):
    PolicyName: str
    PolicyDocument: msgspec.Raw = _NONE


class _Attached(msgspec.Struct):
    PolicyArn: str


class _Boundary(msgspec.Struct):
    PermissionsBoundaryArn: str


class _Tag(msgspec.Struct):
    Key: str
    Value: str = ""


class _Holder(msgspec.Struct):
    """A user, role or group."""

    Arn: str
    AttachedManagedPolicies: list[_Attached] = []
    UserPolicyList: list[_Inline] = []
    RolePolicyList: list[_Inline] = []
    GroupPolicyList: list[_Inline] = []
    GroupName: str = ""
    GroupList: list[str] = []
    PermissionsBoundary: _Boundary | None = None
    AssumeRolePolicyDocument: msgspec.Raw = _NONE
    Tags: list[_Tag] | None = None


class _Details(msgspec.Struct):
    UserDetailList: list[_Holder] = []
    GroupDetailList: list[_Holder] = []
    RoleDetailList: list[_Holder] = []
    Policies: list[_Managed] = []


class Judgement(msgspec.Struct, frozen=True):
    """Everything about one user, role or group. `trust`: of roles only."""

    arn: str
    kind: str
    said: Said
    reach: Reach
    trust: Trust | None = None


def evaluate(details: bytes) -> list[Judgement]:
    """Judge everybody. Raises msgspec.DecodeError for what is no such file, CanaryFailed where the engine is broken."""
    check_canaries()
    with uncollected():
        return judgements(facts_of(details))


def judgements(everybody: list[Facts]) -> list[Judgement]:
    """Judge the principals of one account."""
    held = {facts.arn: facts.held() for facts in everybody}
    judged = [(facts, judge(facts, held[facts.arn])) for facts in everybody]
    around = Around(judged, {facts.arn: held[facts.arn] for facts in everybody if facts.kind != "group"})
    return [
        Judgement(
            arn=facts.arn,
            kind=facts.kind,
            said=said,
            reach=NOWHERE if said.administrator or facts.kind == "group" else around.reach(facts),
            trust=trust(facts.trust, Own(facts.account)) if facts.trust else None,
        )
        for facts, said in judged
    ]


def facts_of(details: bytes) -> list[Facts]:
    """The file's principals. A policy that is attached and not in the file was not shown."""
    found = msgspec.json.decode(details, type=_Details)
    texts = {
        policy.Arn: next((_text(one.Document) for one in policy.PolicyVersionList if one.IsDefaultVersion), None)
        for policy in found.Policies
    }
    groups = {one.GroupName: (one.Arn, _documents(one, texts)) for one in found.GroupDetailList}
    kinds = {"user": found.UserDetailList, "role": found.RoleDetailList, "group": found.GroupDetailList}
    return [_facts(one, kind, groups, texts) for kind, listed in kinds.items() for one in listed]


def _documents(one: _Holder, texts: dict[str, str | None]) -> set[Document]:
    found: set[Document] = {(each.PolicyArn, texts.get(each.PolicyArn)) for each in one.AttachedManagedPolicies}
    inline = one.UserPolicyList + one.RolePolicyList + one.GroupPolicyList
    on = f" of group {one.GroupName}" if one.GroupName else ""
    return found | {(f"inline policy {each.PolicyName}{on}", _text(each.PolicyDocument)) for each in inline}


def _facts(one: _Holder, kind: str, groups: dict[str, tuple[str, set[Document]]], texts: dict[str, Any]) -> Facts:
    boundary = one.PermissionsBoundary.PermissionsBoundaryArn if one.PermissionsBoundary else ""
    mine = [groups.get(name, (name, {(f"group {name}", None)})) for name in one.GroupList]
    documents = _documents(one, texts).union(*(held for _, held in mine))
    return Facts(
        scope=f"aws:{one.Arn.split(':')[4]}",
        arn=one.Arn,
        kind=kind,
        label=one.Arn.rpartition("/")[2],
        valid_from=BEGINNING,
        valid_to=FOREVER,
        earliest=BEGINNING,
        record=0,
        documents=tuple(sorted(documents, key=lambda one: (one[0], one[1] or ""))),
        boundary=(boundary, texts.get(boundary)) if boundary else None,
        boundary_arn=boundary,
        groups=tuple(arn for arn, _ in mine),
        customer_policies=tuple(
            sorted(name for name, _ in documents if name.startswith("arn:") and ":iam::aws:" not in name)
        ),
        trust=_text(one.AssumeRolePolicyDocument) if kind == "role" else None,
        bound=Bound(),
        tags=None if one.Tags is None or kind == "group" else tuple(sorted((tag.Key, tag.Value) for tag in one.Tags)),
    )


def _text(document: msgspec.Raw) -> str | None:
    """A document as text; None where there is none. The API writes documents as URL-encoded text, the CLI objects."""
    text = bytes(document).decode()
    if text == "null":
        return None
    return unquote(msgspec.json.decode(text, type=str)) if text.startswith('"') else text
