"""The group of all commands, each imported only when it is called, and the mapping from errors to exit codes."""

import os
from collections.abc import Sequence
from pathlib import Path

import click

from observant import __version__
from observant.cli.lazy import LazyGroup
from observant.cli.options import session_of, workspace_option
from observant.errors import ObservantError

COMMANDS = {
    "init": "Make a workspace: settings, written policy, controls, keys, log.",
    "doctor": "Try everything that a run needs and name what is missing.",
    "collect": "Read the sources, or a folder of exports, into the evidence log.",
    "run": "Collect when the schedule says so; for timers.",
    "status": "Show what was collected, and when the next run is due.",
    "check": "Show what passes, fails or is unknown now.",
    "gaps": "Show where evidence is missing, and why.",
    "forecast": "Show what will fail, or fall due, if nothing changes.",
    "register": "List credentials, accounts or privileges over a period.",
    "period": "Conclude on every control over an observation period.",
    "review": "Review who has access: open, decide, sign, close.",
    "risk": "Keep the risk register: assess, accept until a day, list.",
    "changes": "Read and show what changed access: CloudTrail, directory audits, activity logs.",
    "sample": "Draw a seeded, reproducible sample of a population.",
    "notify": "Tell people what is new: mail, Slack, Teams, webhooks.",
    "package": "Write the auditor's package for a period.",
    "explain": "Show why a principal may do something, or not.",
    "who-can": "Show who may do something.",
    "history": "Show when a principal became an administrator, by which statement and whose change.",
    "verify": "Prove that an evidence log or a package is intact.",
    "serve": "Serve the web app.",
    "rebuild": "Make all tables again from the evidence log.",
    "demo": "Play a fictional company's year and write its auditor's package.",
    "frameworks": "Show which checks speak to other frameworks, and who says so.",
    "catalogue": "Explain the checks: the question, its SQL and its criteria.",
}
"""Command -> its line in `--help`, kept here so that help needs no command imported; a test compares."""

INTERRUPTED = 130
"""As a shell reports a program ended by SIGINT."""


@click.group(
    cls=LazyGroup,
    members=COMMANDS,
    place="observant.cli.commands",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@workspace_option
@click.option("--no-color", is_flag=True, help="Plain text. Also NO_COLOR, and whenever the output is no terminal.")
@click.version_option(__version__, prog_name="observant", message="%(prog)s %(version)s")
@click.pass_context
def program(ctx: click.Context, workspace: Path | None, no_color: bool) -> None:
    """Prove that access to AWS was under control over a whole SOC 2 observation period.

    Exit codes: 0 done, 1 failures found (only with --fail-on), 2 usage or configuration, 3 incomplete evidence,
    4 evidence damaged.
    """
    named = workspace or os.environ.get("OBSERVANT_WORKSPACE") or None
    ctx.obj = session_of(Path(named) if named else None, no_color)


def run(arguments: Sequence[str]) -> int:
    """Run one command line; returns the exit code. Deliberate errors are told on standard error; bugs crash."""
    try:
        ended = program.main(args=list(arguments), prog_name="observant", standalone_mode=False)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.UsageError as problem:
        problem.show()
        return 2
    except click.Abort:
        click.echo("\nobservant: interrupted; nothing was left half written", err=True)
        return INTERRUPTED
    except ObservantError as problem:
        click.echo(f"observant: {problem}", err=True)
        return problem.exit_code
    return ended if isinstance(ended, int) else 0
