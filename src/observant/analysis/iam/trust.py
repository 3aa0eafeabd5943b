"""Who outside an account may assume a role.

The trust policy is put to two imagined callers instead of being read for keywords, so a condition counts for what it
does:

- *anyone*: a stranger in an account of their own. Keys that tell who they are (account, organization, ARN, `sub` of a
  shared identity provider) have a stranger's values or are absent; what a caller chooses (external id, session name,
  tags, MFA) may be anything. If that is let in, the role is public.
- *an outsider*: whatever the policy names, as long as it is neither the own organization nor an own account. If that is
  let in, and anyone is not, the role is open to named outsiders.

A condition that every caller meets (`*`, 0.0.0.0/0, ForAllValues on a key that may be missing) is met by the stranger,
so it is no condition. Nor is an external id by itself: it is no secret to AWS.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import product

import msgspec

from observant.analysis.iam.conditions import Test
from observant.analysis.iam.context import ABSENT, Context, Special, Value
from observant.analysis.iam.document import Given, Policy, Statement, policy
from observant.analysis.iam.glob import ONE, STAR, marked, matches, shown
from observant.analysis.iam.principal import Grade, Principal, grade, principal
from observant.analysis.iam.samples import key_samples
from observant.analysis.iam.statements import conditions_hold, names_action

_STRANGER = "999999999999"
_ANYONE = Principal("user", f"arn:aws:iam::{_STRANGER}:user/stranger", _STRANGER)
_CAP = 4096
_UNIQUE_ID = re.compile(r"A[A-Z]{3}[A-Z0-9]{12,}")

_IDENTITY: dict[str, list[Value | Special]] = {
    "aws:principalaccount": [_STRANGER],
    "aws:sourceaccount": [ABSENT],
    "aws:principalarn": [_ANYONE.arn, f"arn:aws:iam::{_STRANGER}:role/stranger"],
    "aws:principalorgid": ["o-stranger999", ABSENT],
    "aws:principalorgpaths": [("o-stranger999/r-none/",), ABSENT],
    "aws:principalisawsservice": ["false"],
    "aws:principalservicename": [ABSENT],
    "aws:sourceip": ["192.0.2.77", "2001:db8::77"],
    "aws:vpcsourceip": [ABSENT],
    "aws:sourcevpc": ["vpc-0stranger", ABSENT],
    "aws:sourcevpce": ["vpce-0stranger", ABSENT],
    "aws:sourcearn": [ABSENT],
    "aws:sourceorgid": [ABSENT],
    "aws:userid": ["AIDASTRANGER99999999", "AROASTRANGER99999999:session"],
}
"""What keys are for a stranger. The rest is the caller's to choose."""


class Trust(msgspec.Struct, frozen=True):
    """`word`: none, external, public, or unknown; `outsiders` names who is meant."""

    word: str
    outsiders: tuple[str, ...] = ()
    """Accounts, ARNs, providers, or `anyone`."""
    because: tuple[str, ...] = ()
    """Statements."""
    external_id: bool | None = None
    """Whether every other account that is let in must show an external id; None where none is let in."""
    dangling: tuple[str, ...] = ()
    """Ids of principals that were deleted: nobody is meant by them any more."""
    open_providers: tuple[str, ...] = ()
    """Identity providers of which any token is accepted."""
    problem: str = ""


class Own(msgspec.Struct, frozen=True):
    """What counts as inside."""

    account: str
    accounts: frozenset[str] = frozenset()
    """Further accounts."""
    organization: str = ""

    def has(self, account: str) -> bool:
        return account == self.account or account in self.accounts


def trust(document: Given | Policy, own: Own) -> Trust:
    """Who outside may assume a role with this trust policy."""
    read = policy(document, "trust policy")
    if read.problem:
        return Trust("unknown", problem=read.problem)
    found = [each for statement in read.statements if statement.allows for each in _let_in(statement, read, own)]
    public = [each for each in found if each.anyone]
    accounts = [each for each in found if each.account]
    return Trust(
        word="public" if public else "external" if found else "none",
        outsiders=tuple(dict.fromkeys(each.named for each in found)),
        because=tuple(dict.fromkeys(each.statement for each in found)),
        external_id=all(each.external_id for each in accounts) if accounts else None,
        dangling=tuple(_dangling(read)),
        open_providers=tuple(dict.fromkeys(each.named for each in public if not each.account)),
    )


