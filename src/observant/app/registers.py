"""Registers: lists over a period that an auditor asks for by name, for the package and the command line."""

from collections.abc import Iterator
from datetime import timedelta
from inspect import cleandoc

import msgspec

from observant.app.evaluate import Judged, period_so_far
from observant.errors import UsageError
from observant.model.interval import Interval
from observant.model.period import Period
from observant.model.time import text
from observant.period.conclusion import Provenance
from observant.period.registers import REGISTERS, rows_of, unread
from observant.reports.cells import Cell
from observant.reports.csv import Header, Table
from observant.reports.tables import register_table


class Listed(msgspec.Struct, frozen=True):
    """The answer of `observant register`."""

    provenance: Provenance
    register: str
    title: str
    first: str
    last: str
    through: str
    """The moment up to which it tells: the end of the period, or now while that is still to come."""
    not_known: list[str]
    """Sentences about time in which what it is made from was not read."""
    columns: list[str]
    rows: list[list[Cell]]


def register_tables(judgement: Judged, header: Header, within: Interval) -> Iterator[Table]:
    """Every register as a table of the package. `header` is that of a table of the same period."""
    for register in REGISTERS.values():
        about = msgspec.structs.replace(
            header,
            title=register.title,
            query=cleandoc(register.sql),
            notes=(*cleandoc(register.notes).splitlines(), *unread(register, judgement.evaluation, within)),
        )
        rows = rows_of(register, judgement.evaluation, within)
        yield register_table(f"{register.folder}/{register.name}", about, register.columns, rows)


def listed(judgement: Judged, name: str, period: Period | None) -> Listed:
    """One register over a period, over all of the evidence so far when none is given. Raises UsageError."""
    if name not in REGISTERS:
        raise UsageError(f"there is no register {name!r}", f"there are {', '.join(REGISTERS)}")
    register, period = REGISTERS[name], period or period_so_far(judgement.evaluation)
    through = judgement.evaluation.as_of + timedelta(seconds=1)  # that second is included
    within = Interval(period.interval.start, min(period.interval.end, through))
    if within.end <= within.start:
        raise UsageError(f"the period {period} has not begun", "choose an earlier --from")
    return Listed(
        provenance=judgement.provenance,
        register=name,
        title=register.title,
        first=period.first.isoformat(),
        last=period.last.isoformat(),
        through=text(within.end),
        not_known=unread(register, judgement.evaluation, within),
        columns=list(register.columns),
        rows=[list(row) for row in rows_of(register, judgement.evaluation, within)],
    )
