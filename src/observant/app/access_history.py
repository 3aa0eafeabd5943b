"""`observant history`: from when to when a principal was an administrator or could become one, by which statement, and
by whose change."""

from datetime import datetime

import duckdb
import msgspec

from observant.analysis.aws.differences import differences, statement_of
from observant.analysis.aws.facts import Facts
from observant.analysis.aws.judged import granting
from observant.analysis.aws.principals import ACCESS
from observant.analysis.aws.timeline import timeline
from observant.app.changes import Change, changes_of
from observant.app.evaluate import judged
from observant.app.policy_questions import chosen
from observant.app.workspace import Workspace
from observant.model.time import FOREVER, Clock
from observant.period.evaluate import utc


class Granting(msgspec.Struct, frozen=True):
    """A statement that makes somebody an administrator."""

    label: str
    statement: str
    """As it is written, JSON."""


class Step(msgspec.Struct, frozen=True):
    """A stretch of time in which the answers are the same. None where an answer cannot be known."""

    since: datetime
    not_before: datetime
    """The change was not earlier than this: equal to `since` where the account's log shows it to the second."""
    until: datetime | None
    administrator: bool | None
    administrator_because: str
    by_statements: list[Granting]
    escalates: bool | None
    escalates_because: str
    exposes: bool | None
    console_needs_mfa: bool | None
    key_needs_mfa: bool | None
    changed: list[str]
    """What became different with it, in words; empty where only others changed."""
    by: list[Change]
    """The changes that the account's log tells of at that time, of this principal or of what it holds."""
    record: int


class History(msgspec.Struct, frozen=True):
    """The answer of `observant history`. `log_read`: whether any log of the account was read."""

    principal: str
    scope: str
    log_read: bool
    steps: list[Step]


def history(workspace: Workspace, clock: Clock, principal: str) -> History:
    """Everything that is known of one user or role. Raises UsageError for a principal nobody has collected."""
    with judged(workspace, clock) as held:
        connection = held.evaluation.connection
        everybody = [facts for facts in timeline(connection) if facts.kind != "group"]
        arn = chosen(principal, list({facts.arn: facts for facts in everybody}.values())).arn
        mine = sorted((facts for facts in everybody if facts.arn == arn), key=lambda facts: facts.valid_from)
        scope = mine[0].scope
        told = [one for one in changes_of(connection) if one.scope == scope and not one.failed and one.at]
        read = connection.execute("SELECT count(*) FROM record WHERE kind = 'events' AND scope = ?", [scope]).fetchone()
        steps = [_step(row, mine, told) for row in _rows(connection, scope, arn)]
        return History(arn, scope, read != (0,), steps)


class _Row(msgspec.Struct, frozen=True):
    """One stretch of the derived table."""

    valid_from: datetime
    valid_to: datetime
    earliest: datetime
    record: int
    administrator: bool | None
    administrator_because: str
    escalates: bool | None
    escalates_because: str
    exposes: bool | None
    console_needs_mfa: bool | None
    key_needs_mfa: bool | None


def _rows(connection: duckdb.DuckDBPyConnection, scope: str, arn: str) -> list[_Row]:
    columns = ", ".join(_Row.__struct_fields__)
    rows = connection.execute(
        f"SELECT {columns} FROM {ACCESS} WHERE scope = ? AND member = ? ORDER BY valid_from",  # noqa: S608
        [scope, arn],
    ).fetchall()
    return [_Row(*row) for row in rows]


def _step(row: _Row, mine: list[Facts], told: list[Change]) -> Step:
    now = next(facts for facts in mine if facts.valid_from <= row.valid_from < facts.valid_to)
    before = next((facts for facts in mine if facts.valid_to == row.valid_from), None)
    labels = granting(now) if row.administrator is not False else ()
    return Step(
        since=utc(row.valid_from),
        not_before=utc(row.earliest),
        until=None if utc(row.valid_to) >= FOREVER else utc(row.valid_to),
        administrator=row.administrator,
        administrator_because=row.administrator_because,
        by_statements=[Granting(label, statement_of(now, label)) for label in labels],
        escalates=row.escalates,
        escalates_because=row.escalates_because,
        exposes=row.exposes,
        console_needs_mfa=row.console_needs_mfa,
        key_needs_mfa=row.key_needs_mfa,
        changed=differences(before, now) if before is None or before is not now else [],
        by=_by(row, before, now, told),
        record=row.record,
    )


def _by(row: _Row, before: Facts | None, now: Facts, told: list[Change]) -> list[Change]:
    """Changes of the principal, its groups or its policies: at that second, or since it was last seen otherwise."""
    names = {name for facts in (before, now) if facts for name in _names(facts)}
    start, end = utc(row.earliest), utc(row.valid_from)
    return [
        one
        for one in told
        if one.at is not None
        and (start < one.at <= end or one.at == end)
        and {one.target, one.target.rpartition("/")[2]} & names
    ]


def _names(facts: Facts) -> set[str]:
    arns = (facts.arn, *facts.groups, *facts.customer_policies, facts.boundary_arn)
    return {facts.label, *arns, *(arn.rpartition("/")[2] for arn in arns)} - {""}