class _In(msgspec.Struct, frozen=True):
    named: str
    statement: str
    anyone: bool
    account: bool
    external_id: bool = False


def _let_in(statement: Statement, whole: Policy, own: Own) -> Iterator[_In]:
    element = statement.principals
    if element is None:
        return
    if element.negated:
        if _passes(whole, _ANYONE, "sts:assumerole", _stranger(whole, own), statement):
            yield _In("anyone", statement.label, anyone=True, account=True)
        return
    for kind, value in element.named:
        if kind in ("AWS", "*") and not _UNIQUE_ID.fullmatch(value):
            yield from _account(value, statement, whole, own)
        elif kind == "Federated":
            yield from _federated(value, statement, whole)
        elif kind == "CanonicalUser":
            yield _In(value, statement.label, anyone=False, account=False)


def _account(value: str, statement: Statement, whole: Policy, own: Own) -> Iterator[_In]:
    if value == "*":
        if _passes(whole, _ANYONE, "sts:assumerole", _stranger(whole, own), statement):
            yield _In("anyone", statement.label, anyone=True, account=True, external_id=_asks_id(whole, _ANYONE, own))
        elif _passes(whole, _ANYONE, "sts:assumerole", _outsider(whole, own), statement):
            yield _In("whoever meets its condition", statement.label, False, True, _asks_id(whole, _ANYONE, own))
        return
    account = value if value.isdigit() else (value.split(":") + [""] * 5)[4]
    if own.has(account):
        return
    who = principal(f"arn:aws:iam::{account}:root" if value.isdigit() else value)
    if who.kind == "root":
        who = Principal("user", f"arn:aws:iam::{account}:user/somebody", account)
    if _passes(whole, who, "sts:assumerole", _outsider(whole, own, who), statement):
        yield _In(value, statement.label, anyone=False, account=True, external_id=_asks_id(whole, who, own))


def _asks_id(whole: Policy, who: Principal, own: Own) -> bool:
    """Whether nobody gets in without showing an external id."""
    given = _outsider(whole, own, None if who is _ANYONE else who)
    without: Choices = {**given, "sts:externalid": [ABSENT]}
    return not _passes(whole, who, "sts:assumerole", without, None)


Choices = dict[str, list[Value | Special]]


def _tests(whole: Policy) -> dict[str, list[Test]]:
    found: dict[str, list[Test]] = {}
    for test in (test for statement in whole.statements for test in statement.tests):
        found.setdefault(test.key, []).append(test)
    return found


def _chosen(tests: dict[str, list[Test]]) -> Choices:
    """Every value that can make a difference."""
    return {key: key_samples(key, held, Context({}))[0] for key, held in tests.items()}


def _stranger(whole: Policy, own: Own) -> Choices:
    found = _chosen(_tests(whole))
    for key, values in _IDENTITY.items():
        if key in found:
            found[key] = values
    return _account_of(found, own)


def _account_of(found: Choices, own: Own) -> Choices:
    if "aws:resourceaccount" in found:
        found["aws:resourceaccount"] = [own.account]
    return found


def _outsider(whole: Policy, own: Own, who: Principal | None = None) -> Choices:
    """Anything that the policy mentions, except being one of our own."""
    tests = _tests(whole)
    found = _chosen(tests)
    for key, values in _IDENTITY.items():
        if key in found:
            found[key] = list(dict.fromkeys([*values, *(each for each in found[key] if not _is_own(key, each, own))]))
    if who is not None and "aws:principalaccount" in found:
        found["aws:principalaccount"] = [who.account]
    if who is not None and who.kind != "user" and "aws:principalarn" in found:
        found["aws:principalarn"] = [who.arn]
    return _account_of(found, own)


