"""Privilege escalation: can a principal raise its own rights, or reach one that holds more?

Rules from pathfinding.cloud (`data/LICENSES.md`), asked over the union of a principal's policies, target by target:

- a role is only worth passing when it exists, trusts the service that it is passed to, and holds more
- a user, role or group is only worth taking over when it exists, is somebody else, and holds more
- what needs a running function, stack or instance of which the evidence does not tell is possible, not certain

"Holds more" is: is an administrator in effect, or can become one.
"""

import json
import re
from collections.abc import Container, Iterable, Iterator
from functools import cache, cached_property
from importlib.resources import files

import msgspec

from observant.analysis.iam.access import NO, Access, Can
from observant.analysis.iam.administrator import Strongest, word
from observant.analysis.iam.context import Special, Value
from observant.analysis.iam.document import Statement
from observant.analysis.iam.doors import let_in
from observant.analysis.iam.estate import Estate, Held, candidates
from observant.analysis.iam.layers import Policies
from observant.analysis.iam.principal import Principal
from observant.analysis.iam.routes import ADMINISTRATOR, Route, route, self_routes
from observant.analysis.iam.sensitive import routine
from observant.analysis.kleene import Kleene, either

_PRINCIPAL = re.compile(r"[\w-]+(?:\.[\w-]+)*\.amazonaws\.com")


class Path(msgspec.Struct, frozen=True):
    """One path of the rules that goes through a service."""

    id: str
    name: str
    category: str
    required: tuple[str, ...]
    services: tuple[str, ...]
    """Service principals that the role is passed to."""
    prerequisite: str
    bits: int
    """Of all its actions: whoever may do them has every one of these."""


class Escalation(msgspec.Struct, frozen=True):
    answer: Kleene
    routes: list[Route]

    @property
    def word(self) -> str:
        return word(self.answer)


@cache
def service_paths() -> tuple[Path, ...]:
    """Paths that pass a role to a service, then those that use something that runs with one."""
    held = json.loads((files("observant.analysis.iam") / "data" / "escalation_paths.json").read_bytes())
    found = (
        Path(
            id=each["id"],
            name=each["name"],
            category=each["category"],
            required=tuple(each["required"]),
            services=tuple(dict.fromkeys(_PRINCIPAL.findall(" ".join(each["prerequisites"])))) or _default(each["id"]),
            prerequisite=(each["prerequisites"] or ["a resource with a more privileged role"])[0],
            bits=routine().bits(each["required"]),
        )
        for each in held["paths"]
        if each["category"] in ("new-passrole", "existing-passrole")
    )
    return tuple(sorted(found, key=lambda each: "iam:PassRole" not in each.required))


def _default(id_: str) -> tuple[str, ...]:
    return (f"{id_.rpartition('-')[0]}.amazonaws.com",)


def escalation(held: Held, estate: Estate | None = None, *, every: bool = True) -> Escalation:
    """The paths of one principal. The estate says who there is and who holds more.

    Without `every`, no further kind of path is looked at once a certain one is known: that settles the answer.
    """
    found = Strongest()
    for routes in _kinds(held, estate, found):
        found.add(routes)
        if found.certain and not every:
            break
    listed = found.routes()
    return Escalation(either(each.certain for each in listed), listed)


def _kinds(held: Held, estate: Estate | None, found: Strongest) -> Iterator[Iterable[Route]]:
    """Routes by kind, those first that are found with the least work, and last those that are never certain; `found`
    has those before, so that none is looked for that cannot matter any more."""
    bits = held.access.bits
    yield _assumed(held, estate, found)
    if not bits:
        return
    yield self_routes(held)
    yield _groups(held, estate)
    yield _users(held, estate, found)
    yield _roles(held, estate)
    passing = _Passing(held, estate)
    for path in service_paths():
        if bits & path.bits == path.bits:
            yield _passes(passing, path) if "iam:PassRole" in path.required else _uses(held.access, path)


def _worth(estate: Estate | None, arn: str, what: str) -> tuple[Kleene, str]:
    """Whether taking it over gains anything, and what would have to be known."""
    if estate is None:
        return None, f"{what} that holds more"
    answer = estate.more.get(arn, False)
    return answer, "" if answer is not None else f"that {arn} holds more, which depends"


