"""`observant explain`."""

from datetime import datetime
from pathlib import Path

import click

from observant.cli.options import Form, Session, context_of, formats, in_session, moment_of


@click.command(short_help="Show why a principal may do something, or not.")
@click.argument("principal")
@click.argument("action")
@click.argument("resource", required=False)
@click.option(
    "--context",
    "known",
    multiple=True,
    metavar="KEY=VALUE",
    callback=context_of,
    help="A condition key of the request, such as aws:MultiFactorAuthPresent=true. May be repeated.",
)
@click.option(
    "--session",
    "session_policy",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A session policy (JSON) that the role's session was begun with.",
)
@click.option("--at", metavar="MOMENT", callback=moment_of, help="As it stood then, instead of now.")
@formats(table=False)
@in_session
def command(
    session: Session,
    principal: str,
    action: str,
    resource: str | None,
    known: dict[str, str],
    session_policy: Path | None,
    at: datetime | None,
    form: Form,
) -> int:
    """Show whether the user or role PRINCIPAL (an ARN or a name) may do ACTION on RESOURCE (an ARN), and why.

    Without RESOURCE the question is about everything that the action may have. Keys of the request that are not given
    may be anything: where the answer depends on them it is "conditional". "unknown" means that policies which matter
    were not collected; the command then ends with 3.
    """
    from observant.analysis.iam.document import policy
    from observant.app.policy_questions import Asked, explain
    from observant.app.workspace import Workspace
    from observant.cli.output import as_json, as_table, written
    from observant.model.time import now

    limits = None if session_policy is None else (policy(session_policy.read_bytes(), "session policy"),)
    asked = Asked(known, limits)
    result = explain(Workspace.open(session.workspace), now, principal, action, resource, asked, at)
    decision = result.decision
    if form == "json":
        as_json(result)
    else:
        click.echo(f"{decision.answer}: {result.principal} {action} {resource or 'on whatever it may have'}")
        if decision.answer == "unknown":
            click.echo(f"  as far as was read: {decision.so_far}; {'; '.join(decision.unread)}")
        if decision.by:
            how = (
                "denied by"
                if decision.so_far == "denied" and decision.explicit
                else ("not allowed by" if decision.so_far == "denied" else "granted by")
            )
            click.echo(f"  {how} the {decision.by}")
        if decision.conditional_on:
            click.echo(f"  depends on {', '.join(decision.conditional_on)}")
        for each in decision.residual:
            effect = "allows" if each.allows else "denies"
            click.echo(f"  {each.statement} {effect} if {' and '.join(each.tests)}")
        click.echo(f"  so since {written(result.since)}, record {result.record}\n")
        said = {True: "yes", False: "no", None: "depends"}
        rows = [[one.name, said[one.allows], said[one.denies], "; ".join(one.because)] for one in decision.layers]
        as_table(["layer", "allows", "denies", "statements that hold"], rows, color=session.color)
    return 3 if decision.answer == "unknown" else 0
