"""Does a policy document, by itself, allow every action on every resource?

Worked out once per distinct document text and kept beside the inventory; a document never changes, so neither does the
answer. Semantics: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html

- actions are compared without case; `*`, `*:*` and any other run of wildcards mean every action
- a resource is every resource when each of its ARN parts is a wildcard (`*`, `arn:aws:*`, `arn:*:*:*:*:*`)
- `NotAction` with Allow grants everything it does not name: that is unrestricted unless IAM itself is named
- `NotResource` with Allow grants on everything it does not name
- an unconditional Deny of every action on every resource in the same document leaves nothing allowed
- a condition narrows when, not what: the document still counts, and the answer says that there is a condition
"""

import json
import re
from typing import Any

import duckdb
import msgspec

from observant.analysis.derivation import Derivation, DerivedTable

Statement = dict[str, Any]


class Access(msgspec.Struct, frozen=True):
    """`unrestricted` is None when the document cannot be read; `because` says which statement, or why not."""

    unrestricted: bool | None
    because: str


def access(document: str | None) -> Access:
    """Judge one policy document (JSON text, or URL-decoded text as AWS answers it)."""
    if document is None:
        return Access(None, "the document was not collected")
    try:
        parsed = json.loads(document)
    except (ValueError, RecursionError) as error:
        return Access(None, f"the document is not JSON: {error}")
    statements = _statements(parsed)
    if statements is None:
        return Access(None, "the document has no readable Statement")
    if any(_denies_everything(one) for one in statements):
        return Access(False, "everything is denied")
    allowed = _named_everywhere(statements)
    for number, statement in enumerate(statements, 1):
        grant = _grant(statement, allowed)
        if grant:
            return Access(True, f"{_name(number, statement)} allows {grant}{_condition(statement)}")
    return Access(False, "no statement allows every action on every resource")


def _statements(parsed: object) -> list[Statement] | None:
    """A policy may hold one statement object instead of a list."""
    if not isinstance(parsed, dict):
        return None
    found = parsed.get("Statement")
    if isinstance(found, dict):
        found = [found]
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        return None
    return found


def _texts(value: object) -> list[str]:
    """An element may hold one text instead of a list."""
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _is_every_action(pattern: str) -> bool:
    """Only wildcards, and enough of them: every action is at least one character, a colon, one character."""
    parts = pattern.split(":")
    return len(parts) <= 2 and all(re.fullmatch(r"[*?]*\*[*?]*", part) and part.count("?") <= 1 for part in parts)


def _is_every_resource(pattern: str) -> bool:
    parts = pattern.split(":", 5)
    if len(parts) == 1:
        return bool(re.fullmatch(r"\*+", pattern))
    prefix, partition, *rest = parts
    return (
        prefix in ("arn", "*")
        and (partition.startswith("aws") or re.fullmatch(r"\*+", partition) is not None)
        and all(re.fullmatch(r"\*+(:\*+|/\*+)*", part) for part in rest)
        and (bool(rest) or partition.endswith("*"))
    )


def _covers_resources(statement: Statement) -> str:
    """How the statement reaches every resource, in words; empty when it does not."""
    if "Resource" in statement:
        return "every resource" if any(map(_is_every_resource, _texts(statement["Resource"]))) else ""
    if "NotResource" in statement:
        spared = _texts(statement["NotResource"])
        return "" if any(map(_is_every_resource, spared)) else f"every resource except {', '.join(spared)}"
    return ""


def _named_everywhere(statements: list[Statement]) -> set[str]:
    """Action patterns that some unconditional statement allows on every resource."""
    return {
        pattern.lower()
        for one in statements
        if one.get("Effect") == "Allow" and not one.get("Condition") and _covers_resources(one) == "every resource"
        for pattern in _texts(one.get("Action"))
    }


def _covers_actions(statement: Statement, allowed: set[str]) -> str:
    if "Action" in statement:
        return "every action" if any(map(_is_every_action, _texts(statement["Action"]))) else ""
    if "NotAction" in statement:
        spared = [pattern.lower() for pattern in _texts(statement["NotAction"])]
        still = [pattern for pattern in spared if pattern not in allowed]
        if any(_is_every_action(pattern) or _is_all_of_iam(pattern) for pattern in still):
            return ""
        return f"every action except {', '.join(spared)}" if spared else "every action"
    return ""


def _is_all_of_iam(pattern: str) -> bool:
    service, _, action = pattern.partition(":")
    return bool(re.fullmatch(r"\*+", action)) and re.fullmatch(_glob(service), "iam") is not None


def _glob(pattern: str) -> str:
    return "".join({"*": ".*", "?": "."}.get(one, re.escape(one)) for one in pattern)


def _grant(statement: Statement, allowed: set[str]) -> str:
    if statement.get("Effect") != "Allow":
        return ""
    actions, resources = _covers_actions(statement, allowed), _covers_resources(statement)
    return f"{actions} on {resources}" if actions and resources else ""


def _denies_everything(statement: Statement) -> bool:
    return (
        statement.get("Effect") == "Deny"
        and not statement.get("Condition")
        and any(map(_is_every_action, _texts(statement.get("Action"))))
        and _covers_resources(statement) == "every resource"
    )


def _name(number: int, statement: Statement) -> str:
    sid = statement.get("Sid")
    return f"statement {number}" + (f" ({sid})" if isinstance(sid, str) and sid else "")


def _condition(statement: Statement) -> str:
    condition = statement.get("Condition")
    if not isinstance(condition, dict) or not condition:
        return ""
    keys = sorted(key for block in condition.values() if isinstance(block, dict) for key in block)
    return f", under a condition on {', '.join(keys) or 'nothing'}"


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    new = connection.execute(
        """
        SELECT DISTINCT document
        FROM (
          SELECT document FROM aws_attachment UNION ALL SELECT document FROM aws_managed_policy
          UNION ALL SELECT document FROM organization_permission_set_policy
          UNION ALL SELECT document FROM organization_managed_policy
        )
        WHERE document IS NOT NULL AND document NOT IN (SELECT document FROM aws_document)
        """
    ).fetchall()
    judged = [(document, access(document)) for (document,) in new]
    if judged:
        connection.execute(
            "INSERT INTO aws_document SELECT unnest(?), unnest(?::BOOLEAN[]), unnest(?)",
            [
                [document for document, _ in judged],
                [answer.unrestricted for _, answer in judged],
                [answer.because for _, answer in judged],
            ],
        )


DOCUMENTS = Derivation(
    (
        DerivedTable(
            "aws_document",
            "Distinct policy documents and whether each allows every action on every resource by itself.",
            {"document": "VARCHAR", "unrestricted": "BOOLEAN", "because": "VARCHAR"},
        ),
    ),
    _derive,
)