def _groups(held: Held, estate: Estate | None) -> Iterator[Route]:
    access, action = held.access, "iam:AddUserToGroup"
    if access.who.kind != "user" or not access.may(action):
        return
    for arn in estate.worthwhile.get("group", []) if estate else candidates(access, action, "group"):
        worth, needs = _worth(estate, arn, "a group")
        if worth is not False and arn not in (held.groups or ()):
            yield from route("iam-013", "joins a group", access.can(action, arn), needs=needs, target=arn)


_CREDENTIALS = (
    ("iam-002", "iam:CreateAccessKey", "creates an access key of another user", ""),
    ("iam-004", "iam:CreateLoginProfile", "gives another user a password", "that the user has none"),
    ("iam-006", "iam:UpdateLoginProfile", "changes another user's password", "that the user has one"),
)


def _users(held: Held, estate: Estate | None, found: Strongest) -> Iterator[Route]:
    access = held.access
    for id_, action, does, state in _CREDENTIALS:
        sought = (id_, *_raises(access, "User"))
        for arn in _asked_about(access, action, "user", estate):
            take = access.can(action, arn) if arn != held.arn else NO
            if take.answer is False:
                continue
            worth, needs = _worth(estate, arn, "a user")
            if worth is not False:
                yield from route(id_, does, take, needs=needs or state, target=arn)
            yield from _raised(access, arn, "User", (take,), "" if estate else "another user", does)
            if found.settled(sought):
                break


def _asked_about(access: Access, action: str, kind: str, estate: Estate | None) -> list[str]:
    """Targets of an action. Where every one of them answers alike, a few are enough."""
    if estate is None:
        return candidates(access, action, kind)
    whole = access.can(action)
    if whole.answer is not False and not whole.alike:
        return estate.reach(access, action, kind).everybody()
    return [] if whole.answer is False else estate.examples.get(kind, [])


_RAISE = {
    "User": (("iam-018", "iam:PutUserPolicy"), ("iam-015", "iam:AttachUserPolicy")),
    "Role": (("iam-017", "iam:PutRolePolicy"), ("iam-014", "iam:AttachRolePolicy")),
}


def _raises(access: Access, kind: str) -> list[str]:
    """Ids of the routes that give somebody every right, as far as it may."""
    return [id_ for id_, action in _RAISE[kind] if access.may(action)]


def _raised(access: Access, arn: str, kind: str, take: tuple[Can, ...], needs: str, does: str) -> Iterator[Route]:
    """Giving somebody every right, and then acting as them."""
    for id_, action in _RAISE[kind]:
        known: dict[str, Value | Special] = dict(ADMINISTRATOR) if "Attach" in action else {}
        write = access.can(action, arn, known)
        yield from route(id_, f"gives it every right and {does}", write, *take, needs=needs, target=arn)


def _roles(held: Held, estate: Estate | None) -> Iterator[Route]:
    access = held.access
    for arn in _asked_about(access, "iam:UpdateAssumeRolePolicy", "role", estate):
        take = access.can("iam:UpdateAssumeRolePolicy", arn)
        if arn == held.arn or take.answer is False:
            continue
        worth, needs = _worth(estate, arn, "a role")
        if worth is not False:
            yield from route("iam-012", "rewrites who may assume a role", take, needs=needs, target=arn)
        for made in _raised(access, arn, "Role", (take,), "" if estate else "a role", "rewrites who may assume it"):
            yield msgspec.structs.replace(made, id={"iam-017": "iam-021", "iam-014": "iam-019"}[made.id])


def _assumed(held: Held, estate: Estate | None, found: Strongest) -> Iterator[Route]:
    """A role that trusts it by name may be assumed without any permission of its own."""
    access = held.access
    raises = _raises(access, "Role")
    sought = ("sts-001", *raises)
    for arn in _doors(held, estate, raising=bool(raises)):
        if arn == held.arn:
            continue
        take = let_in(access, arn, estate)
        if take.answer is False:
            continue
        worth, needs = _worth(estate, arn, "a role that trusts it and")
        if worth is not False:
            yield from route("sts-001", "assumes a role", take, needs=needs, target=arn)
        if raises:
            yield from _raised(access, arn, "Role", (take,), "" if estate else "a role that trusts it", "assumes it")
        if found.settled(sought):
            return


