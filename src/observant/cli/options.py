"""What commands have in common: the workspace, and the form of the output."""

import functools
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import click

if TYPE_CHECKING:
    from observant.model.period import Period

Form = Literal["human", "json", "csv"]
Command = Callable[..., Any]


class Session(NamedTuple):
    """What the options before the command's name say."""

    workspace: Path
    color: bool


def session_of(workspace: Path | None, no_color: bool) -> Session:
    """The session, with the environment filling in."""
    return Session(workspace or Path(), not no_color and "NO_COLOR" not in os.environ)


workspace_option = click.option(
    "-w",
    "--workspace",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="The workspace; the current folder when not given. Also OBSERVANT_WORKSPACE.",
)


def in_session(command: Command) -> Command:
    """The command gets `session`; `--workspace` may stand after its name, too."""

    @workspace_option
    @click.pass_context
    @functools.wraps(command)
    def called(ctx: click.Context, /, *, workspace: Path | None, **given: Any) -> Any:  # noqa: ANN401
        session: Session = ctx.obj
        return command(session=session if workspace is None else session._replace(workspace=workspace), **given)

    return called


def formats(*, table: bool = True) -> Callable[[Command], Command]:
    """The command gets `form`: `--json`, and `--csv` where the result is a table."""

    def add(command: Command) -> Command:
        @functools.wraps(command)
        def called(*, as_json: bool, as_csv: bool = False, **given: Any) -> Any:  # noqa: ANN401
            if as_json and as_csv:
                raise click.UsageError("--json and --csv exclude each other")
            form: Form = "json" if as_json else "csv" if as_csv else "human"
            return command(form=form, **given)

        if table:
            called = click.option("--csv", "as_csv", is_flag=True, help="One table as CSV, for spreadsheets.")(called)
        return click.option("--json", "as_json", is_flag=True, help="The exact result as JSON.")(called)

    return add


DAY = click.DateTime(["%Y-%m-%d"])


def period_of(first: datetime | None, last: datetime | None) -> "Period | None":
    """The period of `--from` and `--to`; None when neither is given. Raises UsageError when it is none."""
    from observant.model.period import Period

    if first is None and last is None:
        return None
    if first is None or last is None:
        raise click.UsageError("--from and --to belong together")
    if last < first:
        raise click.UsageError("--to is before --from")
    return Period(first.date(), last.date())


def warn_of_policy(unrecorded: list[str]) -> None:
    """Reading commands judge by the files; say so when the log has not seen them yet."""
    if unrecorded:
        click.echo(
            f"note: judged by files that changed since they were last recorded ({', '.join(unrecorded)}); "
            "the next `observant collect` records them",
            err=True,
        )


def warn_of_nothing(scopes: list[str], *, demo: bool) -> int:
    """Without any snapshot no answer means anything: say so; returns the exit code, 3 for incomplete evidence."""
    if demo:
        click.echo("note: DEMO DATA: a fictional company; evidence of nothing real", err=True)
    if not scopes:
        click.echo("note: nothing was ever collected, so nothing is known: `observant collect`", err=True)
    return 0 if scopes else 3


def moment_of(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    """Callback of an option that takes RFC 3339 with a zone."""
    from observant.model.time import moment

    if value is None:
        return None
    try:
        return moment(value)
    except ValueError as problem:
        raise click.BadParameter(f"{problem}; write it as 2025-03-31T08:00:00Z", ctx, param) from None


def context_of(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> dict[str, str]:
    """Callback of an option that takes KEY=VALUE several times."""
    found: dict[str, str] = {}
    for each in value:
        key, equals, given = each.partition("=")
        if not equals or not key:
            raise click.BadParameter(f"{each!r} is not KEY=VALUE", ctx, param)
        found[key] = given
    return found
