"""What every test session needs."""

import gc


def pytest_unconfigure() -> None:
    """Let the interpreter end in order.

    Hypothesis leaves a callback with the garbage collector. Called while modules are torn down, it keeps them alive,
    and the extension module of DuckDB then reports everything it ever made as leaked.
    """
    gc.callbacks[:] = [one for one in gc.callbacks if not getattr(one, "__module__", "").startswith("hypothesis.")]
