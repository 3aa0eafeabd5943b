"""Identity Center: permission sets with their policies, and who is assigned which of them where."""

import re
from collections.abc import Iterator

from observant.evidence.snapshot import Json
from observant.inventory.table import Reading, Row, Table, text_of, time_of

_SPAN = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")
DEFAULT_SESSION = 3600
"""Seconds of a session where the permission set names none:
https://docs.aws.amazon.com/singlesignon/latest/userguide/howtosessionduration.html"""


def seconds_of(written: object) -> int | None:
    """Seconds of an ISO 8601 duration of hours, minutes and seconds; None for anything else."""
    found = _SPAN.fullmatch(written) if isinstance(written, str) else None
    if found is None or not any(found.groups()):
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds


def _instance(urn: str, instance: Json) -> Iterator[Row]:
    yield Row(
        member=urn,
        label=f"Identity Center {urn.rpartition('/')[2]}",
        values=(
            text_of(instance.get("IdentityStoreId")),
            text_of(instance.get("OwnerAccountId")),
            text_of(instance.get("Region")),
        ),
    )


INSTANCE = Table(
    name="organization_identity_center",
    about="Instances of Identity Center.",
    columns={"identity_store": "VARCHAR", "owner_account": "VARCHAR", "region": "VARCHAR"},
    readings=(Reading("sso.instances", "configuration", _instance),),
)


def _name(permission_set: Json, urn: str) -> str:
    return text_of(permission_set.get("Name")) or urn.rpartition("/")[2]


def _permission_set(urn: str, permission_set: Json) -> Iterator[Row]:
    described = "Name" in permission_set
    duration = permission_set.get("SessionDuration")
    yield Row(
        member=urn,
        label=f"permission set {_name(permission_set, urn)}",
        values=(
            text_of(permission_set.get("Name")),
            DEFAULT_SESSION if described and duration is None else seconds_of(duration),
            text_of(permission_set.get("InstanceArn")),
        ),
        born=time_of(permission_set.get("CreatedDate")),
    )


PERMISSION_SET = Table(
    name="organization_permission_set",
    about="Permission sets of Identity Center. `session_seconds`: how long a session in an account lasts.",
    columns={"name": "VARCHAR", "session_seconds": "BIGINT", "instance": "VARCHAR"},
    readings=(Reading("sso.permission_sets", "configuration", _permission_set),),
)


def _policies(urn: str, permission_set: Json) -> Iterator[Row]:
    def row(kind: str, policy: str | None, document: str | None) -> Row:
        shown = policy if policy is not None else "hidden policies"
        return Row(
            member=f"{urn} {kind}/{policy if policy is not None else '?'}",
            label=f"{kind} {shown} of permission set {_name(permission_set, urn)}",
            values=(urn, kind, policy, document),
        )

    lists = (("managed", "ManagedPolicies", _arn), ("customer", "CustomerManagedPolicies", _path))
    for kind, field, named in lists:
        policies = permission_set.get(field)
        if not isinstance(policies, list):
            yield row(kind, None, None)
            continue
        for policy in policies:
            yield row(kind, named(policy) if isinstance(policy, dict) else None, None)
    inline = permission_set.get("InlinePolicy")
    if isinstance(inline, dict):
        yield row("inline", None, None)
    elif isinstance(inline, str) and inline:
        yield row("inline", "inline", inline)
    boundary = permission_set.get("PermissionsBoundary")
    if isinstance(boundary, dict):
        reference = boundary.get("CustomerManagedPolicyReference")
        path = _path(reference) if isinstance(reference, dict) else None
        yield row("boundary", text_of(boundary.get("ManagedPolicyArn")) or path, None)


def _arn(policy: Json) -> str | None:
    return text_of(policy.get("Arn"))


def _path(policy: Json) -> str | None:
    name = text_of(policy.get("Name"))
    return None if name is None else (text_of(policy.get("Path")) or "/") + name


PERMISSION_SET_POLICY = Table(
    name="organization_permission_set_policy",
    about=(
        "Each policy of each permission set. `policy_kind`: managed (`policy` is the ARN of an AWS managed policy, its "
        "document in organization_managed_policy), customer (`policy` is path and name of a policy that each account "
        "has its own of), inline (`document` is here) or boundary, which only narrows. `policy` is NULL where the "
        "policies of that kind were not shown."
    ),
    columns={"permission_set": "VARCHAR", "policy_kind": "VARCHAR", "policy": "VARCHAR", "document": "VARCHAR"},
    readings=(Reading("sso.permission_sets", "configuration", _policies),),
)


def _managed_policy(urn: str, policy: Json) -> Iterator[Row]:
    yield Row(member=urn, label=urn.rpartition("/")[2], values=(text_of(policy.get("Document")),))


MANAGED_POLICY = Table(
    name="organization_managed_policy",
    about="AWS managed policies that permission sets name. `document` is NULL where it was not shown.",
    columns={"document": "VARCHAR"},
    readings=(Reading("sso.managed_policies", "configuration", _managed_policy),),
)


def _assignment(urn: str, assignment: Json) -> Iterator[Row]:
    kind = text_of(assignment.get("PrincipalType"))
    account, arn = text_of(assignment.get("AccountId")), text_of(assignment.get("PermissionSetArn"))
    principal = text_of(assignment.get("PrincipalId"))
    who = f"{kind.lower()} {principal}" if kind and principal else "nobody knows whom"
    yield Row(
        member=urn,
        label=f"{who} in account {account}",
        values=(account, arn, principal, kind.lower() if kind else None),
    )


ASSIGNMENT = Table(
    name="organization_assignment",
    about=(
        "Who may use which permission set in which account. `principal` is a user or group of the identity store, by "
        "its id; it is NULL where the assignments of one permission set in one account were not shown."
    ),
    columns={"account": "VARCHAR", "permission_set": "VARCHAR", "principal": "VARCHAR", "principal_kind": "VARCHAR"},
    readings=(Reading("sso.assignments", "configuration", _assignment),),
)
