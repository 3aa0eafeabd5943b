"""How the outcome of a collection is told, by `collect` and by `run`."""

from typing import TYPE_CHECKING

import click

from observant.cli.options import Form
from observant.cli.output import as_table, show, written

if TYPE_CHECKING:
    from observant.app.collection import Collected


def print_collected(result: "Collected", form: Form, *, color: bool) -> None:
    """Scopes as a table, then what could not be read, then what was recorded."""
    columns = ["scope", "collections", "entities", "gaps", "supplied by"]
    rows = [[one.scope, one.collections, one.entities, len(one.gaps), one.supplied_by] for one in result.scopes]
    for trouble in result.troubles:
        click.echo(f"note: {trouble}", err=True)
    for name in result.ignored:
        click.echo(f"note: {written(name)}: ignored, since it is not the output of a command we know", err=True)
    heard = [[one.scope, one.log, one.files, one.kept, one.counted, one.duplicates] for one in result.logs]
    if form != "human" or rows or not heard:
        show(form, result, columns, rows, color=color, nothing="Nothing was read.")
    if form != "human":
        return
    if heard:
        as_table(["scope", "log", "new files", "changes kept", "others counted", "twice"], heard, color=color)
    missing = [
        [one.scope, f"{part}{gap.collection}", gap.reason, gap.detail]
        for one in result.scopes
        for part, gaps in (("", one.gaps), ("some of ", one.unread))
        for gap in gaps
    ] + [[one.source, "everything", "failed", one.why] for one in result.failures]
    missing += [[one.scope, name, "failed", why] for one in result.logs for name, why in one.unreadable.items()]
    if missing:
        click.echo()
        as_table(["scope", "not read", "reason", "what was answered"], missing, color=color)
    changed = f"; new in the log: {', '.join(result.policy)}" if result.policy else ""
    click.echo(f"\nRecorded as run {result.run}; the log has {result.size} records{changed}.")


def exit_code(result: "Collected | None") -> int:
    """3 when anything could not be read."""
    return 0 if result is None or result.complete else 3
