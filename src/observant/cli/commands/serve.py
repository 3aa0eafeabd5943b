"""`observant serve`."""

from datetime import datetime

import click

from observant.cli.options import Session, in_session, moment_of
from observant.errors import UsageError


@click.command(short_help="Serve the web app.")
@click.option("--listen", default="127.0.0.1:8400", show_default=True, metavar="HOST:PORT", help="Where to listen.")
@click.option(
    "--url",
    metavar="URL",
    help="What people type, when a proxy that ends TLS stands in front: https://observant.example.com.",
)
@click.option(
    "--as-of",
    callback=moment_of,
    metavar="MOMENT",
    help="Judge as of this moment instead of now, such as 2026-10-01T08:00:00Z; for looking back.",
)
@in_session
def command(session: Session, listen: str, url: str | None, as_of: datetime | None) -> None:
    """Serve the web app of this workspace: readiness, exceptions, evidence, access reviews, the package.

    The first start prints a link with which the first administrator makes their account. Needs the extra `web`.
    """
    try:
        from observant.web.serve import serve
    except ModuleNotFoundError as missing:
        raise UsageError(f"the web app needs {missing.name}", "install observant with its web extra") from missing
    # Browsers take passkeys from localhost, not from an address of digits.
    own = f"http://{listen.replace('127.0.0.1:', 'localhost:')}"
    serve(session.workspace, (url or own).rstrip("/"), listen, as_of, click.echo)
