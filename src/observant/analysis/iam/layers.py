"""The layers of policies that decide about a request, and what each of them says."""

from collections.abc import Iterable, Sequence
from enum import Enum
from functools import cache

import msgspec

from observant.analysis.iam.context import Context
from observant.analysis.iam.decision import Layer, Residual
from observant.analysis.iam.document import Given, Policy, Statement, policy
from observant.analysis.iam.principal import Grade, Principal, grade
from observant.analysis.iam.statements import Target, names_action, names_resource, open_tests
from observant.analysis.kleene import Kleene, both


class Unread(Enum):
    """Stands for policies that exist and were not read."""

    UNREAD = "unread"


UNREAD = Unread.UNREAD
Levels = tuple[tuple[Policy, ...], ...]


class Policies(msgspec.Struct, frozen=True):
    """Everything that applies to one principal (and one resource)."""

    identity: tuple[Policy, ...] | Unread
    """Its own and its groups' policies."""
    boundary: Policy | Unread | None = None
    session: tuple[Policy, ...] | None = None
    scps: Levels | Unread | None = None
    """By level, root first; each level must allow. None where none apply: no organization, the management account."""
    rcps: Levels | Unread | None = None
    resource: Policy | Unread | None = None
    """Resource policy, key policy or role trust policy. None where the resource has none."""


def _levels(given: Iterable[Iterable[Given | Policy]] | Unread | None, what: str) -> Levels | Unread | None:
    if given is None or isinstance(given, Unread):
        return given
    return tuple(
        tuple(policy(each, f"{what} {place}.{number}") for number, each in enumerate(level, 1))
        for place, level in enumerate(given, 1)
    )


def policies(
    identity: Sequence[Given | Policy] | Unread,
    *,
    boundary: Given | Policy | Unread | None = None,
    session: Sequence[Given | Policy] | None = None,
    scps: Sequence[Sequence[Given | Policy]] | Unread | None = None,
    rcps: Sequence[Sequence[Given | Policy]] | Unread | None = None,
    resource: Given | Policy | Unread | None = None,
) -> Policies:
    """Read documents into layers. UNREAD says that a layer may exist and was not read."""
    return Policies(
        identity=identity if isinstance(identity, Unread) else _named(identity, "identity policy"),
        boundary=boundary if boundary is None or isinstance(boundary, Unread) else policy(boundary, "the boundary"),
        session=None if session is None else _named(session, "session policy"),
        scps=_levels(scps, "SCP"),
        rcps=_levels(rcps, "RCP"),
        resource=resource if resource is None or isinstance(resource, Unread) else policy(resource, "resource policy"),
    )


@cache
def leaving_it_to(account: str) -> Policy:
    """The policy of a role or key that leaves it to the account's own policies: what there is at least, where nobody
    has seen it and somebody is meant to use it."""
    statement = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "*", "Resource": "*"}
    return policy({"Version": "2012-10-17", "Statement": [statement]}, "a policy of the resource")


def _named(given: Sequence[Given | Policy], what: str) -> tuple[Policy, ...]:
    return tuple(policy(each, f"{what} {number}") for number, each in enumerate(given, 1))


class Said(msgspec.Struct):
    """What the statements of one layer come to, and what leaves them open."""

    name: str
    allows: Kleene = False
    denies: Kleene = False
    grants: dict[Grade, Kleene] = msgspec.field(default_factory=dict)
    """By how closely the principal is named; in resource policies only."""
    because: list[str] = msgspec.field(default_factory=list)
    open: list[tuple[Statement, Kleene]] = msgspec.field(default_factory=list)
    """Statements that may hold or not, and whether they are about the resource."""
    statements: list[Statement] = msgspec.field(default_factory=list)
    """Those that may hold."""
    problem: str = ""

    def residuals(self, context: Context) -> list[Residual]:
        """Under which conditions the open statements hold."""
        return [_residual(statement, resource, context) for statement, resource in self.open]

    def layer(self) -> Layer:
        return Layer(self.name, self.allows, self.denies, tuple(self.because))


def say(name: str, documents: Iterable[Policy], asked: Target, context: Context, who: Principal | None = None) -> Said:
    """What the documents of one layer say together; `who` where their statements name principals."""
    said = Said(name)
    for document in documents:
        if document.problem:
            said.problem = document.problem
            said.allows = said.allows or None
            said.denies = said.denies or None
        for statement in document.statements:
            if document.narrowed or names_action(statement, asked.action):
                _add(said, statement, asked, context, who)
    return said


def _add(said: Said, statement: Statement, asked: Target, context: Context, who: Principal | None) -> None:
    closeness = Grade.SELF
    if who is not None and statement.principals is not None:
        closeness = grade(statement.principals, who)
        if closeness is Grade.NOT:
            return
    resource = names_resource(statement, asked, context)
    if resource is False:
        return
    conditions = both(test.holds(context) for test in statement.tests) if statement.tests else True
    if conditions is False:
        return
    holds = None if conditions is None else resource
    said.statements.append(statement)
    if holds is None:
        said.open.append((statement, resource))
    else:
        said.because.append(statement.label)
    if statement.allows:
        said.allows = said.allows or holds
        said.grants[closeness] = said.grants.get(closeness) or holds
    else:
        said.denies = said.denies or holds


def _residual(statement: Statement, resource: Kleene, context: Context) -> Residual:
    tests = [str(test) for test in open_tests(statement.tests, context)]
    if resource is None:
        element = "NotResource" if statement.not_resource else "Resource"
        tests.append(f"{element} {', '.join(each.written for each in statement.resources)}")
    return Residual(statement.label, statement.allows, tuple(tests))
