"""A verifier to carry inside a package: one file that runs wherever Python and `cryptography` are.

The modules are found by following imports from `observant.evidence.verify`, so that nothing is forgotten, and written
uncompressed with fixed dates, so that the same source gives the same bytes.
"""

import ast
import io
import zipfile
from importlib.resources import files
from pathlib import Path

_ROOT = "observant.evidence.verify.__main__"
_START = b"import sys\nfrom observant.evidence.verify.__main__ import main\nsys.exit(main(sys.argv[1:]))\n"


def build_verifier(target: Path) -> Path:
    """Write `verify.pyz`; returns `target`. Run it with `python verify.pyz --trust FOLDER PACKAGE`."""
    target.write_bytes(verifier_bytes())
    return target


def verifier_bytes() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in [*sorted(_sources().items()), ("__main__.py", _START)]:
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return b"#!/usr/bin/env python3\n" + buffer.getvalue()


def shell_verifier() -> bytes:
    """The text of `verify.sh`, which needs only `openssl` and `ssh-keygen`."""
    return files("observant.evidence").joinpath("verify.sh").read_bytes()


def _sources() -> dict[str, bytes]:
    """Path in the archive -> source, of every module that verification imports."""
    found: dict[str, bytes] = {}
    waiting = [_ROOT]
    while waiting:
        path = _path(waiting.pop())
        if path is None or path in found:
            continue
        found[path] = files("observant").joinpath(path.removeprefix("observant/")).read_bytes()
        waiting += _imported(ast.parse(found[path]))
        folder = path.rpartition("/")[0]
        while folder:
            waiting.append(folder.replace("/", "."))
            folder = folder.rpartition("/")[0]
    return found


def _path(module: str) -> str | None:
    parts = module.split(".")
    if parts[0] != "observant":
        return None
    base = files("observant").joinpath(*parts[1:])
    if base.is_dir():
        return "/".join([*parts, "__init__.py"])
    path = "/".join(parts) + ".py"
    return path if files("observant").joinpath(path.removeprefix("observant/")).is_file() else None


def _imported(tree: ast.Module) -> list[str]:
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return names
