"""`observant package`: what the auditor receives, and the record that it was made."""

from collections.abc import Iterator
from hashlib import file_digest
from itertools import chain
from pathlib import Path

import msgspec

from observant.app.collection import Tell
from observant.app.evaluate import Judged, judged, period_result
from observant.app.opening import keys_of, writing_log
from observant.app.recording import record_policy
from observant.app.registers import register_tables
from observant.app.reviews.exporting import review_files
from observant.app.risks import register_in, risk_tables
from observant.app.workspace import Workspace
from observant.checks.catalogue import pages
from observant.checks.registry import CHECKS
from observant.errors import UsageError
from observant.evidence.log import Draft, Log, Record
from observant.evidence.snapshot import Reconciliation
from observant.evidence.sums import sign_sums
from observant.evidence.verifier_app import build_verifier, shell_verifier
from observant.model.interval import Interval
from observant.model.period import Period
from observant.model.time import Clock
from observant.model.verdict import Verdict
from observant.period.conclusion import CheckResult, PeriodResult
from observant.period.occurrences import occurrences
from observant.reports.csv import Table
from observant.reports.package import PackageSummary, Verifiers, write_package
from observant.reports.tables import PopulationRow, checks_of, header_of, population_table

EXPORT = "export"


class Packaged(msgspec.Struct, frozen=True):
    """The answer of `observant package`."""

    path: str
    archive: str
    """The same as one ZIP file; empty when none was asked for."""
    archive_sha256: str
    sums_sha256: str
    """SHA-256 of `SHA256SUMS`: stands in the log's record of this package."""
    files: int
    bytes: int
    record: int
    """Leaf index of the record that the package was made."""
    scopes: list[str]
    conclusions: dict[str, str]
    """Control -> conclusion."""


def package(
    workspace: Workspace,
    period: Period,
    out: Path,
    *,
    zipped: bool,
    clock: Clock,
    tell: Tell,
    replace: bool = False,
) -> Packaged:
    """Write the package for a period to the folder `out`, with `zipped` also to `out`.zip, and record that.

    The policy is recorded first when its files changed: a package judges by nothing that the log does not have.
    Raises UsageError when `out` exists (with `replace` a package may be replaced), StoreError when the log grows
    meanwhile; then there is no package.
    """
    key = keys_of(workspace).package
    if key is None:
        raise UsageError("no key signs packages", "name one as `package` in [signing] of observant.toml")
    with writing_log(workspace, clock) as log:
        record_policy(workspace, log, clock)
        with judged(workspace, clock) as judgement:
            tell("judging the period")
            result = period_result(judgement, period)
            tell("writing the package")
            summary = write_package(
                out,
                result,
                chain(_populations(judgement, result), _registers(judgement, result), _risks(judgement, result)),
                workspace.store,
                workspace.trust,
                lambda folder: sign_sums(folder, key),
                verifiers=Verifiers(shell_verifier(), build_verifier),
                pages={name.removesuffix(".md"): text for name, text in pages().items()},
                reviews=review_files(
                    judgement.log, judgement.evaluation.inventory, Period(result.first, result.last).interval
                ),
                occurrences=occurrences(judgement.evaluation, _cadences(judgement), _judged(result)),
                replace=replace,
            )
        if not zipped:
            summary.archive.unlink()
        return _recorded(log, summary, result, clock, zipped=zipped)


def _judged(result: PeriodResult) -> Interval:
    return Interval(Period(result.first, result.last).interval.start, result.through)


def _cadences(judgement: Judged) -> list[str]:
    return list(dict.fromkeys(name for control in judgement.controls for name in control.occurrences))


def _populations(judgement: Judged, result: PeriodResult) -> Iterator[Table]:
    """One table for each check: every member with every verdict it had in the period."""
    newest = _newest_snapshots(judgement, _judged(result))
    suppliers = sorted({(one.predicate["origin"], one.predicate["supplied_by"]) for one in newest})
    for check in checks_of(result).values():
        header = header_of(
            result,
            f"Population of {check.check}",
            query=CHECKS[check.check].sql,
            parameters=check.commitments,
            collected_by=[name for origin, name in suppliers if origin == "api"],
            supplied_by=[name for origin, name in suppliers if origin != "api"],
            reconciled=_reconciled(judgement, check, newest),
            notes=["collectors, suppliers and reconciliations are those of the last snapshot of each scope"],
        )
        yield population_table(check.check, header, _rows(judgement, check, _judged(result)))


def _registers(judgement: Judged, result: PeriodResult) -> Iterator[Table]:
    return register_tables(judgement, header_of(result, "Registers"), _judged(result))


def _risks(judgement: Judged, result: PeriodResult) -> Iterator[Table]:
    register = register_in(judgement.evaluation.connection)
    yield from risk_tables(register, header_of(result, "Risks"), result.provenance.as_of)


def _rows(judgement: Judged, check: CheckResult, within: Interval) -> Iterator[PopulationRow]:
    for one in judgement.evaluation.standing(within, set(Verdict), check.check):
        if one.member:  # the others are holes of a whole scope: they stand among the gaps
            yield PopulationRow(
                member=one.member,
                label=one.label,
                scope=one.scope,
                valid_from=max(one.interval.start, within.start),
                valid_to=min(one.interval.end, within.end),
                verdict=one.verdict,
                because=one.because,
                record=one.record,
            )


def _newest_snapshots(judgement: Judged, within: Interval) -> list[Record]:
    """The last snapshot of each scope that began before the end of the period."""
    indexes = judgement.evaluation.query(
        "SELECT arg_max(record, started) FROM reading WHERE started < ? GROUP BY scope ORDER BY scope",
        [within.end.replace(tzinfo=None)],
    )
    return [next(iter(judgement.log.records(index))) for (index,) in indexes]


def _reconciled(judgement: Judged, check: CheckResult, newest: list[Record]) -> list[Reconciliation]:
    wanted = judgement.evaluation.collections(check.check)
    found: list[Reconciliation] = []
    for record in newest:
        collections = judgement.log.manifest(record).collections
        for name in wanted:
            if name in collections:
                found += [
                    Reconciliation(f"{record.scope} {one.source}", one.expected, one.actual)
                    for one in collections[name].reconciled
                ]
    return found


def _recorded(log: Log, summary: PackageSummary, result: PeriodResult, clock: Clock, *, zipped: bool) -> Packaged:
    with (summary.folder / "SHA256SUMS").open("rb") as file:
        sums = file_digest(file, "sha256").hexdigest()
    conclusions = {one.control: one.conclusion.value for one in result.controls}
    predicate = {
        "what": "package",
        "first": result.first.isoformat(),
        "last": result.last.isoformat(),
        "size": result.provenance.size,
        "root": result.provenance.root,
        "files": summary.files,
        "conclusions": conclusions,
    }
    (record,) = log.append([Draft(EXPORT, "", clock(), predicate, {"SHA256SUMS": sums})])
    return Packaged(
        path=str(summary.folder),
        archive=str(summary.archive) if zipped else "",
        archive_sha256=summary.archive_sha256 if zipped else "",
        sums_sha256=sums,
        files=summary.files,
        bytes=summary.bytes,
        record=record.index,
        scopes=result.scopes,
        conclusions=conclusions,
    )
