"""Turns a snapshot into a pack of what is new, a manifest, and the statement that binds both."""

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

import msgspec

from observant.evidence.canonical import canonical, digest
from observant.evidence.chain import Tables, manifest_name, pack_name
from observant.evidence.manifest import CollectionSummary, Header, TableSummary, as_json
from observant.evidence.pack import PackWriter, pack
from observant.evidence.record import Draft
from observant.evidence.snapshot import Collection, Request, Snapshot
from observant.evidence.store import Store
from observant.evidence.table import Key, Table, by_position, write_line
from observant.model.time import text

ENTRIES_FULL_EVERY = 200
"""A full list of 5,000 entries costs 190 kB because digests do not compress; a day's changes cost 1 kB."""
USAGE_FULL_EVERY = 50
"""A full usage map costs as much as three days of changes and makes reading short. Full
entries always come with full usage, so that a reader need not look further back."""


class Previous(NamedTuple):
    """The manifest before this one of the same scope."""

    digest: str
    size: int
    tables: Tables


def write_snapshot(store: Store, snapshot: Snapshot, previous: Previous | None) -> Draft:
    """Store the pack and the manifest; they are orphans until the returned draft is in the log.

    Raises StoreError when the store takes no more, ValueError when a collection names one URN twice.
    """
    known = previous.tables.known if previous else set()
    packer, entries, usage = PackWriter(), Table(), Table()
    for collection in snapshot.collections:
        _write_objects(collection, packer, known, entries)
        usage.put(
            (key := (collection.name, one.urn), write_line(key, canonical(one.usage)))
            for one in collection.entities
            if one.usage is not None
        )
    request_log = canonical({"requests": [as_json(request) for request in snapshot.requests]})
    packer.add(request_log)
    content = packer.finish()
    pack_digest = digest(content)
    store.put_if_absent(pack_name(pack_digest), content)

    entries_before = None if previous is None or _entries_full(previous) else previous.tables.entries
    usage_before = None if previous is None or _usage_full(previous) else previous.tables.usage
    entry_lines = [line or write_line(key, None) for key, line in _lines(entries, entries_before)]
    usage_lines = by_position(_lines(usage, usage_before), entries)
    header = Header(
        scope=snapshot.scope,
        started=text(snapshot.started),
        finished=text(snapshot.finished),
        origin=snapshot.origin,
        supplied_by=snapshot.supplied_by,
        collections={each.name: _summary(each) for each in snapshot.collections},
        entries=TableSummary(_mode(entries_before), len(entry_lines), len(entries), {"": entries.root()}),
        usage=TableSummary(
            _mode(usage_before),
            len(usage_lines),
            len(usage),
            {name: usage.root_of(name) for name in usage.collections()},
        ),
        pack=pack_digest,
        pack_size=packer.size,
        requests=digest(request_log),
        previous=previous.digest if previous else "",
        previous_size=previous.size if previous else 0,
        demo=snapshot.demo,
    )
    lines = [canonical(as_json(header)), *entry_lines, *usage_lines]
    manifest = pack(lines)
    manifest_digest = digest(manifest)
    store.put_if_absent(manifest_name(manifest_digest), manifest)
    return Draft(
        kind="snapshot",
        scope=snapshot.scope,
        effective=snapshot.started,
        predicate=_predicate(header, sum(len(line) + 1 for line in lines)),
        subjects={pack_name(pack_digest): pack_digest, manifest_name(manifest_digest): manifest_digest},
    )


def manifest_digest_of(subjects: Iterable[str]) -> str:
    """The digest in the one manifest name among the subjects of a snapshot record."""
    (name,) = (subject for subject in subjects if subject.startswith("objects/manifest/"))
    return name.removeprefix("objects/manifest/").removesuffix(".xz")


def requests_of(line: bytes) -> list[Request]:
    """The request log as stored."""
    return msgspec.json.decode(line, type=dict[str, list[Request]])["requests"]


def _write_objects(collection: Collection, packer: PackWriter, known: set[str], entries: Table) -> None:
    lines, stored = [], set()
    for entity in sorted(collection.entities, key=lambda entity: entity.urn):
        written = canonical(entity.configuration)
        sha256 = digest(written)
        if sha256 not in known and sha256 not in stored:
            packer.add(written)
            stored.add(sha256)
        key = (collection.name, entity.urn)
        lines.append((key, write_line(key, b'"%b"' % sha256.encode())))
    before = len(entries)
    entries.put(lines)
    if len(entries) - before != len(lines):
        raise ValueError(f"{collection.name} names one URN twice")


def _summary(collection: Collection) -> CollectionSummary:
    if collection.gap is not None:
        return CollectionSummary("gap", collection.gap.reason.value, collection.gap.detail)
    return CollectionSummary("complete", count=len(collection.entities), reconciled=collection.reconciled)


def _lines(table: Table, before: Table | None) -> Iterable[tuple[Key, bytes | None]]:
    return table.lines() if before is None else table.changes_from(before)


def _mode(before: Table | None) -> Literal["full", "delta"]:
    return "full" if before is None else "delta"


def _entries_full(previous: Previous) -> bool:
    return previous.tables.chain + 1 >= ENTRIES_FULL_EVERY


def _usage_full(previous: Previous) -> bool:
    return _entries_full(previous) or previous.tables.usage_chain + 1 >= USAGE_FULL_EVERY


def _predicate(header: Header, manifest_size: int) -> dict[str, Any]:
    """Small: what a reader of the log wants to know without opening the manifest."""
    predicate: dict[str, Any] = {
        "entries": header.entries.count,
        "finished": header.finished,
        "gaps": {name: each.reason for name, each in header.collections.items() if each.status == "gap"},
        "manifest_size": manifest_size,
        "origin": header.origin,
        "root": header.entries.roots[""],
        "supplied_by": header.supplied_by,
    }
    if header.demo:
        predicate["demo"] = True
    return predicate
