"""`observant history`."""

import click

from observant.cli.options import Form, Session, formats, in_session


@click.command(short_help="Show when a principal became an administrator, by which statement and whose change.")
@click.argument("principal")
@formats()
@in_session
def command(session: Session, principal: str, form: Form) -> int:
    """Show how the rights of the user or role PRINCIPAL (an ARN or a name) changed.

    One row for each stretch of time in which the evaluation of its policies comes to the same: whether it was an
    administrator in effect and by which statements, whether it could become one, what changed with it, and whose change
    the account's log shows. Moments are exact where the log was read; else "not before" bounds them.
    """
    from observant.app.access_history import history
    from observant.app.workspace import Workspace
    from observant.cli.output import show
    from observant.model.time import now

    result = history(Workspace.open(session.workspace), now, principal)
    columns = ["since", "not before", "until", "administrator", "by", "can become one", "changed", "changed by"]
    rows = [
        [
            one.since,
            one.not_before,
            one.until,
            _word(one.administrator),
            "; ".join(f"{each.label}: {each.statement}" for each in one.by_statements),
            _word(one.escalates),
            "; ".join(one.changed) or "what others hold",
            "; ".join(f"{each.actor} ({each.event})" for each in one.by) or _nobody(result.log_read),
        ]
        for one in result.steps
    ]
    show(form, result, columns, rows, color=session.color, nothing="Nothing is known of its rights.")
    return 0


def _word(answer: bool | None) -> str:
    return "unknown" if answer is None else "yes" if answer else "no"


def _nobody(log_read: bool) -> str:
    return "no change in the log that was read" if log_read else "not known: no log of the account was read"
