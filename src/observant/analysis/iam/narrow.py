"""The statements that speak about one action, kept so that equal questions are recognised.

A `Part` is what is left of a document when only the statements that name an action stay. What an answer follows from
are the forms of these statements: all that they say but their names and their lists of actions. A form is a number; two
statements have the same one only if they say the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain
from threading import Lock

import msgspec

from observant.analysis.iam.arn import covers, is_every_resource
from observant.analysis.iam.context import PRINCIPAL_TAG
from observant.analysis.iam.document import Policy, Statement
from observant.analysis.iam.glob import is_star
from observant.analysis.iam.layers import Policies, Unread
from observant.analysis.iam.sensitive import routine, routine_bits
from observant.analysis.iam.statements import names_action

_PERSONAL = frozenset({"aws:principalarn", "aws:username"})
"""Keys that tell two principals of the same kind and account apart, of those that follow from who asks; so do tags."""


class Part:
    """`keys`: those that its statements depend on, lower case. `personal`: whether some statement tells apart two
    principals of the same kind and account. `plain`: whether all statements speak about every resource, so that which
    action is asked about plays no part."""

    __slots__ = ("forms", "keys", "personal", "plain", "policy")

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.forms = tuple(map(form_of, policy.statements))
        self.keys = frozenset(chain.from_iterable(map(_keys, policy.statements)))
        self.plain = not policy.problem and all(map(_is_plain, policy.statements))
        tagged = any(key.startswith(PRINCIPAL_TAG) for key in self.keys)
        self.personal = tagged or bool(_PERSONAL & self.keys) or any(map(_names_somebody, policy.statements))


def _keys(statement: Statement) -> set[str]:
    return {*chain(*(test.keys() for test in statement.tests), *(each.keys() for each in statement.resources))}


_FORMS: dict[tuple[object, ...], int] = {}
_NUMBERING = Lock()
_SAYING: list[Statement] = []
"""For each form a statement that has it."""


@lru_cache(maxsize=500_000)
def form_of(statement: Statement) -> int:
    """The form of a statement."""
    one = statement
    said = one.allows, one.resources, one.not_resource, one.tests, one.principals
    with _NUMBERING:
        if said not in _FORMS:
            _SAYING.append(one)
            _FORMS[said] = len(_SAYING) - 1
        return _FORMS[said]


def _is_plain(statement: Statement) -> bool:
    patterns = [each.constant for each in statement.resources]
    return not statement.not_resource and all(one is not None and is_every_resource(one) for one in patterns)


def _names_somebody(statement: Statement) -> bool:
    named = statement.principals
    return named is not None and (named.negated or any(_somebody(kind, value) for kind, value in named.named))


def _somebody(kind: str, value: str) -> bool:
    """Whether a Principal element means less than an account. Services and providers are nobody of an account."""
    return kind not in ("Service", "Federated") and not (value == "*" or value.isdigit() or value.endswith(":root"))


Level = tuple[Part, ...]


class Parts(msgspec.Struct, frozen=True):
    """What every layer says about one action."""

    identity: Level | Unread
    boundary: Part | Unread | None
    scps: tuple[Level, ...] | Unread | None
    rcps: tuple[Level, ...] | Unread | None
    resource: Part | None = None

    @property
    def alone(self) -> bool:
        """Whether only the principal's own policies speak."""
        return (
            self.boundary is None
            and self.scps is None
            and self.rcps is None
            and self.resource is None
            and isinstance(self.identity, tuple)
        )

    @property
    def personal(self) -> bool:
        return any(each.personal for each in self._every())

    @property
    def plain(self) -> bool:
        """Whether the answer is the same for every action that these statements name, as far as resource control
        policies cover its service or do not. What a resource's own policy takes part in depends on the service."""
        return self.resource is None and all(each.plain for each in self._every())

    def relevant(self, known: Mapping[str, object]) -> frozenset[tuple[str, object]]:
        """Of what is known, what these statements depend on."""
        if not known:
            return frozenset()
        keys = frozenset[str]().union(*(each.keys for each in self._every()))
        return frozenset((key, value) for key, value in known.items() if key.lower() in keys)

    def forms(self, resource: str | None) -> tuple[object, ...]:
        """What an answer follows from: the forms of each layer, and what could not be read. Of the principal's own
        statements only those that may mean the resource, where one is given."""
        boundary, scps, rcps = self.boundary, self.scps, self.rcps
        if self.alone and isinstance(self.identity, tuple):
            return _forms(self.identity, resource)
        return (
            _forms(self.identity, resource) if isinstance(self.identity, tuple) else self.identity,
            _forms((boundary,)) if isinstance(boundary, Part) else boundary,
            tuple(map(_forms, scps)) if isinstance(scps, tuple) else scps,
            tuple(map(_forms, rcps)) if isinstance(rcps, tuple) else rcps,
            _forms((self.resource,)) if self.resource else None,
        )

    def granting(self, forms: frozenset[int]) -> tuple[str, ...]:
        """Labels of the Allow statements with these forms that grant: the resource's and the principal's own."""
        own = self.identity if isinstance(self.identity, tuple) else ()
        labels = (
            statement.label
            for part in ((self.resource, *own) if self.resource else own)
            for statement, form in zip(part.policy.statements, part.forms, strict=True)
            if form in forms and statement.allows
        )
        return tuple(dict.fromkeys(labels))

    def _every(self) -> Iterable[Part]:
        return self.identity if self.alone and isinstance(self.identity, tuple) else self._all()

    def _all(self) -> Iterator[Part]:
        yield from self.identity if isinstance(self.identity, tuple) else ()
        for one in (self.boundary, self.resource):
            if isinstance(one, Part):
                yield one
        for levels in (self.scps, self.rcps):
            for level in levels if isinstance(levels, tuple) else ():
                yield from level

    def policies(self, whole: Policies) -> Policies:
        """The same as layers. A session policy stays whole."""
        return Policies(
            identity=_plain(self.identity) if isinstance(self.identity, tuple) else self.identity,
            boundary=self.boundary.policy if isinstance(self.boundary, Part) else self.boundary,
            session=whole.session,
            scps=tuple(map(_plain, self.scps)) if isinstance(self.scps, tuple) else self.scps,
            rcps=tuple(map(_plain, self.rcps)) if isinstance(self.rcps, tuple) else self.rcps,
            resource=self.resource.policy if self.resource else None,
        )


