"""Inside packs and manifests: every object is there, every root is right, no delta hides a removal."""

import json
from collections import OrderedDict
from collections.abc import Iterable
from hashlib import sha256
from itertools import islice
from typing import Any, NamedTuple

from observant.errors import ChangedBytes, MissingObject
from observant.evidence.pack import unpack
from observant.evidence.table import Table, from_positions
from observant.evidence.verify.folder import Folder
from observant.evidence.verify.statements import Statement

_REMEMBERED = 3


class _State(NamedTuple):
    entries: Table
    usage: Table


class Snapshots:
    """Snapshot statements by scope; checked one scope after another, so memory holds one."""

    def __init__(self) -> None:
        self._of_scope: dict[str, list[Statement]] = {}

    def add(self, statement: Statement) -> None:
        self._of_scope.setdefault(str(statement.predicate.get("scope")), []).append(statement)

    def check(self, folder: Folder) -> None:
        for statements in self._of_scope.values():
            scope = _Scope(folder)
            for statement in statements:
                scope.check(statement)


class _Scope:
    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._objects: set[bytes] = set()
        self._states: OrderedDict[str, _State] = OrderedDict()

    def check(self, statement: Statement) -> None:
        manifest = _only(statement, "objects/manifest/")
        try:
            lines = unpack(self._folder.read(manifest), int(statement.predicate["manifest_size"]))
            header = json.loads(next(lines, b""))
            self._check_pack(statement, header)
            state = self._advance(header, lines)
            _check_roots(state, header, statement)
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise ChangedBytes(manifest, f"not what its record says: {error}") from error
        self._states[statement.subjects[manifest]] = state
        while len(self._states) > _REMEMBERED:
            self._states.popitem(last=False)

    def _check_pack(self, statement: Statement, header: dict[str, Any]) -> None:
        name = _only(statement, "objects/pack/")
        if statement.subjects[name] != header["pack"]:
            raise ValueError("the manifest belongs to another pack")
        try:
            fresh = {sha256(line).digest() for line in unpack(self._folder.read(name), int(header["pack_size"]))}
        except ValueError as error:
            raise ChangedBytes(name, str(error)) from error
        if bytes.fromhex(header["requests"]) not in fresh:
            raise MissingObject(name, "the request log is not in the pack")
        self._objects |= fresh

    def _advance(self, header: dict[str, Any], lines: Iterable[bytes]) -> _State:
        stream = iter(lines)
        entry_lines = list(islice(stream, int(header["entries"]["lines"])))
        usage_lines = list(stream)
        if len(entry_lines) != header["entries"]["lines"] or len(usage_lines) != header["usage"]["lines"]:
            raise ValueError("there are not as many lines as the header says")
        base = self._states.get(header.get("previous", ""))
        entries = _table(header["entries"]["mode"], base and base.entries)
        entries.apply(entry_lines)
        usage = _table(header["usage"]["mode"], base and base.usage)
        usage.keep_only(entries)
        usage.put_values(from_positions(usage_lines, entries))
        for line in entry_lines:
            read = json.loads(line)
            if len(read) == 3 and bytes.fromhex(read[2]) not in self._objects:
                raise MissingObject(read[2], f"no pack holds the configuration of {read[1]}")
        return _State(entries, usage)


def _table(mode: str, base: Table | None) -> Table:
    if mode == "full":
        return Table()
    if base is None:
        raise ValueError("the manifest that this one changes is not known")
    return base.copy()


def _check_roots(state: _State, header: dict[str, Any], statement: Statement) -> None:
    if not state.entries.root() == header["entries"]["roots"][""] == statement.predicate["root"]:
        raise ValueError("the entries have another root")
    if not len(state.entries) == header["entries"]["count"] == statement.predicate["entries"]:
        raise ValueError("the number of entries is another")
    if {name: state.usage.root_of(name) for name in state.usage.collections()} != header["usage"]["roots"]:
        raise ValueError("the usage maps have other roots")


def _only(statement: Statement, folder: str) -> str:
    names = [name for name in statement.subjects if name.startswith(folder)]
    if len(names) != 1:
        raise ChangedBytes(statement.bundle, f"entry {statement.index} names {len(names)} files in {folder}")
    return names[0]
