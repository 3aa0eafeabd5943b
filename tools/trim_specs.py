"""Cuts the published Graph and Resource Manager descriptions down to what the test tenant serves.

    uv run python tools/trim_specs.py ../shared/data

reads `graph/openapi-subset*.json` and `arm/specification` there and writes `tests/clouds/specs/` and the tenant's list
of properties. What is left out is told in `tests/clouds/specs/SOURCES.md`.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Node = Json | list[Any] | str | float | bool | None

CLOUDS = Path(__file__).parent.parent / "tests" / "clouds"
SPECS = CLOUDS / "specs"
DATA = CLOUDS / "observant_clouds" / "microsoft" / "data"
_SELECTABLE = ("user", "group", "application", "servicePrincipal")
_GRAPH_ERROR = "#/components/schemas/microsoft.graph.ODataErrors.ODataError"
_ARM_ERROR = "common-types/resource-management/v2/types.json#/definitions/ErrorResponse"
_NOISE = {"description", "title", "example", "examples", "x-ms-examples", "externalDocs", "readOnly"}
_ARM_FILES = (
    "authorization/**/stable/2022-04-01/authorization-*Calls.json",
    "authorization/**/stable/2020-10-01/Role*Instance.json",
    "authorization/**/stable/2020-10-01/RoleManagementPolicyAssignment.json",
    "azureactivedirectory/**/stable/2017-04-01/*.json",
    "managementgroups/**/management.json",
    "monitor/**/diagnosticsSettings_API.json",
    "monitor/**/subscriptionDiagnosticsSettings_API.json",
    "monitor/**/2015-04-01/*ctivityLogs_API.json",
    "operationalinsights/**/Workspaces.json",
    "operationalinsights/**/Tables.json",
    "operationalinsights/**/DataExports.json",
    "resources/**/subscriptions.json",
    "storage/**/storage.json",
    "storage/**/blob.json",
)


def served_graph(version: str) -> list[tuple[str, str]]:
    """(method, template) of the Graph paths that are served, as the description spells them."""
    from observant_clouds.microsoft.service import GRAPH_ROUTES

    return [(route.method.lower(), route.template) for route in GRAPH_ROUTES if version in route.versions]


def served_arm() -> list[str]:
    from observant_clouds.microsoft.service import ARM_ROUTES

    return [route.template for route in ARM_ROUTES]


def shape(template: str) -> str:
    """A template with its places unnamed, to compare spellings; the only name some places take is `default`."""
    plain = re.sub(r"\{[^}]*\}", "{}", template).lower().replace("/default", "/{}")
    return plain.replace("{}/providers/", "/{}/providers/").replace("//", "/")


def clean(node: Node, *, names: bool = False) -> Any:  # noqa: ANN401 - of the kind that was given
    """Without prose, and without enumerations that the description calls open.

    `names`: the keys of this object are properties or schemas, not keywords.
    """
    if isinstance(node, list):
        return [clean(each) for each in node]
    if not isinstance(node, dict):
        return node
    open_ended = not names and node.get("x-ms-enum", {}).get("modelAsString") is True
    dropped = {*_NOISE, "discriminator", "x-ms-enum", *(("enum",) if open_ended else ())}
    return {
        key: clean(value, names=not names and key in ("properties", "schemas", "definitions"))
        for key, value in node.items()
        if names or key not in dropped
    }


def references(node: Node) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def graph(whole: Json, version: str) -> Json:
    """One version of Graph: response schemas and permissions by path, and the schemas those need."""
    spelled = {shape(path): path for path in whole["paths"]}
    paths: Json = {}
    for method, template in served_graph(version):
        operation = whole["paths"].get(spelled.get(shape(template), ""), {}).get(method)
        if operation is None:
            continue
        answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
        least = operation.get("x-least-privileged-application-permissions", [])
        paths[f"{method} {template}"] = {"schema": clean(answer), "permissions": least}
    schemas = whole["components"]["schemas"]
    needed = _closure([*references(paths), *_derived(schemas), _GRAPH_ERROR], schemas)
    return {"paths": paths, "components": {"schemas": {name: clean(schemas[name]) for name in sorted(needed)}}}


def _derived(schemas: Json) -> list[str]:
    """Types that only `@odata.type` names."""
    wanted = (
        "Identity", "NamedLocation", "CidrRange", "unifiedRoleManagementPolicy", "AuthenticationMethodConfiguration",
        "accessReview", "ApplyAction", "ExternalTenants", "singleUser", "groupMembers", "graph.user", "graph.group",
        "graph.servicePrincipal",
    )  # fmt: skip
    return [
        f"#/components/schemas/{name}"
        for name in schemas
        if name.endswith(wanted) or any(w in name for w in wanted[3:7])
    ]


def _closure(found: list[str], schemas: Json) -> set[str]:
    needed: set[str] = set()
    waiting = [name.rpartition("/")[2] for name in found]
    while waiting:
        name = waiting.pop()
        if name not in needed and name in schemas:
            needed.add(name)
            waiting += [each.rpartition("/")[2] for each in references(schemas[name])]
    return needed


class Arm:
    """Swagger files that refer to each other, joined into one document."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.documents: dict[Path, Json] = {}
        self.definitions: Json = {}

    def load(self, path: Path) -> Json:
        if path not in self.documents:
            self.documents[path] = json.loads(path.read_text())
        return self.documents[path]

    def joined(self, node: Node, base: Path) -> Any:  # noqa: ANN401 - of the kind that was given
        """`node` with every reference pointing into one list of definitions."""
        if isinstance(node, list):
            return [self.joined(each, base) for each in node]
        if not isinstance(node, dict):
            return node
        if isinstance(node.get("$ref"), str):
            return {"$ref": self.reference(node["$ref"], base)}
        return {key: self.joined(value, base) for key, value in node.items()}

    def reference(self, text: str, base: Path) -> str:
        file, _, pointer = text.partition("#")
        path = (base.parent / file).resolve() if file else base
        name = pointer.rpartition("/")[2]
        key = f"{path.stem}.{path.parent.name}.{name}"
        if key not in self.definitions:
            self.definitions[key] = {}
            self.definitions[key] = self.joined(clean(self.load(path)["definitions"][name]), path)
        return f"#/definitions/{key}"

    def cut(self) -> Json:
        served = {shape(template) for template in served_arm()}
        paths: Json = {}
        for pattern in _ARM_FILES:
            for file in sorted(self.folder.glob(pattern)):
                self._file(file.resolve(), served, paths)
        self.reference(_ARM_ERROR, self.folder.resolve() / "common-types")
        return {"paths": paths, "definitions": dict(sorted(self.definitions.items()))}

    def _file(self, file: Path, served: set[str], paths: Json) -> None:
        document = self.load(file)
        for template, operations in document.get("paths", {}).items():
            if shape(template) not in served or "get" not in operations:
                continue
            schema = self.joined(clean(operations["get"]["responses"]["200"]["schema"]), file)
            paths.setdefault(template, {})[document["info"]["version"]] = schema
        if file.stem.startswith("RoleManagementPolicy"):
            self._rules(file)

    def _rules(self, file: Path) -> None:
        """Subtypes of PIM rules, which only `ruleType` names."""
        for name, definition in self.load(file.parent / "common-types.json")["definitions"].items():
            if {"$ref": "#/definitions/RoleManagementPolicyRule"} in definition.get("allOf", []):
                self.reference(f"common-types.json#/definitions/{name}", file)


