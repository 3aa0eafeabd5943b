"""Every principal over time: cut where something changes that decides about it."""

from collections.abc import Iterator, Mapping

import duckdb
import msgspec

from observant.analysis.aws.bound import Document
from observant.analysis.aws.facts import Facts
from observant.analysis.aws.scps import Binding, bindings, bound_between
from observant.analysis.slices import Slice, Version, slices, taken, versions

TABLES = {
    "aws_user": ("boundary", "tags"),
    "aws_role": ("boundary", "trust", "tags"),
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
            tags=_tags(own.values.get("tags")),
        )


def _document(attached: Version, texts: Mapping[str, object]) -> Document:
    values = attached.values
    on = "" if values["principal_kind"] != "group" else f" of group {values['principal_name']}"
    if values["policy_kind"] == "inline":
        return f"inline policy {values['policy_name']}{on}", _text(values["document"])
    return f"policy {values['policy_name']}{on}", _text(texts.get(str(values["policy_arn"])))


def _tags(value: object) -> tuple[tuple[str, str], ...] | None:
    if not isinstance(value, str):
        return None
    return tuple(sorted(msgspec.json.decode(value, type=dict[str, str]).items()))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
