"""One source of tickets as one snapshot, read anew or from where the last complete reading ended.

Trackers say what changed since a moment. What they answered before is taken from the log, and what changed since is put
in its place; every 30 days, and whenever something else is asked for, everything is read anew, as nothing tells of what
was deleted.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import msgspec

from observant.collect.part import Progress, told
from observant.collect.tickets import export
from observant.collect.tickets.session import TrackerSession
from observant.collect.tickets.tracker import Tracker
from observant.collect.unread import Unread
from observant.evidence.snapshot import Collection, Entity, GapReason, Json, Reconciliation, Request, Snapshot
from observant.model.scope import Scope
from observant.model.time import Clock, moment, text

TICKETS, PULL_REQUESTS, RULES = "tickets.tickets", "tickets.pull_requests", "tickets.rules"
COLLECTIONS = (TICKETS, PULL_REQUESTS, RULES)
OVERLAP = timedelta(days=2)
"""Trackers index late, and their clocks are not ours."""
READ_ANEW = timedelta(days=30)


class Earlier(msgspec.Struct, frozen=True):
    """The last complete reading, as the log has it."""

    started: datetime
    anew: datetime
    """When everything was read the last time."""
    rules: Json
    found: dict[str, dict[str, Json]]
    """Collection -> id -> what was kept."""


class Answer(msgspec.Struct):
    """What a tracker said: its things, and how many it says there are, where it does."""

    entities: list[Entity]
    reconciled: list[Reconciliation] = []


Read = Callable[[TrackerSession, Tracker, datetime | None], Answer]
"""(session, tracker, moment since which things changed or None for all) -> answer. Raises Unread."""


def readers_of(system: str) -> dict[str, Read]:
    """Collection -> how it is read from this system; a system without pull requests has none of them."""
    match system:
        case "github":
            from observant.collect.tickets import github

            return {TICKETS: github.read_tickets, PULL_REQUESTS: github.read_pull_requests}
        case "servicenow":
            from observant.collect.tickets import servicenow

            return {TICKETS: servicenow.read_tickets}
        case _:
            from observant.collect.tickets import jira

            return {TICKETS: jira.read_tickets}


def collect_tickets(
    tracker: Tracker,
    clock: Clock,
    supplied_by: str,
    progress: Progress | None = None,
    *,
    session: TrackerSession | None = None,
    earlier: Earlier | None = None,
    demo: bool = False,
) -> Snapshot:
    """What the tracker says now. `session` for every system but `export`. Never raises for what it answers."""
    started, requests = clock(), list[Request]()
    if session is None:
        read: Iterator[Collection] = _exported(tracker, requests)
    else:
        read = _asked(tracker, session, started, earlier)
    collections = list(told(read, progress))
    requests += session.take_requests() if session else []
    origin = "api" if session else "files"
    return Snapshot(
        str(Scope("tickets", tracker.name)), started, clock(), origin, supplied_by, collections, requests, demo
    )


def _exported(tracker: Tracker, requests: list[Request]) -> Iterator[Collection]:
    yield _collection(TICKETS, lambda: Answer(export.read_tickets(tracker, requests)))
    yield _collection(PULL_REQUESTS, lambda: Answer(export.read_pull_requests(tracker, requests)))
    yield Collection(RULES, [Entity("rules", tracker.rules)])


def _asked(
    tracker: Tracker, session: TrackerSession, started: datetime, earlier: Earlier | None
) -> Iterator[Collection]:
    goes_on = earlier is not None and earlier.rules == tracker.rules and started - earlier.anew < READ_ANEW
    before = earlier if goes_on else None
    readers = readers_of(tracker.system)
    for name in (TICKETS, PULL_REQUESTS):
        if name not in readers:
            yield Collection(name)
            continue
        yield _collection(name, lambda name=name: _caught_up(readers[name], session, tracker, before, name))  # type: ignore[misc]
    anew = before.anew if before else started
    yield Collection(RULES, [Entity("rules", tracker.rules, {"read_anew": text(anew)})])


def _caught_up(read: Read, session: TrackerSession, tracker: Tracker, before: Earlier | None, name: str) -> Answer:
    """Everything there is: what was there before, with what changed since. Read anew where the numbers differ."""
    if before is None:
        return _whole(read(session, tracker, None), name)
    answer = read(session, tracker, before.started - OVERLAP)
    known = {urn: Entity(urn, kept) for urn, kept in before.found.get(name, {}).items()}
    known |= {one.urn: one for one in answer.entities}
    if any(one.expected != len(known) for one in answer.reconciled):
        return _whole(read(session, tracker, None), name)
    counted = [Reconciliation(one.source, one.expected, len(known)) for one in answer.reconciled]
    return Answer(list(known.values()), counted)


def _whole(answer: Answer, name: str) -> Answer:
    """Raises Unread for an answer with less in it than the tracker says there is."""
    for one in answer.reconciled:
        if one.actual < one.expected:
            raise Unread(GapReason.TRUNCATED, f"{name}: {one.actual} of {one.expected} by {one.source}")
    return answer


def _collection(name: str, read: Callable[[], Answer]) -> Collection:
    try:
        answer = read()
    except Unread as unread:
        return Collection(name, gap=unread.gap)
    return Collection(name, answer.entities, reconciled=answer.reconciled)


def anew_of(usage: Json, started: datetime) -> datetime:
    """When everything was read the last time, by what the rules say of their reading."""
    written = usage.get("read_anew")
    return moment(written) if isinstance(written, str) else started
