"""The evidence browser: records, what a snapshot holds, and the raw object behind it.

Nothing in an address becomes a file name: records are looked up by number, collections and objects in the manifest of
their record.
"""

import json
from typing import Any

import msgspec
from django.http import Http404, HttpRequest, HttpResponse

from observant.app.evaluate import Judged
from observant.evidence.log import Manifest, Record
from observant.period.evaluate import naive, utc
from observant.web.board import board
from observant.web.periods import period_of
from observant.web.rendering import page
from observant.web.visitors import Visitor, visitor_of

PAGE = 100
_HIGHEST = 1 << 62

_RECORDS = """
SELECT record."index", record.kind, record.scope, record.effective, record.recorded,
       (SELECT count(*) FROM reading WHERE reading.record = record."index" AND NOT reading.complete)
FROM record WHERE "index" < $before AND ($kind = '' OR kind = $kind) AND ($scope = '' OR scope = $scope)
  AND ($start IS NULL OR (effective >= $start AND effective < $end))
ORDER BY "index" DESC LIMIT $most
"""


def evidence(request: HttpRequest) -> HttpResponse:
    """Records, newest first; an auditor sees those that are about their period."""
    kind, scope = request.GET.get("kind", ""), request.GET.get("scope", "")
    start, end = _bounds(request)
    wanted = {
        "before": _number(request.GET.get("before", "")),
        "kind": kind,
        "scope": scope,
        "start": start,
        "end": end,
    }
    rows = board().query(_RECORDS, wanted | {"most": PAGE + 1})
    now = board().now
    return page(
        request,
        "evidence.html",
        records=[
            (index, name, of, utc(about), utc(taken), gaps) for index, name, of, about, taken, gaps in rows[:PAGE]
        ],
        following=rows[PAGE - 1][0] if len(rows) > PAGE else None,
        kinds=[row[0] for row in board().query("SELECT DISTINCT kind FROM record ORDER BY kind")],
        scopes=now.status.scopes,
        kind=kind,
        scope=scope,
        provenance=now.judged.provenance,
        demo=now.status.demo,
    )


def record(request: HttpRequest, index: int) -> HttpResponse:
    """One record: what it says, and of a snapshot what was read and what was not."""
    found = _record(request, index)
    readings = board().query(
        "SELECT collection, complete, reason, detail, members FROM reading WHERE record = ? "
        "ORDER BY complete, collection",
        [index],
    )
    now = board().now
    return page(
        request,
        "record.html",
        record=found,
        predicate=json.dumps(found.predicate, indent=2, ensure_ascii=False, default=str),
        readings=readings,
        snapshot=found.kind == "snapshot",
        root=now.judged.provenance.root,
        size=now.judged.provenance.size,
        level=now.status.level,
        demo=now.status.demo,
    )


def collection(request: HttpRequest, index: int, name: str) -> HttpResponse:
    """What one snapshot holds of one collection, by urn."""
    found = _record(request, index)
    manifest = _manifest(found)
    if name not in manifest.collections:
        raise Http404
    after = request.GET.get("after", "")
    entries = sorted((urn, sha256) for (of, urn), sha256 in manifest.entries.items() if of == name and urn > after)
    return page(
        request,
        "collection.html",
        record=found,
        name=name,
        summary=manifest.collections[name],
        entries=entries[:PAGE],
        following=entries[PAGE - 1][0] if len(entries) > PAGE else "",
        demo=manifest.demo,
    )


def raw(request: HttpRequest, index: int, sha256: str) -> HttpResponse:
    """One object as it is stored, byte for byte: `sha256sum` of the file is its name."""
    manifest = _manifest(_record(request, index))
    if sha256 not in manifest.entries.values():
        raise Http404
    content = board().with_log(lambda judged: dict(judged.log.objects(manifest, {sha256}))[sha256])
    disposition = f'attachment; filename="{sha256}.json"'
    return HttpResponse(content, content_type="application/json", headers={"Content-Disposition": disposition})


def shown_object(request: HttpRequest, index: int, sha256: str) -> HttpResponse:
    """The same for reading."""
    found = _record(request, index)
    manifest = _manifest(found)
    names = [key for key, value in manifest.entries.items() if value == sha256]
    if not names:
        raise Http404
    content = board().with_log(lambda judged: dict(judged.log.objects(manifest, {sha256}))[sha256])
    return page(
        request,
        "object.html",
        record=found,
        names=names[:PAGE],
        sha256=sha256,
        text=msgspec.json.format(content, indent=2).decode(),
        demo=manifest.demo,
    )


def _record(request: HttpRequest, index: int) -> Record:
    def read(judged: Judged) -> Record | None:
        return next(iter(judged.log.records(index)), None) if index < judged.log.size else None

    found = board().with_log(read)
    if found is None:
        raise Http404
    if visitor_of(request) is Visitor.AUDITOR:
        within = period_of(request).interval
        if not within.start <= found.effective < within.end:
            raise Http404
    return found


def _manifest(found: Record) -> Manifest:
    if found.kind != "snapshot":
        raise Http404
    return board().with_log(lambda judged: judged.log.manifest(found))


def _bounds(request: HttpRequest) -> tuple[Any, Any]:
    if visitor_of(request) is not Visitor.AUDITOR:
        return None, None
    within = period_of(request).interval
    return naive(within.start), naive(within.end)


def _number(written: str) -> int:
    return int(written) if written.isdecimal() and len(written) < 19 else _HIGHEST
