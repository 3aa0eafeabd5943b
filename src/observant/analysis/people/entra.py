"""Accounts of an Entra tenant and the people behind them, and what they hold besides: secrets of applications.

An account works while it is enabled. Who owned an application while it had a secret or certificate may know it, and
works with it after their account is gone: until the credential is removed or ends. When an account was disabled or
deleted, the directory's audit log has the second.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

import duckdb

from observant.analysis.derivation import Derivation
from observant.analysis.people.linked import Held, Means, access, access_table, identity_table, linked, own
from observant.analysis.people.linking import Account
from observant.analysis.people.timeline import People
from observant.analysis.slices import Answer, Version, joined, store, taken, versions

IDENTITY = identity_table(
    "entra_identity",
    "Members and guests of the tenant and who stands behind each; `working`: the account is enabled.",
    frozenset({"entra.users", "entra.directory_audits"}),
)
ACCESS = access_table(
    "people_entra_access",
    "People and the access that accounts of an Entra tenant, and secrets of applications they owned, give them.",
    frozenset({"entra.users", "entra.directory_audits", "entra.applications", "entra.service_principals"}),
)

_ENDED = ("disable account", "delete user", "hard delete user")
_USER = ("upn", "enabled", "mail", "employee_id", "user_type", "invited")
_EXTERNAL = "#ext#"
Moments = dict[tuple[str, str], list[datetime]]
"""(scope, user) -> when the log says that the account was disabled or deleted, in order."""


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    people = People(connection)
    identities = joined(linked(_accounts(connection), people))
    store(connection, IDENTITY.name, IDENTITY.columns, identities)
    means = [*own(identities), *_secrets(connection, identities)]
    store(connection, ACCESS.name, ACCESS.columns, access(people, means, people.workdays()))


def _accounts(connection: duckdb.DuckDBPyConnection) -> Iterator[Held]:
    ended, readings = _ended(connection), taken(connection)
    for scope, rows in versions(connection, {"entra_user": _USER}).items():
        for one in sorted(rows, key=lambda row: (row.member, row.valid_from)):
            yield from _exact(one, ended.get((scope, one.member), []), readings.get(scope, []))


def _ended(connection: duckdb.DuckDBPyConnection) -> Moments:
    found: Moments = defaultdict(list)
    rows = connection.execute(
        "SELECT DISTINCT scope, target_id, happened_at FROM entra_change WHERE NOT failed AND target_id IS NOT NULL "
        "AND happened_at IS NOT NULL AND lower(event_name) IN (SELECT unnest(?)) ORDER BY happened_at",
        [list(_ENDED)],
    ).fetchall()
    for scope, user, at in rows:
        found[scope, user].append(at)
    return found


def _exact(one: Version, ended: list[datetime], readings: list[datetime]) -> Iterator[Held]:
    """One version of a user, cut where the log says that it ended and no later reading showed it enabled."""
    account, enabled = _account(one), one.values["enabled"]
    works = enabled if isinstance(enabled, bool) else None
    last = max((at for at in readings if one.valid_from <= at < one.valid_to), default=one.valid_from)
    cut = next((at for at in ended if last < at < one.valid_to), None) if works is not False else None
    if cut is None:
        yield Held(one.valid_from, one.valid_to, one.earliest, one.record, account, works)
        return
    yield Held(one.valid_from, cut, one.earliest, one.record, account, works)
    yield Held(cut, one.valid_to, cut, one.record, account, False)


def _account(one: Version) -> Account:
    values = {name: str(value) if isinstance(value, str) else None for name, value in one.values.items()}
    upn = values["upn"] or one.label
    emails = tuple(filter(None, (upn if "@" in upn else None, values["mail"], _home(upn))))
    return Account(one.scope, one.member, upn, emails, values["employee_id"])


def _home(upn: str) -> str | None:
    """The address that a guest was invited by: `ana_partner.com#EXT#@tenant` is ana@partner.com."""
    place = upn.lower().find(_EXTERNAL)
    name, sign, domain = upn[:place].rpartition("_") if place > 0 else ("", "", "")
    return f"{name}@{domain}" if sign else None


# -- secrets of applications


def _secrets(connection: duckdb.DuckDBPyConnection, identities: list[Answer]) -> Iterator[Means]:
    """What owners may know: each credential of an application, for each person who owned it while it was there."""
    given = versions(
        connection,
        {
            "entra_owner": ("owned", "principal"),
            "entra_credential": ("owner", "kind", "end_at", "expires"),
        },
    )
    whose: dict[tuple[str, str], list[Answer]] = defaultdict(list)
    for one in identities:
        if one.values[0] == "person":
            whose[one.scope, one.member].append(one)
    everybody = sorted({(str(each.values[3]), str(each.values[1])) for many in whose.values() for each in many})
    for scope, rows in given.items():
        owned: dict[str, list[Version]] = defaultdict(list)
        for row in rows:
            if row.table == "entra_owner":
                owned[str(row.values["owned"])].append(row)
        for credential in rows:
            if credential.table == "entra_credential" and credential.values["kind"] != "federated":
                for owner in owned[str(credential.values["owner"])]:
                    yield from _known(scope, credential, owner, whose, everybody)


def _known(
    scope: str,
    credential: Version,
    owner: Version,
    whose: dict[tuple[str, str], list[Answer]],
    everybody: list[tuple[str, str]],
) -> Iterator[Means]:
    """The credential, from when the owner was one; to everybody as not known where owners could not be read."""
    start, end = max(credential.valid_from, owner.valid_from), credential.valid_to
    ends = credential.values["end_at"]
    if credential.values["expires"] and isinstance(ends, datetime):
        end = min(end, ends)
    if owner.valid_to <= credential.valid_from or end <= start:
        return
    earliest, record = max(credential.earliest, owner.earliest), max(credential.record, owner.record)
    if owner.values["principal"] is None:
        for person in everybody:
            label = f"{credential.label}, whose owners could not be read"
            yield Means(person, label, start, min(end, owner.valid_to), earliest, record, None)
        return
    people = {
        (str(one.values[3]), str(one.values[1])) for one in whose.get((scope, str(owner.values["principal"])), [])
    }
    for person in sorted(people):
        yield Means(person, f"{credential.label}, as its owner ({scope})", start, end, earliest, record, True)


ENTRA_IDENTITIES = Derivation(tables=(IDENTITY, ACCESS), derive=_derive)
