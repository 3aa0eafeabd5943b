"""Every change of access that any log tells of, with who is behind it and what it did: `access_change`.

An actor is resolved as far as evidence goes: through role sessions to who began them, and from there by the declared
rules to a person. A workflow, a service or an account that is nobody's own has no person.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import duckdb

from observant.analysis.actors import Actor, Begun, Caller, actor_of
from observant.analysis.change_effects import Privileges, powers_changed, properties_changed, rows_changed
from observant.analysis.derivation import VALID_TIME, Derivation, DerivedTable
from observant.analysis.people.linking import Account, Link
from observant.analysis.people.timeline import People, person_of
from observant.analysis.slices import Version, versions
from observant.model.time import FOREVER

CHANGES = DerivedTable(
    name="access_change",
    about=(
        "Changes of access that CloudTrail, the directory audit log and activity logs tell of, one row for each event, "
        "valid from when it happened. `log` is cloudtrail, entra or azure; `line` its place in the record, where it "
        "has one. `failed` ones changed nothing. `actor` is who stands behind it as evidence has it, `shown_by` what "
        "it was taken from; `person` is an id of the list of people, NULL where no rule leads to one. `did` is before "
        "and after of rows or properties, `effect` who may do more or less in effect."
    ),
    columns=VALID_TIME
    | {
        "log": "VARCHAR",
        "line": "BIGINT",
        "happened_at": "TIMESTAMP",
        "event": "VARCHAR",
        "category": "VARCHAR",
        "target": "VARCHAR",
        "target_id": "VARCHAR",
        "failed": "BOOLEAN",
        "error": "VARCHAR",
        "actor": "VARCHAR",
        "actor_kind": "VARCHAR",
        "shown_by": "VARCHAR",
        "session_name": "VARCHAR",
        "person": "VARCHAR",
        "person_name": "VARCHAR",
        "person_scope": "VARCHAR",
        "did": "VARCHAR[]",
        "effect": "VARCHAR[]",
    },
)


class _Event(NamedTuple):
    """An event before its actor is resolved to a person."""

    scope: str
    member: str
    label: str
    record: int
    log: str
    line: int | None
    at: datetime | None
    name: str
    category: str | None
    target: str | None
    target_id: str | None
    failed: bool
    error: str | None
    actor: Actor
    account: str | None
    """The actor's account, as identity tables name it."""
    session_name: str | None
    did: list[str]
    effect: list[str]


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    whose = _Whose(connection)
    rows = [_row(one, whose) for one in (*_aws(connection), *_microsoft(connection))]
    connection.execute(f"DELETE FROM {CHANGES.name}")  # noqa: S608
    if rows:
        listed = ", ".join(f"unnest(?::{kind}[])" for kind in CHANGES.columns.values())
        columns = [list(column) for column in zip(*rows, strict=True)]
        connection.execute(f"INSERT INTO {CHANGES.name} SELECT {listed}", columns)


def _row(one: _Event, whose: "_Whose") -> tuple[object, ...]:
    at = one.at
    link = whose.link(one) if at else None
    person = link.person if link and link.kind == "person" else None
    life = (at or _NEVER, _FOREVER, at or _NEVER, one.record)
    named = (person.id, person.name, person.scope) if person else (None, None, None)
    return (
        *(one.scope, one.member, one.label, *life, one.log, one.line, at, one.name, one.category or "", one.target),
        *(one.target_id, one.failed, one.error, one.actor.name, one.actor.kind, one.actor.shown_by, one.session_name),
        *(*named, one.did, one.effect),
    )


_FOREVER = FOREVER.replace(tzinfo=None)
_NEVER = datetime(1970, 1, 1)  # noqa: DTZ001 (as the tables hold it; an event without a time is in no period)


# -- the logs


