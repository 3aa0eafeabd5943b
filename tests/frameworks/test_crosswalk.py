"""The crosswalk names checks that exist, sources that are explained, and leaves no check unconsidered."""

import pytest

from observant.checks.registry import CHECKS
from observant.frameworks.crosswalk import FRAMEWORKS, SOURCES
from observant.frameworks.mapping import edges_of, requirements
from observant.frameworks.themes import THEMES


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_a_theme_is_about_checks_that_exist_and_says_where_its_edges_come_from(theme: object) -> None:
    assert set(theme.checks) <= set(CHECKS)  # type: ignore[attr-defined]
    assert theme.edges  # type: ignore[attr-defined]
    for edge in theme.edges:  # type: ignore[attr-defined]
        assert edge.framework in FRAMEWORKS
        assert edge.source in SOURCES


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_is_considered(check: str) -> None:
    assert edges_of(check)


def test_requirements_are_in_the_order_of_their_numbers() -> None:
    found = list(requirements("iso-27001-2022", CHECKS))

    assert found.index("A.5.15") < found.index("A.5.18") < found.index("A.8.2") < found.index("A.8.15")
    assert ("aws-root-mfa", "P") in requirements("cis-aws-5.0", CHECKS)["1.4"]
