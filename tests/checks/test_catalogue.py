"""The committed catalogue is what the checks say today."""

from pathlib import Path

from observant.checks.catalogue import pages

CATALOGUE = Path(__file__).parents[2] / "docs" / "catalogue"


def test_the_committed_catalogue_is_current() -> None:
    """`make docs` writes it."""
    assert pages() == {path.name: path.read_text() for path in CATALOGUE.iterdir()}
