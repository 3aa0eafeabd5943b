"""`[risk]` of `observant.toml`: the organization's scale."""

from observant.app.located import Located
from observant.risks.risk import USUAL, Scale


def read_scale(located: Located | None) -> Scale:
    """Raises ConfigurationError naming the line."""
    if located is None:
        return USUAL
    keys = located.table("[risk]", ("likelihood", "impact", "levels"))
    levels = keys["levels"].mapping("levels")
    scale = Scale(
        keys["likelihood"].texts("likelihood"),
        keys["impact"].texts("impact"),
        {name: each.number("a level") for name, each in levels.items()},
    )
    for name, words in (("likelihood", scale.likelihood), ("impact", scale.impact)):
        if len(words) < 2 or len(set(words)) != len(words):
            keys[name].refuse(f"{name} needs at least two different words", "write them from the lowest up")
    if not levels or len(set(scale.levels.values())) != len(levels):
        keys["levels"].refuse("each level needs a least product of its own", "write for example {low = 1, high = 10}")
    return scale
