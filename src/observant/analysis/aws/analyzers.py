"""Whether Access Analyzer looks for external access in each account: an analyzer of its own, or its organization's.

An organization's analyzer lives in the management account or in the one it was delegated to. It counts for an account
when that organization's snapshots show both accounts in it; seen without them it leaves the answer open.
"""

from collections.abc import Iterator

import duckdb
from msgspec.structs import replace

from observant.analysis.derivation import Derivation, DerivedTable
from observant.analysis.kleene import Kleene, either
from observant.analysis.slices import Answer, Slice, Version, shape, slices, store, taken, versions

COVERAGE = "aws_analyzer_coverage"
_ELSEWHERE, _NODE = "elsewhere", "organization_node"
_TABLES = {
    "aws_account": ("account",),
    "aws_analyzer": ("region", "kind", "organization", "active"),
    "aws_analyzer_region": ("answered",),
}

Found = list[tuple[Kleene, str]]


def _own(at: Slice) -> Found:
    """What each analyzer of the account itself says, and each region that did not answer."""
    found: Found = []
    for one in at.rows("aws_analyzer"):
        kind, active = one.values["kind"], one.values["active"]
        if kind is None:
            found.append((None, f"{one.label}: not shown"))
        elif kind == "external":
            looks = active if isinstance(active, bool) else None
            found.append((looks, f"{one.label} in {one.values['region']}" + ("" if looks else " is not active")))
    return found


def _theirs(at: Slice, account: str) -> Found:
    """What analyzers of organizations in other accounts say of this one."""
    of = {one.scope: set[str]() for one in at.rows(_NODE)}
    for one in at.rows(_NODE):
        of[one.scope].add(str(one.values["account"]))
    found: Found = []
    for one in at.rows(_ELSEWHERE):
        home = one.scope.partition(":")[2]
        together = any({account, home} <= accounts for accounts in of.values())
        if one.values["active"] is not False:
            known = True if together and one.values["active"] else None
            found.append((known, f"{one.label} of account {home}" + ("" if known else ", which may look here, too")))
    return found


def _answer(at: Slice) -> tuple[Kleene, str]:
    account = str(at.rows("aws_account")[0].values["account"])
    found = [*_own(at), *_theirs(at, account)]
    answer = either(one for one, _ in found)
    regions = ", ".join(sorted(one.member for one in at.rows("aws_analyzer_region"))) or "no region"
    if answer is not False:
        return answer, "; ".join(why for one, why in found if one is answer)
    off = [why for _, why in found]
    return False, "; ".join([f"no active analyzer of external access; asked: {regions}", *off])


def _around(given: dict[str, list[Version]]) -> list[Version]:
    """Analyzers of whole organizations, wherever they are."""
    everywhere = (one for rows in given.values() for one in rows if one.table == "aws_analyzer")
    return [
        replace(one, table=_ELSEWHERE)
        for one in everywhere
        if one.values["kind"] == "external" and one.values["organization"]
    ]


def _answers(connection: duckdb.DuckDBPyConnection) -> Iterator[Answer]:
    given, snapshots = versions(connection, _TABLES), taken(connection)
    shared = _around(given)
    nodes = versions(connection, {_NODE: ("account",)}) if shared else {}
    accounts = [one for rows in nodes.values() for one in rows if one.values["account"] is not None]
    for scope, rows in given.items():
        theirs = [one for one in shared if one.scope != scope]
        named = {scope.partition(":")[2], *(one.scope.partition(":")[2] for one in theirs)}
        rows = [*rows, *theirs, *(one for one in accounts if theirs and one.values["account"] in named)]
        for at in slices(rows, snapshots.get(scope, [])):
            for one in at.rows("aws_account"):
                values = _answer(at)
                yield Answer(scope, one.member, one.label, at.start, at.end, at.earliest, one.record, values)


_COLUMNS = shape(external="BOOLEAN", because="VARCHAR")


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    store(connection, COVERAGE, _COLUMNS, _answers(connection))


ANALYZER_COVERAGE = Derivation(
    (
        DerivedTable(
            COVERAGE,
            "Whether an active analyzer of IAM Access Analyzer looks for access from outside in each account: its own, "
            "or that of its organization.",
            _COLUMNS,
            frozenset({"iam.account_summary", "accessanalyzer.analyzers"}),
        ),
    ),
    _derive,
)
