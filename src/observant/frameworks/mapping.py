"""Reading the crosswalk both ways: what a check speaks to, and which checks speak to a requirement."""

from collections.abc import Iterable

from observant.frameworks.crosswalk import Edge
from observant.frameworks.themes import THEMES


def edges_of(check: str) -> list[Edge]:
    """Every edge of a check, sorted; empty for one that speaks to the Trust Services Criteria alone."""

    return sorted({edge for theme in THEMES if check in theme.checks for edge in theme.edges})


def requirements(framework: str, checks: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """Requirement -> (check, source) of every check that speaks to it, in order of the requirement's number."""
    found: dict[str, list[tuple[str, str]]] = {}
    for check in sorted(checks):
        for edge in edges_of(check):
            if edge.framework == framework:
                found.setdefault(edge.requirement, []).append((check, edge.source))
    return dict(sorted(found.items(), key=lambda one: _in_order(one[0])))


def _in_order(requirement: str) -> list[tuple[int, int, str]]:
    """`A.5.9` before `A.5.15`, `AC-2` before `AC-2(3)`: runs of digits count as numbers."""
    parts, run = [], ""
    for character in requirement:
        if run and character.isdigit() != run[-1].isdigit():
            parts.append(run)
            run = ""
        run += character
    return [(0, int(one), "") if one.isdigit() else (1, 0, one) for one in [*parts, run]]
