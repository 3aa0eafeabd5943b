"""All checks, found in the folders of this package: a module that defines one is enough to add it."""

import importlib
import pkgutil
from collections.abc import Iterator

from observant.analysis.derive import DERIVED
from observant.checks.check import Check
from observant.inventory.projection import TABLES


def _modules() -> Iterator[str]:
    top = importlib.import_module("observant.checks")
    for folder in pkgutil.iter_modules(top.__path__, "observant.checks."):
        if folder.ispkg:
            package = importlib.import_module(folder.name)
            yield from (each.name for each in pkgutil.iter_modules(package.__path__, f"{folder.name}."))


def _found() -> dict[str, Check]:
    found: dict[str, Check] = {}
    for module in _modules():
        for value in vars(importlib.import_module(module)).values():
            if isinstance(value, Check):
                if value.id in found:
                    raise ValueError(f"two checks are called {value.id}")
                found[value.id] = value
    return dict(sorted(found.items()))


def _sources() -> dict[str, str]:
    found: dict[str, str] = {}
    for table in TABLES.values():
        for collection in table.collections:
            if found.setdefault(collection, table.source) != table.source:
                raise ValueError(f"{collection} feeds tables of two sources")
    return found


CHECKS: dict[str, Check] = _found()

SOURCE_OF: dict[str, str] = _sources()
"""Collection -> the source whose scopes have it."""


def collections_of(check: Check) -> frozenset[str]:
    """The collections whose gaps make this check unknown."""
    found: set[str] = set()
    for table in check.reads:
        if table in TABLES:
            found |= TABLES[table].collections
        elif table in DERIVED:
            found |= DERIVED[table].collections
    return frozenset(found)