def _forms(level: Level, resource: str | None = None) -> tuple[frozenset[int], tuple[str, ...]]:
    problems = [each.policy.problem for each in level if each.policy.problem]
    found = frozenset(level[0].forms if len(level) == 1 else chain.from_iterable([each.forms for each in level]))
    if resource is not None:
        found = frozenset(form for form in found if _may_mean(form, resource))
    return found, tuple(problems)


@lru_cache(maxsize=200_000)
def _may_mean(form: int, resource: str) -> bool:
    one = _SAYING[form]
    patterns = [each.constant for each in one.resources]
    return one.not_resource or any(each is None or covers(each, resource) is not False for each in patterns)


def _plain(level: Level) -> tuple[Policy, ...]:
    return tuple(each.policy for each in level)


class Layers:
    """The layers of one principal, ready to be cut down to one action."""

    def __init__(self, policies: Policies) -> None:
        identity = policies.identity
        self._identity = identity if isinstance(identity, Unread) else list(map(_indexed, identity))
        boundary = policies.boundary
        self._boundary = boundary
        self._scps = _levels(policies.scps)
        self._rcps = _levels(policies.rcps)

    def about(self, action: str, resource: Policy | None = None) -> Parts:
        """The parts that name an action (lower case); `resource` is the policy of what is asked about."""
        bit = routine().bit.get(action)
        identity = self._identity
        return Parts(
            identity=identity if isinstance(identity, Unread) else _some(identity, action, bit),
            boundary=part_of(self._boundary, action) if isinstance(self._boundary, Policy) else self._boundary,
            scps=_cut(self._scps, action, bit),
            rcps=_cut(self._rcps, action, bit),
            resource=None if resource is None else part_of(resource, action),
        )


Indexed = tuple[Policy, int]
"""A document, and the bits of the routine actions that it names, in whatever statement."""


def _levels(levels: tuple[tuple[Policy, ...], ...] | Unread | None) -> list[list[Indexed]] | Unread | None:
    return [list(map(_indexed, level)) for level in levels] if isinstance(levels, tuple) else levels


def _indexed(document: Policy) -> Indexed:
    return document, named(document)


def _some(documents: list[Indexed], action: str, bit: int | None) -> Level:
    if bit is not None:
        return tuple([part_of(held, action) for held, bits in documents if bits & bit])
    found = (part_of(held, action) for held, _ in documents)
    return tuple(each for each in found if each.policy.statements or each.policy.problem)


def _cut(
    levels: list[list[Indexed]] | Unread | None, action: str, bit: int | None
) -> tuple[Level, ...] | Unread | None:
    return tuple(_some(level, action, bit) for level in levels) if isinstance(levels, list) else levels


@lru_cache(maxsize=200_000)
def named(document: Policy) -> int:
    """Bits of the routine actions that a document names; all of them where it cannot be read."""
    if document.problem:
        return routine().every
    found = 0
    for bits in routine_bits(document):
        found |= bits
    return found


@lru_cache(maxsize=200_000)
def denies(document: Policy) -> bool:
    """Whether a document may deny anything."""
    return bool(document.problem) or any(not each.allows for each in document.statements)


def grants_all(document: Policy) -> bool:
    """Whether a document grants everything without any condition, as AWS's own policy for organizations does."""
    return any(
        each.allows and not each.tests and not each.not_action and any(map(is_star, each.actions)) and _is_plain(each)
        for each in document.statements
    )


@lru_cache(maxsize=200_000)
def is_personal(document: Policy) -> bool:
    """Whether any statement of a document tells apart two principals of the same kind and account."""
    return Part(document).personal


@lru_cache(maxsize=200_000)
def part_of(document: Policy, action: str) -> Part:
    """What one document says about an action (lower case); one part for all actions that the same statements name."""
    bit = routine().bit.get(action)
    if bit is None:
        named_by = [names_action(each, action) for each in document.statements]
    else:
        named_by = [bool(bits & bit) for bits in routine_bits(document)]
    return _part(document, sum(1 << place for place, named in enumerate(named_by) if named))


@lru_cache(maxsize=200_000)
def _part(document: Policy, places: int) -> Part:
    left = tuple(each for place, each in enumerate(document.statements) if places >> place & 1)
    return Part(Policy(document.name, left, document.problem, narrowed=True))
