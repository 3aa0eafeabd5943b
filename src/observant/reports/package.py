"""The package: the one folder, and the same as a zip file, that an auditor receives.

Everything is written to a temporary folder beside the target and renamed at the end: there is never half a package.
"""

import json
import re
import secrets
import shutil
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import msgspec

from observant.errors import InputError, StoreError, UsageError
from observant.evidence.tiles import ENTRIES, WIDTH, Tile
from observant.period.conclusion import Occurrence, PeriodResult
from observant.reports.archive import write_archive
from observant.reports.csv import Table, WrittenFile, write_table
from observant.reports.html import write_report
from observant.reports.oscal import assessment_results
from observant.reports.readme import MARKER, readme
from observant.reports.tables import standard_tables

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_CHECKPOINT = "log/checkpoint"


class Verifiers(msgspec.Struct, frozen=True):
    """The programs that lie in every package."""

    shell: bytes
    """Content of verify.sh."""
    build: Callable[[Path], object]
    """Writes verify.pyz to the path it is given."""


class PackageSummary(msgspec.Struct, frozen=True):
    folder: Path
    archive: Path
    archive_sha256: str
    files: int
    bytes: int
    """Size of all files of the folder."""
    tables: list[WrittenFile]
    """Named by their path in the package."""


def write_package(
    target: Path,
    result: PeriodResult,
    tables: Iterable[Table],
    evidence: Path,
    trust: Path,
    sign: Callable[[Path], None],
    *,
    verifiers: Verifiers,
    pages: Mapping[str, str],
    reviews: Mapping[str, bytes] = MappingProxyType({}),
    occurrences: Sequence[Occurrence] | None = None,
    replace: bool = False,
) -> PackageSummary:
    """Write the package to `target` and `target`.zip.

    `tables` are written beside the standard ones, `pages` (check -> Markdown) below `catalogue/`, `reviews`
    (path -> content) as they are. `evidence` is the folder of the store, which is copied, and `trust` the folder of
    public keys. `sign` is called last and writes
    `SHA256SUMS` and `SHA256SUMS.sig` into the folder it is given.

    Raises UsageError when the target exists and is not a package that `replace` allows to be replaced, or when a
    private key lies among the files; StoreError when the log grew while it was copied.
    """
    archive = target.with_name(f"{target.name}.zip")
    _check_target(target, archive, replace)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    draft.mkdir()
    try:
        folder = draft / "folder"
        folder.mkdir()
        written = _fill(
            folder, result, [*standard_tables(result, occurrences), *tables], evidence, trust, pages, reviews
        )
        (folder / "verify.sh").write_bytes(verifiers.shell)
        (folder / "verify.sh").chmod(0o755)
        verifiers.build(folder / "verify.pyz")
        sign(folder)
        _check_signed(folder)
        digest = write_archive(folder, draft / "archive.zip", target.name)
        files = [path for path in folder.rglob("*") if path.is_file()]
        summary = PackageSummary(
            folder=target,
            archive=archive,
            archive_sha256=digest,
            files=len(files),
            bytes=sum(path.stat().st_size for path in files),
            tables=written,
        )
        _put_in_place(draft, folder, target, archive)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return summary


def _fill(
    folder: Path,
    result: PeriodResult,
    tables: Sequence[Table],
    evidence: Path,
    trust: Path,
    pages: Mapping[str, str],
    reviews: Mapping[str, bytes],
) -> list[WrittenFile]:
    populations = sorted(table.name for table in tables if table.name.startswith("populations/"))
    _write_text(folder / "README.txt", readme(result, populations, reviews=bool(reviews)))
    written = [_write_table(folder, table) for table in tables]
    for check, page in pages.items():
        _write_text(_place(folder, f"catalogue/{check}.md"), page)
    for name, content in reviews.items():
        _place(folder, name).write_bytes(content)
    write_report(folder / "report.html", result, in_package=True)
    _write_text(folder / "period.json", msgspec.json.format(msgspec.json.encode(result), indent=2).decode() + "\n")
    _copy_log(evidence, folder / "evidence")
    _copy_public(trust, folder / "trust")
    oscal = assessment_results(result, lambda index: entry_href(folder, index, result.provenance.size))
    _write_text(folder / "oscal-assessment-results.json", json.dumps(oscal, indent=2, ensure_ascii=False) + "\n")
    return written


