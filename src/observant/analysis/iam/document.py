"""A policy document, read once: statements whose patterns are ready to match.

What cannot be read makes the whole document a problem, never an empty policy: whoever evaluates it then does not know.
Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from typing import Any

import msgspec

from observant.analysis.iam.conditions import Malformed, Test, tests
from observant.analysis.iam.glob import marked
from observant.analysis.iam.template import Template, template

Given = str | bytes | dict[str, Any]
"""A document as JSON text or as the object it holds."""


class Principals(msgspec.Struct, frozen=True):
    """A Principal or NotPrincipal element: `AWS`, `Service`, `Federated`, `CanonicalUser` or `*`, each with a value."""

    named: tuple[tuple[str, str], ...]
    negated: bool


class Statement(msgspec.Struct, frozen=True, eq=False):
    label: str
    """`policy X, statement 2 (Sid)`: how answers name it."""
    allows: bool
    actions: tuple[str, ...]
    """Marked, lower case."""
    not_action: bool
    resources: tuple[Template, ...]
    not_resource: bool
    tests: tuple[Test, ...]
    principals: Principals | None


class Policy(msgspec.Struct, frozen=True, eq=False):
    """`problem` says why the document cannot be evaluated; then there are no statements.

    Like its statements it equals itself only, which makes it a cheap key for what is known of it.
    """

    name: str
    statements: tuple[Statement, ...]
    problem: str = ""
    narrowed: bool = False
    """Whether only the statements that name the action in question are left."""


def policy(given: "Given | Policy", name: str = "policy") -> Policy:
    """Read a document. Never raises for what is in it."""
    if isinstance(given, Policy):
        return given
    try:
        parsed = given if isinstance(given, dict) else msgspec.json.decode(given)
        return Policy(name, _statements(parsed, name))
    except (ValueError, RecursionError) as problem:  # DecodeError is a ValueError
        return Policy(name, (), f"{name} cannot be read: {problem}")


def _statements(parsed: object, name: str) -> tuple[Statement, ...]:
    if not isinstance(parsed, dict):
        raise Malformed("it is not a table")
    found = parsed.get("Statement")
    variables = parsed.get("Version") == "2012-10-17"
    listed = [found] if isinstance(found, dict) else found
    if not isinstance(listed, list):
        raise Malformed("it has no Statement")
    return tuple(_statement(each, f"{name}, statement {number}", variables) for number, each in enumerate(listed, 1))


def _statement(given: Any, label: str, variables: bool) -> Statement:  # noqa: ANN401
    if not isinstance(given, dict):
        raise Malformed(f"{label} is not a table")
    effect, sid = given.get("Effect"), given.get("Sid")
    if effect not in ("Allow", "Deny"):
        raise Malformed(f"{label} has the effect {effect!r}")
    actions, not_action = _either_of(given, "Action", label)
    if actions is None:
        raise Malformed(f"{label} has no Action")
    resources, not_resource = _either_of(given, "Resource", label)
    return Statement(
        label=f"{label} ({sid})" if isinstance(sid, str) and sid else label,
        allows=effect == "Allow",
        actions=tuple(marked(each.lower()) for each in actions),
        not_action=not_action,
        # Trust policies have no Resource: they are about what they hang on.
        resources=tuple(template(each, variables=variables) for each in (["*"] if resources is None else resources)),
        not_resource=not_resource,
        tests=tests(given.get("Condition"), variables=variables),
        principals=_principals(given, label),
    )


def _either_of(given: dict[str, Any], element: str, label: str) -> tuple[list[str] | None, bool]:
    """The texts of an element or of its Not form, and which of the two it was."""
    if element in given and f"Not{element}" in given:
        raise Malformed(f"{label} has both {element} and Not{element}")
    for name in (element, f"Not{element}"):
        if name in given:
            return _texts(given[name], f"{label}: {name}"), name != element
    return None, False


def _texts(value: object, what: str) -> list[str]:
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise Malformed(f"{what} is neither text nor a list of texts")
    return found


def _principals(given: dict[str, Any], label: str) -> Principals | None:
    for element in ("Principal", "NotPrincipal"):
        if element not in given:
            continue
        value = given[element]
        if value == "*":
            return Principals((("*", "*"),), element != "Principal")
        if not isinstance(value, dict):
            raise Malformed(f"{label}: {element} is neither `*` nor a table")
        named = [
            (kind, each) for kind, listed in value.items() for each in _texts(listed, f"{label}: {element} {kind}")
        ]
        return Principals(tuple(named), element != "Principal")
    return None
