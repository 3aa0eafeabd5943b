"""Reviews that were held elsewhere: those of Entra itself, as collected, and those signed in another system, imported.

They are evidence with an origin and an effective date of their own; when the log took them stands beside it, and
nothing is back-dated. An import counts for the documented cadence from its effective date on, and is called imported
wherever it is shown. A collected review of Entra is about some guests, groups or roles: it counts for these alone.
"""

from datetime import datetime
from pathlib import Path

import msgspec

from observant.app.opening import writing_log
from observant.app.reviews.reviewers import REVIEWERS_FILE, read_reviewers
from observant.app.reviews.ssh import verifies
from observant.app.reviews.state import reviewing
from observant.app.workspace import Workspace
from observant.errors import InputError, UsageError
from observant.evidence.canonical import digest
from observant.evidence.log import Draft
from observant.inventory.projection import Inventory
from observant.model.time import Clock
from observant.period.evaluate import utc

IMPORTED = "review-imported"
_LARGEST = 64 << 20
_SIGNED, _UNSIGNED = "signed by a key that reviewers.yaml names", "a document; no signature was checked"


class Imported(msgspec.Struct, frozen=True):
    """Predicate of `review-imported`. Document and signature are files of the store, named by SHA-256."""

    title: str
    origin: str
    """The system or the process that it comes from."""
    reviewer: str
    """Who signed it, as the document says; a name of reviewers.yaml where the signature was checked."""
    scopes: list[str]
    document: str
    document_name: str
    signature: str
    """Empty where there is none that can be checked here."""
    key: str
    imported_by: str


class Request(msgspec.Struct, frozen=True):
    """What is to be imported."""

    title: str
    origin: str
    reviewer: str
    scopes: list[str]
    effective: datetime
    document: Path
    signature: Path | None
    by: str


class Elsewhere(msgspec.Struct, frozen=True):
    """One review that was not held here."""

    origin: str
    title: str
    scopes: list[str]
    effective: datetime | None
    """When it ended, as its origin says; None while it runs or where that was not shown."""
    recorded: datetime
    record: int
    reviewers: list[str]
    decisions: dict[str, int]
    """Empty where only a document is known."""
    proven: str
    """How far we can vouch for it, in words."""


def import_review(workspace: Workspace, request: Request, clock: Clock) -> int:
    """Record it; returns the record. Raises UsageError and InputError, and records nothing, when something is wrong."""
    if request.effective > clock():
        raise UsageError("the review is of the future", "give the moment at which it was signed")
    if not request.scopes:
        raise UsageError("nothing says what was reviewed", "name the scopes with --scope")
    document = _content(request.document)
    signature = _content(request.signature) if request.signature else b""
    key = _key(workspace, request) if request.signature else ""
    with reviewing(workspace, clock) as (_, inventory):
        rows = inventory.connection.execute("SELECT DISTINCT scope FROM reading").fetchall()
    unknown = sorted(set(request.scopes) - {row[0] for row in rows})
    if unknown:
        raise UsageError(f"{unknown[0]} is no scope that was ever read", "`observant status` lists them")
    imported = Imported(
        title=request.title,
        origin=request.origin,
        reviewer=request.reviewer,
        scopes=sorted(request.scopes),
        document=digest(document),
        document_name=request.document.name,
        signature=digest(signature) if signature else "",
        key=key,
        imported_by=request.by,
    )
    with writing_log(workspace, clock) as log:
        files = {log.attach(each): digest(each) for each in (document, signature) if each}
        (record,) = log.append([Draft(IMPORTED, "", request.effective, msgspec.to_builtins(imported), files)])
    return record.index


def elsewhere(inventory: Inventory) -> list[Elsewhere]:
    """Everything that was not held here, newest first."""
    found = [*_imported(inventory), *_of_entra(inventory)]
    return sorted(found, key=lambda one: (one.effective or one.recorded, one.record, one.title), reverse=True)


def _imported(inventory: Inventory) -> list[Elsewhere]:
    rows = inventory.connection.execute(
        'SELECT "index", effective, recorded, predicate FROM record WHERE kind = ? ORDER BY "index"', [IMPORTED]
    ).fetchall()
    found = []
    for index, effective, recorded, predicate in rows:
        one = msgspec.json.decode(predicate, type=Imported)
        found.append(
            Elsewhere(
                origin=one.origin,
                title=one.title,
                scopes=one.scopes,
                effective=utc(effective),
                recorded=utc(recorded),
                record=index,
                reviewers=[one.reviewer],
                decisions={},
                proven=_SIGNED if one.key else _UNSIGNED,
            )
        )
    return found


def _of_entra(inventory: Inventory) -> list[Elsewhere]:
    rows = inventory.connection.execute(
        """
        SELECT ran.display_name, ran.scope, ran.end_at, ran.status, min(ran.record),
               list(DISTINCT made.reviewed_by) FILTER (made.reviewed_by IS NOT NULL),
               list(DISTINCT {'on': made.principal, 'of': made.resource, 'said': made.decision}),
               (SELECT min(recorded) FROM record WHERE record."index" = min(ran.record))
        FROM entra_access_review_instance AS ran
        LEFT JOIN entra_access_review_decision AS made ON made.scope = ran.scope AND made.instance = ran.member
         AND made.valid_to > ran.valid_from
        WHERE ran.valid_to = (SELECT max(valid_to) FROM entra_access_review_instance AS later
                              WHERE later.scope = ran.scope AND later.member = ran.member)
        GROUP BY ran.member, ran.display_name, ran.scope, ran.end_at, ran.status
        """
    ).fetchall()
    found = []
    for name, scope, end, status, record, reviewers, decisions, recorded in rows:
        counts: dict[str, int] = {}
        for one in decisions:
            if one["on"] is not None:
                counts[one["said"] or "not shown"] = counts.get(one["said"] or "not shown", 0) + 1
        over = status in ("Completed", "Applied")
        found.append(
            Elsewhere(
                origin="Entra access reviews",
                title=name or "without a name",
                scopes=[scope],
                effective=utc(end) if over and end else None,
                recorded=utc(recorded),
                record=record,
                reviewers=sorted(reviewers or []),
                decisions=counts,
                proven=f"read from the tenant; its state there is {status or 'not shown'}",
            )
        )
    return found


def _content(path: Path) -> bytes:
    if path.stat().st_size > _LARGEST:
        raise InputError(path, "", "is larger than 64 MB", "hand in the signed document alone")
    return path.read_bytes()


def _key(workspace: Workspace, request: Request) -> str:
    """The key of reviewers.yaml that made the SSH signature over the document."""
    assert request.signature is not None
    known = read_reviewers(workspace.root / REVIEWERS_FILE)
    if request.reviewer not in known.names:
        raise UsageError(f"{request.reviewer!r} is no reviewer", f"name them in {REVIEWERS_FILE}, or import unsigned")
    person = known.named(request.reviewer)
    signature = request.signature.read_bytes()
    key = next((one for one in person.keys if verifies(request.document, signature, person.email, one)), None)
    if key is None:
        raise UsageError(
            f"{request.signature} is no signature over {request.document.name} by a key of {request.reviewer}",
            "signatures by `ssh-keygen -Y sign -n observant-review` are checked here",
        )
    return key
