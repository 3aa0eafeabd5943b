"""Does a bucket policy deny the deletion of every object to everybody?

Only what holds without any condition and without sparing anybody counts: an exception is somebody who can delete.
"""

import json
import re
from typing import Any

NEEDED = ("s3:DeleteObject", "s3:DeleteObjectVersion")


def denies_deletion(policy: str, bucket: str) -> bool | None:
    """None where the policy cannot be read; an empty policy denies nothing."""
    if not policy:
        return False
    try:
        statements = json.loads(policy).get("Statement", [])
    except (ValueError, AttributeError, RecursionError):
        return None
    listed = statements if isinstance(statements, list) else [statements]
    denying = [one for one in listed if isinstance(one, dict) and _denies_everybody(one, bucket)]
    return all(any(_covers(_texts(one.get("Action")), action) for one in denying) for action in NEEDED)


def _denies_everybody(statement: dict[str, Any], bucket: str) -> bool:
    principal = statement.get("Principal")
    everybody = principal == "*" or (isinstance(principal, dict) and "*" in _texts(principal.get("AWS")))
    objects = f"arn:aws:s3:::{bucket}/AWSLogs/any/file"
    reached = any(_matches(one, objects) for one in _texts(statement.get("Resource")))
    return statement.get("Effect") == "Deny" and everybody and reached and not statement.get("Condition")


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _covers(patterns: list[str], action: str) -> bool:
    return any(_matches(one.lower(), action.lower()) for one in patterns)


def _matches(pattern: str, text: str) -> bool:
    expression = "".join({"*": ".*", "?": "."}.get(one, re.escape(one)) for one in pattern)
    return re.fullmatch(expression, text, re.DOTALL) is not None