def entry_href(package: Path, index: int, size: int) -> str:
    """Where the entry of a leaf index lies in a package: its bundle, and its place in the log after `#`."""
    number = index // WIDTH
    whole = f"evidence/{Tile(ENTRIES, number, WIDTH).name}"
    partial = package / f"{whole}.p"
    if not (package / whole).is_file():
        # The log may have grown since it was judged; then a wider partial bundle holds the entry.
        widths = sorted(int(path.name) for path in partial.glob("[0-9]*"))
        width = widths[-1] if widths else min(size - number * WIDTH, WIDTH)
        whole = f"evidence/{Tile(ENTRIES, number, width).name}"
    return f"{whole}#entry={index}"


def _write_table(folder: Path, table: Table) -> WrittenFile:
    written = write_table(_place(folder, table.name), table.header, table.columns, table.rows)
    return WrittenFile(table.name, written.rows, written.sha256)


def _place(folder: Path, name: str) -> Path:
    """The path of a new file in the package; raises ValueError for a name that leads elsewhere or is taken."""
    if _NAME.fullmatch(name) is None:
        raise ValueError(f"{name!r} is no name for a file of a package")
    path = folder / name
    if path.exists():
        raise ValueError(f"{name} is twice in the package")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _write_text(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8", newline="\n")


# -- copies


def _copy_log(evidence: Path, target: Path) -> None:
    """Copy a store. Not hard links: who edits the package must not change the store."""
    checkpoint = evidence / _CHECKPOINT
    if not checkpoint.is_file():
        raise UsageError(f"{evidence}: there is no log in it", "collect evidence first")
    before = checkpoint.read_bytes()
    try:
        _copy_public(evidence, target)
    except FileNotFoundError as error:
        raise StoreError(f"{evidence}: {error.filename} went away while the log was copied; try again") from error
    if checkpoint.read_bytes() != before or (target / _CHECKPOINT).read_bytes() != before:
        raise StoreError(f"{evidence}: the log grew while it was copied; try again when nothing is collecting")


def _copy_public(source: Path, target: Path) -> None:
    """Copy plain files with plain names; hidden ones are working files of the store and stay behind."""
    if not source.is_dir():
        raise UsageError(f"{source}: there is no such folder", "run `observant init` in a workspace first")
    target.mkdir()
    for path in sorted(source.rglob("*")):
        inside = path.relative_to(source)
        if any(part.startswith(".") for part in inside.parts) or (path.is_dir() and not path.is_symlink()):
            continue
        name = inside.as_posix()
        if path.is_symlink() or not path.is_file() or _NAME.fullmatch(name) is None:
            raise InputError(source, name, "a package holds plain files with plain names only", "rename or remove it")
        with path.open("rb") as file:
            if b"PRIVATE KEY-----" in file.read(4_096):
                raise UsageError(f"{path}: a private key must not leave the company", "move it to the folder `keys`")
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)


# -- putting it in place


def _check_target(target: Path, archive: Path, replace: bool) -> None:
    for path, known in ((target, _is_package(target)), (archive, _is_archive(archive, target.name))):
        if not path.exists():
            continue
        if not known:
            raise UsageError(f"{path}: exists and is not a package of Observant", "choose another name")
        if not replace:
            raise UsageError(f"{path}: there is a package already", "choose another name, or allow to replace it")


def _is_package(folder: Path) -> bool:
    marked = folder / "README.txt"
    if not marked.is_file():
        return False
    with marked.open("rb") as file:
        return file.readline().strip() == MARKER.encode()


def _is_archive(archive: Path, folder: str) -> bool:
    if not zipfile.is_zipfile(archive):
        return False
    with zipfile.ZipFile(archive) as zipped:
        if f"{folder}/README.txt" not in zipped.namelist():
            return False
        with zipped.open(f"{folder}/README.txt") as file:
            return file.readline(200).strip() == MARKER.encode()


def _check_signed(folder: Path) -> None:
    for name in ("SHA256SUMS", "SHA256SUMS.sig"):
        if not (folder / name).is_file():
            raise ValueError(f"signing left no {name}")


def _put_in_place(draft: Path, folder: Path, target: Path, archive: Path) -> None:
    replaced = draft / "replaced"
    if target.exists():
        target.rename(replaced)
    try:
        folder.rename(target)
    except OSError:
        if replaced.exists():
            replaced.rename(target)
        raise
    (draft / "archive.zip").replace(archive)