def _doors(held: Held, estate: Estate | None, *, raising: bool) -> Iterator[str]:
    """Roles that may let it in, as far as that gains anything: those that hold more, or all that it can raise."""
    access = held.access
    if estate is None:
        yield from candidates(access, "sts:AssumeRole", "role")
        return
    yield from (arn for arn in estate.naming(held.arn) if raising or arn in estate.more)
    left = estate.leaving_it_to(access.who.account, more=not raising)
    if left and access.may("sts:AssumeRole"):
        reach = estate.reach(access, "sts:AssumeRole", "role")
        yield from (arn for arn in left if arn in reach)


class _Passing:
    """To which services it may pass which roles that hold more."""

    def __init__(self, held: Held, estate: Estate | None) -> None:
        self.access, self._own, self._estate = held.access, held.arn, estate
        self._targets: dict[str, list[tuple[str, str]]] = {}

    def targets(self, service: str) -> list[tuple[str, str]]:
        """Roles, with what is not certain about them; an empty name stands for any."""
        if self._estate is None:
            return [("", f"a role that holds more and trusts {service}")]
        if service not in self._targets:
            worth = _passable(self._estate, service)
            found = [each for each in worth if each[0] in self._reach and each[0] != self._own] if worth else []
            known: dict[str, Value | Special] = {"iam:PassedToService": service}
            alike = len(found) > _ENOUGH and self.access.can("iam:PassRole", None, known).alike
            self._targets[service] = found[:_ENOUGH] if alike else found
        return self._targets[service]

    @cached_property
    def _reach(self) -> Container[str]:
        nobody: Container[str] = ()
        return self._estate.reach(self.access, "iam:PassRole", "role") if self._estate else nobody


_ENOUGH = 2


def _passes(passing: _Passing, path: Path) -> Iterator[Route]:
    """A path that passes a role to a service."""
    for service in path.services:
        known: dict[str, Value | Special] = {"iam:PassedToService": service}
        targets = passing.targets(service)
        steps = _steps(passing.access, path) if targets else None
        for arn, needs in targets if steps else ():
            passed = passing.access.can("iam:PassRole", arn or None, known)
            yield from route(path.id, path.name, passed, *(steps or ()), needs=needs, target=arn)
            if passed.answer and not needs:
                break


def _uses(access: Access, path: Path) -> Iterator[Route]:
    """A path that uses something which runs with a role. That some resources only are granted is no condition."""
    steps = _steps(access, path)
    yield from route(path.id, path.name, *steps, needs=path.prerequisite) if steps else ()


def _steps(access: Access, path: Path) -> list[Can] | None:
    """What the path takes besides passing a role; None where some of it is denied."""
    found = []
    for action in path.required:
        if action != "iam:PassRole":
            found.append(access.can(action))
            if found[-1].answer is False:
                return None
    return found


def _passable(estate: Estate, service: str) -> list[tuple[str, str]]:
    """Roles that hold more and trust a service, and what is not certain about that; the same for everybody."""
    if service not in estate.passable:
        found = []
        for arn in estate.worthwhile.get("role", []):
            trusted = _trusts(estate.held[arn], service)
            if trusted is not False:
                sure = estate.more[arn] is True and trusted is True
                found.append((arn, "" if sure else f"that {arn} holds more and trusts {service}, which depends"))
        estate.passable[service] = sorted(found, key=lambda each: each[1])
    return estate.passable[service]


def _trusts(role: Held, service: str) -> Kleene:
    if role.trust is None:
        return None
    if not role.trust.problem and not any(_may_mean(each, service) for each in role.trust.statements):
        return False
    return Access(Principal("service", service), Policies(())).can("sts:AssumeRole", role.arn, None, role.trust).answer


def _may_mean(statement: Statement, service: str) -> bool:
    named = statement.principals
    return named is None or named.negated or any(value in (service, "*") for _, value in named.named)
