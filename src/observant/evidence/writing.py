"""Turns a snapshot into a pack of what is new, a manifest, and the statement that binds both."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from observant.evidence.canonical import canonical, digest
from observant.evidence.chain import Tables, manifest_name, pack_name
from observant.evidence.manifest import CollectionSummary, Header, TableSummary, as_json
from observant.evidence.pack import PackWriter, pack
from observant.evidence.record import Draft
from observant.evidence.snapshot import Collection, Request, Snapshot
from observant.evidence.store import Store
from observant.evidence.table import Table, write_line
from observant.model.time import text

ENTRIES_FULL_EVERY = 120
"""A full list of 5,000 entries costs 170 kB because digests do not compress; a day's changes cost 1 kB."""
USAGE_FULL_EVERY = 30
"""A full usage map costs as much as five days of changes and makes reading short."""


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
        usage.apply(
            write_line((collection.name, one.urn), canonical(one.usage))
            for one in collection.entities
            if one.usage is not None
        )
    request_log = canonical({"requests": [as_json(request) for request in snapshot.requests]})
    packer.add(request_log)
    content = packer.finish()
    pack_digest = digest(content)
    store.put_if_absent(pack_name(pack_digest), content)

    entry_summary, entry_lines = _summarise(entries, previous and previous.tables.entries, _entries_full(previous))
    usage_summary, usage_lines = _summarise(usage, previous and previous.tables.usage, _usage_full(previous))
    header = Header(
        scope=snapshot.scope,
        started=text(snapshot.started),
        finished=text(snapshot.finished),
        origin=snapshot.origin,
        supplied_by=snapshot.supplied_by,
        collections={each.name: _summary(each) for each in snapshot.collections},
        entries=_with_roots(entry_summary, {"": entries.root()}),
        usage=_with_roots(usage_summary, {name: usage.root_of(name) for name in usage.collections()}),
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
        lines.append(write_line((collection.name, entity.urn), b'"%b"' % sha256.encode()))
    before = len(entries)
    entries.apply(lines)
    if len(entries) - before != len(lines):
        raise ValueError(f"{collection.name} names one URN twice")


def _summary(collection: Collection) -> CollectionSummary:
    if collection.gap is not None:
        return CollectionSummary("gap", collection.gap.reason.value, collection.gap.detail)
    return CollectionSummary("complete", count=len(collection.entities), reconciled=collection.reconciled)


def _summarise(table: Table, before: Table | None, full: bool) -> tuple[TableSummary, list[bytes]]:
    if full or before is None:
        return TableSummary("full", len(table), len(table), {}), list(table.lines())
    changes = table.changes_from(before)
    return TableSummary("delta", len(changes), len(table), {}), changes


def _with_roots(summary: TableSummary, roots: dict[str, str]) -> TableSummary:
    return TableSummary(summary.mode, summary.lines, summary.count, roots)


def _entries_full(previous: Previous | None) -> bool:
    return previous is None or previous.tables.chain + 1 >= ENTRIES_FULL_EVERY


def _usage_full(previous: Previous | None) -> bool:
    return previous is None or previous.tables.usage_chain + 1 >= USAGE_FULL_EVERY


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
