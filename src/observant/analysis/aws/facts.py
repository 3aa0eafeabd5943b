"""Everything that decides about a principal, from when to when: policies, groups, boundary, organization policies."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b

import duckdb
import msgspec

from observant.analysis.aws.scps import Binding, Bound, Document, bindings, bound_between
from observant.analysis.iam.access import Access
from observant.analysis.iam.context import EVERYTHING_UNKNOWN, Context
from observant.analysis.iam.document import Policy, policy
from observant.analysis.iam.estate import Held
from observant.analysis.iam.layers import UNREAD, Policies, Unread
from observant.analysis.iam.principal import Principal, principal
from observant.analysis.slices import Slice, Version, slices, taken, versions

TABLES = {
    "aws_user": ("boundary",),
    "aws_role": ("boundary", "trust"),
    "aws_group": (),
    "aws_membership": ("principal", "group_name"),
    "aws_attachment": (
        "principal",
        "principal_kind",
        "principal_name",
        "policy_kind",
        "policy_arn",
        "policy_name",
        "document",
    ),
    "aws_managed_policy": ("document",),
}

COLLECTIONS = frozenset({"iam.users", "iam.groups", "iam.roles", "iam.policies"})


class Facts(msgspec.Struct, frozen=True):
    """One principal in a stretch of time in which nothing of this changes. A group counts as one of its members."""

    scope: str
    arn: str
    kind: str
    """user, role or group"""
    label: str
    valid_from: datetime
    valid_to: datetime
    earliest: datetime
    record: int
    documents: tuple[Document, ...]
    boundary: Document | None
    boundary_arn: str
    groups: tuple[str, ...]
    customer_policies: tuple[str, ...]
    trust: str | None
    bound: Bound

    @property
    def account(self) -> str:
        return self.scope.partition(":")[2]

    @property
    def digest(self) -> str:
        """Of all that the verdict about it depends on, except other principals and time."""
        told = (
            self.arn,
            self.documents,
            self.boundary,
            self.groups,
            self.customer_policies,
            self.bound,
        )
        return blake2b(msgspec.json.encode(told), digest_size=16).hexdigest()

    def held(self) -> Held:
        """Ready for questions."""
        who = principal(self.arn) if self.kind != "group" else self._member()
        boundary = None if self.boundary is None else _unless_unread(self.boundary)
        scps: tuple[tuple[Policy, ...], ...] | Unread | None = None
        if not self.bound.read:
            scps = UNREAD
        elif self.bound.levels is not None:
            scps = tuple(tuple(read(each) for each in level) for level in self.bound.levels)
        held = Policies(tuple(read(each) for each in self.documents), boundary, None, scps)
        return Held(
            Access(who, held, management_account=self.bound.management, context=self._organization()),
            groups=self.groups,
            policies=self.customer_policies,
            boundary=self.boundary_arn,
            trust=None if self.trust is None else read(("trust policy", self.trust)),
        )

    def _organization(self) -> Context:
        known = self.bound.organization
        return Context({"aws:PrincipalOrgID": known, "aws:ResourceOrgID": known}) if known else EVERYTHING_UNKNOWN

    def _member(self) -> Principal:
        return principal(f"arn:aws:iam::{self.account}:user/x-member-of-{self.label}")


def _unless_unread(boundary: Document) -> Policy | Unread:
    return UNREAD if boundary[1] is None else read(boundary)


@lru_cache(maxsize=100_000)
def read(document: Document) -> Policy:
    """A document by name; one that was not shown is a problem of that name."""
    name, text = document
    return Policy(name, (), f"{name} was not shown") if text is None else policy(text, name)


def timeline(connection: duckdb.DuckDBPyConnection) -> Iterator[Facts]:
    """Every user, role and group of every account."""
    snapshots, bound = taken(connection), bindings(connection)
    for scope, given in versions(connection, TABLES).items():
        index = _Index(given)
        for arn, own in index.principals.items():
            for at in slices(index.relevant(arn, own), snapshots.get(scope, [])):
                yield from _cut(index, scope, arn, at, bound.get(scope.partition(":")[2], []))


class _Index:
    """Row versions of one account by what they are about."""

    def __init__(self, given: list[Version]) -> None:
        self.principals: dict[str, list[Version]] = {}
        self.group_arns: dict[str, str] = {}
        self._attached: dict[str, list[Version]] = {}
        self._memberships: dict[str, list[Version]] = {}
        self._managed: dict[str, list[Version]] = {}
        for one in given:
            if one.table in ("aws_user", "aws_role", "aws_group"):
                self.principals.setdefault(one.member, []).append(one)
            if one.table == "aws_group":
                self.group_arns[one.label] = one.member
            elif one.table == "aws_membership":
                self._memberships.setdefault(str(one.values["principal"]), []).append(one)
            elif one.table == "aws_attachment":
                self._attached.setdefault(str(one.values["principal"]), []).append(one)
            elif one.table == "aws_managed_policy":
                self._managed.setdefault(one.member, []).append(one)

    def relevant(self, arn: str, own: list[Version]) -> list[Version]:
        memberships = self._memberships.get(arn, [])
        groups = {self.group_arns.get(str(one.values["group_name"]), "") for one in memberships}
        attached = [one for holder in (arn, *sorted(groups)) for one in self._attached.get(holder, [])]
        policies = {str(one.values["policy_arn"]) for one in attached if one.values["policy_arn"]}
        policies |= {str(one.values["boundary"]) for one in own if one.values.get("boundary")}
        managed = [one for each in sorted(policies) for one in self._managed.get(each, [])]
        return [*own, *memberships, *attached, *managed]


def _cut(index: _Index, scope: str, arn: str, at: Slice, bound: list[Binding]) -> Iterator[Facts]:
    own = next((one for table in ("aws_user", "aws_role", "aws_group") for one in at.rows(table)), None)
    if own is None:
        return
    texts = {one.member: one.values["document"] for one in at.rows("aws_managed_policy")}
    names = sorted(str(one.values["group_name"]) for one in at.rows("aws_membership"))
    groups = tuple(index.group_arns.get(name, name) for name in names)
    holders = {arn, *groups}
    attached = [one for one in at.rows("aws_attachment") if one.values["principal"] in holders]
    documents = tuple(sorted({_document(one, texts) for one in attached}, key=str))
    managed = {str(one.values["policy_arn"]) for one in attached if one.values["policy_arn"]}
    boundary_arn = str(own.values.get("boundary") or "")
    trust = own.values.get("trust")
    for start, end, found in bound_between(bound, at.start, at.end):
        yield Facts(
            scope=scope,
            arn=arn,
            kind=own.table.removeprefix("aws_"),
            label=own.label,
            valid_from=start,
            valid_to=end,
            earliest=at.earliest if start == at.start else start,
            record=at.record,
            documents=documents,
            boundary=(f"boundary {boundary_arn}", _text(texts.get(boundary_arn))) if boundary_arn else None,
            boundary_arn=boundary_arn,
            groups=groups,
            customer_policies=tuple(sorted(each for each in managed if ":iam::aws:" not in each)),
            trust=trust if isinstance(trust, str) else None,
            bound=found,
        )


def _document(attached: Version, texts: Mapping[str, object]) -> Document:
    values = attached.values
    on = "" if values["principal_kind"] != "group" else f" of group {values['principal_name']}"
    if values["policy_kind"] == "inline":
        return f"inline policy {values['policy_name']}{on}", _text(values["document"])
    return f"policy {values['policy_name']}{on}", _text(texts.get(str(values["policy_arn"])))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
