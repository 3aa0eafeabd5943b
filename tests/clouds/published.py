"""Holds answers of the test tenant against the published descriptions of Graph and Resource Manager.

An answer must have the right types, and no property that the description does not know: a misspelt property would
otherwise go unnoticed. `tests/clouds/specs/SOURCES.md` says where the descriptions are from.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator, ValidationError
from openapi_schema_validator import OAS30Validator, oas30_format_checker

Json = dict[str, Any]

SPECS = Path(__file__).parent / "specs"
UNDESCRIBED = {
    "createdDateTime": "of service principals; v1.0 answers it and its description does not have it",
    "includeTargets": "on authentication methods; a navigation property that the cut description leaves out",
    "insiderRiskLevels": "a condition of policies; the beta description is that of an older sovereign cloud",
}
"""Properties that Graph answers and the descriptions at hand do not know, and why."""


@cache
def description(name: str) -> Json:
    loaded: Json = json.loads((SPECS / f"{name}.json").read_text())
    return loaded


def graph_paths(version: str) -> Json:
    """`get /users` -> its schema and its least privileged permissions."""
    return description(f"graph-{version}")["paths"]


def graph_problems(version: str, operation: str, body: Any) -> list[str]:
    """What is wrong with the body of a 200 answer, one line each."""
    document = description(f"graph-{version}")
    schema = document["paths"][operation]["schema"]
    return _problems(document, schema, body)


def entity_problems(version: str, entity: str, body: Any) -> list[str]:
    """The same for one object of a type such as `conditionalAccessPolicy`."""
    schema = {"$ref": f"#/components/schemas/microsoft.graph.{entity}"}
    return _problems(description(f"graph-{version}"), schema, body)


def _problems(document: Json, schema: Json, body: Any) -> list[str]:
    return [*_wrong(document, schema, body), *_derived(document, body), *_unknown(document, schema, body, "$")]


def _wrong(document: Json, schema: Json, body: Any) -> Iterator[str]:
    whole = {**schema, "components": document["components"]}
    validator = OAS30Validator(whole, format_checker=oas30_format_checker)
    for error in validator.iter_errors(body):
        if not _flags(error):
            yield f"{error.json_path}: {error.message[:200]}"


def _flags(error: ValidationError) -> bool:
    """Enumerations of flags are described by their members, and answered as members with commas between."""
    parts = str(error.instance).split(",")
    return error.validator == "enum" and len(parts) > 1 and set(parts) <= set(error.validator_value)


def _derived(document: Json, node: Any) -> Iterator[str]:
    """What `@odata.type` promises must hold as well."""
    if isinstance(node, list):
        for each in node:
            yield from _derived(document, each)
    elif isinstance(node, dict):
        named = _type(document, node)
        if named is not None:
            yield from _wrong(document, {"$ref": named}, node)
        for each in node.values():
            yield from _derived(document, each)


def _type(document: Json, node: Json) -> str | None:
    """A reference to the schema that the object itself names, in Graph's or in Resource Manager's way."""
    name = str(node.get("@odata.type", "")).removeprefix("#")
    if name in document.get("components", {}).get("schemas", {}):
        return f"#/components/schemas/{name}"
    rule = f"common-types.2020-10-01.{node.get('ruleType')}"
    return f"#/definitions/{rule}" if rule in document.get("definitions", {}) else None


def _unknown(document: Json, schema: Json, node: Any, where: str) -> Iterator[str]:
    if isinstance(node, list):
        for number, each in enumerate(node):
            yield from _unknown(document, _items(document, schema), each, f"{where}[{number}]")
        return
    if not isinstance(node, dict):
        return
    named = _type(document, node)
    known = _properties(document, {"$ref": named} if named else schema)
    for name, value in node.items():
        if re.search(r"(^|[^@]+)@odata\.", name):
            continue
        if known and name not in known and name not in UNDESCRIBED:
            yield f"{where}.{name}: no such property"
        yield from _unknown(document, known.get(name, {}), value, f"{where}.{name}")


def _resolved(document: Json, schema: Json) -> Json:
    while "$ref" in schema:
        node: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            node = node[step]
        schema = node
    return schema


def _parts(document: Json, schema: Json) -> Iterator[Json]:
    schema = _resolved(document, schema)
    yield schema
    for word in ("allOf", "anyOf", "oneOf"):
        for each in schema.get(word, []):
            yield from _parts(document, each)


def _properties(document: Json, schema: Json) -> Json:
    """Property -> schema, over everything the schema is put together from."""
    found: Json = {}
    for part in _parts(document, schema):
        found |= part.get("properties", {})
    return found


def _items(document: Json, schema: Json) -> Json:
    return next((part["items"] for part in _parts(document, schema) if "items" in part), {})


def graph_error_problems(body: Any) -> list[str]:
    """What is wrong with the body of a refusal."""
    schema = {"$ref": "#/components/schemas/microsoft.graph.ODataErrors.ODataError"}
    return _problems(description("graph-v1.0"), schema, body)


# -- Resource Manager

_NOT_REALLY = ("'nextLink' is a required property",)
"""What the description of subscriptions demands and the last page of a list cannot have."""


def arm_paths() -> Json:
    """Template -> api version -> schema."""
    return description("arm")["paths"]


def arm_schema(path: str, version: str) -> Json | None:
    """The schema of a real path's answer, or None when the description does not have it."""
    for template, versions in arm_paths().items():
        if version in versions and _template(template).fullmatch(path):
            found: Json = versions[version]
            return found
    return None


@cache
def _template(template: str) -> re.Pattern[str]:
    pattern = re.sub(r"\\\{(scope|resourceUri)\\\}", ".*", re.escape(template))
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", pattern), re.IGNORECASE)


def arm_problems(path: str, version: str, body: Any) -> list[str]:
    """What is wrong with an answer. The descriptions do not say what may be null, so null counts as not there."""
    document, schema = description("arm"), arm_schema(path, version)
    if schema is None:
        return [f"{path} is not described for {version}"]
    kept = _without_null(body)
    wrong = Draft4Validator({**schema, "definitions": document["definitions"]}).iter_errors(kept)
    return [
        *(f"{error.json_path}: {error.message[:200]}" for error in wrong if error.message not in _NOT_REALLY),
        *_unknown(document, schema, kept, "$"),
        *_rule_problems(document, kept),
    ]


def arm_error_problems(body: Any) -> list[str]:
    """What is wrong with the body of a refusal."""
    document, schema = description("arm"), {"$ref": "#/definitions/types.v2.ErrorResponse"}
    wrong = Draft4Validator({**schema, "definitions": document["definitions"]}).iter_errors(body)
    return [*(error.message[:200] for error in wrong), *_unknown(document, schema, body, "$")]


def _rule_problems(document: Json, node: Any) -> Iterator[str]:
    """A PIM rule is of the type that `ruleType` names."""
    if isinstance(node, list):
        for each in node:
            yield from _rule_problems(document, each)
    elif isinstance(node, dict):
        named = _type(document, node)
        if named is not None:
            wrong = Draft4Validator({"$ref": named, "definitions": document["definitions"]}).iter_errors(node)
            yield from (f"{node['id']}: {error.message[:200]}" for error in wrong)
        for each in node.values():
            yield from _rule_problems(document, each)


def _without_null(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_null(each) for each in node]
    if isinstance(node, dict):
        return {key: _without_null(value) for key, value in node.items() if value is not None}
    return node
