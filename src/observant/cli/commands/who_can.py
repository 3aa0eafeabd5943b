"""`observant who-can`."""

from datetime import datetime

import click

from observant.cli.options import Form, Session, context_of, formats, in_session, moment_of


@click.command(short_help="Show who may do something.")
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
@click.option("--at", metavar="MOMENT", callback=moment_of, help="As it stood then, instead of now.")
@formats()
@in_session
def command(
    session: Session, action: str, resource: str | None, known: dict[str, str], at: datetime | None, form: Form
) -> int:
    """Show every IAM user and role that may do ACTION on RESOURCE (an ARN), or of which that cannot be known.

    Without RESOURCE the question is about everything that the action may have. The command ends with 3 when the answer
    is unknown for anybody: policies that matter were not collected.
    """
    from observant.app.policy_questions import Asked, who_can
    from observant.app.workspace import Workspace
    from observant.cli.output import show
    from observant.model.time import now

    result = who_can(Workspace.open(session.workspace), now, action, resource, Asked(known), at)
    columns = ["principal", "answer", "as far as was read", "granted by", "depends on", "not read"]
    rows = [
        [
            one.principal,
            one.answer.value,
            one.so_far.value,
            one.by,
            ", ".join(one.conditional_on),
            "; ".join(one.unread),
        ]
        for one in result.holders
    ]
    show(form, result, columns, rows, color=session.color, nothing=f"Nobody of {result.asked} users and roles.")
    return 3 if any(one.answer == "unknown" for one in result.holders) else 0
