"""Escalation over time: who can reach whom depends on everybody else in the account.

An account's estate at a moment is reduced to what the rules look at: who there is, who holds more, and whom their roles
trust. Only when that changes, or a principal's own policies do, is the question put again.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from hashlib import blake2b

import msgspec

from observant.analysis.aws.facts import Facts
from observant.analysis.aws.judged import Said
from observant.analysis.iam.administrator import told
from observant.analysis.iam.escalation import escalation
from observant.analysis.iam.estate import Estate, Held
from observant.analysis.iam.routes import Route


class Reach(msgspec.Struct, frozen=True):
    """`escalates`: True, or None where that needs something that the evidence does not show."""

    escalates: bool | None
    because: str


NOWHERE = Reach(False, "")

_OF_THE_ACCOUNT = frozenset(
    {"aws:principalorgid", "aws:principalorgpaths", "aws:resourceorgid", "aws:resourceorgpaths"}
)
"""Keys that are facts about the organization, not about a request: unknown where it was not read."""
Judged = tuple[Facts, Said]


class Around:
    """The estate of an account in one stretch of time."""

    def __init__(self, present: list[Judged], held: Mapping[str, Held] | None = None) -> None:
        self._present = present
        self._held = held
        """Ready for questions, where they are at hand."""
        self._facts = {facts.arn: facts for facts, _ in present}
        more = sorted(
            (facts.arn, said.administrator is True, facts.trust) for facts, said in present if said.administrator
        )
        arns = sorted(facts.arn for facts, _ in present)
        self.digest = blake2b(msgspec.json.encode((more, arns)), digest_size=16).hexdigest()
        self._estate: Estate | None = None

    def reach(self, facts: Facts) -> Reach:
        if self._estate is None:
            self._estate = Estate(
                self._held or {each.arn: each.held() for each, _ in self._present if each.kind != "group"},
                [each.arn for each, _ in self._present if each.kind == "group"],
                {each.arn: said.administrator for each, said in self._present if said.administrator is not False},
            )
        held = self._estate.held[facts.arn] if self._facts.get(facts.arn) is facts else facts.held()
        found = escalation(held, self._estate, every=False).routes
        held.access.forget()  # not worth remembering
        return _reach(found)


def _reach(routes: list[Route]) -> Reach:
    # A route that only depends on keys of the request counts; one that needs an unseen resource may not be there.
    sure = [each for each in routes if not (each.needs or _OF_THE_ACCOUNT.intersection(map(str.lower, each.keys)))]
    if sure:
        return Reach(True, "; ".join(_words(each) for each in sure[:3]))
    if routes:
        return Reach(None, "possible: " + "; ".join(_words(each) for each in routes[:3]))
    return NOWHERE


def _words(route: Route) -> str:
    on = f" ({route.target})" if route.target else ""
    return f"{route.does}{on} [{route.id}]: {told(route)}"


def reaches(
    judged: list[Judged], known: Callable[[Facts, Said, Around], Reach]
) -> Iterator[tuple[Facts, datetime, datetime, Reach]]:
    """For every user and role of one account: stretches with what it can reach, as `known` tells."""
    surroundings = list(_surroundings(judged))
    begins = [start for start, _, _ in surroundings]
    for facts, said in judged:
        if facts.kind == "group":
            continue
        for start, end, around in surroundings[max(0, bisect_right(begins, facts.valid_from) - 1) :]:
            if facts.valid_to <= start:
                break
            yield facts, max(start, facts.valid_from), min(end, facts.valid_to), known(facts, said, around)


def _surroundings(judged: list[Judged]) -> Iterator[tuple[datetime, datetime, Around]]:
    """The estate over the time in which anybody is there, cut only where it changes for those around."""
    starts: dict[datetime, list[Judged]] = {}
    ends: dict[datetime, list[Judged]] = {}
    for each in judged:
        starts.setdefault(each[0].valid_from, []).append(each)
        ends.setdefault(each[0].valid_to, []).append(each)
    present: dict[tuple[str, datetime], Judged] = {}
    held: tuple[datetime, Around] | None = None
    moments = sorted({*starts, *ends})
    for at in moments:
        gone, come = ends.get(at, []), starts.get(at, [])
        for facts, _ in gone:
            del present[facts.arn, facts.valid_from]
        present |= {(facts.arn, facts.valid_from): (facts, said) for facts, said in come}
        if held is not None and _looks_the_same(gone, come):
            continue
        around = Around(list(present.values()))
        if held is None or held[1].digest != around.digest:
            if held is not None:
                yield held[0], at, held[1]
            held = at, around
    if held is not None:
        yield held[0], moments[-1], held[1]


def _looks_the_same(gone: list[Judged], come: list[Judged]) -> bool:
    """Whether, seen from others, nobody came, went, or holds more than before."""
    return {facts.arn for facts, _ in gone} == {facts.arn for facts, _ in come} and not any(
        said.administrator for _, said in (*gone, *come)
    )
