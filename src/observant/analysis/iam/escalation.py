"""Privilege escalation: can a principal raise its own rights, or reach one that holds more?

Rules from pathfinding.cloud (`data/LICENSES.md`), asked over the union of a principal's policies, target by target:

- a role is only worth passing when it exists, trusts the service that it is passed to, and holds more
- a user, role or group is only worth taking over when it exists, is somebody else, and holds more
- what needs a running function, stack or instance of which the evidence does not tell is possible, not certain

"Holds more" is: is an administrator in effect, or can become one.
"""

import json
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files

import msgspec

from observant.analysis.iam.access import Access, Can
from observant.analysis.iam.administrator import Administrator, strongest, word
from observant.analysis.iam.context import Special, Value
from observant.analysis.iam.document import ByIdentity
from observant.analysis.iam.doors import opened, trust_of
from observant.analysis.iam.estate import Estate, Held, candidates, reachable
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
    """Paths that pass a role to a service, or use something that runs with one."""
    held = json.loads((files("observant.analysis.iam") / "data" / "escalation_paths.json").read_bytes())
    return tuple(
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


def _default(id_: str) -> tuple[str, ...]:
    return (f"{id_.rpartition('-')[0]}.amazonaws.com",)


def escalation(
    held: Held, estate: Estate | None = None, administrators: dict[str, Administrator] | None = None
) -> Escalation:
    """Every path of one principal. `administrators` says of everybody in the estate who holds more."""
    more = {arn: each.answer for arn, each in (administrators or {}).items()}
    found = strongest(_routes(held, estate, more))
    return Escalation(either(each.certain for each in found), found)


def _routes(held: Held, estate: Estate | None, more: dict[str, Kleene]) -> Iterator[Route]:
    if not held.access.bits:
        yield from _assumed(held, estate, more)
        return
    yield from self_routes(held)
    yield from _groups(held, estate, more)
    yield from _users(held, estate, more)
    yield from _roles(held, estate, more)
    for path in service_paths():
        if held.access.bits & path.bits == path.bits:
            yield from _service(held, estate, more, path)


def _worth(estate: Estate | None, more: dict[str, Kleene], arn: str, what: str) -> tuple[Kleene, str]:
    """Whether taking it over gains anything, and what would have to be known."""
    if estate is None:
        return None, f"{what} that holds more"
    answer = more.get(arn, False)
    return answer, "" if answer is not None else f"that {arn} holds more, which depends"


def _groups(held: Held, estate: Estate | None, more: dict[str, Kleene]) -> Iterator[Route]:
    if held.access.who.kind != "user":
        return
    for arn in candidates(held.access, "iam:AddUserToGroup", "group", estate):
        worth, needs = _worth(estate, more, arn, "a group")
        if worth is not False and arn not in (held.groups or ()):
            can = held.access.can("iam:AddUserToGroup", arn)
            yield from route("iam-013", "joins a group", can, needs=needs, target=arn)


_CREDENTIALS = (
    ("iam-002", "iam:CreateAccessKey", "creates an access key of another user", ""),
    ("iam-004", "iam:CreateLoginProfile", "gives another user a password", "that the user has none"),
    ("iam-006", "iam:UpdateLoginProfile", "changes another user's password", "that the user has one"),
)


def _users(held: Held, estate: Estate | None, more: dict[str, Kleene]) -> Iterator[Route]:
    access = held.access
    for id_, action, does, state in _CREDENTIALS:
        for arn in _enough(access, action, "user", estate, more):
            if arn == held.arn:
                continue
            take = access.can(action, arn)
            if take.answer is False:
                continue
            worth, needs = _worth(estate, more, arn, "a user")
            if worth is not False:
                yield from route(id_, does, take, needs=needs or state, target=arn)
            yield from _raised(access, arn, "User", (take,), "" if estate else "another user", does)


def _enough(access: Access, action: str, kind: str, estate: Estate | None, more: dict[str, Kleene]) -> list[str]:
    """Targets to ask about. Where every one of them answers alike, two that hold more and two others are enough."""
    listed = candidates(access, action, kind, estate)
    whole = access.can(action)
    if estate is None:
        return listed
    if whole.answer is not False and not whole.alike:
        return reachable(access, action, listed)
    if whole.answer is False:
        return []
    worth = [arn for arn in listed if more.get(arn)]
    return worth[:2] + [arn for arn in listed if arn not in more][:2]


_RAISE = {
    "User": (("iam-018", "iam:PutUserPolicy"), ("iam-015", "iam:AttachUserPolicy")),
    "Role": (("iam-017", "iam:PutRolePolicy"), ("iam-014", "iam:AttachRolePolicy")),
}


def _raised(access: Access, arn: str, kind: str, take: tuple[Can, ...], needs: str, does: str) -> Iterator[Route]:
    """Giving somebody every right, and then acting as them."""
    for id_, action in _RAISE[kind]:
        known: dict[str, Value | Special] = dict(ADMINISTRATOR) if "Attach" in action else {}
        write = access.can(action, arn, known)
        yield from route(id_, f"gives it every right and {does}", write, *take, needs=needs, target=arn)


def _roles(held: Held, estate: Estate | None, more: dict[str, Kleene]) -> Iterator[Route]:
    access = held.access
    for arn in _enough(access, "iam:UpdateAssumeRolePolicy", "role", estate, more):
        take = access.can("iam:UpdateAssumeRolePolicy", arn)
        if arn == held.arn or take.answer is False:
            continue
        worth, needs = _worth(estate, more, arn, "a role")
        if worth is not False:
            yield from route("iam-012", "rewrites who may assume a role", take, needs=needs, target=arn)
        for made in _raised(access, arn, "Role", (take,), "" if estate else "a role", "rewrites who may assume it"):
            yield msgspec.structs.replace(made, id={"iam-017": "iam-021", "iam-014": "iam-019"}[made.id])
    yield from _assumed(held, estate, more)


def _assumed(held: Held, estate: Estate | None, more: dict[str, Kleene]) -> Iterator[Route]:
    """A role that trusts it by name may be assumed without any permission of its own."""
    access = held.access
    raising = any(True for _, action in _RAISE["Role"] for _ in access.allowing(action))
    if estate is None:
        listed = candidates(access, "sts:AssumeRole", "role", None)
    else:
        listed = estate.assumable(held.arn, permitted=any(True for _ in access.allowing("sts:AssumeRole")))
    for arn in listed:
        if arn == held.arn or not (raising or estate is None or more.get(arn, False) is not False):
            continue
        other = estate.held.get(arn) if estate else None
        take = opened(access, arn, trust_of(access, other), estate)
        if take.answer is False:
            continue
        worth, needs = _worth(estate, more, arn, "a role that trusts it and")
        if worth is not False:
            yield from route("sts-001", "assumes a role", take, needs=needs, target=arn)
            if take.answer and not needs and not raising:
                return
        yield from _raised(access, arn, "Role", (take,), "" if estate else "a role that trusts it", "assumes it")


def _service(held: Held, estate: Estate | None, more: dict[str, Kleene], path: Path) -> Iterator[Route]:
    steps = _steps(held.access, path)
    if steps is None:
        return
    if "iam:PassRole" not in path.required:
        # An answer of None only because the grant names some resources is no condition of a request.
        yield from route(path.id, path.name, *steps, needs=path.prerequisite)
        return
    if held.access.can("iam:PassRole").answer is False:
        return
    for service in path.services:
        known: dict[str, Value | Special] = {"iam:PassedToService": service}
        if estate is None:
            pass_any = held.access.can("iam:PassRole", None, known)
            needs = f"a role that holds more and trusts {service}"
            yield from route(path.id, path.name, pass_any, *steps, needs=needs)
            continue
        targets = [each for each in _passable(estate, more, service) if each[0] != held.arn]
        whole = held.access.can("iam:PassRole", None, known)
        if whole.answer is False or not targets:
            continue
        for arn, needs in targets[:2] if whole.alike else targets:
            passed = held.access.can("iam:PassRole", arn, known)
            yield from route(path.id, path.name, passed, *steps, needs=needs, target=arn)
            if passed.answer and not needs:
                break


def _steps(access: Access, path: Path) -> list[Can] | None:
    """What the path takes besides passing a role; None where some of it is denied."""
    found = []
    for action in path.required:
        if action != "iam:PassRole":
            found.append(access.can(action))
            if found[-1].answer is False:
                return None
    return found


def _passable(estate: Estate, more: dict[str, Kleene], service: str) -> list[tuple[str, str]]:
    """Roles that hold more and trust a service, and what is not certain about that; the same for everybody."""
    if service not in estate.passable:
        found = []
        for arn in estate.of_kind("role"):
            worth = more.get(arn, False)
            trusted = worth is not False and _trusts(estate.held[arn], service)
            if worth is not False and trusted is not False:
                sure = worth is True and trusted is True
                found.append((arn, "" if sure else f"that {arn} holds more and trusts {service}, which depends"))
        estate.passable[service] = sorted(found, key=lambda each: each[1])
    return estate.passable[service]


def _trusts(role: Held, service: str) -> Kleene:
    return None if role.trust is None else _lets_in(ByIdentity(role.trust), role.arn, service)


@lru_cache(maxsize=100_000)
def _lets_in(trust: ByIdentity, arn: str, service: str) -> Kleene:
    who = Principal("service", service)
    return Access(who, Policies(())).can("sts:AssumeRole", arn, None, trust.policy).answer
