"""`observant gaps`."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from observant.cli.options import DAY, Form, Session, formats, in_session, period_of, warn_of_nothing, warn_of_policy
from observant.cli.output import show

if TYPE_CHECKING:
    from observant.app.evaluate import Gaps

_MOST_REASONS = 3


@click.command(short_help="Show where evidence is missing, and why.")
@click.option("--from", "first", type=DAY, help="First day (UTC); the first day with evidence when not given.")
@click.option("--to", "last", type=DAY, help="Last day (UTC); today when not given.")
@formats()
@in_session
def command(session: Session, first: datetime | None, last: datetime | None, form: Form) -> int:
    """Show every stretch of time in which a check could not be answered, and every report or snapshot that is missing.

    A hole in the past cannot be filled: evidence is never back-dated. What it says now is what the auditor will find.
    """
    from observant.app.evaluate import gaps, judged
    from observant.app.workspace import Workspace
    from observant.model.time import now

    with judged(Workspace.open(session.workspace), now) as workspace:
        warn_of_policy(workspace.unrecorded)
        nothing_known = warn_of_nothing(workspace.scopes, demo=workspace.provenance.demo)
        result = gaps(workspace, period_of(first, last))
    if form == "human":
        columns, rows = ["from", "to", "scope", "member", "why", "not answered"], _joined(result)
    else:
        columns = ["check", "scope", "member", "from", "to", "why"]
        rows = [[one.check, one.scope, one.label or one.member, one.start, one.end, one.reason] for one in result.gaps]
        rows += [[one.what, one.scope, "", one.due_from, one.due_by, one.reason] for one in result.occurrences_missing]
    nothing = "No snapshot yet." if nothing_known else "No gap: everything that had to be read was read."
    show(form, result, columns, rows, color=session.color, nothing=nothing)
    return nothing_known


def _joined(result: "Gaps") -> list[list[object]]:
    """One row for each stretch of time, however many checks it leaves without an answer."""
    stretches: dict[tuple[datetime, datetime, str, str], dict[str, set[str]]] = {}
    for gap in result.gaps:
        key = (gap.start, gap.end, gap.scope, gap.label if gap.member else "")
        stretches.setdefault(key, {}).setdefault(gap.check, set()).add(gap.reason)
    for missing in result.occurrences_missing:
        key = (missing.due_from, missing.due_by, missing.scope, "")
        stretches.setdefault(key, {}).setdefault(missing.what, set()).add(missing.reason)
    rows: list[list[object]] = []
    for key, checks in sorted(stretches.items(), key=str):
        reasons = sorted(set().union(*checks.values()))
        why = reasons if len(reasons) < _MOST_REASONS else [*reasons[:_MOST_REASONS], f"{len(reasons)} reasons in all"]
        rows.append(
            [*key, "; ".join(why), ", ".join(checks) if len(checks) < _MOST_REASONS else f"{len(checks)} checks"]
        )
    return rows
