"""Tickets and pull requests that somebody exported. One wrong row makes the list a gap that names its place."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from observant.collect.rows import RowError, read_rows, refuse_header, refuse_rows
from observant.collect.tickets.shape import approval, person, pull_request, references_in, ticket
from observant.collect.tickets.tracker import PULL_REQUEST_REQUIRED, TICKET_REQUIRED, Tracker
from observant.evidence.snapshot import Entity, Json, Request
from observant.model.time import text

_OPERATION = "tickets:ReadFile"

Cells = Callable[[str], str]
"""Field -> its cell, empty where there is none."""


def read_tickets(tracker: Tracker, requests: list[Request]) -> list[Entity]:
    """Raises Unread."""
    if tracker.file is None:
        return []
    return list(_read(tracker, tracker.file, tracker.columns, TICKET_REQUIRED, _ticket, requests))


def read_pull_requests(tracker: Tracker, requests: list[Request]) -> list[Entity]:
    """Raises Unread."""
    path, columns = tracker.pull_requests, tracker.pull_request_columns
    if path is None:
        return []
    return list(_read(tracker, path, columns, PULL_REQUEST_REQUIRED, _pull_request, requests))


def _read(
    tracker: Tracker,
    path: Path,
    columns: dict[str, str],
    required: tuple[str, ...],
    made: Callable[["_Reader"], Entity],
    requests: list[Request],
) -> Iterator[Entity]:
    rows = list(read_rows(path, _OPERATION, requests))
    refuse_header(path, rows, columns)
    entities, problems, seen = list[Entity](), list[str](), dict[str, int]()
    for number, row in rows:
        try:
            one = made(_Reader(tracker, columns, row, required))
        except RowError as problem:
            problems.append(f"row {number}, {problem}")
            continue
        if one.urn in seen:
            problems.append(f"row {number}, column {columns['id']}: {one.urn!r} stands in row {seen[one.urn]} too")
        seen.setdefault(one.urn, number)
        entities.append(one)
    refuse_rows(path.name, problems)
    return iter(entities)


class _Reader:
    """The cells of one row, by what they mean."""

    def __init__(
        self, tracker: Tracker, columns: dict[str, str], row: dict[str, str], required: tuple[str, ...]
    ) -> None:
        self._tracker, self._columns, self._row = tracker, columns, row
        for field in required:
            if not self.cell(field) and field != "merged":  # an open pull request
                raise RowError(f"column {columns[field]}: is empty; every row needs one")

    def cell(self, field: str) -> str:
        column = self._columns.get(field)
        return (self._row.get(column) or "").strip() if column else ""

    def many(self, field: str) -> list[str]:
        return [one.strip() for one in self.cell(field).split(";") if one.strip()]

    def who(self, field: str) -> Json | None:
        return somebody(self.cell(field))

    def moment(self, field: str) -> str | None:
        found = self.moments(field)
        if len(found) > 1:
            raise RowError(f"column {self._columns[field]}: names {len(found)} moments; it can hold one")
        return found[0] if found else None

    def moments(self, field: str) -> list[str]:
        return [self._moment(field, one) for one in self.many(field)]

    def _moment(self, field: str, written: str) -> str:
        form, zone = self._tracker.date_format, ZoneInfo(self._tracker.zone)
        try:
            read = datetime.strptime(written, form) if form else datetime.fromisoformat(written)  # noqa: DTZ007
        except ValueError:
            how = f"written {form}" if form else "in ISO 8601, such as 2026-01-31T14:00:00+01:00"
            problem = f"{written!r} is no moment {how}; change date_format or the cell"
            raise RowError(f"column {self._columns[field]}: {problem}") from None
        return text((read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC).replace(microsecond=0))

    def approvals(self) -> list[Json]:
        """Approvers with their times: as many times as approvers, or none where the export has no such column."""
        by, at = [somebody(one) for one in self.many("approver")], self.moments("approved")
        if at and len(at) != len(by):
            problem = f"{len(at)} times for {len(by)} approvers; write one for each, with ; between them"
            raise RowError(f"column {self._columns['approved']}: {problem}")
        times: list[str | None] = [*at] if at else [None for _ in by]
        return [approval(who, when) for who, when in zip(by, times, strict=True)]


def somebody(written: str) -> Json | None:
    return person(written, None, written if "@" in written else None)


def _ticket(row: _Reader) -> Entity:
    created, closed = row.moment("created"), row.moment("closed")
    return ticket(
        row.cell("id"),
        title=row.cell("title"),
        kind=row.cell("kind"),
        status=row.cell("status"),
        requester=row.who("requester"),
        implementer=row.who("implementer"),
        created=created,
        closed=closed,
        approvals=row.approvals(),
        references=references_in(row.cell("references")),
    )


def _pull_request(row: _Reader) -> Entity:
    name = row.cell("id")
    return pull_request(
        name,
        repository=name.partition("#")[0] if "#" in name else "",
        title=row.cell("title"),
        author=row.who("author"),
        approvals=row.approvals(),
        merged_by=row.who("merged_by"),
        created=row.moment("created"),
        merged=row.moment("merged"),
        closed=row.moment("closed"),
        commits=row.many("commits"),
        head=row.cell("head"),
        references=references_in(row.cell("references")),
    )
