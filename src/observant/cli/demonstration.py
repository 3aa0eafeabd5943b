"""What the demo prints: progress while it plays, then what it found and where to look."""

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from observant.cli.output import as_table

if TYPE_CHECKING:
    from rich.progress import TaskID

    from observant.app.demo import Demonstration, Progress
    from observant.period.conclusion import PeriodResult


@contextlib.contextmanager
def bars() -> "Iterator[Progress]":
    """Progress bars on standard error; plain lines, one a step, where that is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    shown = Progress(
        TextColumn("{task.description:<30}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    )
    task: TaskID | None = None
    said = ""

    def step(what: str, done: int, total: int) -> None:
        nonlocal task, said
        if not console.is_terminal:
            if what != said:
                click.echo(f"{what} ...", err=True)
            said = what
            return
        if task is None or shown.tasks[task].total != total or shown.tasks[task].finished:
            task = shown.add_task(what, total=total)
        shown.update(task, description=what, completed=done)

    with shown if console.is_terminal else contextlib.nullcontext():
        yield step


def print_demonstration(shown: "Demonstration", *, color: bool) -> None:
    """The readiness summary, the stories, and how to go on."""
    result = shown.result
    click.echo(f"\nDEMO DATA: a fictional company, {result.first} to {result.last}\n")
    as_table(
        ["control", "", "conclusion", "exceptions", "evidence gaps", "days covered"],
        [
            [
                control.control,
                control.title,
                control.conclusion.value,
                sum(len(check.exceptions) for check in control.checks),
                sum(len(check.gaps) for check in control.checks),
                f"{control.days_covered} of {control.days_covered + len(control.days_missing)}",
            ]
            for control in result.controls
        ],
        color=color,
    )
    click.echo("\nExceptions, by when they began:\n")
    as_table(
        ["from", "to", "check", "who or what", "why"],
        [
            [start, end or "still so", check, _several(labels), cause]
            for (start, end, check, cause), labels in sorted(_together(result).items(), key=lambda one: one[0][0])
        ],
        color=color,
    )
    _print_verification(shown)


_Stretch = tuple[datetime, datetime | None, str, str]
"""(from, to, check, why)"""


def _together(result: "PeriodResult") -> dict[_Stretch, list[str]]:
    """Who or what of each exception; what one cause did to many at once is one line. A check of two controls is one."""
    found: dict[_Stretch, list[str]] = {}
    for check in {check.check: check for control in result.controls for check in control.checks}.values():
        for one in check.exceptions:
            found.setdefault((one.start, one.end, one.check, one.cause), []).append(one.label)
    return found


def _several(labels: list[str]) -> str:
    first, *others = sorted(labels)
    return f"{first} and {len(others)} more" if others else first


def _print_verification(shown: "Demonstration") -> None:
    package, verified, flipped = Path(shown.package.path), shown.verified, shown.flipped
    click.echo(f"\nThe auditor's package: {package} ({shown.package.files} files)")
    click.echo(f"Verified: {'intact' if verified.intact else verified.problem}, {verified.size} records")
    click.echo(f"One bit changed in {flipped.file} at byte {flipped.offset}: verification names")
    click.echo(f"  {flipped.named}: {flipped.problem}")
    click.echo(f"Put back: {'intact again' if flipped.intact_again else 'STILL DAMAGED'}")
    click.echo("\nLook at it:")
    click.echo(f"  {package / 'report.html'}   the report; opens in any browser")
    click.echo(f"  sh {package / 'verify.sh'} {package}   the auditor's own check, without observant")
    click.echo(f"  uv run observant -w {shown.workspace} period --from {shown.result.first} --to {shown.result.last}")
    ended = shown.result.last + timedelta(days=1)
    click.echo("\nOpen it in a browser, as of the end of the year:")
    click.echo(f"  uv run observant -w {shown.workspace} serve --as-of {ended}T08:00:00Z")
