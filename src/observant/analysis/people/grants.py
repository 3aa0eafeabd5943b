"""What people hold through accounts of their own, each grant with when it was given: who moved and kept it, who came
back to it.

A grant that the first reading shows was given at some time before; only the making of the account says more. So
`granted_by` is when it was there at the latest, and `granted_after` when it was not yet, NULL where nobody knows.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

import duckdb

from observant.analysis.derivation import Derivation, DerivedTable
from observant.analysis.people import entra, identities
from observant.analysis.people.linked import OF_PEOPLE
from observant.analysis.people.timeline import People, person_of
from observant.analysis.slices import Answer, Version, shape, store, taken, versions

_COLUMNS = shape(
    person="VARCHAR",
    account="VARCHAR",
    grant_name="VARCHAR",
    granted_after="TIMESTAMP",
    granted_by="TIMESTAMP",
    starts_at="TIMESTAMP",
    moved_at="TIMESTAMP",
    earlier_end="TIMESTAMP",
)


class _Source(NamedTuple):
    """Where the grants of a provider stand: a SELECT of scope, account, name, and the columns of valid time."""

    table: str
    identity: str
    accounts: str
    """Table of the accounts, with `created_at`."""
    grants: str
    collections: frozenset[str]
    whose: str


_AWS = _Source(
    "people_aws_grant",
    identities.IDENTITY.name,
    "aws_credential",
    """
    SELECT scope, member, principal AS account, 'group ' || group_name AS name, valid_from, valid_to, earliest, record
    FROM aws_membership
    UNION ALL
    SELECT scope, member, principal, 'policy ' || policy_name, valid_from, valid_to, earliest, record
    FROM aws_attachment WHERE principal_kind = 'user'
    """,
    frozenset({"iam.users", "iam.credential_report"}),
    "IAM users",
)
_ENTRA = _Source(
    "people_entra_grant",
    entra.IDENTITY.name,
    "entra_user",
    """
    SELECT held.scope, held.member, held.principal AS account, 'group ' || coalesce(named.name, held.group_id) AS name,
           held.valid_from, held.valid_to, held.earliest, held.record
    FROM entra_group_member AS held
    LEFT JOIN (SELECT scope, member, arg_max(display_name, valid_from) AS name FROM entra_group GROUP BY ALL) AS named
      ON named.scope = held.scope AND named.member = held.group_id
    WHERE held.principal_kind = 'user'
    UNION ALL
    SELECT held.scope, held.member, held.principal, 'role ' || coalesce(named.name, held.role),
           held.valid_from, held.valid_to, held.earliest, held.record
    FROM entra_role_assignment AS held
    LEFT JOIN (SELECT scope, member, arg_max(label, valid_from) AS name FROM entra_role GROUP BY ALL) AS named
      ON named.scope = held.scope AND named.member = held.role
    WHERE held.assignment_type = 'Assigned'
    """,
    frozenset(
        {
            *("entra.users", "entra.directory_audits", "entra.groups", "entra.group_members"),
            *("entra.role_assignment_instances", "entra.role_definitions"),
        }
    ),
    "accounts of the tenant",
)


class _Grant(NamedTuple):
    """One grant of one account, without interruption."""

    scope: str
    member: str
    account: str
    name: str
    start: datetime
    end: datetime
    earliest: datetime
    record: int


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    people, readings = People(connection), taken(connection)
    for source in (_AWS, _ENTRA):
        answers = _answers(connection, source, people, readings)
        store(
            connection, source.table, _COLUMNS, sorted(answers, key=lambda one: (one.scope, one.member, one.valid_from))
        )


def _answers(
    connection: duckdb.DuckDBPyConnection, source: _Source, people: People, readings: dict[str, list[datetime]]
) -> Iterator[Answer]:
    links: dict[tuple[str, str], list[Version]] = defaultdict(list)
    for many in versions(connection, {source.identity: ("kind", "person", "person_scope")}).values():
        for one in many:
            links[one.scope, one.member].append(one)
    persons: dict[tuple[str, str], list[Version]] = defaultdict(list)
    for one in people.persons:
        persons[one.scope, one.member].append(one)
    yield from map(_themselves, people.persons)
    made = _made(connection, source.accounts)
    for grant in _grants(connection, source.grants):
        first = readings.get(grant.scope, [grant.start])[0]
        after = grant.earliest if grant.start > first else made.get((grant.scope, grant.account))
        for link in links.get((grant.scope, grant.account), []):
            if link.values["kind"] == "person":
                whose = persons.get((str(link.values["person_scope"]), str(link.values["person"])), [])
                yield from _pieces(grant, after, link, whose)


def _themselves(person: Version) -> Answer:
    """A person without any grant: there whatever could be read of accounts."""
    known, span = person_of(person), (person.valid_from, person.valid_to, person.earliest)
    values = (person.member, None, None, None, None, known.starts_at, known.moved_at, known.earlier_end)
    return Answer(person.scope, person.member, person.label, *span, person.record, values)


def _made(connection: duckdb.DuckDBPyConnection, accounts: str) -> dict[tuple[str, str], datetime]:
    """(scope, account) -> when it was made."""
    rows = connection.execute(
        f"SELECT scope, member, max(created_at) FROM {accounts} WHERE created_at IS NOT NULL GROUP BY ALL"  # noqa: S608
    ).fetchall()
    return {(scope, member): at for scope, member, at in rows}


def _grants(connection: duckdb.DuckDBPyConnection, sql: str) -> Iterator[_Grant]:
    last: _Grant | None = None
    for row in connection.execute(f"{sql} ORDER BY scope, member, valid_from").fetchall():
        one = _Grant(row[0], row[1], row[2], row[3], *row[4:])
        if last is not None and (last.scope, last.member, last.end) == (one.scope, one.member, one.start):
            last = last._replace(end=one.end)
            continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last


def _pieces(grant: _Grant, after: datetime | None, link: Version, whose: list[Version]) -> Iterator[Answer]:
    """The grant while it was this person's, cut where the list of people says something new."""
    for person in whose:
        cut = sorted(
            {max(grant.start, link.valid_from, person.valid_from), min(grant.end, link.valid_to, person.valid_to)}
        )
        for start, end in pairwise(cut):
            known = person_of(person)
            if not (grant.start <= start < grant.end and person.valid_from <= start < person.valid_to):
                continue
            yield Answer(
                scope=person.scope,
                member=f"{person.member} {link.scope} {grant.member}",
                label=f"{person.label}: {grant.name} of {link.label}",
                valid_from=start,
                valid_to=end,
                earliest=grant.earliest if start == grant.start else start,
                record=max(grant.record, person.record),
                values=(
                    person.member,
                    f"{link.label} ({link.scope})",
                    grant.name,
                    after,
                    grant.start,
                    known.starts_at,
                    known.moved_at,
                    known.earlier_end,
                ),
            )


def _table(source: _Source) -> DerivedTable:
    return DerivedTable(
        name=source.table,
        about=(
            f"What people hold through {source.whose} of their own. `granted_by`: it was there at the latest then; "
            "`granted_after`: it was not there before, NULL where nobody knows. `moved_at` is when they came into "
            "their department, `earlier_end` the end of an earlier employment. Each person has one row without a grant."
        ),
        columns=_COLUMNS,
        collections=OF_PEOPLE | source.collections,
    )


GRANTS = Derivation(tables=(_table(_AWS), _table(_ENTRA)), derive=_derive)
