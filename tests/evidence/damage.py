"""Ways to damage a folder of evidence, one at a time."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Mutant(NamedTuple):
    what: str
    name: str
    """The file that is touched first."""
    content: dict[str, bytes | None]
    """Files that differ from the original; None is absent."""


def flips(root: Path, at: list[int] | None = None) -> Iterator[Mutant]:
    """Every byte of every file (or those at `at`, negative from the end) with one bit flipped."""
    for name, original in files(root).items():
        places = range(len(original)) if at is None else sorted({place % len(original) for place in at if original})
        for place in places:
            changed = bytearray(original)
            changed[place] ^= 1 << (place * 5 + len(name)) % 8
            yield Mutant(f"bit flipped at {place}", name, {name: bytes(changed)})


def rearranged(root: Path) -> Iterator[Mutant]:
    """Every file dropped, emptied, shortened, lengthened, swapped with the next, overwritten by it, and copied."""
    held = files(root)
    names = sorted(held)
    for name, other in zip(names, names[1:] + names[:1], strict=True):
        yield Mutant("dropped", name, {name: None})
        yield Mutant("emptied", name, {name: b""})
        yield Mutant("last byte cut", name, {name: held[name][:-1]})
        yield Mutant("a byte added", name, {name: held[name] + b"\n"})
        yield Mutant(f"swapped with {other}", name, {name: held[other], other: held[name]})
        yield Mutant(f"overwritten by {other}", name, {name: held[other]})
        yield Mutant("copied", f"{name}.copy", {f"{name}.copy": held[name]})


def files(root: Path) -> dict[str, bytes]:
    """Everything but the lock file."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


class Patient:
    """A copy of a folder that takes one mutation and gives it back."""

    def __init__(self, root: Path, original: Path) -> None:
        shutil.copytree(original, root)
        self.root, self._held = root, files(root)

    def apply(self, mutant: Mutant) -> None:
        for name, content in mutant.content.items():
            path = self.root / name
            path.unlink(missing_ok=True)
            if content is not None:
                path.write_bytes(content)

    def heal(self, mutant: Mutant) -> None:
        self.apply(Mutant("", "", {name: self._held.get(name) for name in mutant.content}))
