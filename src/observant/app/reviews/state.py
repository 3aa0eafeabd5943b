"""Where a campaign stands: its records, its frozen population, who has which item, what is decided."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from observant.app.evaluate import open_inventory
from observant.app.opening import open_log
from observant.app.reviews.drafts import Drafts, HandOver
from observant.app.workspace import Workspace
from observant.errors import UsageError
from observant.evidence.log import Log
from observant.inventory.projection import Inventory
from observant.model.time import Clock
from observant.period.evaluate import utc
from observant.reviews.campaign import CLOSED, OPENED, SIGNED, Campaign, campaigns
from observant.reviews.decision import Choice, Decision, standing
from observant.reviews.difference import Difference, differences
from observant.reviews.item import Item, Population


class State(msgspec.Struct, frozen=True):
    """One campaign as it stands."""

    campaign: Campaign
    population: Population
    before: Population | None
    """The population of the campaign before."""
    assignment: dict[str, str]
    """Item id -> reviewer, hand-overs included."""
    handed_over: list[HandOver]
    decisions: dict[str, Decision]
    """Item id -> the standing decision."""
    differences: dict[str, Difference]
    """Item id -> what changed since the campaign before."""

    def items_of(self, reviewer: str) -> list[Item]:
        """What this reviewer has to judge, most remarkable first: flagged, then new or gained, then the rest."""
        changed = self.differences
        mine = [item for item in self.population.items if self.assignment[item.id] == reviewer]
        return sorted(mine, key=lambda one: (not one.flags, changed[one.id].change == "unchanged", one.kind, one.label))

    def own(self, reviewer: str) -> tuple[Population, dict[str, Decision]]:
        """The part of the population that this reviewer judges, and their decisions about it."""
        items = [item for item in self.population.items if self.assignment[item.id] == reviewer]
        decided = {item.id: self.decisions[item.id] for item in items if item.id in self.decisions}
        return Population(items, self.population.snapshots), decided

    def progress(self) -> dict[str, tuple[int, int]]:
        """Reviewer -> (items, of them decided)."""
        counts: dict[str, list[int]] = {}
        for item, reviewer in self.assignment.items():
            mine = counts.setdefault(reviewer, [0, 0])
            mine[0] += 1
            mine[1] += item in self.decisions and self.decisions[item].choice != Choice.NOT_MINE
        return {name: (items, decided) for name, (items, decided) in sorted(counts.items())}


@contextmanager
def reviewing(workspace: Workspace, clock: Clock) -> Iterator[tuple[Log, Inventory]]:
    """The log and the tables, brought up to each other."""
    log = open_log(workspace, clock)
    with open_inventory(workspace, log) as inventory:
        yield log, inventory


def all_campaigns(inventory: Inventory) -> dict[str, Campaign]:
    """Every campaign the log knows, in order of opening."""
    rows = inventory.connection.execute(
        'SELECT "index", kind, recorded, predicate FROM record WHERE list_contains($kinds, kind) ORDER BY "index"',
        {"kinds": [OPENED, SIGNED, CLOSED]},
    ).fetchall()
    return campaigns((index, kind, utc(recorded), json.loads(predicate)) for index, kind, recorded, predicate in rows)


def state_of(workspace: Workspace, log: Log, inventory: Inventory, campaign: str) -> State:
    """Raises UsageError for a campaign that was never opened."""
    known = all_campaigns(inventory)
    if campaign not in known:
        listed = ", ".join(known) or "none"
        raise UsageError(f"there is no campaign {campaign!r}", f"opened so far: {listed}; `observant review open`")
    found = known[campaign]
    opened = found.opened
    drafts = Drafts(workspace.root, campaign)
    handed_over = drafts.handed_over()
    assignment: dict[str, str] = json.loads(log.file(opened.assignment))
    assignment.update({one.item: one.to for one in handed_over})
    decisions = standing(one for one in drafts.decisions() if assignment.get(one.item) == one.reviewer)
    population = Population.decoded(log.file(opened.population))
    before = Population.decoded(log.file(known[opened.previous].opened.population)) if opened.previous else None
    return State(
        campaign=found,
        population=population,
        before=before,
        assignment=assignment,
        handed_over=handed_over,
        decisions=decisions,
        differences=differences(population, before),
    )
