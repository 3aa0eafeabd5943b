"""Service accounts: IAM users that are declared as one or look like one, and roles that third parties assume.

A user is taken for a service account without a declaration only where nobody stands behind it and it has no console
password: what it does, it does with keys. Nothing is guessed from names. A role is a third party's when its trust
policy lets in an account outside. Owners come from the accounts file, for roles too.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

import duckdb

from observant.analysis.aws.timeline import COLLECTIONS
from observant.analysis.derivation import Derivation, DerivedTable
from observant.analysis.people.identities import IDENTITY
from observant.analysis.people.linking import Account
from observant.analysis.people.timeline import People
from observant.analysis.slices import Answer, Version, shape, store, versions

SERVICE = "aws_service_account"
_TABLES = {
    IDENTITY.name: ("kind", "person", "person_name", "rule"),
    "aws_credential": ("is_root", "password_enabled", "key_1_active", "key_2_active"),
    "aws_role_outsider": ("role", "outsider", "kind", "reach"),
}
_NONE = "none"
"""No service account. Such rows are left out: once more is read, the same user may turn out to be one."""
_BASES = {"person": _NONE, "shared": _NONE, "break-glass": _NONE, "service": "declared"}

Owner = tuple[str | None, str | None, datetime | None]
"""Id, name, and when they leave."""
NOBODY: Owner = (None, None, None)


def _of_user(identity: Version, credential: Version | None) -> tuple[str | None, str]:
    """(basis, why) of one user at one time."""
    kind, rule = str(identity.values["kind"]), str(identity.values["rule"])
    if kind in _BASES:
        return _BASES[kind], rule
    password = credential.values["password_enabled"] if credential else None
    if password is None:
        return None, f"{rule}; whether it has a password was not shown"
    if password:
        return _NONE, f"{rule}; it has a console password, as people have"
    keys = any(credential.values[f"key_{slot}_active"] for slot in (1, 2)) if credential else False
    return "inferred", f"no console password, {'works with access keys' if keys else 'no active key'}; {rule}"


def _users(scope: str, given: dict[str, list[Version]], people: People, declared_since: datetime) -> Iterator[Answer]:
    """`declared_since`: when the accounts file was read for the first time. Before that any user may be declared."""
    credentials: dict[str, list[Version]] = defaultdict(list)
    for one in given["aws_credential"]:
        credentials[one.member].append(one)
    for identity in given[IDENTITY.name]:
        around: list[Version | datetime] = [*credentials[identity.member], declared_since]
        for start, end in _between(identity.valid_from, identity.valid_to, around, people):
            held = next((one for one in credentials[identity.member] if one.valid_from <= start < one.valid_to), None)
            basis, because = _of_user(identity, held)
            if not any(people.between(start, end)):
                basis, because = None, "no list of people was read"
            elif start < declared_since and basis == _NONE:
                basis, because = None, f"{because}; whether it is declared as of a service was not read"
            if basis != _NONE:
                owner = _person(identity, people, start)
                yield _row(scope, identity, (start, end), identity.member, ("user", basis, because, *owner))


def _between(
    begin: datetime, end: datetime, others: Sequence[Version | datetime], people: People
) -> Iterator[tuple[datetime, datetime]]:
    """This time, cut where one of the others or anything about people changes."""
    edges = {at for one in others for at in ((one,) if isinstance(one, datetime) else (one.valid_from, one.valid_to))}
    edges |= {at for piece in people.between(begin, end) for at in (piece.start, piece.end)}
    return pairwise(sorted({begin, end, *(at for at in edges if begin < at < end)}))


def _person(identity: Version, people: People, at: datetime) -> Owner:
    """Who owns it, as they are known at this time."""
    named = identity.values["person"]
    for one in people.persons if named is not None else ():
        if one.member == named and one.valid_from <= at < one.valid_to:
            ends = one.values["ends_at"]
            return str(named), one.label, ends if isinstance(ends, datetime) else None
    return NOBODY


def _roles(scope: str, given: dict[str, list[Version]], people: People) -> Iterator[Answer]:
    doors: dict[str, list[Version]] = defaultdict(list)
    for one in given["aws_role_outsider"]:
        doors[str(one.values["role"])].append(one)
    for role, rows in doors.items():
        begin, end = min(one.valid_from for one in rows), max(one.valid_to for one in rows)
        for span in _between(begin, end, rows, people):
            held = [one for one in rows if one.valid_from <= span[0] < one.valid_to]
            basis, because = _of_role(held)
            if held and basis != _NONE:
                owner = _declared(scope, role, people, span[0])
                yield _row(scope, held[0], span, role, ("role", basis, because, *owner))


def _of_role(held: list[Version]) -> tuple[str | None, str]:
    if any(one.values["reach"] is None for one in held):
        return None, "whom it lets in was not shown"
    let_in = [one.values["outsider"] for one in held if one.values["kind"] == "account"]
    if not let_in:
        return _NONE, ""
    return "third party", f"lets in {', '.join(sorted(map(str, let_in)))}"


def _declared(scope: str, role: str, people: People, at: datetime) -> Owner:
    for piece in people.between(at, at.max):
        link = piece.linker.link(Account(scope, role, role.rpartition("/")[2]))
        if link.person is None or link.kind == "person":
            return NOBODY
        return link.person.id, link.person.name, link.person.ends_at
    return NOBODY


def _row(
    scope: str, one: Version, span: tuple[datetime, datetime], member: str, values: tuple[str | datetime | None, ...]
) -> Answer:
    start, end = span
    earliest = one.earliest if start == one.valid_from else start
    name = member.rpartition("/")[2]
    return Answer(scope, member, f"{values[0]} {name}", start, end, earliest, one.record, values)


def _declared_since(connection: duckdb.DuckDBPyConnection) -> datetime:
    row = connection.execute(
        "SELECT min(started) FROM reading WHERE collection = 'people.accounts' AND complete"
    ).fetchone()
    return row[0] if row and row[0] is not None else datetime.max  # noqa: DTZ901 (naive, as the engine has them)


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    people, since = People(connection), _declared_since(connection)
    found: list[Answer] = []
    for scope, rows in versions(connection, _TABLES).items():
        given: dict[str, list[Version]] = defaultdict(list)
        for one in rows:
            given[one.table].append(one)
        found += [*_users(scope, given, people, since), *_roles(scope, given, people)]
    store(connection, SERVICE, _COLUMNS, sorted(found, key=lambda one: (one.member, one.valid_from)))


_COLUMNS = shape(
    kind="VARCHAR",
    basis="VARCHAR",
    because="VARCHAR",
    owner="VARCHAR",
    owner_name="VARCHAR",
    owner_leaves_at="TIMESTAMP",
)

SERVICE_ACCOUNTS = Derivation(
    (
        DerivedTable(
            SERVICE,
            "Service accounts: IAM users, and roles that let in an account outside. `basis`: declared (in "
            "the accounts file), inferred (nobody stands behind it and it has no console password), "
            "third party (roles); NULL where that cannot be known. `owner` is who the accounts file "
            "names, and `owner_leaves_at` the end of their last day.",
            _COLUMNS,
            IDENTITY.collections | COLLECTIONS,
        ),
    ),
    _derive,
)
