"""IAM users and the people behind them: `aws_identity` has the accounts, `people_aws_access` the people.

An account works while it has an enabled password or an active key, as the credential report says; with CloudTrail the
end of that has its second.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

import duckdb

from observant.analysis.derivation import Derivation
from observant.analysis.kleene import either
from observant.analysis.people.linked import Held, access, access_table, identity_table, linked, own
from observant.analysis.people.linking import Account
from observant.analysis.people.timeline import People
from observant.analysis.slices import Version, joined, store, versions

_AWS = frozenset({"iam.credential_report", "iam.users"})

IDENTITY = identity_table(
    "aws_identity",
    "IAM users and who stands behind each; `working`: it has an enabled password or an active key.",
    _AWS,
)
ACCESS = access_table("people_aws_access", "People and the access that their IAM users give them.", _AWS)

_PARTS = ("password_enabled", "key_1_active", "key_2_active")


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    people = People(connection)
    identities = joined(linked(_users(connection), people))
    store(connection, IDENTITY.name, IDENTITY.columns, identities)
    store(connection, ACCESS.name, ACCESS.columns, access(people, own(identities), people.workdays()))


def _users(connection: duckdb.DuckDBPyConnection) -> Iterator[Held]:
    given = versions(
        connection, {"aws_credential": ("is_root", *_PARTS), "aws_user_tag": ("principal", "key", "value")}
    )
    for rows in given.values():
        tags: dict[str, list[Version]] = defaultdict(list)
        for one in rows:
            if one.table == "aws_user_tag":
                tags[str(one.values["principal"])].append(one)
        for one in sorted(rows, key=lambda row: (row.member, row.valid_from)):
            if one.table == "aws_credential" and one.values["is_root"] is False:
                yield from _user(one, tags.get(one.member, []))


def _user(one: Version, tags: list[Version]) -> Iterator[Held]:
    """One version of a user, cut where its tags change."""
    within = {at for tag in tags for at in (tag.valid_from, tag.valid_to) if one.valid_from < at < one.valid_to}
    works = either(flag if isinstance(flag, bool) else None for flag in (one.values[part] for part in _PARTS))
    for start, end in pairwise(sorted({one.valid_from, one.valid_to, *within})):
        told = tuple(
            (str(tag.values["key"]), str(tag.values["value"])) for tag in tags if tag.valid_from <= start < tag.valid_to
        )
        email = (one.label,) if "@" in one.label else ()
        earliest = one.earliest if start == one.valid_from else start
        yield Held(
            start, end, earliest, one.record, Account(one.scope, one.member, one.label, email, None, told), works
        )


AWS_IDENTITIES = Derivation(tables=(IDENTITY, ACCESS), derive=_derive)
