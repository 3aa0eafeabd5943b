"""Three-valued logic: true, false, and None for what cannot be known."""

from collections.abc import Iterable

Kleene = bool | None


def both(values: Iterable[Kleene]) -> Kleene:
    """Kleene AND; true of nothing."""
    answer: Kleene = True
    for value in values:
        if value is False:
            return False
        if value is None:
            answer = None
    return answer


def either(values: Iterable[Kleene]) -> Kleene:
    """Kleene OR; false of nothing."""
    answer: Kleene = False
    for value in values:
        if value is True:
            return True
        if value is None:
            answer = None
    return answer


def negated(value: Kleene) -> Kleene:
    """Kleene NOT."""
    return None if value is None else not value
