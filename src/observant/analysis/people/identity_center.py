"""Users of Identity Center and the people behind them.

A user gives access while it is enabled and reaches an account, by a group or by name. Identity Center keeps sessions
of a user who was removed, for as long as their permission set says; no API shows them.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

import duckdb

from observant.analysis.derivation import Derivation
from observant.analysis.kleene import Kleene, both
from observant.analysis.organization.people import ACCESS as REACH
from observant.analysis.people.linked import Held, access, access_table, identity_table, linked, own
from observant.analysis.people.linking import Account
from observant.analysis.people.timeline import People
from observant.analysis.slices import Version, joined, store, versions

_CENTER = frozenset({"identitystore.users", "identitystore.memberships", "sso.assignments"})

IDENTITY = identity_table(
    "organization_identity",
    "Users of Identity Center and who stands behind each; `working`: it is enabled and reaches some account.",
    _CENTER,
)
ACCESS = access_table(
    "people_organization_access", "People and the access that their users of Identity Center give them.", _CENTER
)


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    people = People(connection)
    identities = joined(linked(_users(connection), people))
    store(connection, IDENTITY.name, IDENTITY.columns, identities)
    store(connection, ACCESS.name, ACCESS.columns, access(people, own(identities), people.workdays()))


def _users(connection: duckdb.DuckDBPyConnection) -> Iterator[Held]:
    """Every user at every time, cut where what it reaches changes."""
    given = versions(connection, {"organization_person": ("user_name", "email", "enabled"), REACH: ("person",)})
    for scope, rows in given.items():
        reached: dict[str, list[Version]] = defaultdict(list)
        unseen: list[Version] = []
        for one in rows:
            if one.table == REACH:
                (unseen if one.values["person"] is None else reached[str(one.values["person"])]).append(one)
        for one in sorted(rows, key=lambda row: (row.member, row.valid_from)):
            if one.table != REACH:
                yield from _user(scope, one, reached[one.member], unseen)


def _user(scope: str, one: Version, reached: list[Version], unseen: list[Version]) -> Iterator[Held]:
    name, email = str(one.values["user_name"] or one.label), one.values["email"]
    emails = tuple(each for each in (email, name) if isinstance(each, str) and "@" in each)
    account = Account(scope, one.member, name, emails)
    enabled = one.values["enabled"]
    # A store that does not say has no way to disable a user.
    works = enabled if isinstance(enabled, bool) else True
    cuts = {at for way in (*reached, *unseen) for at in (way.valid_from, way.valid_to)}
    for start, end in pairwise(sorted({one.valid_from, one.valid_to, *_within(cuts, one)})):
        reaches: Kleene = True if _any(reached, start) else None if _any(unseen, start) else False
        earliest = one.earliest if start == one.valid_from else start
        yield Held(start, end, earliest, one.record, account, both((works, reaches)))


def _within(moments: set[datetime], one: Version) -> set[datetime]:
    return {at for at in moments if one.valid_from < at < one.valid_to}


def _any(ways: list[Version], at: datetime) -> bool:
    return any(way.valid_from <= at < way.valid_to for way in ways)


ORGANIZATION_IDENTITIES = Derivation(tables=(IDENTITY, ACCESS), derive=_derive)
