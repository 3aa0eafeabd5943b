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
from functools import lru_cache

import msgspec

from observant.analysis.iam.callers import (
    ANYONE,
    IDENTITY,
    Choices,
    Own,
    chosen_values,
    outsider,
    passes,
    stranger,
    tests_by_key,
)
from observant.analysis.iam.conditions import Test
from observant.analysis.iam.context import ABSENT, Special, Value
from observant.analysis.iam.document import Given, Policy, Statement, policy
from observant.analysis.iam.glob import ONE, STAR, marked, matches, shown
from observant.analysis.iam.principal import Principal, principal
from observant.analysis.iam.statements import names_action

_UNIQUE_ID = re.compile(r"A[A-Z]{3}[A-Z0-9]{12,}")


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


def trust(document: Given | Policy, own: Own) -> Trust:
    """Who outside may assume a role with this trust policy."""
    return _of_text(document, own) if isinstance(document, str) else _of(policy(document, "trust policy"), own)


@lru_cache(maxsize=16384)
def _of_text(document: str, own: Own) -> Trust:
    """Kept: most roles of an account have one of a few trust policies."""
    return _of(policy(document, "trust policy"), own)


def _of(read: Policy, own: Own) -> Trust:
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
        if passes(whole, ANYONE, "sts:assumerole", stranger(whole, own), statement):
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
        if passes(whole, ANYONE, "sts:assumerole", stranger(whole, own), statement):
            yield _In("anyone", statement.label, anyone=True, account=True, external_id=_asks_id(whole, ANYONE, own))
        elif passes(whole, ANYONE, "sts:assumerole", outsider(whole, own), statement):
            yield _In("whoever meets its condition", statement.label, False, True, _asks_id(whole, ANYONE, own))
        return
    account = value if value.isdigit() else (value.split(":") + [""] * 5)[4]
    if own.has(account):
        return
    who = principal(f"arn:aws:iam::{account}:root" if value.isdigit() else value)
    if who.kind == "root":
        who = Principal("user", f"arn:aws:iam::{account}:user/somebody", account)
    if passes(whole, who, "sts:assumerole", outsider(whole, own, who), statement):
        yield _In(value, statement.label, anyone=False, account=True, external_id=_asks_id(whole, who, own))


def _asks_id(whole: Policy, who: Principal, own: Own) -> bool:
    """Whether nobody gets in without showing an external id."""
    given = outsider(whole, own, None if who is ANYONE else who)
    without: Choices = {**given, "sts:externalid": [ABSENT]}
    return not passes(whole, who, "sts:assumerole", without, None)


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
    anyone = passes(whole, who, "sts:assumerolewithwebidentity", _token(whole, issuer, strange=True), statement)
    if anyone or passes(whole, who, "sts:assumerolewithwebidentity", _token(whole, issuer, strange=False), statement):
        yield _In(value, statement.label, anyone=anyone, account=False)


def _token(whole: Policy, issuer: str, *, strange: bool) -> Choices:
    """A token of the provider. A stranger has a `sub` of their own, and any audience that they like."""
    tests = tests_by_key(whole)
    found = chosen_values(tests)
    if not strange:
        return found
    names = _SUBJECTS.get(issuer, ("sub",))
    for name in names:
        key = f"{issuer}:{name}".lower()
        if key in tests:
            found[key] = list(_strange_subjects(issuer, tests[key]))
    for key in ("aws:sourceip", "aws:sourcevpc", "aws:sourcevpce"):
        if key in found:
            found[key] = IDENTITY[key]
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
