"""From a change to the tickets it may have been made for: each match with its rule and how strong that is.

- `declared`: a human linked them, which is a record
- `named`: an id stands in what the caller's session says about itself, or the ticket names the event
- `traced`: the commit or pull request that the session names, or the last one merged into the workflow's repository
- `likely`: the ticket names what was changed, was open at the time, and is of the person who changed it
- `possible`: less than that; shown to humans, and never counted as a link
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from observant.analysis.kleene import Kleene, either
from observant.analysis.tickets.identity import Directory, same
from observant.analysis.tickets.made import Made
from observant.analysis.tickets.meaning import PULL_REQUEST, Ticket
from observant.model.time import FOREVER

STRENGTHS = ("declared", "named", "traced", "likely", "possible")
LINKING = frozenset(STRENGTHS[:-1])

WRITTEN_AFTER = timedelta(days=3)
"""A ticket that was written later than this after a change must name it."""
STILL_OPEN = timedelta(days=1)
"""How long after its end a ticket still covers a change."""
DEPLOYED_WITHIN = timedelta(days=1)
"""How long after a merge a workflow of the repository still deploys it."""
_SHORTEST_NAME = 3
_COMMIT = re.compile(r"(?<![0-9a-f])[0-9a-f]{7,40}(?![0-9a-f])")
_PULL = re.compile(r"(?:pr|pull)[-_/#=]?(\d+)(?!\d)", re.IGNORECASE)
_ID = re.compile(r"(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9]*-?\d+(?![A-Za-z0-9])")
_WORD = re.compile(r"[^\s,;=@+]+")
_PREFIX = 7


class Match(NamedTuple):
    """One ticket that a change may have been made for."""

    ticket: Ticket
    rule: str
    strength: str


class Found(NamedTuple):
    """`unclear`: scope and id of those `possible` ones that would be links if it were known who is who."""

    matches: list[Match]
    unclear: frozenset[tuple[str, str]]


class Tickets:
    """All tickets and pull requests, by what a change can know them by."""

    def __init__(self, tickets: list[Ticket], directory: Directory) -> None:
        self._directory = directory
        self._by_id: dict[str, list[Ticket]] = defaultdict(list)
        self._by_commit: dict[str, list[tuple[str, Ticket]]] = defaultdict(list)
        self._by_name: dict[str, list[Ticket]] = defaultdict(list)
        self._merged: dict[str, list[Ticket]] = defaultdict(list)
        for one in tickets:
            self._by_id[one.id.casefold()].append(one)
            for name in one.names:
                self._by_name[name].append(one)
            for commit in one.commits:
                self._by_commit[commit[:_PREFIX]].append((commit, one))
            if one.purpose == PULL_REQUEST and one.merged:
                self._merged[one.repository.casefold()].append(one)
        for many in self._merged.values():
            many.sort(key=_merged_at)

    def of(self, id: str, scope: str = "") -> list[Ticket]:  # noqa: A002 (the tracker's word)
        return [one for one in self._by_id.get(id.casefold(), []) if scope in ("", one.scope)]

    def matching(self, change: Made) -> Found:
        """Best first, each ticket once."""
        found: dict[tuple[str, str], Match] = {}
        for match in [*self._named(change), *self._traced(change)]:
            found.setdefault((match.ticket.scope, match.ticket.id), match)
        unclear: set[tuple[str, str]] = set()
        for ticket, rule, sure in self._near(change):
            key = ticket.scope, ticket.id
            if key not in found:
                found[key] = Match(ticket, rule, "likely" if sure else "possible")
                unclear |= {key} if sure is None else set()
        return Found(sorted(found.values(), key=lambda match: _order(match, change.at)), frozenset(unclear))

    def _named(self, change: Made) -> Iterator[Match]:
        for where, what in change.said:
            ids = dict.fromkeys([what, *_ID.findall(what), *_WORD.findall(what)])
            for ticket in (one for each in ids for one in self.of(each)):
                yield Match(ticket, f"id in the {where}", "named")
        for ticket in self._by_name.get(change.id.casefold(), []):
            yield Match(ticket, "the ticket names the event", "named")

    def _traced(self, change: Made) -> Iterator[Match]:
        for where, what in change.said:
            for part in _COMMIT.findall(what.casefold()):
                for commit, ticket in self._by_commit.get(part[:_PREFIX], []):
                    if commit.startswith(part):
                        yield Match(ticket, f"commit in the {where}", "traced")
            for number in _PULL.findall(what):
                for repository in sorted(change.repositories):
                    for ticket in self.of(f"{repository}#{number}"):
                        yield Match(ticket, f"pull request in the {where}", "traced")
        for repository in sorted(change.repositories):
            merged = self._merged.get(repository, [])
            place = bisect_right(merged, change.at, key=_merged_at)
            if place and change.at - _merged_at(merged[place - 1]) <= DEPLOYED_WITHIN:
                yield Match(merged[place - 1], "last pull request merged before the workflow ran", "traced")

    def _near(self, change: Made) -> Iterator[tuple[Ticket, str, Kleene]]:
        """Tickets that name what was changed and were open; whether they are of the person who changed it."""
        names = {one for one in change.resources if len(one) >= _SHORTEST_NAME}
        seen: set[tuple[str, str]] = set()
        for name in sorted(names):
            for ticket in self._by_name.get(name, []):
                if (ticket.scope, ticket.id) in seen or ticket.purpose == PULL_REQUEST or not _open(ticket, change.at):
                    continue
                seen.add((ticket.scope, ticket.id))
                own = self._is_of(ticket, change)
                rule = f"names {name}, open at the time" + (", of the same person" if own else "")
                yield ticket, rule, own

    def _is_of(self, ticket: Ticket, change: Made) -> Kleene:
        actor = self._directory.actor(change.scope, change.actor, change.at)
        asked = [who for who in (ticket.implementer, ticket.requester) if who is not None]
        return either(same(actor, self._directory.who(ticket.scope, who, change.at)) for who in asked)


def _merged_at(ticket: Ticket) -> datetime:
    return ticket.merged or FOREVER.replace(tzinfo=None)


def _open(ticket: Ticket, at: datetime) -> bool:
    if ticket.created is None or ticket.cancelled:
        return False
    return ticket.created - WRITTEN_AFTER <= at and (ticket.closed is None or at <= ticket.closed + STILL_OPEN)


def _order(match: Match, at: datetime) -> tuple[int, bool, float]:
    """Strength first; then what was approved before the change; then what was written nearest to it."""
    approved, created = match.ticket.approved, match.ticket.created
    before = approved is not None and approved <= at
    return STRENGTHS.index(match.strength), not before, abs((at - created).total_seconds()) if created else float("inf")
