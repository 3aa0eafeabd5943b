"""IAM users and the people behind them: `aws_identity` has the accounts, `people_aws_access` the people.

An account works while it has an enabled password or an active key, as the credential report says; with CloudTrail the
end of that has its second.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

import duckdb

from observant.analysis.derivation import Derivation, DerivedTable
from observant.analysis.kleene import either
from observant.analysis.people.linking import Account, Link, Linker
from observant.analysis.people.timeline import People, person_of, workdays
from observant.analysis.slices import Answer, Version, joined, shape, store, versions

_PEOPLE = frozenset({"people.persons", "people.accounts", "people.rules"})
_AWS = frozenset({"iam.credential_report", "iam.users"})

IDENTITY = DerivedTable(
    name="aws_identity",
    about=(
        "IAM users and who stands behind each. `kind` is person, shared, service, break-glass or unlinked; `rule` says "
        "why. `working` means that it has an enabled password or an active key."
    ),
    columns=shape(
        kind="VARCHAR",
        person="VARCHAR",
        person_name="VARCHAR",
        person_scope="VARCHAR",
        rule="VARCHAR",
        working="BOOLEAN",
    ),
    collections=_PEOPLE | _AWS,
)
ACCESS = DerivedTable(
    name="people_aws_access",
    about=(
        "People and the access that their IAM users give them. `working` is NULL where it cannot be known, false where "
        "no user of theirs works. `ended_workday` is the last day in people_workday that is over when they leave."
    ),
    columns=shape(
        starts_at="TIMESTAMP", ends_at="TIMESTAMP", ended_workday="BIGINT", identities="VARCHAR", working="BOOLEAN"
    ),
    collections=_PEOPLE | _AWS,
)
WORKDAY = DerivedTable(
    name="people_workday",
    about="Worked days, numbered, with the moment at which each is over where the company is.",
    columns={"scope": "VARCHAR", "number": "BIGINT", "ends_at": "TIMESTAMP"},
    collections=frozenset({"people.rules"}),
)

_PARTS = ("password_enabled", "key_1_active", "key_2_active")


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    people = People(connection)
    identities = joined(_identities(connection, people))
    days = {
        scope: workdays(rules, [person.ends_at for one in people.persons if (person := person_of(one)).ends_at])
        for scope, rules in people.rules.items()
    }
    store(connection, IDENTITY.name, IDENTITY.columns, identities)
    store(connection, ACCESS.name, ACCESS.columns, _access(people, identities, days))
    connection.execute(f"DELETE FROM {WORKDAY.name}")  # noqa: S608
    rows = [(scope, number, end) for scope, ends in days.items() for number, end in enumerate(ends)]
    if rows:
        scopes, numbers, ends = zip(*rows, strict=True)
        connection.execute(
            f"INSERT INTO {WORKDAY.name} SELECT unnest(?), unnest(?), unnest(?::TIMESTAMP[])",
            [list(scopes), list(numbers), list(ends)],
        )


def _identities(connection: duckdb.DuckDBPyConnection, people: People) -> Iterator[Answer]:
    """Every user at every time, with the link of that time."""
    nobody = Linker([], [], [])
    given = versions(
        connection, {"aws_credential": ("is_root", *_PARTS), "aws_user_tag": ("principal", "key", "value")}
    )
    for scope, rows in given.items():
        tags: dict[str, list[Version]] = defaultdict(list)
        for one in rows:
            if one.table == "aws_user_tag":
                tags[str(one.values["principal"])].append(one)
        for one in sorted(rows, key=lambda row: (row.member, row.valid_from)):
            if one.table == "aws_credential" and one.values["is_root"] is False:
                yield from _linked(scope, one, tags.get(one.member, []), people, nobody)


def _linked(scope: str, one: Version, tags: list[Version], people: People, nobody: Linker) -> Iterator[Answer]:
    within = {at for tag in tags for at in (tag.valid_from, tag.valid_to) if one.valid_from < at < one.valid_to}
    within |= {at for piece in people.between(one.valid_from, one.valid_to) for at in (piece.start, piece.end)}
    working = either(flag if isinstance(flag, bool) else None for flag in (one.values[part] for part in _PARTS))
    for start, end in pairwise(sorted({one.valid_from, one.valid_to, *within})):
        held = tuple(
            (str(tag.values["key"]), str(tag.values["value"])) for tag in tags if tag.valid_from <= start < tag.valid_to
        )
        linker = next((piece.linker for piece in people.between(start, end)), nobody)
        email = (one.label,) if "@" in one.label else ()
        link = linker.link(Account(scope, one.member, one.label, email, None, held))
        earliest = one.earliest if start == one.valid_from else start
        yield Answer(scope, one.member, one.label, start, end, earliest, one.record, _values(link, working))


def _values(link: Link, working: bool | None) -> tuple[str | bool | None, ...]:
    person = link.person
    named = (person.id, person.name, person.scope) if person else (None, None, None)
    return (link.kind, *named, link.why, working)


def _access(people: People, identities: list[Answer], days: dict[str, list[datetime]]) -> Iterator[Answer]:
    """Every person at every time, with what their own users gave them then."""
    own: dict[tuple[str, str], list[Answer]] = defaultdict(list)
    for one in identities:
        kind, owner, _, scope, _, _ = one.values
        if kind == "person":
            own[str(scope), str(owner)].append(one)
    for version in people.persons:
        person, accounts = person_of(version), own[version.scope, version.member]
        ended = bisect_right(days.get(version.scope, []), person.ends_at) - 1 if person.ends_at else None
        cuts = {at for one in accounts for at in (one.valid_from, one.valid_to)}
        within = {at for at in cuts if version.valid_from < at < version.valid_to}
        for start, end in pairwise(sorted({version.valid_from, version.valid_to, *within})):
            held = [one for one in accounts if one.valid_from <= start < one.valid_to]
            begun = [one.earliest for one in held if one.valid_from == start]
            begun += [version.earliest] if start == version.valid_from else []
            flags = [one.values[-1] for one in held]
            working = either(flag if isinstance(flag, bool) else None for flag in flags)
            named = ", ".join(sorted(f"{one.label} ({one.scope})" for one in held)) or None
            yield Answer(
                scope=version.scope,
                member=version.member,
                label=version.label,
                valid_from=start,
                valid_to=end,
                earliest=max(begun, default=start),
                record=max([version.record, *(one.record for one in held)]),
                values=(person.starts_at, person.ends_at, ended, named, working),
            )


AWS_IDENTITIES = Derivation(tables=(IDENTITY, ACCESS, WORKDAY), derive=_derive)
