"""A folder of exports becomes one snapshot for each scope in it, or an error that says what is wrong where.

Every file is read and recognised before anything is made of any: a folder with one bad file yields nothing.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from observant.collect.files.account import collections_of
from observant.collect.files.exports import Export, exports_of
from observant.collect.files.microsoft.exports import Piece, pieces_of
from observant.collect.files.strict import Loaded, load
from observant.errors import InputError
from observant.evidence.snapshot import IGNORED, Collection, Request, Snapshot
from observant.model.scope import Scope
from observant.model.time import Clock, text

Ignored = list[Loaded]


class Dated(Protocol):
    """A piece of a file, of any provider."""

    @property
    def file(self) -> Loaded: ...
    @property
    def command(self) -> str: ...
    @property
    def moments(self) -> list[datetime]: ...
    @property
    def generated(self) -> datetime | None: ...


def read_folder(folder: Path, clock: Clock, supplied_by: str, taken_at: datetime | None = None) -> list[Snapshot]:
    """Snapshots of the accounts, tenants and subscriptions whose exports lie in `folder` and its folders.

    Files are recognised by content; several accounts may lie side by side, but an export that does not name its
    account (such as get-account-summary) must lie in a folder with exports of one account only. What is missing is a
    gap that names the command. A snapshot's time is `taken_at`, or else when the credential report was generated, or
    else the latest moment that the exports know of, or else when the files were last modified; the request log says
    which, and names the files that are no exports. Raises InputError, naming file, place and remedy; then nothing of
    the folder was read.
    """
    exports, pieces, ignored = _recognise(folder)
    found = {**_accounts(folder, exports), **_microsoft(folder, pieces)}
    now = clock()
    return [
        _snapshot(folder, scope, about, collections, ignored, now, supplied_by, taken_at)
        for scope, (about, collections) in found.items()
    ]


def _accounts(folder: Path, exports: list[Export]) -> dict[str, tuple[Sequence[Dated], list[Collection]]]:
    """Scope -> what is about it and its collections, for AWS accounts."""
    if not exports:
        return {}
    _name_accounts(folder, exports)
    _refuse_copies(exports)
    accounts: dict[str, list[Export]] = defaultdict(list)
    for export in exports:
        accounts[export.account].append(export)
    return {
        str(Scope("aws", account)): (accounts[account], collections_of(account, accounts[account]))
        for account in sorted(accounts)
    }


def _microsoft(folder: Path, pieces: list[Piece]) -> dict[str, tuple[Sequence[Dated], list[Collection]]]:
    """The same for tenants and subscriptions."""
    if not pieces:
        return {}
    from observant.collect.files.microsoft.snapshots import scopes_of  # its imports take a while

    return {scope: (about, collections) for scope, (about, collections) in scopes_of(folder, pieces).items()}


def _recognise(folder: Path) -> tuple[list[Export], list[Piece], Ignored]:
    if not folder.is_dir():
        raise InputError(folder, "", "is not a folder", "name the folder that holds the exports")
    exports: list[Export] = []
    pieces: list[Piece] = []
    ignored: Ignored = []
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if hidden or not _is_file(path):
            continue
        file = load(path)
        microsoft = pieces_of(file)
        found = exports_of(file) if microsoft is None else []
        exports += found
        pieces += microsoft or []
        if not found and not microsoft:
            ignored.append(file)
    if not exports and not pieces:
        others = f" among {', '.join(file.path.name for file in ignored)}" if ignored else ""
        raise InputError(folder, "", f"holds no export{others}", "see the guide for the commands to run")
    return exports, pieces, ignored


def _is_file(path: Path) -> bool:
    """Links to files count; a link that leads to a folder or nowhere would be left out in silence, so it is refused."""
    if path.is_symlink() and not path.is_file():
        raise InputError(path, "", "is a link that does not lead to a file", "put the files themselves there")
    return path.is_file()


def _name_accounts(folder: Path, exports: list[Export]) -> None:
    """Give exports that do not name their account the one of their folder, or the only one there is."""
    beside: dict[Path, set[str]] = defaultdict(set)
    for export in exports:
        if export.account:
            beside[export.file.path.parent].add(export.account)
    everywhere = set().union(*beside.values())
    if not everywhere:
        remedy = "add get-account-authorization-details or the credential report"
        raise InputError(folder, "", "no export names its account", remedy)
    for export in exports:
        candidates = beside.get(export.file.path.parent) or everywhere
        if export.account:
            continue
        if len(candidates) > 1:
            problem = f"may belong to any of the accounts {', '.join(sorted(candidates))}"
            raise export.file.wrong("", problem, "put the exports of each account into a folder of its own")
        export.account = next(iter(candidates))


def _refuse_copies(exports: list[Export]) -> None:
    """Two accounts may have the same password policy; one account has each export once."""
    seen: dict[tuple[str, str], Path] = {}
    for export in exports:
        first = seen.setdefault((export.account, export.file.sha256), export.file.path)
        if first != export.file.path:
            raise export.file.wrong("", f"is the same file as {first}", "remove one of them")


def _snapshot(
    folder: Path,
    scope: str,
    exports: Sequence[Dated],
    collections: list[Collection],
    ignored: Ignored,
    now: datetime,
    supplied_by: str,
    taken_at: datetime | None,
) -> Snapshot:
    when, why = _moment(exports, now, taken_at)
    log = [_line(folder, export.file, f"file:{export.command}", why) for export in _first_of_each_file(exports)]
    log += [_line(folder, file, IGNORED, why) for file in ignored]
    return Snapshot(
        scope=scope,
        started=when,
        finished=when,
        origin="files",
        supplied_by=supplied_by,
        collections=collections,
        requests=log,
    )


def _first_of_each_file(exports: Sequence[Dated]) -> list[Dated]:
    return list({export.file.path: export for export in reversed(exports)}.values())[::-1]


def _line(folder: Path, file: Loaded, command: str, why: str) -> Request:
    about = {
        "file": str(file.path.relative_to(folder)),
        "bytes": file.size,
        "modified": text(file.modified),
        "time_from": why,
    }
    return Request(operation=command, parameters=about, status=200, body_sha256=file.sha256)


def _moment(exports: Sequence[Dated], now: datetime, taken_at: datetime | None) -> tuple[datetime, str]:
    """What time the exports are about, and how we know. Raises InputError when it cannot be so."""
    known = [moment for export in exports for moment in export.moments if moment <= now]
    generated = [export.generated for export in exports if export.generated is not None]
    if taken_at is not None:
        _check(exports, taken_at, now)
        return taken_at, "stated by the supplier"
    if generated and max(generated) >= max(known, default=max(generated)):
        _check(exports, max(generated), now)
        return max(generated), "GeneratedTime of the credential report"
    if known:
        return max(known), "latest moment in the exports"
    return min(now, max(export.file.modified for export in exports)), "modification time of the files"


def _check(exports: Sequence[Dated], when: datetime, now: datetime) -> None:
    """Exports cannot be of the future, nor older than what they know."""
    for export in exports:
        if when > now:
            raise export.file.wrong("", f"is said to be of {text(when)}, which is yet to come", "check the clock")
        later = [moment for moment in export.moments if when < moment <= now]
        if later:
            problem = f"knows of {text(max(later))}, so it is not of {text(when)}"
            raise export.file.wrong("", problem, "state the moment at which the export was made")