def _aws(connection: duckdb.DuckDBPyConnection) -> Iterator[_Event]:
    sessions, did, powers = _sessions(connection), rows_changed(connection), powers_changed(connection)
    rows = connection.execute(
        """
        SELECT scope, member, label, record, line, happened_at, event_name, category, target, failed, error,
               actor_kind, actor, session_name, session_key, source_identity, directory_user, invoked_by
        FROM aws_change ORDER BY happened_at NULLS FIRST, record, line
        """
    ).fetchall()
    for scope, member, label, record, line, at, name, category, target, failed, error, *caller in rows:
        actor, effective = actor_of(Caller(*caller), sessions), not failed and at is not None
        yield _Event(
            *(scope, member, label, record, "cloudtrail", line, at, name, category, target, None, failed, error, actor),
            account=actor.name,
            session_name=caller[2],
            did=did.get((scope, at, record), []) if effective else [],
            effect=powers.get((scope, at), []) if effective else [],
        )


def _sessions(connection: duckdb.DuckDBPyConnection) -> dict[str, Begun]:
    rows = connection.execute(
        "SELECT session_key, actor_kind, actor, by_key, source_identity, subject, provider FROM aws_session"
    ).fetchall()
    found = {}
    for key, kind, arn, by_key, source_identity, subject, provider in rows:
        name = arn.rpartition("/")[2] if arn and kind == "AssumedRole" else None
        found[key] = Begun(Caller(kind, arn, name, by_key, source_identity), subject, provider)
    return found


def _microsoft(connection: duckdb.DuckDBPyConnection) -> Iterator[_Event]:
    privileges = Privileges(connection)
    for log in ("entra", "azure"):
        rows = connection.execute(
            f"""
            SELECT scope, member, any_value(label), min(record), happened_at, event_name, any_value(category),
                   any_value(target), any_value(target_id), any_value(failed), any_value(error), any_value(actor),
                   any_value(actor_kind), any_value(actor_id), any_value(changed)
            FROM {log}_change GROUP BY scope, member, happened_at, event_name ORDER BY happened_at, member
            """  # noqa: S608
        ).fetchall()
        for scope, member, label, record, at, name, category, target, target_id, failed, error, *rest in rows:
            actor, kind, actor_id, changed = rest
            behind = Actor(actor or "unknown", kind or "unknown", "initiator of the event" if actor else "the event")
            yield _Event(
                *(
                    scope,
                    member,
                    label,
                    record,
                    log,
                    None,
                    at,
                    name,
                    category,
                    target,
                    target_id,
                    failed,
                    error,
                    behind,
                ),
                account=actor_id,
                session_name=None,
                did=properties_changed(changed) if log == "entra" and not failed else [],
                effect=privileges.around(scope, target_id, at) if at and not failed else [],
            )


# -- people


class _Whose:
    """Who stands behind an actor at a moment: by their account where it was read, else by what it is called."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._people = People(connection)
        self._known = {(one.scope, one.member): one for one in self._people.persons}
        self._linked: dict[tuple[str, str], list[Version]] = defaultdict(list)
        for table in ("aws_identity", "entra_identity"):
            for many in versions(
                connection, {table: ("kind", "person", "person_name", "person_scope", "rule")}
            ).values():
                for one in many:
                    self._linked[one.scope, one.member].append(one)

    def link(self, one: _Event) -> Link | None:
        """The link of that time; that of the account's first version for what was done before it was first read."""
        if one.at is None or one.actor.kind in ("workflow", "service", "root", "application"):
            return None
        accounts = self._linked.get((one.scope, one.account or ""), [])
        if accounts:
            accounts = sorted(accounts, key=lambda each: each.valid_from)
            return self._of(next((each for each in reversed(accounts) if each.valid_from <= one.at), accounts[0]))
        if one.actor.kind not in ("person", "user"):
            return None
        name = one.actor.name.rpartition("/")[2]
        account = Account(one.scope, one.account or name, name, (name,) if "@" in name else ())
        moments = self._people.between(one.at, _FOREVER)
        return next((moment.linker.link(account) for moment in moments), None)

    def _of(self, one: Version) -> Link:
        values = one.values
        person = self._known.get((str(values["person_scope"]), str(values["person"])))
        return Link(str(values["kind"]), person_of(person) if person else None, str(values["rule"]))


ACCESS_CHANGES = Derivation(tables=(CHANGES,), derive=_derive)
