"""Derived tables on IAM principals: what each may do in effect, and whom its roles let in from outside.

Rows are made again whole; the answers in them are kept by digest, so only a principal whose policies changed, or whose
account has new administrators, is evaluated.
"""

from collections.abc import Iterable, Iterator
from functools import partial

import duckdb

from observant.analysis.aws import sensitive
from observant.analysis.aws.facts import Facts
from observant.analysis.aws.judged import Said
from observant.analysis.aws.memo import MEMO, Memo, reach_of, said_of
from observant.analysis.aws.reaching import reaches
from observant.analysis.aws.timeline import COLLECTIONS, timeline
from observant.analysis.aws.written import documents, promised, rows
from observant.analysis.derivation import Derivation, DerivedTable
from observant.analysis.iam.callers import Own
from observant.analysis.iam.canary import check_canaries
from observant.analysis.iam.trust import trust
from observant.analysis.slices import Answer, Cell, shape, store
from observant.analysis.uncollected import uncollected

ACCESS = "aws_principal_access"
OUTSIDER = "aws_role_outsider"
WRITTEN = "aws_access_statement"
SENSITIVE = "aws_sensitive_reach"

_ACCESS = shape(
    kind="VARCHAR",
    administrator="BOOLEAN",
    administrator_because="VARCHAR",
    escalates="BOOLEAN",
    escalates_because="VARCHAR",
    exposes="BOOLEAN",
    exposes_because="VARCHAR",
    console_needs_mfa="BOOLEAN",
    console_because="VARCHAR",
    key_needs_mfa="BOOLEAN",
    key_because="VARCHAR",
)

_OUTSIDER = shape(
    role="VARCHAR",
    outsider="VARCHAR",
    kind="VARCHAR",
    reach="VARCHAR",
    external_id="BOOLEAN",
    because="VARCHAR",
)


_WRITTEN = shape(
    named="BOOLEAN",
    beyond="BOOLEAN",
    beyond_because="VARCHAR",
    unused="BOOLEAN",
    unused_because="VARCHAR",
)


_SENSITIVE = shape(reaches="BOOLEAN", because="VARCHAR")


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    check_canaries()
    with uncollected():
        _evaluate(connection)


def _evaluate(connection: duckdb.DuckDBPyConnection) -> None:
    memo = Memo(connection)
    judged: dict[str, list[tuple[Facts, Said]]] = {}
    for facts in timeline(connection):
        judged.setdefault(facts.scope, []).append((facts, said_of(facts, memo)))
    store(connection, ACCESS, _ACCESS, _access(judged.values(), memo))
    store(connection, OUTSIDER, _OUTSIDER, _outsiders(judged))
    given, texts = promised(connection), documents(connection)
    everybody = [facts for account in judged.values() for facts, _ in account if facts.kind != "group"]
    store(connection, WRITTEN, _WRITTEN, (row for facts in everybody for row in rows(facts, given, texts, memo)))
    secret = sensitive.declared(connection)
    reached = (row for facts in everybody for row in sensitive.rows(facts, secret, memo))
    store(connection, SENSITIVE, _SENSITIVE, reached)
    memo.save()


def _access(judged: Iterable[list[tuple[Facts, Said]]], memo: Memo) -> Iterator[Answer]:
    for account in judged:
        said = {(facts.arn, facts.valid_from): answer for facts, answer in account}
        for facts, start, end, reach in reaches(account, partial(reach_of, memo)):
            own = said[facts.arn, facts.valid_from]
            values: tuple[Cell, ...] = (
                facts.kind,
                own.administrator,
                own.administrator_because,
                reach.escalates,
                reach.because,
                own.exposes,
                own.exposes_because,
                own.console,
                own.console_because,
                own.key,
                own.key_because,
            )
            earliest = facts.earliest if start == facts.valid_from else start
            yield Answer(facts.scope, facts.arn, facts.label, start, end, earliest, facts.record, values)


