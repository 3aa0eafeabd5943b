"""`observant sample`."""

from pathlib import Path

import click

from observant.cli.options import Form, Session, formats, in_session
from observant.cli.output import show


@click.command(short_help="Draw a seeded, reproducible sample of a population.")
@click.argument("population", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--size", type=click.IntRange(min=1), required=True, help="How many items to draw.")
@click.option(
    "--seed", required=True, metavar="TEXT", help="Chosen before the population was seen; kept in the header."
)
@click.option("--spare", type=click.IntRange(min=0), default=0, help="Further items, for those that must be replaced.")
@click.option(
    "--by", default="", metavar="COLUMN", help="An item is every row with the same value here, such as member."
)
@click.option("--where", multiple=True, metavar="COLUMN=GLOB", help="Draw only from rows that fit; may be given again.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the sample to this CSV file.")
@formats()
@in_session
def command(
    session: Session,
    population: Path,
    size: int,
    seed: str,
    spare: int,
    by: str,
    where: tuple[str, ...],
    out: Path | None,
    form: Form,
) -> int:
    """Draw a sample of POPULATION, a table of the package or any CSV file with a header.

    Who has the same population and the same seed draws the same items, also without this program: the header of the
    file that --out names says how. Everything is drawn when there is less than was asked for. Ends with 4 when the rows
    of a table of the package are not those that its header's digest was made over.
    """
    from observant.app.sampling import Wanted, sample, write_sample

    drawn = sample(population, Wanted(size, seed, spare, by, where))
    if out is not None:
        digest = write_sample(out, population, drawn)
        click.echo(f"{drawn.size} of {drawn.items} items written to {out}, rows sha256 {digest}", err=True)
    if out is None or form != "human":
        rows: list[list[object]] = [list(row) for row in drawn.rows]
        show(form, drawn, drawn.columns, rows, color=session.color, nothing="Nothing could be drawn.")
    return 0
