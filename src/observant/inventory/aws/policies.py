"""Managed policies and every attachment of a policy to a principal.

Documents are kept as canonical text: whether AWS answered text or an export holds an object, the same document is the
same text, and what depends on a document alone is worked out once per document.
"""

from collections.abc import Iterator

import msgspec

from observant.evidence.snapshot import Json
from observant.inventory.table import Reading, Row, Table, text_of, time_of

_PRINCIPALS = {
    "user": ("UserName", "UserPolicyList"),
    "group": ("GroupName", "GroupPolicyList"),
    "role": ("RoleName", "RolePolicyList"),
}


def document_of(value: object) -> str | None:
    """The document as text; None when the provider gave none."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return msgspec.json.encode(value, order="sorted").decode()
    return None


def _named(listed: object) -> list[Json]:
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _attachments(kind: str) -> Reading:
    name_field, inline_field = _PRINCIPALS[kind]

    def rows(urn: str, principal: Json) -> Iterator[Row]:
        name = text_of(principal.get(name_field)) or urn
        for policy in _named(principal.get("AttachedManagedPolicies")):
            arn = text_of(policy.get("PolicyArn"))
            title = text_of(policy.get("PolicyName")) or arn
            yield Row(
                member=f"{urn} {arn}",
                label=f"policy {title} on {kind} {name}",
                values=(urn, kind, name, "managed", arn, title, None),
            )
        for policy in _named(principal.get(inline_field)):
            title = text_of(policy.get("PolicyName")) or "unnamed"
            yield Row(
                member=f"{urn} inline/{title}",
                label=f"inline policy {title} of {kind} {name}",
                values=(urn, kind, name, "inline", None, title, document_of(policy.get("PolicyDocument"))),
            )

    return Reading(f"iam.{kind}s", "configuration", rows)


ATTACHMENT = Table(
    name="aws_attachment",
    about=(
        "Each policy on each principal. `policy_kind` is managed (join aws_managed_policy on policy_arn for the "
        "document) or inline (the document is here)."
    ),
    columns={
        "principal": "VARCHAR",
        "principal_kind": "VARCHAR",
        "principal_name": "VARCHAR",
        "policy_kind": "VARCHAR",
        "policy_arn": "VARCHAR",
        "policy_name": "VARCHAR",
        "document": "VARCHAR",
    },
    readings=(_attachments("user"), _attachments("group"), _attachments("role")),
)


def _managed_policy(urn: str, policy: Json) -> Iterator[Row]:
    versions = _named(policy.get("PolicyVersionList"))
    default = next((one for one in versions if one.get("IsDefaultVersion") is True), None)
    changed = time_of(default.get("CreateDate")) if default else None
    yield Row(
        member=urn,
        label=text_of(policy.get("PolicyName")) or urn,
        values=(
            "aws" if ":iam::aws:" in urn else "customer",
            text_of(policy.get("DefaultVersionId")),
            document_of(default.get("Document")) if default else None,
        ),
        # A version that became the default again is older than its reign: only a birth is certain.
        born=changed if default and default.get("VersionId") == "v1" else None,
    )


MANAGED_POLICY = Table(
    name="aws_managed_policy",
    about="Customer managed policies and the AWS managed ones in use, with the document of the default version.",
    columns={"origin": "VARCHAR", "default_version": "VARCHAR", "document": "VARCHAR"},
    readings=(Reading("iam.policies", "configuration", _managed_policy),),
)
