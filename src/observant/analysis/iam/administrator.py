"""Who is an administrator in effect: who may do everything, or may give itself everything.

Unrestricted rights over IAM are enough, whatever the rest says: whoever may write a policy on itself has what it wants.
Boundary and service control policies come first; a grant that stays within a boundary which cannot be removed does not
make an administrator. Everything except IAM does not, either.
"""

from collections.abc import Iterable

import msgspec

from observant.analysis.iam.estate import Held
from observant.analysis.iam.routes import Route, boundary_leaves_all, removable_boundary, self_routes
from observant.analysis.kleene import Kleene, both, either


class Administrator(msgspec.Struct, frozen=True):
    """`answer`: True, False, or None where it depends on keys or on what is not known."""

    answer: Kleene
    route: Route | None
    """The most certain way; None when there is none."""
    because: str

    @property
    def word(self) -> str:
        """`yes`, `no` or `conditional`."""
        return word(self.answer)


def word(answer: Kleene) -> str:
    return "conditional" if answer is None else "yes" if answer else "no"


def administrator(held: Held) -> Administrator:
    """Whether a principal is an administrator in effect."""
    found: list[tuple[Kleene, Route]] = []
    for each in self_routes(held):
        answer = both((each.certain, _uncapped(held, each)))
        if answer is not False:
            found.append((answer, each))
        if answer is True:
            break
    answer = either(one for one, _ in found)
    best = next((each for one, each in found if one is answer), None)
    return Administrator(answer, best, _because(best))


def _uncapped(held: Held, each: Route) -> Kleene:
    if not each.capped or boundary_leaves_all(held):
        return True
    return removable_boundary(held).answer


def _because(best: Route | None) -> str:
    if best is None:
        return "it cannot give itself further rights"
    return f"{best.does}: {told(best)}"


def told(route: Route) -> str:
    """The statements, and on what it depends."""
    parts = ["allowed by " + ", ".join(route.because)]
    if route.keys:
        parts.append("depending on " + ", ".join(route.keys))
    if route.needs:
        parts.append(f"provided {route.needs}")
    return "; ".join(parts)


class Strongest:
    """One route for each id, the most certain one that came first."""

    def __init__(self) -> None:
        self._best: dict[str, Route] = {}
        self.certain = False
        """Whether any of them is certain."""

    def add(self, routes: Iterable[Route]) -> None:
        for each in routes:
            if each.id not in self._best or (each.certain and not self._best[each.id].certain):
                self._best[each.id] = each
                self.certain = self.certain or each.certain is True

    def settled(self, ids: Iterable[str]) -> bool:
        """Whether a certain route is known for each of these ids, so that no further one of them can matter."""
        return all(each in self._best and self._best[each].certain for each in ids)

    def routes(self) -> list[Route]:
        """Certain ones first."""
        return sorted(self._best.values(), key=lambda each: (each.certain is not True, each.id))
