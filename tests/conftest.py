"""What every test session needs."""

import gc

import pytest

_LONG = ("stories", "catalogue")
"""Folders whose files take minutes: begun first, or one worker would end long after the others."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.parent.name not in _LONG)


def pytest_unconfigure() -> None:
    """Let the interpreter end in order.

    Hypothesis leaves a callback with the garbage collector. Called while modules are torn down, it keeps them alive,
    and the extension module of DuckDB then reports everything it ever made as leaked.
    """
    gc.callbacks[:] = [one for one in gc.callbacks if not getattr(one, "__module__", "").startswith("hypothesis.")]
