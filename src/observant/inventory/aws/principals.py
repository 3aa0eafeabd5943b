"""Users, groups and roles of the account authorization details."""

from collections.abc import Iterator

import msgspec

from observant.evidence.snapshot import Json
from observant.inventory.aws.policies import document_of
from observant.inventory.table import Reading, Row, Table, text_of, time_of
from observant.inventory.use import still_in_use
from observant.model.time import BEGINNING


def _boundary(principal: Json) -> str | None:
    """ARN of the permissions boundary; None where there is none."""
    boundary = principal.get("PermissionsBoundary")
    return text_of(boundary.get("PermissionsBoundaryArn")) if isinstance(boundary, dict) else None


def _tags_of(principal: Json) -> str | None:
    """All tags as the text of a JSON object, in order; None where they were not shown."""
    listed = principal.get("Tags")
    if not isinstance(listed, list):
        return None
    found = {text_of(one.get("Key")): text_of(one.get("Value")) for one in listed if isinstance(one, dict)}
    told = {key: value or "" for key, value in found.items() if key is not None}
    return msgspec.json.encode(told, order="sorted").decode()


def _count(value: object) -> int:
    return len(value) if isinstance(value, list) else 0


def _user(urn: str, user: Json) -> Iterator[Row]:
    created = time_of(user.get("CreateDate"))
    yield Row(
        member=urn,
        label=text_of(user.get("UserName")) or urn,
        values=(
            created,
            _count(user.get("UserPolicyList")),
            _count(user.get("AttachedManagedPolicies")),
            _boundary(user),
            _tags_of(user),
        ),
        born=created,
    )


USER = Table(
    name="aws_user",
    about=(
        "IAM users and how many policies hang directly on them. `boundary` is the ARN of the permissions boundary, "
        "`tags` all tags as a JSON object. The root user is not an IAM user."
    ),
    columns={
        "created_at": "TIMESTAMP",
        "inline_policies": "BIGINT",
        "attached_policies": "BIGINT",
        "boundary": "VARCHAR",
        "tags": "VARCHAR",
    },
    readings=(Reading("iam.users", "configuration", _user),),
)


def _memberships(urn: str, user: Json) -> Iterator[Row]:
    name = text_of(user.get("UserName")) or urn
    groups = user.get("GroupList")
    for group in sorted({one for one in groups if isinstance(one, str)}) if isinstance(groups, list) else ():
        yield Row(member=f"{urn} {group}", label=f"{name} in group {group}", values=(urn, group))


MEMBERSHIP = Table(
    name="aws_membership",
    about="Which IAM user is in which IAM group. Group names are unique in an account, whatever their path.",
    columns={"principal": "VARCHAR", "group_name": "VARCHAR"},
    readings=(Reading("iam.users", "configuration", _memberships),),
)


def _tags(urn: str, user: Json) -> Iterator[Row]:
    tags = user.get("Tags")
    for tag in tags if isinstance(tags, list) else ():
        key = text_of(tag.get("Key")) if isinstance(tag, dict) else None
        if key is not None:
            yield Row(member=f"{urn} {key}", label=key, values=(urn, key, text_of(tag.get("Value"))))


USER_TAG = Table(
    name="aws_user_tag",
    about="Tags of IAM users.",
    columns={"principal": "VARCHAR", "key": "VARCHAR", "value": "VARCHAR"},
    readings=(Reading("iam.users", "configuration", _tags),),
)


def _group(urn: str, group: Json) -> Iterator[Row]:
    created = time_of(group.get("CreateDate"))
    yield Row(member=urn, label=text_of(group.get("GroupName")) or urn, values=(created,), born=created)


GROUP = Table(
    name="aws_group",
    about="IAM groups.",
    columns={"created_at": "TIMESTAMP"},
    readings=(Reading("iam.groups", "configuration", _group),),
)


def _role(urn: str, role: Json) -> Iterator[Row]:
    created = time_of(role.get("CreateDate"))
    yield Row(
        member=urn,
        label=text_of(role.get("RoleName")) or urn,
        values=(created, _boundary(role), document_of(role.get("AssumeRolePolicyDocument")), _tags_of(role)),
        born=created,
    )


ROLE = Table(
    name="aws_role",
    about=(
        "IAM roles. `boundary` is the ARN of the permissions boundary, `trust` says who may assume the role, "
        "`tags` has all tags as a JSON object."
    ),
    columns={"created_at": "TIMESTAMP", "boundary": "VARCHAR", "trust": "VARCHAR", "tags": "VARCHAR"},
    readings=(Reading("iam.roles", "configuration", _role),),
)


def _role_usage(urn: str, usage: Json) -> Iterator[Row]:
    told = usage.get("RoleLastUsed")
    if isinstance(told, dict):
        last = time_of(told["LastUsedDate"]) if told.get("LastUsedDate") is not None else BEGINNING
        yield Row(member=urn, label=urn.rpartition("/")[2], values=(last,))


ROLE_USAGE = Table(
    name="aws_role_usage",
    about=(
        "When each role was last used by anybody. 1970-01-01 means never, as far as AWS remembers (400 days). Uses "
        "less than 7 days apart are one row, which has the last of them."
    ),
    columns={"last_used": "TIMESTAMP"},
    readings=(Reading("iam.roles", "usage", _role_usage),),
    absorbs=still_in_use,
)
