"""All layers of policies, weighed together under one context.

The order of the layers and what each may do to the others:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html

- any Deny that holds, in any layer, denies
- service control policies, resource control policies, boundary and session policy only limit; each must allow
- in the same account a resource policy that names the user or session itself grants by itself; one that names the role
  is still limited by boundary and session; one that names the account leaves it to the identity policies
- across accounts both sides must allow
- keys of KMS and trust policies of roles must allow in any case
"""

from collections.abc import Iterable

import msgspec

from observant.analysis.iam.catalogue import catalogue
from observant.analysis.iam.context import Context
from observant.analysis.iam.document import Policy
from observant.analysis.iam.layers import Levels, Policies, Said, Unread, say
from observant.analysis.iam.principal import Grade, Principal
from observant.analysis.iam.statements import Target
from observant.analysis.kleene import Kleene, both, either

IDENTITY, RESOURCE = "identity policies", "resource policy"
BOUNDARY, SESSION = "permissions boundary", "session policy"

_ASSUME = frozenset({"sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity"})
_GRADES = (Grade.ACCOUNT, Grade.ROLE, Grade.SELF)


def needs_own_policy(action: str) -> bool:
    """Whether an action (lower case), where it is about a resource, is granted by nothing but the resource's policy."""
    return action in _ASSUME or action.startswith("kms:")


class Question(msgspec.Struct, frozen=True):
    who: Principal
    asked: Target
    policies: Policies
    resource_account: str
    management_account: bool = False
    """Whether the principal's account is the organization's management account: no organization policy binds it."""

    @property
    def cross_account(self) -> bool:
        return bool(self.resource_account and self.who.account and self.resource_account != self.who.account)

    @property
    def resource_must_allow(self) -> bool:
        """KMS keys and roles: nothing is granted that their own policy does not grant."""
        return needs_own_policy(self.asked.action) and not (self.asked.service == "kms" and self.asked.takes_none)

    @property
    def scps_bind(self) -> bool:
        """Service control policies bind the account's own users, roles and root."""
        known = self.who.kind in ("user", "role", "session", "federated_user", "root")
        return known and not self.management_account and not self.who.is_service_linked_role

    @property
    def rcps_bind(self) -> bool:
        """Resource control policies cover some services, and no resource of the management account."""
        own = self.management_account and not self.cross_account
        covered = self.asked.service in catalogue().rcp_services
        return covered and not own and not self.who.is_service_linked_role


class Verdict(msgspec.Struct):
    """What all layers come to under one context."""

    allowed: Kleene
    denied: Kleene
    said: list[Said]
    unread: list[str]
    lacking: str = ""
    """The first layer that does not allow."""

    @property
    def answer(self) -> Kleene:
        if self.denied is True or self.allowed is False:
            return False
        return True if self.allowed is True and self.denied is False else None


class _Weighing:
    """Collects what the layers say."""

    def __init__(self, one: Question, context: Context) -> None:
        self.one, self.context = one, context
        self.said: list[Said] = []
        self.unread: list[str] = []

    def speak(self, name: str, documents: Iterable[Policy], who: Principal | None = None) -> Said:
        found = say(name, documents, self.one.asked, self.context, who)
        self.said.append(found)
        if found.problem:
            self.unread.append(found.problem)
        return found

    def levels(self, name: str, held: Levels | Unread | None) -> list[tuple[str, Kleene]]:
        """Each level of an organization's policies; every one of them must allow."""
        if held is None:
            return []
        if isinstance(held, Unread):
            self.unread.append(f"the {name} were not read")
            return []
        named = [(f"{name}, level {place}", level) for place, level in enumerate(held, 1)]
        return [(title, self.speak(title, level).allows) for title, level in named]

    def limit(self, name: str, held: Policy | tuple[Policy, ...] | Unread | None) -> Kleene:
        if held is None:
            return True
        if isinstance(held, Unread):
            self.unread.append(f"the {name} was not read")
            return True
        return self.speak(name, held if isinstance(held, tuple) else (held,)).allows

    def identity(self, held: tuple[Policy, ...] | Unread) -> Kleene:
        if isinstance(held, Unread):
            self.unread.append("the identity policies were not read")
            return None
        return self.speak(IDENTITY, held).allows

    def resource(self, held: Policy | Unread | None) -> dict[Grade, Kleene]:
        """What the resource's own policy grants, by how closely it names who asks."""
        if held is None:
            return {}
        if isinstance(held, Unread):
            self.unread.append("the policy of the resource was not read")
            return dict.fromkeys(_GRADES)
        found = self.speak(RESOURCE, (held,), self.one.who)
        return dict.fromkeys(_GRADES) if found.problem else found.grants


def weigh(one: Question, context: Context) -> Verdict:
    """All layers under one context. A limit that was not read counts as allowing, and is named."""
    held, weighing = one.policies, _Weighing(one, context)
    limits = weighing.levels("service control policies", held.scps if one.scps_bind else None)
    limits += weighing.levels("resource control policies", held.rcps if one.rcps_bind else None)
    grants = weighing.resource(held.resource)
    own = [(BOUNDARY, weighing.limit(BOUNDARY, held.boundary)), (SESSION, weighing.limit(SESSION, held.session))]
    allowed, lacking = _joined(one, limits, own, weighing.identity(held.identity), grants)
    return Verdict(allowed, either(each.denies for each in weighing.said), weighing.said, weighing.unread, lacking)


def _joined(
    one: Question,
    limits: list[tuple[str, Kleene]],
    own: list[tuple[str, Kleene]],
    identity: Kleene,
    grants: dict[Grade, Kleene],
) -> tuple[Kleene, str]:
    """The layers' AND, and the first that does not allow."""
    granted = {each: grants.get(each, False) for each in _GRADES}
    resource = either(granted.values())
    limited = both(value for _, value in own)
    if one.cross_account:
        chain = [*limits, *own, (IDENTITY, identity), (RESOURCE, resource)]
        return both(value for _, value in chain), _first_false(chain)
    by_identity = both((identity, granted[Grade.ACCOUNT])) if one.resource_must_allow else identity
    role = granted[Grade.ROLE]
    itself = granted[Grade.SELF]
    if one.who.kind not in ("user", "session", "role", "root"):
        direct: Kleene = resource
    elif one.who.kind == "user" and one.policies.session is not None:
        direct = both((itself, dict(own)[SESSION]))
    else:
        direct = itself
    within = either((by_identity, role))
    allowed = both([*(value for _, value in limits), either((direct, both((limited, within))))])
    needed = [(RESOURCE, resource)] if one.resource_must_allow else []
    return allowed, _first_false([*limits, *own, *needed, (IDENTITY, within)])


def _first_false(chain: list[tuple[str, Kleene]]) -> str:
    return next((name for name, value in chain if value is False), "")
