"""Who asks, and how closely a resource policy names them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

import re
from enum import IntEnum

import msgspec

from observant.analysis.iam.context import ABSENT, OTHER_TAGS, PRINCIPAL_TAG, Special, Value
from observant.analysis.iam.document import Principals

_ARN = re.compile(r"arn:([\w-]+):(iam|sts)::(\d{12}):(.+)", re.DOTALL)


class Grade(IntEnum):
    """How closely a Principal element names the one who asks."""

    NOT = 0
    ACCOUNT = 1
    """By the account: leaves it to the account's own policies."""
    ROLE = 2
    """By the role's ARN: session and boundary still limit it."""
    SELF = 3
    """By the user, the session, or as anybody at all."""


class Principal(msgspec.Struct, frozen=True):
    kind: str
    """user, role, session, federated_user, root, service, federated, anonymous"""
    arn: str
    """As in a policy: `arn:…:user/path/name`; a session's own ARN; a service's or provider's name."""
    account: str = ""
    partition: str = "aws"
    role: str = ""
    """ARN of the role of a role or session, where it is known."""
    tags: tuple[tuple[str, str], ...] | None = None
    """All that its requests have as `aws:PrincipalTag/…`; None where that is not known."""

    @property
    def name(self) -> str:
        return self.arn.rpartition("/")[2]

    @property
    def is_service_linked_role(self) -> bool:
        return ":role/aws-service-role/" in (self.role or self.arn) or "/AWSServiceRoleFor" in self.arn

    def keys(self) -> dict[str, Value | Special]:
        """Condition keys that follow from who asks."""
        if self.kind not in ("user", "role", "session", "root"):
            return {}
        return {
            **self._tags(),
            "aws:PrincipalArn": self.role or self.arn,
            "aws:PrincipalAccount": self.account,
            "aws:PrincipalType": {"user": "User", "root": "Account"}.get(self.kind, "AssumedRole"),
            "aws:PrincipalIsAWSService": "false",
            "aws:PrincipalServiceName": ABSENT,
            "aws:PrincipalServiceNamesList": ABSENT,
            "aws:username": self.name if self.kind == "user" else ABSENT,
        }

    def _tags(self) -> dict[str, Value | Special]:
        if self.tags is None:
            return {}
        return {OTHER_TAGS: ABSENT, **{f"{PRINCIPAL_TAG}{key}": value for key, value in self.tags}}

    @property
    def telling(self) -> tuple[object, ...]:
        """What tells it apart from others of its kind and account."""
        return self.arn, self.role, self.tags


def principal(arn: str) -> Principal:
    """Who an ARN, a service's name or `*` stands for. A session of a role with a path names its role without it."""
    found = _ARN.fullmatch(arn)
    if found is None:
        kind = "anonymous" if arn == "*" else "service" if ".amazon" in arn else "federated"
        return Principal(kind, arn)
    partition, service, account, rest = found.groups()
    kind, _, name = rest.partition("/")
    if service == "sts" and kind == "assumed-role":
        role = f"arn:{partition}:iam::{account}:role/{name.partition('/')[0]}"
        return Principal("session", arn, account, partition, role)
    known = {"user": "user", "role": "role", "root": "root", "federated-user": "federated_user"}
    return Principal(known.get(kind, "federated"), arn, account, partition, arn if kind == "role" else "")


def grade(element: Principals, who: Principal) -> Grade:
    """How closely a Principal element names someone; for NotPrincipal SELF or NOT."""
    best = max((_names(kind, value, who) for kind, value in element.named), default=Grade.NOT)
    if element.negated:
        return Grade.NOT if best else Grade.SELF
    return best


def _names(kind: str, value: str, who: Principal) -> Grade:
    if value == "*" and kind in ("*", "AWS"):
        return Grade.SELF
    if who.kind in ("service", "federated"):
        any_of_kind = value == "*" and kind == who.kind.capitalize()
        named = kind in ("Service", "Federated", "CanonicalUser") and value == who.arn
        return Grade.SELF if named or any_of_kind else Grade.NOT
    if kind != "AWS" or who.kind == "anonymous":
        return Grade.NOT
    if value == who.arn:
        return Grade.ROLE if who.kind == "role" else Grade.SELF
    if who.role and value in (who.role, _without_path(who.role)) and who.kind == "session":
        return Grade.ROLE
    if who.account and value in (who.account, f"arn:{who.partition}:iam::{who.account}:root"):
        return Grade.SELF if who.kind == "root" else Grade.ACCOUNT
    return Grade.NOT


def _without_path(role: str) -> str:
    head, _, _ = role.partition(":role/")
    return f"{head}:role/{role.rpartition('/')[2]}"
