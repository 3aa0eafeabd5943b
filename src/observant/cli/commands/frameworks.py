"""`observant frameworks`."""

import click

from observant.cli.options import Form, Session, formats, in_session
from observant.cli.output import show
from observant.errors import UsageError


@click.command(short_help="Show which checks speak to other frameworks, and who says so.")
@click.argument("framework", required=False)
@formats()
@in_session
def command(session: Session, framework: str | None, form: Form) -> None:
    """List the frameworks, or the requirements of one FRAMEWORK with the checks that speak to them.

    A crosswalk is an opinion: each edge says where it comes from. A requirement that is not listed has no check.
    """
    from observant.checks.registry import CHECKS
    from observant.frameworks.crosswalk import FRAMEWORKS, SOURCES
    from observant.frameworks.mapping import requirements

    if framework is None:
        rows = [[id_, name, len(requirements(id_, CHECKS))] for id_, name in FRAMEWORKS.items()]
        columns = ["framework", "name", "requirements with a check"]
    elif framework in FRAMEWORKS:
        rows = [
            [requirement, check, CHECKS[check].title, source, SOURCES[source]]
            for requirement, checks in requirements(framework, CHECKS).items()
            for check, source in checks
        ]
        columns = ["requirement", "check", "what must be true", "source", "which is"]
    else:
        raise UsageError(f"there is no framework {framework!r}", f"known: {', '.join(FRAMEWORKS)}")
    machine = [dict(zip(columns, row, strict=True)) for row in rows]
    show(form, machine, columns, rows, color=session.color, nothing="No check speaks to this framework.")