def properties(schemas: Json, name: str) -> list[str]:
    """The properties of a type and of those it is derived from."""
    found: set[str] = set()
    for part in schemas[name].get("allOf", [schemas[name]]):
        if "$ref" in part:
            found |= set(properties(schemas, part["$ref"].rpartition("/")[2]))
        found |= set(part.get("properties", {}))
    return sorted(found - {"@odata.type"})


def write_properties(schemas: Json) -> None:
    """What may be selected of the directory's objects, for the tenant to know a misspelt name by."""
    known = {name: properties(schemas, f"microsoft.graph.{name}") for name in _SELECTABLE}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(found)}" for name, found in known.items())
    (DATA / "properties.json").write_text(f"{{\n{lines}\n}}\n")


def write(name: str, document: Json) -> None:
    """One line for each path and schema, so that a difference can be read."""
    sections = []
    for section, content in document.items():
        inner, close = content, ""
        if section == "components":
            inner, close = content["schemas"], "}"
        lines = ",\n".join(
            f"{json.dumps(key)}: {json.dumps(value, separators=(',', ':'), sort_keys=True)}"
            for key, value in inner.items()
        )
        opening = f'"{section}": {{"schemas": ' if close else f'"{section}": '
        sections.append(f"{opening}{{\n{lines}\n}}{close}")
    (SPECS / name).write_text("{\n" + ",\n".join(sections) + "\n}\n")


def main(data: Path) -> None:
    SPECS.mkdir(exist_ok=True)
    write_properties(json.loads((data / "graph" / "openapi-subset.json").read_text())["components"]["schemas"])
    for version, file in (("v1.0", "openapi-subset.json"), ("beta", "openapi-subset-beta.json")):
        write(f"graph-{version}.json", graph(json.loads((data / "graph" / file).read_text()), version))
    write("arm.json", Arm(data / "arm" / "specification").cut())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
