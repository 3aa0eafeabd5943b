"""`observant risk`: the register of risks, kept as records in the evidence log."""

import getpass
import json
from collections.abc import Iterator
from datetime import date, datetime

import duckdb
import msgspec
from msgspec.structs import replace

from observant.app.evaluate import open_inventory
from observant.app.opening import open_log, writing_log
from observant.app.workspace import Workspace
from observant.errors import UsageError
from observant.evidence.log import Draft
from observant.model.time import Clock
from observant.period.conclusion import PeriodResult
from observant.period.evaluate import utc
from observant.reports.csv import Header, Table
from observant.risks.register import Register, Written, in_words
from observant.risks.risk import ACCEPTANCE, RISK, Acceptance, Covered, Risk, Treatment


class Listed(msgspec.Struct, frozen=True):
    """A risk with its level and what is accepted now."""

    risk: Risk
    level: str
    accepted: str
    """Empty where nothing is accepted now."""
    record: int


class Assessed(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody says about a risk; None leaves it as it was."""

    title: str | None = None
    owner: str | None = None
    likelihood: int | None = None
    impact: int | None = None
    treatment: str | None = None
    plan: str | None = None
    review_by: date | None = None
    covers: list[str] | None = None
    """`CHECK` or `CHECK=LABEL`, globs."""
    closed: str | None = None


def register_of(workspace: Workspace, clock: Clock) -> Register:
    """The register as the log has it."""
    with open_inventory(workspace, open_log(workspace, clock)) as inventory:
        return register_in(inventory.connection)


def register_in(connection: duckdb.DuckDBPyConnection) -> Register:
    """As `register_of`, from open tables."""
    return Register(_written(connection))


def _written(connection: duckdb.DuckDBPyConnection) -> Iterator[Written]:
    rows = connection.execute(
        'SELECT kind, "index", recorded, predicate FROM record WHERE kind IN (?, ?) ORDER BY "index"',
        [RISK, ACCEPTANCE],
    ).fetchall()
    for kind, index, recorded, predicate in rows:
        yield kind, index, utc(recorded), json.loads(predicate)


def listed(register: Register, as_of: datetime, *, closed: bool = False) -> list[Listed]:
    """Risks, the highest first."""
    found = [
        Listed(risk, risk.level, in_words([held] if held else [], as_of), register.recorded[name][0])
        for name, risk in register.risks.items()
        if closed or not risk.closed
        for held in [register.accepted(name, as_of)]
    ]
    return sorted(found, key=lambda one: (-one.risk.likelihood * one.risk.impact, one.risk.id))


def assess(workspace: Workspace, risk: str, said: Assessed, clock: Clock) -> Risk:
    """Write down a new risk (`risk` empty) or a new assessment of one. Raises UsageError for what is missing."""
    register = register_of(workspace, clock)
    scale = workspace.settings.risk
    given = {name: value for name in Assessed.__struct_fields__ if (value := getattr(said, name)) is not None}
    if said.treatment is not None:
        given["treatment"] = Treatment(said.treatment)
    if said.covers is not None:
        given["covers"] = [_covered(each) for each in said.covers]
    given |= {"scale": scale, "by": getpass.getuser()}
    if risk:
        now = replace(_known(register, risk), **given)
    else:
        missing = [name for name in ("title", "owner", "likelihood", "impact", "treatment") if name not in given]
        if missing:
            raise UsageError(f"a new risk needs {', '.join(missing)}", "say what you know; it can be assessed anew")
        now = Risk(id=register.next_id(), **given)
    for name, words in (("likelihood", scale.likelihood), ("impact", scale.impact)):
        if not 1 <= getattr(now, name) <= len(words):
            steps = ", ".join(f"{number} {word}" for number, word in enumerate(words, start=1))
            raise UsageError(f"{name} {getattr(now, name)} is not on the scale", f"the scale is {steps}")
    _record(workspace, RISK, now, clock)
    return now


def accept(workspace: Workspace, acceptance: Acceptance, clock: Clock) -> Acceptance:
    """Accept a risk until a day, or withdraw that. Raises UsageError for a day that is over, or nothing to withdraw."""
    register, at = register_of(workspace, clock), clock()
    _known(register, acceptance.risk)
    held = register.accepted(acceptance.risk, at)
    if acceptance.withdrawn and held is None:
        raise UsageError(f"{acceptance.risk} is not accepted now", "`observant risk list` tells what is")
    if not acceptance.withdrawn and acceptance.until < at.date():
        raise UsageError(f"{acceptance.until} is over", "an acceptance ends in the future; nothing is back-dated")
    if acceptance.withdrawn and held is not None:
        acceptance = replace(held.acceptance, withdrawn=acceptance.withdrawn, by=acceptance.by)
    _record(workspace, ACCEPTANCE, acceptance, clock)
    return acceptance


def _known(register: Register, risk: str) -> Risk:
    if risk not in register.risks:
        raise UsageError(f"there is no risk {risk!r}", f"there are {', '.join(register.risks) or 'none'}")
    return register.risks[risk]


def _covered(written: str) -> Covered:
    check, _, label = written.partition("=")
    return Covered(check, label or "*")


def _record(workspace: Workspace, kind: str, content: Risk | Acceptance, clock: Clock) -> None:
    with writing_log(workspace, clock) as log:
        log.append([Draft(kind, "", clock(), msgspec.to_builtins(content))])


def beside(result: PeriodResult, connection: duckdb.DuckDBPyConnection, as_of: datetime) -> PeriodResult:
    """The result with every accepted exception saying so."""
    return register_in(connection).beside(result, as_of)


def risk_tables(register: Register, header: Header, as_of: datetime) -> Iterator[Table]:
    """The register for the package: risks as they stand, and every acceptance of them."""
    columns = (
        *("risk", "title", "owner", "likelihood", "impact", "level", "treatment", "plan", "review_by", "exceptions"),
        *("accepted_now", "closed", "written_by", "recorded_at", "evidence_record"),
    )
    yield Table(
        "risks.csv",
        replace(header, title="Risks", notes=("likelihood and impact are words of the organization's own scale",)),
        columns,
        [
            (
                *(one.risk.id, one.risk.title, one.risk.owner, one.risk.scale.likelihood[one.risk.likelihood - 1]),
                *(one.risk.scale.impact[one.risk.impact - 1], one.level, one.risk.treatment.value, one.risk.plan),
                one.risk.review_by,
                " ".join(f"{each.check}={each.label}" for each in one.risk.covers),
                *(one.accepted, one.risk.closed, one.risk.by, register.recorded[one.risk.id][1], one.record),
            )
            for one in listed(register, as_of, closed=True)
        ],
    )
    yield Table(
        "acceptances.csv",
        replace(header, title="Acceptances of risks", notes=("an acceptance changes no verdict",)),
        ("risk", "accepted_by", "reason", "compensating_control", "accepted_from", "accepted_to", "evidence_record"),
        [
            (
                *(one.acceptance.risk, one.acceptance.accepted_by, one.acceptance.reason, one.acceptance.compensating),
                *(one.since, one.ends, one.record),
            )
            for one in register.acceptances
        ],
    )
