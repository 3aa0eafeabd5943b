"""Policies in the words of a reviewer: which services, which actions, on what; never the JSON.

What is told short ends with six digits of the digest of the whole document, so that a change that the words do not
show changes the digits, and is seen as a change.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

_MOST = 6
"""Actions of one service that are named."""
_READ_ONLY = ("Get", "List", "Describe")


def policy_in_words(name: str, document: str | None) -> str:
    """`name: what it allows`; the name alone where the document was not shown."""
    if document is None:
        return name
    statements = _statements(document)
    if statements is None:
        return f"{name}: a document that cannot be read [{_digits(document)}]"
    told = [_statement(one) for one in statements]
    words = "; ".join(dict.fromkeys(words for words, _ in told)) or "nothing"
    whole = all(complete for _, complete in told)
    return f"{name}: {words}" + ("" if whole else f" [{_digits(document)}]")


def trust_in_words(document: str | None) -> list[str]:
    """Who may assume a role, one line each."""
    if document is None:
        return ["who may assume it: not shown"]
    statements = _statements(document)
    if statements is None:
        return [f"who may assume it: a document that cannot be read [{_digits(document)}]"]
    found = []
    for one in statements:
        if one.get("Effect") == "Allow":
            under = " under conditions" if one.get("Condition") else ""
            mark = f" [{_digits(json.dumps(one, sort_keys=True))}]" if under else ""
            found += [f"may be assumed by {who}{under}{mark}" for who in _principals(one)]
    return sorted(set(found)) or ["may be assumed by nobody"]


def _principals(statement: dict[str, Any]) -> Iterator[str]:
    if "NotPrincipal" in statement:
        yield "everybody but some"
    given = statement.get("Principal")
    if given == "*":
        yield "everybody"
    elif isinstance(given, dict):
        for kind, names in given.items():
            for name in _listed(names):
                yield "everybody" if name == "*" else name if kind == "AWS" else f"{kind.lower()} {name}"


def _statements(document: str) -> list[dict[str, Any]] | None:
    try:
        found = json.loads(document)
    except (ValueError, RecursionError):
        return None
    given = found.get("Statement") if isinstance(found, dict) else None
    listed = given if isinstance(given, list) else [given]
    return [one for one in listed if isinstance(one, dict)] if all(isinstance(one, dict) for one in listed) else None


def _statement(one: dict[str, Any]) -> tuple[str, bool]:
    """What it says, and whether that is all of it."""
    words, whole = _actions(_listed(one.get("Action")))
    if "NotAction" in one:
        but, whole = _actions(_listed(one["NotAction"]))
        words = f"everything but {but}"
    resources = _listed(one.get("Resource"))
    if "NotResource" in one:
        words, whole = f"{words} on all but some resources", False
    elif resources and "*" not in resources:
        named = " and ".join(sorted(resources)) if len(resources) <= 2 else f"{len(resources)} resources"
        words, whole = f"{words} on {named}", whole and len(resources) <= 2
    if one.get("Condition"):
        words, whole = f"{words} under conditions", False
    return (words if one.get("Effect") == "Allow" else f"never {words}"), whole


def _actions(actions: list[str]) -> tuple[str, bool]:
    """Which of which services, and whether every one is named."""
    if "*" in actions or "*:*" in actions:
        return "everything", True
    by_service: dict[str, list[str]] = {}
    for action in actions:
        service, _, name = action.partition(":")
        by_service.setdefault(service.lower(), []).append(name or "?")
    words, whole = [], True
    for service, names in sorted(by_service.items()):
        if "*" in names:
            words.append(f"all of {service}")
            continue
        ordered = sorted(set(names), key=lambda name: (name.startswith(_READ_ONLY), name))
        rest = len(ordered) - _MOST
        whole = whole and rest <= 0
        words.append(f"{service} ({', '.join(ordered[:_MOST])}{f' and {rest} more' if rest > 0 else ''})")
    return ", ".join(words) or "nothing", whole


def _listed(given: object) -> list[str]:
    listed = given if isinstance(given, list) else [given]
    return [one for one in listed if isinstance(one, str)]


def _digits(document: str) -> str:
    return hashlib.sha256(document.encode()).hexdigest()[:6]