def _is_own(key: str, value: Value | Special, own: Own) -> bool:
    texts = (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ()
    if key == "aws:principalaccount":
        return any(own.has(each) for each in texts)
    if key == "aws:principalorgid":
        return bool(own.organization) and own.organization in texts
    if key == "aws:principalorgpaths":
        return bool(own.organization) and any(each.partition("/")[0] == own.organization for each in texts)
    if key == "aws:principalarn":
        return any(own.has((each.split(":") + [""] * 5)[4]) for each in texts)
    return False


def _passes(whole: Policy, who: Principal, action: str, choices: Choices, must: Statement | None) -> bool:
    """Whether some combination lets the caller in, by that statement where one is given."""
    choices = {key: list(dict.fromkeys(values)) for key, values in choices.items()}
    total = 1
    for values in choices.values():
        total *= len(values)
    if total > _CAP:  # more than anybody can write by hand: what could get in is taken to
        return True
    for combination in product(*choices.values()):
        context = Context(dict(zip(choices, combination, strict=True)), ABSENT)
        if _consistent(context) and _admits(whole, who, action, context, must):
            return True
    return False


def _consistent(context: Context) -> bool:
    """An ARN and an account that contradict each other are nobody's."""
    arn, account = context.get("aws:principalarn"), context.get("aws:principalaccount")
    if isinstance(arn, str) and isinstance(account, str):
        return (arn.split(":") + [""] * 5)[4] == account
    return True


def _admits(whole: Policy, who: Principal, action: str, context: Context, must: Statement | None) -> bool:
    allowed = False
    for each in whole.statements:
        if not names_action(each, action) or each.principals is None or grade(each.principals, who) is Grade.NOT:
            continue
        holds = conditions_hold(each.tests, context)
        if not each.allows and holds is True:
            return False
        if each.allows and holds is not False and (must is None or must is each):
            allowed = True
    return allowed


# -- federation


def _federated(value: str, statement: Statement, whole: Policy) -> Iterator[_In]:
    who = Principal("federated", value)
    if ":saml-provider/" in value:
        if names_action(statement, "sts:assumerolewithsaml"):
            yield _In(value, statement.label, anyone=False, account=False)
        return
    if not names_action(statement, "sts:assumerolewithwebidentity"):
        return
    issuer = value.partition(":oidc-provider/")[2] or value
    anyone = _passes(whole, who, "sts:assumerolewithwebidentity", _token(whole, issuer, strange=True), statement)
    if anyone or _passes(whole, who, "sts:assumerolewithwebidentity", _token(whole, issuer, strange=False), statement):
        yield _In(value, statement.label, anyone=anyone, account=False)


def _token(whole: Policy, issuer: str, *, strange: bool) -> Choices:
    """A token of the provider. A stranger has a `sub` of their own, and any audience that they like."""
    tests = _tests(whole)
    found = _chosen(tests)
    if not strange:
        return found
    names = _SUBJECTS.get(issuer, ("sub",))
    for name in names:
        key = f"{issuer}:{name}".lower()
        if key in tests:
            found[key] = list(_strange_subjects(issuer, tests[key]))
    for key in ("aws:sourceip", "aws:sourcevpc", "aws:sourcevpce"):
        if key in found:
            found[key] = _IDENTITY[key]
    return found


_SUBJECTS = {"cognito-identity.amazonaws.com": ("sub", "aud")}
"""Claims that tell one's own users from everybody's. A Cognito audience is one identity pool."""


def _strange_subjects(issuer: str, tests: Iterable[Test]) -> Iterator[Value | Special]:
    """Subjects that somebody else gets from the same provider.

    On a provider that everybody uses the owner stands in front (`repo:OWNER/…`): a pattern is met by a stranger only
    where its wildcard leaves the owner open.
    """
    yield ABSENT
    yield "stranger"
    if issuer == "token.actions.githubusercontent.com":
        yield "repo:stranger/stranger:ref:refs/heads/main"
    for test in tests:
        for value in test.values:
            pattern = value.constant or marked(value.written)
            if test.operator.compares != "stringlike" or not (STAR in pattern or ONE in pattern):
                continue
            owner = re.split(r"[/@]", pattern, maxsplit=1)[0]
            if STAR in owner or ONE in owner:
                example = shown(pattern.replace(STAR, "stranger").replace(ONE, "x"))
                if matches(pattern, example):
                    yield example


def _dangling(read: Policy) -> Iterator[str]:
    for statement in read.statements:
        for kind, value in statement.principals.named if statement.principals else ():
            if kind == "AWS" and _UNIQUE_ID.fullmatch(value):
                yield value
