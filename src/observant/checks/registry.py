"""All checks, found in this package: a module that defines one is enough to add it."""

import importlib
import pkgutil

from observant.analysis.derive import COLLECTIONS as DERIVED_COLLECTIONS
from observant.checks.check import Check
from observant.inventory.projection import TABLES

_MACHINERY = frozenset({"catalogue", "check", "commitments", "coverage", "registry", "run", "stored"})


def _found() -> dict[str, Check]:
    found: dict[str, Check] = {}
    for module in pkgutil.iter_modules(importlib.import_module("observant.checks").__path__):
        if module.name in _MACHINERY:
            continue
        for value in vars(importlib.import_module(f"observant.checks.{module.name}")).values():
            if isinstance(value, Check):
                if value.id in found:
                    raise ValueError(f"two checks are called {value.id}")
                found[value.id] = value
    return dict(sorted(found.items()))


CHECKS: dict[str, Check] = _found()


def collections_of(check: Check) -> frozenset[str]:
    """The collections whose gaps make this check unknown."""
    found: set[str] = set()
    for table in check.reads:
        if table in TABLES:
            found |= TABLES[table].collections
        found |= DERIVED_COLLECTIONS.get(table, frozenset())
    return frozenset(found)
