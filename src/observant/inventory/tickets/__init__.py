"""The tables made from trackers: tickets, pull requests, and what their words mean.

The words stay the tracker's own here. `analysis/tickets` says what they mean, so that a mapping that was corrected is
right for last year's evidence too.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from observant.evidence.snapshot import Json
from observant.inventory.table import Reading, Row, Table, Value, text_of, time_of


def _list(value: Any) -> str | None:  # noqa: ANN401 (whatever the record has)
    """A list as JSON; NULL for one that could not be read."""
    return msgspec.json.encode(value).decode() if isinstance(value, list) else None


def _who(value: Any) -> tuple[str | None, str | None]:  # noqa: ANN401
    """(id, e-mail) of somebody."""
    found = value if isinstance(value, dict) else {}
    return text_of(found.get("id")), text_of(found.get("email"))


def _label(urn: str, body: Json) -> str:
    title = text_of(body.get("title"))
    return f"{urn} {title}" if title else urn


def _ticket(urn: str, body: Json) -> Iterator[Row]:
    values: tuple[Value, ...] = (
        text_of(body.get("title")),
        text_of(body.get("kind")),
        _list(body.get("labels")),
        text_of(body.get("status")),
        *_who(body.get("requester")),
        *_who(body.get("implementer")),
        time_of(body.get("created")),
        time_of(body.get("closed")),
        _list(body.get("approvals")),
        _list(body.get("transitions")),
        _list(body.get("references")),
    )
    yield Row(urn, _label(urn, body), values)


TICKET = Table(
    name="tickets_ticket",
    about=(
        "Tickets in their tracker's own words. `approvals`, `transitions` (statuses that it went to) and `named` (ids "
        "that its text names) are JSON lists; `approvals` is NULL where they could not be read."
    ),
    columns={
        "title": "VARCHAR",
        "kind": "VARCHAR",
        "labels": "VARCHAR",
        "status": "VARCHAR",
        "requester": "VARCHAR",
        "requester_email": "VARCHAR",
        "implementer": "VARCHAR",
        "implementer_email": "VARCHAR",
        "created_at": "TIMESTAMP",
        "closed_at": "TIMESTAMP",
        "approvals": "VARCHAR",
        "transitions": "VARCHAR",
        "named": "VARCHAR",
    },
    readings=(Reading("tickets.tickets", "configuration", _ticket),),
)


def _pull_request(urn: str, body: Json) -> Iterator[Row]:
    author, _ = _who(body.get("author"))
    approvals = body.get("approvals")
    others = _others(approvals, author, text_of(body.get("merged"))) if isinstance(approvals, list) else None
    values: tuple[Value, ...] = (
        text_of(body.get("repository")),
        text_of(body.get("title")),
        *_who(body.get("author")),
        *_who(body.get("merged_by")),
        time_of(body.get("created")),
        time_of(body.get("merged")),
        time_of(body.get("closed")),
        text_of(body.get("head")),
        _list(body.get("commits")),
        _list(approvals),
        None if others is None else len(others),
        None if others is None else ", ".join(others),
        _list(body.get("references")),
    )
    yield Row(urn, _label(urn, body), values)


def _others(approvals: list[Any], author: str | None, merged: str | None) -> list[str] | None:
    """Who else had approved when it was merged, by the last word of each; NULL where a moment is missing."""
    last: dict[str, tuple[str, str]] = {}
    for one in approvals:
        by, _ = _who(one.get("by"))
        at, state = text_of(one.get("at")), text_of(one.get("state")) or ""
        if by is None or at is None:
            return None
        counts = state in ("approved", "changes_requested", "dismissed") and (merged is None or at <= merged)
        if counts and at >= last.get(by, ("", ""))[0]:
            last[by] = at, state
    return sorted(by for by, (_, state) in last.items() if state == "approved" and by != author)


PULL_REQUEST = Table(
    name="tickets_pull_request",
    about=(
        "Pull requests. `others` counts those who had approved when it was merged and are not its author, by the last "
        "review of each; it is NULL where the reviews could not be read. `commits`, `approvals` and `named` are JSON."
    ),
    columns={
        "repository": "VARCHAR",
        "title": "VARCHAR",
        "author": "VARCHAR",
        "author_email": "VARCHAR",
        "merged_by": "VARCHAR",
        "merged_by_email": "VARCHAR",
        "created_at": "TIMESTAMP",
        "merged_at": "TIMESTAMP",
        "closed_at": "TIMESTAMP",
        "head": "VARCHAR",
        "commits": "VARCHAR",
        "approvals": "VARCHAR",
        "others": "BIGINT",
        "approvers": "VARCHAR",
        "named": "VARCHAR",
    },
    readings=(Reading("tickets.pull_requests", "configuration", _pull_request),),
)


def _rules(urn: str, rules: Json) -> Iterator[Row]:
    yield Row(urn, "rules", (msgspec.json.encode(rules, order="sorted").decode(),))


RULES = Table(
    name="tickets_rules",
    about="What each tracker's words mean: which statuses approve or cancel, what kinds of ticket are for.",
    columns={"rules": "VARCHAR"},
    readings=(Reading("tickets.rules", "configuration", _rules),),
)

TABLES = (TICKET, PULL_REQUEST, RULES)
