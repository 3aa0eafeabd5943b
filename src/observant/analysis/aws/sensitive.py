"""Who may take sensitive data out: read it, or let others read it.

Asked of each principal over its policies, boundary and service control policies together, as an inclusion: whether they
allow any of these actions on anything that the written policy calls sensitive. The answer is exact where inclusion is,
and a request shows it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache, lru_cache, partial

import duckdb
import msgspec

from observant.analysis.aws.facts import Facts
from observant.analysis.aws.memo import Memo
from observant.analysis.aws.written import hash_of, used, words
from observant.analysis.iam.document import Policy, policy
from observant.analysis.iam.inclusion import Side, inclusion
from observant.analysis.iam.layers import Policies, Unread
from observant.analysis.iam.sensitive import READS, SHARES, Alphabet
from observant.analysis.slices import Answer

COMMITMENT = "commitment_sensitive_data"


class Declared(msgspec.Struct, frozen=True):
    """What the written policy calls sensitive, from when to when."""

    valid_from: datetime
    valid_to: datetime
    resources: tuple[str, ...]


class Reached(msgspec.Struct, frozen=True):
    """`reaches`: None where it cannot be known; then `because` says why."""

    reaches: bool | None
    because: str


def declared(connection: duckdb.DuckDBPyConnection) -> list[Declared]:
    """In order; nothing where the written policy is not at hand."""
    known = connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = ?", [COMMITMENT]).fetchone()
    if known == (0,):
        return []
    rows = connection.execute(
        f"SELECT valid_from, valid_to, resources FROM {COMMITMENT} WHERE documented ORDER BY valid_from"  # noqa: S608
    ).fetchall()
    return [Declared(start, end, tuple(sorted(texts))) for start, end, texts in rows]


def rows(facts: Facts, given: Sequence[Declared], memo: Memo) -> Iterator[Answer]:
    """Rows of one principal in one stretch of time: cut where the written policy changes."""
    at = facts.valid_from
    for each in given:
        start, end = max(at, each.valid_from), min(facts.valid_to, each.valid_to)
        if start < end:
            if at < start:
                yield _row(facts, at, start, _SILENT)
            yield _row(facts, start, end, _reached(facts, each.resources, memo))
            at = end
    if at < facts.valid_to:
        yield _row(facts, at, facts.valid_to, _SILENT)


_SILENT = Reached(None, "nothing was called sensitive")


def _row(facts: Facts, start: datetime, end: datetime, found: Reached) -> Answer:
    earliest = facts.earliest if start == facts.valid_from else start
    values = (found.reaches, found.because)
    return Answer(facts.scope, facts.arn, facts.label, start, end, earliest, facts.record, values)


def _reached(facts: Facts, resources: tuple[str, ...], memo: Memo) -> Reached:
    key = f"sensitive/{facts.digest}/{hash_of(msgspec.json.encode(resources).decode())}"
    known = memo.get(key)
    if known is not None:
        return msgspec.json.decode(known, type=Reached)
    found = reached(facts, resources)
    memo.put(key, msgspec.json.encode(found).decode())
    return found


def reached(facts: Facts, resources: tuple[str, ...]) -> Reached:
    """Whether a principal may take anything of these resources out, and a request that shows it.

    Policies of an organization only take away: where they were not read, what the account grants counts, and the reason
    says so.
    """
    access = facts.held().access
    held = access.policies
    documents = held.identity if isinstance(held.identity, tuple) else ()
    hidden = next((each.problem for each in documents if each.problem), "")
    if isinstance(held.boundary, Unread) or hidden:  # which may deny as well as allow
        return Reached(None, hidden or "the permissions boundary was not shown")
    if not any(map(_may, documents)):
        return Reached(False, "nothing of the kind is allowed")
    binding = not access.management_account and not access.who.is_service_linked_role
    side = Side([documents, *_limits(held, binding=binding), [_asked(resources)]])
    found = inclusion(side, _nothing(), access.context, partial(used, facts.account, access.context))
    if found.included is None:
        return Reached(None, found.reason)
    if found.included:
        return Reached(False, "nothing of the kind is allowed on what is sensitive")
    unread = "; service control policies were not read" if isinstance(held.scps, Unread) else ""
    return Reached(True, f"{words(found.witness, access.context)}{unread}")


def _limits(held: Policies, *, binding: bool) -> list[Sequence[Policy]]:
    limits: list[Sequence[Policy]] = [[held.boundary]] if isinstance(held.boundary, Policy) else []
    return [*limits, *held.scps] if binding and isinstance(held.scps, tuple) else limits


@lru_cache(maxsize=64)
def _asked(resources: tuple[str, ...]) -> Policy:
    one = {"Effect": "Allow", "Action": sorted(READS | SHARES), "Resource": list(resources)}
    return policy({"Version": "2008-10-17", "Statement": [one]}, "what is sensitive")


@cache
def _nothing() -> Side:
    return Side([[]])


@cache
def _alphabet() -> Alphabet:
    return Alphabet(READS | SHARES)


@lru_cache(maxsize=100_000)
def _may(document: Policy) -> bool:
    """A cheap look: whether some statement allows one of these actions, on whatever."""
    return any(each.allows and _alphabet().named(each) for each in document.statements)