def _outsiders(judged: dict[str, list[tuple[Facts, Said]]]) -> Iterator[Answer]:
    accounts = frozenset(scope.partition(":")[2] for scope in judged)
    for account in judged.values():
        for facts, _ in account:
            if facts.kind == "role":
                for outsider, values in _let_in(facts, accounts):
                    member = f"{facts.arn} {outsider}" if outsider else facts.arn
                    label = f"role {facts.label}" + (f" to {outsider}" if outsider else "")
                    yield Answer(
                        scope=facts.scope,
                        member=member,
                        label=label,
                        valid_from=facts.valid_from,
                        valid_to=facts.valid_to,
                        earliest=facts.earliest,
                        record=facts.record,
                        values=(facts.arn, *values),
                    )


def _let_in(facts: Facts, accounts: frozenset[str]) -> Iterator[tuple[str, tuple[Cell, ...]]]:
    """Each outsider with its row; one row without an outsider where nobody is let in."""
    if facts.trust is None:
        yield "", (None, None, None, None, "the trust policy was not shown")
        return
    found = trust(facts.trust, Own(facts.account, accounts, facts.bound.organization))
    if found.problem:
        yield "", (None, None, None, None, found.problem)
        return
    if not found.outsiders:
        gone = f"; nobody is meant by {', '.join(found.dangling)} any more" if found.dangling else ""
        yield "", (None, None, "none", None, f"it trusts nobody outside{gone}")
    for outsider in found.outsiders:
        provider = "-provider/" in outsider or outsider.endswith((".com", ".net", ".org", ".io"))
        everybody = outsider == "anyone" or outsider in found.open_providers
        yield (
            outsider,
            (
                outsider,
                "provider" if provider else "account",
                "public" if everybody else "external",
                None if provider else found.external_id,
                f"allowed by {', '.join(found.because)}",
            ),
        )


PRINCIPALS = Derivation(
    (
        DerivedTable(
            MEMO,
            "Answers of the IAM evaluation by the digest of what they follow from. Not read by checks.",
            {"key": "VARCHAR", "answer": "VARCHAR"},
        ),
        DerivedTable(
            ACCESS,
            "What each IAM user and role may do in effect, over all its policies, its groups' and its boundary, and "
            "the organization's service control policies as far as they were read. `administrator`: may do, or give "
            "itself, everything. `escalates`: can reach somebody who may (false for administrators; NULL where that "
            "needs something that was not collected). `exposes`: hands out credentials of every resource. "
            "`…_needs_mfa`: nothing but enrolling MFA is allowed without it (users only). Conditions on the request "
            "count as met. NULL where a policy was not shown.",
            _ACCESS,
            COLLECTIONS,
        ),
        DerivedTable(
            OUTSIDER,
            "Whom each role lets in from outside the account, its organization and the other collected accounts: one "
            "row for each outsider, or one without. `kind`: account or provider (identity federation). `reach`: none, "
            "external (whom the policy names), public (anyone). `external_id`: whether every outside account must show "
            "one.",
            _OUTSIDER,
            COLLECTIONS,
        ),
        DerivedTable(
            WRITTEN,
            "What each IAM user and role may do beside what the commitment `access_statements` says of it. `named`: "
            "some sentence is about it. `beyond`: its policies allow something that the sentences do not, and "
            "`beyond_because` has a request that shows it. `unused`: the sentences promise something that its policies "
            "do not allow. NULL where that cannot be decided.",
            _WRITTEN,
            COLLECTIONS,
        ),
        DerivedTable(
            SENSITIVE,
            "Which IAM users and roles may take out what the commitment `sensitive_data` calls sensitive: read it, or "
            "let others read it; `because` has a request that shows it. By their own policies, within boundary and "
            "service control policies as far as they were read; conditions on the request count as met. NULL where "
            "that cannot be decided, and where nothing was called sensitive.",
            _SENSITIVE,
            COLLECTIONS,
        ),
    ),
    _derive,
)
