"""The callers that a trust policy is put to: a stranger, and an outsider that the policy names."""

from collections.abc import Iterator
from itertools import product

import msgspec

from observant.analysis.iam.arn import segments
from observant.analysis.iam.conditions import Test
from observant.analysis.iam.context import ABSENT, Context, Special, Value
from observant.analysis.iam.document import Policy, Statement
from observant.analysis.iam.glob import ONE, STAR, matches, shown
from observant.analysis.iam.operators import network
from observant.analysis.iam.principal import Grade, Principal, grade
from observant.analysis.iam.samples import key_samples
from observant.analysis.iam.statements import conditions_hold, names_action

_STRANGER = "999999999999"
ANYONE = Principal("user", f"arn:aws:iam::{_STRANGER}:user/stranger", _STRANGER)
_CAP = 4096

IDENTITY: dict[str, list[Value | Special]] = {
    "aws:principalaccount": [_STRANGER],
    "aws:sourceaccount": [ABSENT, _STRANGER],
    "aws:principalarn": [ANYONE.arn, f"arn:aws:iam::{_STRANGER}:role/stranger"],
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
    "aws:sourceorgpaths": [ABSENT],
    "aws:sourceowner": [ABSENT, _STRANGER],
    "kms:calleraccount": [_STRANGER],
    "s3:dataaccesspointaccount": [ABSENT, _STRANGER],
    "s3:dataaccesspointarn": [ABSENT, f"arn:aws:s3:eu-west-1:{_STRANGER}:accesspoint/stranger"],
    "aws:userid": ["AIDASTRANGER99999999", "AROASTRANGER99999999:session"],
}
"""What keys are for a stranger. The rest is the caller's to choose."""


class Own(msgspec.Struct, frozen=True):
    """What counts as inside."""

    account: str
    accounts: frozenset[str] = frozenset()
    """Further accounts."""
    organization: str = ""

    def has(self, account: str) -> bool:
        return account == self.account or account in self.accounts


Choices = dict[str, list[Value | Special]]


def tests_by_key(whole: Policy) -> dict[str, list[Test]]:
    found: dict[str, list[Test]] = {}
    for test in (test for statement in whole.statements for test in statement.tests):
        found.setdefault(test.key, []).append(test)
    return found


def chosen_values(tests: dict[str, list[Test]]) -> Choices:
    """Every value that can make a difference."""
    return {key: key_samples(key, held, Context({}))[0] for key, held in tests.items()}


def stranger(whole: Policy, own: Own) -> Choices:
    found = chosen_values(tests_by_key(whole))
    tests = tests_by_key(whole)
    for key, values in IDENTITY.items():
        if key in found:
            found[key] = values + [each for test in tests[key] for each in _within_reach(test)]
    return _account_of(found, own)


def _within_reach(test: Test) -> Iterator[Value | Special]:
    """Values that a stranger can have although a condition seems to keep them out: an address of a range that is as
    good as everywhere, and a resource of theirs where the pattern leaves open whose it is."""
    for value in test.values:
        written = value.constant or ""
        if test.operator.compares == "ipaddress" and (held := network(shown(written))) is not None:
            if held.prefixlen < _WIDE[held.version]:
                yield str(held.network_address + 77)
        elif test.key == "aws:sourcearn" and (parts := segments(written)) is not None:
            theirs = matches(parts[4], _STRANGER) if parts[4] else parts[5].startswith(STAR)
            if theirs:
                named = [*parts[:4], _STRANGER if parts[4] else "", parts[5]]
                yield shown(":".join(named).replace(STAR, "stranger").replace(ONE, "x"))


_WIDE = {4: 8, 6: 32}
"""Version of the address -> ranges with a shorter prefix are nobody's own."""


def _account_of(found: Choices, own: Own) -> Choices:
    if "aws:resourceaccount" in found:
        found["aws:resourceaccount"] = [own.account]
    return found


def outsider(whole: Policy, own: Own, who: Principal | None = None) -> Choices:
    """Anything that the policy mentions, except being one of our own."""
    tests = tests_by_key(whole)
    found = chosen_values(tests)
    for key, values in IDENTITY.items():
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


def passes(whole: Policy, who: Principal, action: str, choices: Choices, must: Statement | None) -> bool:
    """Whether some combination lets the caller in, by that statement where one is given."""
    choices = {key: list(dict.fromkeys(values)) for key, values in choices.items()}
    total = 1
    for values in choices.values():
        total *= len(values)
    if total > _CAP:  # more than anybody can write by hand: what could get in is taken to
        return True
    for combination in product(*choices.values()):
        context = Context(dict(zip(choices, combination, strict=True)), ABSENT)
        if is_consistent(context) and _admits(whole, who, action, context, must):
            return True
    return False


def is_consistent(context: Context) -> bool:
    """Whether somebody can have these values: an ARN and an account that contradict each other are nobody's."""
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
