"""Tickets and pull requests as evidence for changes: the tracker's words read by the workspace's mapping.

The newest reading of a ticket tells its whole history, as approvals and statuses carry their own moments. Moments are
naive UTC, as the engine has them.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

import duckdb
import msgspec

from observant.model.time import moment

ORDINARY = ("change", "access")
EMERGENCY = "emergency"
PULL_REQUEST = "pull request"
OTHER = "other"
"""A kind of ticket that the workspace does not map."""


class Who(NamedTuple):
    """Somebody as a tracker names them."""

    id: str
    email: str | None


class Approval(NamedTuple):
    by: Who | None
    at: datetime | None


class Ticket(NamedTuple):
    """A ticket or a pull request. `approvals` is None where they could not be read."""

    scope: str
    id: str
    title: str
    purpose: str | None
    """`change`, `emergency`, `access`, `pull request` or `other`; None where the mapping could not be read."""
    status: str
    cancelled: bool | None
    requester: Who | None
    implementer: Who | None
    created: datetime | None
    closed: datetime | None
    approvals: tuple[Approval, ...] | None
    names: frozenset[str]
    """What its text and its title name, in lower case."""
    commits: frozenset[str]
    repository: str
    merged: datetime | None
    record: int

    @property
    def approved(self) -> datetime | None:
        """The first approval whose moment is known."""
        return min((one.at for one in self.approvals or () if one.at is not None), default=None)

    @property
    def is_clear(self) -> bool:
        """Whether it is known if and when it was approved."""
        return self.approvals is not None and all(one.at is not None for one in self.approvals)


class _Rules(NamedTuple):
    approving: frozenset[str]
    cancelling: frozenset[str]
    purposes: dict[str, str]


_NEWEST = """
SELECT {columns} FROM {table} QUALIFY row_number() OVER (PARTITION BY scope, member ORDER BY valid_from DESC) = 1
ORDER BY scope, member
"""
_TICKET = (
    *("scope", "member", "title", "kind", "labels", "status", "requester", "requester_email", "implementer"),
    *("implementer_email", "created_at", "closed_at", "approvals", "transitions", "named", "record"),
)
_PULL_REQUEST = (
    *("scope", "member", "title", "author", "author_email", "merged_by", "merged_by_email", "created_at", "merged_at"),
    *("closed_at", "head", "commits", "approvals", "named", "repository", "record"),
)


def tickets_of(connection: duckdb.DuckDBPyConnection) -> list[Ticket]:
    """Everything that any tracker has, pull requests included."""
    rules = {scope: _rules(msgspec.json.decode(text)) for scope, text in _newest_rules(connection)}
    found = [_ticket(row, rules.get(row["scope"])) for row in _rows(connection, "tickets_ticket", _TICKET)]
    found += [_pull_request(row) for row in _rows(connection, "tickets_pull_request", _PULL_REQUEST)]
    return found


def _newest_rules(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return connection.execute("SELECT scope, arg_max(rules, valid_from) FROM tickets_rules GROUP BY scope").fetchall()


def _rows(connection: duckdb.DuckDBPyConnection, table: str, columns: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for row in connection.execute(_NEWEST.format(columns=", ".join(columns), table=table)).fetchall():
        yield dict(zip(columns, row, strict=True))


def _rules(read: dict[str, Any]) -> _Rules:
    statuses, kinds = read.get("statuses", {}), read.get("kinds", {})
    return _Rules(
        approving=frozenset(one.casefold() for one in statuses.get("approved", [])),
        cancelling=frozenset(one.casefold() for one in statuses.get("cancelled", [])),
        purposes={one.casefold(): purpose for purpose, many in kinds.items() for one in many},
    )


def _ticket(row: dict[str, Any], given: _Rules | None) -> Ticket:
    rules = given or _Rules(frozenset(), frozenset(), {})
    labels = _decoded(row["labels"]) or []
    words = [row["kind"] or "", *labels]
    purposes = [rules.purposes[word.casefold()] for word in words if word.casefold() in rules.purposes]
    moves = [one for one in _decoded(row["transitions"]) or [] if isinstance(one, dict)]
    approvals = _approvals(row["approvals"])
    if approvals is not None:
        entered = [one for one in moves if str(one.get("to")).casefold() in rules.approving]
        approvals += [Approval(_who(one.get("by")), _moment(one.get("at"))) for one in entered]
        stands = {str(row["status"]).casefold(), *(f"label:{label}".casefold() for label in labels)} & rules.approving
        if stands and not approvals:
            approvals = [Approval(None, None)]  # approved, and nobody says when
    return Ticket(
        scope=row["scope"],
        id=row["member"],
        title=row["title"] or "",
        purpose=_purpose(purposes) if given else None,
        status=row["status"] or "",
        cancelled=str(row["status"]).casefold() in rules.cancelling if given else None,
        requester=_named(row["requester"], row["requester_email"]),
        implementer=_named(row["implementer"], row["implementer_email"]),
        created=row["created_at"],
        closed=row["closed_at"],
        approvals=None if approvals is None else tuple(approvals),
        names=_names(row["title"], row["named"]),
        commits=frozenset(),
        repository=row["member"].partition("#")[0] if "#" in row["member"] else "",
        merged=None,
        record=row["record"],
    )


def _purpose(purposes: list[str]) -> str:
    """An emergency, whatever else it is called."""
    return EMERGENCY if EMERGENCY in purposes else purposes[0] if purposes else OTHER


def _pull_request(row: dict[str, Any]) -> Ticket:
    given = _decoded(row["approvals"])
    author = _named(row["author"], row["author_email"])
    approvals = None if given is None else _standing(given, row["merged_at"])
    commits = [one for one in _decoded(row["commits"]) or [] if isinstance(one, str)]
    return Ticket(
        scope=row["scope"],
        id=row["member"],
        title=row["title"] or "",
        purpose=PULL_REQUEST,
        status="merged" if row["merged_at"] else "closed" if row["closed_at"] else "open",
        cancelled=row["closed_at"] is not None and row["merged_at"] is None,
        requester=author,
        implementer=_named(row["merged_by"], row["merged_by_email"]),
        created=row["created_at"],
        closed=row["closed_at"] or row["merged_at"],
        approvals=None if approvals is None else tuple(one for one in approvals if one.by != author),
        names=_names(row["title"], row["named"], row["head"]),
        commits=frozenset(one.casefold() for one in commits),
        repository=row["repository"] or "",
        merged=row["merged_at"],
        record=row["record"],
    )


def _standing(given: list[Any], merged: datetime | None) -> list[Approval]:
    """Approvals by the last review of each before the merge; without a merge, by the last one."""
    last: dict[str, tuple[datetime | None, str, Approval]] = {}
    for one in given:
        by, at, state = _who(one.get("by")), _moment(one.get("at")), str(one.get("state"))
        if by is None or state == "commented" or (merged and at and at > merged):
            continue
        before = last.get(by.id)
        if before is None or before[0] is None or (at is not None and at >= before[0]):
            last[by.id] = at, state, Approval(by, at)
    return [approval for _, state, approval in last.values() if state == "approved"]


def _approvals(written: str | None) -> list[Approval] | None:
    given = _decoded(written)
    if given is None:
        return None
    return [Approval(_who(one.get("by")), _moment(one.get("at"))) for one in given if one.get("state") == "approved"]


def _decoded(written: str | None) -> list[Any] | None:
    read = msgspec.json.decode(written) if written else None
    return read if isinstance(read, list) else None


def _moment(written: object) -> datetime | None:
    return moment(written).replace(tzinfo=None) if isinstance(written, str) else None


def _named(id: str | None, email: str | None) -> Who | None:  # noqa: A002
    return Who(id, email) if id else None


def _who(value: Any) -> Who | None:  # noqa: ANN401
    return _named(value.get("id"), value.get("email")) if isinstance(value, dict) else None


def _names(*given: str | None) -> frozenset[str]:
    """Every word that a change could be called by: of titles each word, of listed ids each id and its last part."""
    found: set[str] = set()
    for one in given:
        listed = _decoded(one) if one and one.startswith("[") else None
        for each in listed if listed is not None else (one or "").split():
            word = str(each).casefold().strip(".,:;()[]\"'`")
            found |= {word, word.rpartition("/")[2]}
    return frozenset(found - {""})
