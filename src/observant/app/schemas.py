"""JSON Schemas of the YAML files, for editors: made from the same types that read the files."""

from collections.abc import Collection
from typing import Any

from observant.model.commitment import CommitmentKind, ParameterKind
from observant.model.kinds import KINDS

Schema = dict[str, Any]

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_TYPES: dict[str, Schema] = {
    "duration": {"type": "string", "pattern": r"^\s*[0-9]{1,6}\s*(minute|hour|day|week)s?\s*$"},
    "number": {"type": "integer", "minimum": 0},
    "flag": {"type": "boolean"},
    "statements": {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1},
    "resources": {
        "type": "array",
        "items": {"type": "string", "pattern": r"^(\*|arn:([^:]*:){4}.*)$"},
        "minItems": 1,
    },
    "patterns": {"type": "array", "items": {"type": "string", "minLength": 1}},
}
_TEXT: Schema = {"type": "string", "minLength": 1}
_DAY: Schema = {"type": "string", "format": "date"}


def commitments_schema() -> Schema:
    """Schema of `commitments.yaml`: one shape for each kind of commitment."""
    kinds = [_kind(kind) for kind in KINDS.values()]
    return _file("The written policy as data", "commitments", {"type": "array", "items": {"oneOf": kinds}})


def _kind(kind: CommitmentKind) -> Schema:
    always: dict[str, Schema] = {
        "name": {"const": kind.name},
        "document": _TEXT | {"description": "title of the policy document"},
        "clause": _TEXT | {"description": "where in the document"},
        "statement": _TEXT | {"description": "the sentence, word for word"},
        "effective": _DAY | {"description": "first day it is in force, UTC"},
        "until": _DAY | {"description": "last day it is in force, UTC"},
    }
    takes = {name: _parameter(each) for name, each in kind.parameters.items()}
    required = [name for name in always if name != "until"]
    required += [name for name, each in kind.parameters.items() if each.required]
    return {
        "title": kind.name,
        "description": kind.promises,
        "type": "object",
        "properties": always | takes,
        "required": required,
        "additionalProperties": False,
    }


def _parameter(kind: ParameterKind) -> Schema:
    return _TYPES[kind.type] | {"description": kind.explains}


def controls_schema(checks: Collection[str]) -> Schema:
    """Schema of `controls.yaml`; `checks` are the known check ids."""
    cadences = sorted(kind.name for kind in KINDS.values() if "every" in kind.parameters)
    control: Schema = {
        "type": "object",
        "properties": {
            "id": _TEXT | {"description": "the company's own number"},
            "title": _TEXT,
            "statement": _TEXT | {"description": "the sentence that the auditor reads literally"},
            "owner": _TEXT,
            "criteria": _list({"type": "string", "pattern": r"^(CC|A|C|P|PI)[1-9]\.[0-9]{1,2}$"}),
            "checks": _list({"enum": sorted(checks)}),
            "occurrences": _list({"enum": cadences}),
        },
        "required": ["id", "title", "statement", "owner", "criteria", "checks"],
        "additionalProperties": False,
    }
    return _file("The control list", "controls", {"type": "array", "items": control})


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items, "uniqueItems": True}


def _file(title: str, key: str, value: Schema) -> Schema:
    return {
        "$schema": _DRAFT,
        "title": title,
        "type": "object",
        "properties": {key: value},
        "required": [key],
        "additionalProperties": False,
    }
