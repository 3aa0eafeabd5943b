"""Everything that decides about a principal, from when to when: policies, groups, boundary, organization policies."""

from datetime import datetime
from functools import lru_cache
from hashlib import blake2b

import msgspec

from observant.analysis.aws.bound import Bound, Document, Levels
from observant.analysis.iam.access import Access
from observant.analysis.iam.context import EVERYTHING_UNKNOWN, Context
from observant.analysis.iam.document import Policy, policy
from observant.analysis.iam.estate import Held
from observant.analysis.iam.layers import UNREAD, Policies, Unread
from observant.analysis.iam.principal import Principal, principal
from observant.analysis.iam.statements import names_action


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
    tags: tuple[tuple[str, str], ...] | None = None
    """None where they were not shown, and for groups."""

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
            self._own_tags(),
        )
        return blake2b(msgspec.json.encode(told), digest_size=16).hexdigest()

    def held(self) -> Held:
        """Ready for questions."""
        who = principal(self.arn) if self.kind != "group" else self._member()
        if (tags := self._own_tags()) is not None:
            who = msgspec.structs.replace(who, tags=tags)
        boundary = None if self.boundary is None else _unless_unread(self.boundary)
        bound = self.bound
        held = Policies(
            identity=tuple(read(each) for each in self.documents),
            boundary=boundary,
            scps=_levels(bound.levels, read_all=bound.read),
            rcps=_levels(bound.resource_levels, read_all=bound.resource_read),
        )
        return Held(
            Access(who, held, management_account=self.bound.management, context=self._organization()),
            groups=self.groups,
            policies=self.customer_policies,
            boundary=self.boundary_arn,
            trust=None if self.trust is None else read(("trust policy", self.trust)),
        )

    def _own_tags(self) -> tuple[tuple[str, str], ...] | None:
        """What its requests have for certain: a session of a role may have been begun with others, where the role's
        trust policy lets that happen."""
        if self.kind == "role" and (self.trust is None or takes_tags(read(("trust policy", self.trust)))):
            return None
        return self.tags

    def _organization(self) -> Context:
        known = self.bound.organization
        return Context({"aws:PrincipalOrgID": known, "aws:ResourceOrgID": known}) if known else EVERYTHING_UNKNOWN

    def _member(self) -> Principal:
        return principal(f"arn:aws:iam::{self.account}:user/x-member-of-{self.label}")


def takes_tags(trust: Policy) -> bool:
    """Whether whoever assumes a role may bring tags of their own."""
    if trust.problem:
        return True
    return any(each.allows and names_action(each, "sts:tagsession") for each in trust.statements)


def _levels(levels: Levels | None, *, read_all: bool) -> tuple[tuple[Policy, ...], ...] | Unread | None:
    if not read_all:
        return UNREAD
    return None if levels is None else tuple(tuple(read(each) for each in level) for level in levels)


def _unless_unread(boundary: Document) -> Policy | Unread:
    return UNREAD if boundary[1] is None else read(boundary)


@lru_cache(maxsize=100_000)
def read(document: Document) -> Policy:
    """A document by name; one that was not shown is a problem of that name."""
    name, text = document
    return Policy(name, (), f"{name} was not shown") if text is None else policy(text, name)
