"""The written statement beside the attached policies: granted beyond it, and promised but not granted.

Both directions are inclusions between policies (`iam.inclusion`), over identity policies, boundary and service control
policies together. A witness that AWS has no use for (an action on a resource of another service) is left aside.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from hashlib import blake2b

import duckdb
import msgspec

from observant.analysis.aws.facts import Facts
from observant.analysis.aws.memo import Memo
from observant.analysis.iam.arn import covers
from observant.analysis.iam.catalogue import catalogue
from observant.analysis.iam.context import UNKNOWN, Context
from observant.analysis.iam.document import Policy, Statement, policy
from observant.analysis.iam.inclusion import Side, Witness, inclusion
from observant.analysis.iam.layers import Policies, Unread
from observant.analysis.iam.usable import usable
from observant.analysis.slices import Answer, Cell
from observant.model.access_statement import AccessStatement, access_statement

COMMITMENT = "commitment_access_statements"


class Compared(msgspec.Struct, frozen=True):
    """None where it cannot be known; then `…_because` says why."""

    beyond: bool | None
    beyond_because: str
    unused: bool | None
    unused_because: str


class Promised(msgspec.Struct, frozen=True):
    valid_from: datetime
    valid_to: datetime
    statements: tuple[AccessStatement, ...]


def promised(connection: duckdb.DuckDBPyConnection) -> list[Promised]:
    """What was written down, from when to when; nothing where the written policy is not at hand."""
    known = connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = ?", [COMMITMENT]).fetchone()
    if known == (0,):
        return []
    rows = connection.execute(f"SELECT valid_from, valid_to, statements FROM {COMMITMENT} WHERE documented").fetchall()  # noqa: S608
    return [Promised(start, end, tuple(map(access_statement, texts))) for start, end, texts in rows]


def documents(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[datetime, datetime, str]]]:
    """`scope arn` of each managed policy -> its documents over time."""
    found: dict[str, list[tuple[datetime, datetime, str]]] = {}
    for scope, arn, start, end, text in connection.execute(
        "SELECT scope, member, valid_from, valid_to, document FROM aws_managed_policy WHERE document IS NOT NULL"
    ).fetchall():
        found.setdefault(f"{scope} {arn}", []).append((start, end, text))
    return found


def rows(
    facts: Facts, written: Sequence[Promised], held: dict[str, list[tuple[datetime, datetime, str]]], memo: Memo
) -> Iterator[Answer]:
    """Rows of one principal in one stretch of time: cut where the written policy changes."""
    at = facts.valid_from
    for each in sorted(written, key=lambda one: one.valid_from):
        start, end = max(at, each.valid_from), min(facts.valid_to, each.valid_to)
        if start >= end:
            continue
        if at < start:
            yield _row(facts, at, start, (False, None, "", None, ""))
        mine = tuple(one for one in each.statements if one.only != one.names(facts.arn))
        if mine:
            found = _compared(facts, mine, held, memo)
            values: tuple[Cell, ...] = msgspec.structs.astuple(found)
            yield _row(facts, start, end, (True, *values))
        else:
            yield _row(facts, start, end, (False, None, "", None, ""))
        at = end
    if at < facts.valid_to:
        yield _row(facts, at, facts.valid_to, (False, None, "", None, ""))


def _row(facts: Facts, start: datetime, end: datetime, values: tuple[Cell, ...]) -> Answer:
    earliest = facts.earliest if start == facts.valid_from else start
    return Answer(facts.scope, facts.arn, facts.label, start, end, earliest, facts.record, values)


def _compared(
    facts: Facts,
    mine: tuple[AccessStatement, ...],
    held: dict[str, list[tuple[datetime, datetime, str]]],
    memo: Memo,
) -> Compared:
    texts = {one.policy: _text(held.get(f"{facts.scope} {one.policy}", []), facts.valid_from) for one in mine}
    told = msgspec.json.encode([[one.written for one in mine], texts]).decode()
    key = f"written/{facts.digest}/{hash_of(told)}"
    known = memo.get(key)
    if known is not None:
        return msgspec.json.decode(known, type=Compared)
    found = compare(facts, mine, texts)
    memo.put(key, msgspec.json.encode(found).decode())
    return found


def hash_of(told: str) -> str:
    return blake2b(told.encode(), digest_size=16).hexdigest()


def _text(versions: list[tuple[datetime, datetime, str]], at: datetime) -> str | None:
    return next((text for start, end, text in versions if start <= at < end), None)


def compare(facts: Facts, mine: tuple[AccessStatement, ...], texts: dict[str, str | None]) -> Compared:
    """Both directions. `mine`: sentences that name the principal, and `only`s that do not."""
    access = facts.held().access
    held = access.policies
    missing = [one.policy for one in mine if one.policy and texts.get(one.policy) is None]
    if missing:
        why = f"{missing[0]}, which the statement names, was not collected"
        return Compared(None, why, None, why)
    allowed = [_document(one, texts) for one in mine if not one.only]
    parts = [allowed, *([_all_but(one)] for one in mine if one.only)] if allowed else [[_all_but(one)] for one in mine]
    granted = _side(held)
    if isinstance(granted, str):
        return Compared(None, granted, None, granted)
    pinned = access.context
    beyond, because = _beyond(granted, Side(parts), facts, pinned)
    unused, lacking = _unused(allowed, granted, facts, pinned)
    return Compared(beyond, because, unused, lacking)


def _side(held: Policies) -> Side | str:
    if isinstance(held.identity, Unread) or isinstance(held.boundary, Unread):
        return "a policy was not shown"
    limits: list[Sequence[Policy]] = [[held.boundary]] if held.boundary else []
    if isinstance(held.scps, tuple):
        limits += held.scps
    return Side([held.identity, *limits])


def _document(one: AccessStatement, texts: dict[str, str | None]) -> Policy:
    if one.policy:
        return policy(texts[one.policy] or "", one.policy)
    return _policy(one, {"Action": list(one.actions), "Resource": list(one.resources)})


def _all_but(one: AccessStatement) -> Policy:
    """Everything except what `only` others may."""
    statements: list[dict[str, list[str]]] = [{"NotAction": list(one.actions), "Resource": ["*"]}]
    if one.resources != ("*",):
        statements.append({"Action": list(one.actions), "NotResource": list(one.resources)})
    return _policy(one, *statements)


def _policy(one: AccessStatement, *statements: dict[str, list[str]]) -> Policy:
    listed = [{"Effect": "Allow", **each} for each in statements]
    return policy({"Version": "2008-10-17", "Statement": listed}, f"the statement `{one.written}`")


def _beyond(granted: Side, reference: Side, facts: Facts, pinned: Context) -> tuple[bool | None, str]:
    found = inclusion(granted, reference, pinned, partial(used, facts.account, pinned))
    if found.included is None:
        return None, found.reason
    if found.included:
        return False, "nothing beyond the written statement"
    return True, f"beyond the written statement: {words(found.witness, pinned)}"


def used(account: str, pinned: Context, by: Statement, resource: str) -> int:
    """Bits of the actions that AWS has a use for on what the granting statement means with a resource."""
    bits = 0
    for each in by.resources:
        pattern = each.filled(pinned)
        if by.not_resource or pattern is UNKNOWN:
            return catalogue().every
        if isinstance(pattern, str) and covers(pattern, resource) is not False:
            bits |= usable(pattern, account)
    return bits


def _unused(allowed: list[Policy], granted: Side, facts: Facts, pinned: Context) -> tuple[bool | None, str]:
    if not allowed:
        return None, "no statement promises anything"
    found = inclusion(Side([allowed]), granted, pinned, partial(used, facts.account, pinned))
    if found.included is None:
        return None, found.reason
    return (False, "") if found.included else (True, f"promised and not granted: {words(found.witness, pinned)}")


def words(witness: Witness | None, pinned: Context) -> str:
    """In words, without the keys that the principal has in every request."""
    if witness is None:
        return ""
    chosen = {key: value for key, value in witness.context.items() if key not in pinned.named()}
    keys = ", ".join(f"{key} = {value}" for key, value in chosen.items())
    return f"{witness.action} on {witness.resource}" + (f" with {keys}" if keys else "") + f" by {witness.allowed_by}"
