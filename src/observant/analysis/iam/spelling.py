"""How inclusion spells statements: variables as fixed texts, principals as examples, contexts as two values."""

import re
from collections.abc import Iterable, Iterator

from observant.analysis.iam.context import ABSENT, Context
from observant.analysis.iam.document import Statement
from observant.analysis.iam.principal import Principal, principal
from observant.analysis.iam.template import Template, Variable

_OPEN, _CLOSE, _COLON = "\ue020", "\ue021", "\ue022"
"""Stand for the spelling of a policy variable inside a pattern."""


def allows(parts: list[list[Statement]], context: Context) -> bool:
    """Two-valued: the context says what every key is. An operator nobody documents does not hold."""
    for part in parts:
        allowed = False
        for each in part:
            if all(test.holds(context) is True for test in each.tests):
                if not each.allows:
                    return False
                allowed = True
        if not allowed:
            return False
    return True


def resources(statement: Statement, pinned: Context) -> tuple[Iterable[str], bool]:
    """The patterns of Resource or NotResource, with the variables that are pinned filled in. A variable that is
    certainly absent takes its pattern away, and from NotResource the whole statement."""
    there = [each for each in statement.resources if each.filled(pinned) is not ABSENT]
    if statement.not_resource and len(there) < len(statement.resources):
        return [], False
    return [opaque(each, pinned) for each in there], statement.not_resource


def opaque(pattern: Template, pinned: Context) -> str:
    """The pattern with every open variable as one fixed text that no other pattern spells out."""
    return "".join(part if isinstance(part, str) else _spelled(part, pinned) for part in pattern.parts)


def _spelled(part: Variable, pinned: Context) -> str:
    value = pinned.get(part.key)
    if isinstance(value, str):
        return value
    if value is ABSENT and part.default is not None:
        return part.default
    return f"{_OPEN}{part.key.replace(':', _COLON)}{_CLOSE}"


def readable(example: str, context: Context) -> str:
    """The example with the value of each policy variable in place."""

    def value(found: re.Match[str]) -> str:
        key = found[1].replace(_COLON, ":")
        given = context.get(key)
        return given if isinstance(given, str) else f"${{{key}}}"

    return re.sub(f"{_OPEN}([^{_CLOSE}]*){_CLOSE}", value, example)


def set_bits(bits: int) -> Iterator[int]:
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low


def examples(statements: list[Statement]) -> Iterator[Principal | None]:
    """Somebody for everything that a Principal element names, somebody of another account, nobody known, and a provider
    and a service that nobody named."""
    named = {pair for each in statements if each.principals is not None for pair in each.principals.named}
    if not named:
        yield None
        return
    for kind, value in sorted(named):
        if kind in ("AWS", "*") and value != "*":
            account = value if value.isdigit() else value.split(":")[4] if value.endswith(":root") else ""
            yield principal(f"arn:aws:iam::{account}:user/x" if account else value)
        elif value != "*":
            yield Principal("federated" if kind == "Federated" else "service", value)
    yield principal("arn:aws:iam::999999999999:user/x")
    yield principal("*")
    yield Principal("federated", "arn:aws:iam::999999999999:oidc-provider/x")
    yield Principal("service", "x.amazonaws.com")


def variables(statement: Statement) -> Iterator[str | Variable]:
    for each in statement.resources:
        yield from each.parts
    for test in statement.tests:
        for value in test.values:
            yield from value.parts


def keys(statement: Statement) -> Iterator[str]:
    for part in variables(statement):
        if isinstance(part, Variable):
            yield part.key


def negates(statement: Statement) -> bool:
    return any(test.operator.negated for test in statement.tests)
