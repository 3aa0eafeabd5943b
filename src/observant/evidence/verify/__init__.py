"""Offline verification of an evidence log or a package, by the standard library and `cryptography` alone.

    report = verify(Path("evidence"), Trust.load(Path("trust")))

In this order, stopping at the first incident: stored checkpoints and their signatures; the tree of all entries against
the newest of them; every other checkpoint, and those the caller remembers, as beginnings of that tree; hash tiles; each
entry's signature, time and the files it binds; inside the packs, every object and every root. `verify.sh` beside this
package does the same down to the digests of packs, with `openssl` and `ssh-keygen`.

What it does not show: that the keys belong to whom you think (hand `trust` over outside of the evidence), that nothing
was cut off after the newest record (remember a checkpoint), or that a cloud answered truthfully.
"""

from dataclasses import replace
from pathlib import Path

from observant.errors import ChangedBytes, DamagedEvidence
from observant.evidence.note import VerifierKey
from observant.evidence.verify import tree
from observant.evidence.verify.anchors import Anchors
from observant.evidence.verify.events import check_events
from observant.evidence.verify.folder import Folder
from observant.evidence.verify.package import check_package, is_package
from observant.evidence.verify.report import Level, MissedSlot, Report
from observant.evidence.verify.reviews import Reviews
from observant.evidence.verify.schedule import Schedule
from observant.evidence.verify.snapshots import Snapshots
from observant.evidence.verify.statements import check_order, check_statement, check_subjects
from observant.evidence.verify.trust import Trust

__all__ = ["Level", "MissedSlot", "Report", "Trust", "verify"]


def verify(root: Path, trust: Trust | None = None) -> Report:
    """Verify a store or a package. Damage is recorded in the report, not raised; raises UsageError for unusable keys.

    Without `trust` the keys are taken from the evidence itself, which shows that it is whole, not whose it is.
    """
    if is_package(root):
        return _verify_package(root, trust)
    report = Report(keys_from="trust" if trust else "evidence")
    folder = Folder(root)
    try:
        _check(folder, trust or _own_keys(folder), report)
    except DamagedEvidence as damage:
        report.damage = damage
    return report


def _verify_package(root: Path, trust: Trust | None) -> Report:
    try:
        folder = check_package(root, trust or Trust.load(root / "trust"))
    except DamagedEvidence as damage:
        return Report(keys_from="trust" if trust else "package", damage=damage)
    report = verify(root / "evidence", trust or Trust.load(root / "trust"))
    report.keys_from = "trust" if trust else "package"
    if report.damage is not None:
        report.damage = type(report.damage)(f"evidence/{report.damage.name}", report.damage.problem)
    report.pending = [f"evidence/{name}" for name in report.pending]
    report.unauthenticated = sorted(
        {*folder.unauthenticated(), *(f"evidence/{name}" for name in report.unauthenticated)}
    )
    return report


def _own_keys(folder: Folder) -> Trust:
    keys = {}
    for purpose in ("log", "statement"):
        name = f"keys/{purpose}.vkey"
        try:
            keys[purpose] = VerifierKey.parse(folder.read(name).decode("utf-8"))
        except ValueError as error:
            raise ChangedBytes(name, str(error)) from error
    return Trust((keys["log"],), (keys["statement"],))


def _check(folder: Folder, trust: Trust, report: Report) -> None:
    stored = tree.check_checkpoints(folder, trust, report.notes)
    newest = stored[-1]
    report.origin, report.entries, report.root = newest.origin, newest.size, newest.root.hex()
    leaves = tree.check_entries(folder, newest)
    tree.check_history(stored, trust, leaves)
    tree.check_tiles(folder, leaves)
    del leaves
    snapshots, schedule, reviews, anchors = Snapshots(), Schedule(), Reviews(), Anchors(folder, trust)
    before = None
    for index, (bundle, entry) in enumerate(tree.read_entries(folder, newest.size)):
        statement = check_statement(index, bundle, entry, trust)
        check_order(before, statement)
        check_subjects(folder, statement)
        schedule.add(statement)
        reviews.add(folder, statement, report.notes)
        anchors.add(statement)
        if statement.kind == "events":
            check_events(folder, statement)
        if statement.kind == "snapshot":
            snapshots.add(replace(statement, predicate=_needed(statement.predicate)))
        report.first = report.first or statement.recorded
        report.last = statement.recorded
        before = statement
    snapshots.check(folder)
    if report.last is not None:
        report.missed = schedule.missed(report.last)
    anchors.conclude(report)
    report.pending = [name for name in folder.unauthenticated() if name.startswith(f"anchors/{newest.size}/")]
    report.unauthenticated = [name for name in folder.unauthenticated() if name not in report.pending]


def _needed(predicate: dict[str, object]) -> dict[str, object]:
    return {name: predicate.get(name) for name in ("scope", "manifest_size", "root", "entries")}
