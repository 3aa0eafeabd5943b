"""`observant check`."""

from collections import Counter
from typing import TYPE_CHECKING

import click

from observant.cli.options import Form, Session, formats, in_session, warn_of_nothing, warn_of_policy
from observant.cli.output import as_table, show, written

if TYPE_CHECKING:
    from observant.app.evaluate import MemberVerdict

_OF_EACH = 20
"""Members of a check that people are shown when they ask for all checks."""


@click.command(short_help="Show what passes, fails or is unknown now.")
@click.argument("checks", nargs=-1, metavar="[CHECK]...")
@click.option(
    "--fail-on",
    type=click.Choice(["fail", "unknown"]),
    help="End with 1 when anything fails, or when anything fails or is unknown.",
)
@formats()
@in_session
def command(session: Session, checks: tuple[str, ...], fail_on: str | None, form: Form) -> int:
    """Show the verdict of every check (or of the given CHECKs) for every member, as the evidence stands now.

    "unknown" means that the evidence does not answer: something was not read, or nothing was promised. The command then
    ends with 3. Where the next snapshot is late, the verdicts are those of the last one.
    """
    from observant.app.evaluate import check_now, judged
    from observant.app.workspace import Workspace
    from observant.model.time import now

    with judged(Workspace.open(session.workspace), now) as workspace:
        warn_of_policy(workspace.unrecorded)
        nothing_known = warn_of_nothing(workspace.scopes, demo=workspace.provenance.demo)
        result = check_now(workspace, list(checks))
    told = [one for one in result.verdicts if one.verdict in ("fail", "unknown")]
    for scope, moment in result.stale.items():
        click.echo(
            f"note: {scope} was last read {written(moment)}: this is how it stood then; since then nothing is known",
            err=True,
        )
    shown = result.verdicts if form == "csv" else told if checks else _some_of_each(told)
    columns = ["check", "verdict", "scope", "member", "since", "because", "record"]
    rows = [
        [one.check, one.verdict.value, one.scope, one.label or one.member, one.since, one.because, one.record]
        for one in shown
    ]
    if form == "human":
        summary = [[one.check, one.passed, one.failed, one.unknown, one.title] for one in result.summary]
        as_table(["check", "pass", "fail", "unknown", "the check says"], summary, color=session.color)
        click.echo()
    nothing = "No verdict at all." if nothing_known else "Nothing fails and nothing is unknown."
    show(form, result, columns, rows, color=session.color, nothing=nothing)
    if form == "human" and len(shown) < len(told):
        more = len(told) - len(shown)
        click.echo(f"\nAnd {more} more: `observant check NAME` lists all of one check, --csv and --json everything.")
    bad = {"fail": {"fail"}, "unknown": {"fail", "unknown"}}.get(fail_on or "", set())
    if any(one.verdict.value in bad for one in result.verdicts):
        return 1
    return 3 if nothing_known or result.stale or any(one.verdict.value == "unknown" for one in told) else 0


def _some_of_each(verdicts: "list[MemberVerdict]") -> "list[MemberVerdict]":
    seen: Counter[str] = Counter()
    some = []
    for one in verdicts:
        seen[one.check] += 1
        if seen[one.check] <= _OF_EACH:
            some.append(one)
    return some
