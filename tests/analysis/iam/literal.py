"""A second evaluator, written to be obviously right and nothing else: two-valued, one request at a time.

It shares no code with the engine: patterns become regular expressions, conditions are read off a table of lambdas.
"""

import base64
import ipaddress
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

Request = dict[str, Any]
"""`principal`, `action`, `resource`, and `context`: lower-case key -> text or list of texts; other keys are absent."""


def glob(pattern: str) -> str:
    """A regular expression; `pattern` may hold escaped wildcards as \\x00 (star), \\x01 (question mark), \\x02 ($)."""
    table = {"*": ".*", "?": ".", "\x00": r"\*", "\x01": r"\?", "\x02": r"\$"}
    return "".join(table.get(one, re.escape(one)) for one in pattern)


def fill(text: str, context: dict[str, Any]) -> str | None:
    """Policy variables; None where one has no single value."""
    missing = False

    def value(found: re.Match[str]) -> str:
        nonlocal missing
        inside = found[1]
        if inside in ("*", "?", "$"):
            return {"*": "\x00", "?": "\x01", "$": "\x02"}[inside]
        key, _, default = inside.partition(",")
        given = context.get(key.strip().lower())
        if given is None and default:
            given = default.strip().strip("'")
        if not isinstance(given, str):
            missing = True
            return ""
        return given.replace("*", "\x00").replace("?", "\x01").replace("$", "\x02")

    filled = re.sub(r"\$\{([^{}]*)\}", value, text)
    return None if missing else filled


def arn_matches(pattern: str, arn: str) -> bool:
    if re.fullmatch(r"\*+", pattern):
        return True
    parts, given = pattern.split(":", 5), arn.split(":", 5)
    parts += ["*"] * (6 - len(parts))
    return len(given) == 6 and all(
        re.fullmatch(glob(one), other, re.DOTALL) for one, other in zip(parts, given, strict=True)
    )


def plain(text: str) -> str:
    return text.replace("\x00", "*").replace("\x01", "?").replace("\x02", "$")


def moment(text: str) -> float:
    if re.fullmatch(r"\d{5,}", text):
        return float(text)
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda given, wanted: given == plain(wanted),
    "StringEqualsIgnoreCase": lambda given, wanted: given.casefold() == plain(wanted).casefold(),
    "StringLike": lambda given, wanted: re.fullmatch(glob(wanted), given, re.DOTALL) is not None,
    "ArnEquals": lambda given, wanted: arn_matches(wanted, given),
    "ArnLike": lambda given, wanted: arn_matches(wanted, given),
    "Bool": lambda given, wanted: given.lower() == wanted.lower(),
    "BinaryEquals": lambda given, wanted: base64.b64decode(given) == base64.b64decode(wanted),
    "IpAddress": lambda given, wanted: ipaddress.ip_address(given) in ipaddress.ip_network(wanted, strict=False),
    "NumericEquals": lambda given, wanted: float(given) == float(wanted),
    "NumericLessThan": lambda given, wanted: float(given) < float(wanted),
    "NumericLessThanEquals": lambda given, wanted: float(given) <= float(wanted),
    "NumericGreaterThan": lambda given, wanted: float(given) > float(wanted),
    "NumericGreaterThanEquals": lambda given, wanted: float(given) >= float(wanted),
    "DateEquals": lambda given, wanted: moment(given) == moment(wanted),
    "DateLessThan": lambda given, wanted: moment(given) < moment(wanted),
    "DateLessThanEquals": lambda given, wanted: moment(given) <= moment(wanted),
    "DateGreaterThan": lambda given, wanted: moment(given) > moment(wanted),
    "DateGreaterThanEquals": lambda given, wanted: moment(given) >= moment(wanted),
}
NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
}


def listed(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [str(each).lower() if isinstance(each, bool) else str(each) for each in values]


def test_holds(operator: str, key: str, wanted: Any, context: dict[str, Any], variables: bool) -> bool:
    quantifier, _, name = operator.rpartition(":")
    if_exists, name = name.endswith("IfExists"), name.removesuffix("IfExists")
    given = context.get(key.lower())
    absent = given is None or given == []
    if name == "Null":
        return ("true" if absent else "false") in listed(wanted)
    negative = name in NEGATED
    if absent:
        return if_exists or quantifier == "ForAllValues" or (negative and not quantifier)
    compare = OPERATORS[NEGATED.get(name, name)]
    filled = [
        fill(each, context) if variables and name.startswith(("String", "Arn")) else each for each in listed(wanted)
    ]
    if negative and None in filled:
        return False
    values = [each for each in filled if each is not None]
    hits = [any(compare(one, each) for each in values) != negative for one in listed(given)]
    if quantifier == "ForAllValues" or (negative and not quantifier):
        return all(hits)
    return any(hits)


def statement_holds(statement: dict[str, Any], request: Request, variables: bool) -> bool:
    context = request["context"]
    actions = listed(statement.get("Action", statement.get("NotAction")))
    named = any(re.fullmatch(glob(each.lower()), request["action"].lower(), re.DOTALL) for each in actions)
    if named != ("Action" in statement):
        return False
    resources = [
        fill(each, context) if variables else each
        for each in listed(statement.get("Resource", statement.get("NotResource")))
    ]
    if "NotResource" in statement and None in resources:
        return False
    covered = any(each is not None and arn_matches(each, request["resource"]) for each in resources)
    if covered != ("Resource" in statement):
        return False
    return all(
        test_holds(operator, key, wanted, context, variables)
        for operator, block in statement.get("Condition", {}).items()
        for key, wanted in block.items()
    )


def says(documents: list[dict[str, Any]], request: Request) -> tuple[bool, bool]:
    """(allowed, denied) by one layer."""
    allowed = denied = False
    for document in documents:
        for statement in document["Statement"]:
            if statement_holds(statement, request, document.get("Version") == "2012-10-17"):
                if statement["Effect"] == "Allow":
                    allowed = True
                else:
                    denied = True
    return allowed, denied


def allowed(
    request: Request,
    identity: list[dict[str, Any]],
    boundary: dict[str, Any] | None = None,
    scps: list[list[dict[str, Any]]] | None = None,
) -> bool:
    """Identity policies under boundary and service control policies, in one account, without a resource policy."""
    layers = [identity, *([[boundary]] if boundary else []), *(scps or [])]
    said = [says(layer, request) for layer in layers]
    return all(one for one, _ in said) and not any(other for _, other in said)


test_holds.__test__ = False  # type: ignore[attr-defined] # not a test of pytest's
