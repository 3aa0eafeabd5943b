"""What a check is: one SELECT that says, for every member of a population, from when on it is in violation.

The rules for the SELECT (a test holds them over all checks):

- it answers for every member of the table it `judges`; whom it does not concern is said in `applies`. Time of a member
  that the SELECT leaves unanswered becomes unknown, so a row lost to WHERE or JOIN is never silence.
- it gives `scope`, `member`, `label`, `during(…)` over the row versions it joined, `applies` (boolean), `because`, and
  either `violated` (boolean, for the whole version) or `violated_from` (the moment from which on it is in violation);
  with `violated_to` beside it the violation is an event that happened, whatever was read at the time; so is, with
  `witnessed` beside `violated`, one whose beginning and end the provider's own log tells.
- NULL means that it cannot be known, and SQL's three-valued logic carries it through.
- `overlaps(a, b)` joins row versions that were valid at the same time. `during(a, b, …)` selects the stretch in which
  all of them were. Both are spelled out before the text is run, shown or shipped.
"""

import inspect
import re
from collections.abc import Callable

import msgspec

COMMITMENT_PREFIX = "commitment_"


class Check(msgspec.Struct, frozen=True):
    """One yes/no question about every member of a population."""

    id: str
    """Never changes its meaning: it stands in auditors' files."""
    title: str
    """A statement that can be true or false."""
    criteria: tuple[str, ...]
    judges: str
    page: str
    """The catalogue page, Markdown."""
    sql: str
    """Plain SQL, spelled out."""
    reads: frozenset[str]
    """Every table it reads, commitments included."""
    concerns: str
    """What one member is called, in the plural."""

    @property
    def source(self) -> str:
        """The source of its members: tables are named after theirs."""
        return self.judges.partition("_")[0]

    @property
    def answers(self) -> str:
        """The column that tells the shape of its answer: `violated`, `violated_from`, or `violated_to` for events."""
        return next(name for name in ("violated_to", "violated_from", "violated") if f" {name}" in self.sql)

    @property
    def witnesses(self) -> bool:
        """Whether it tells of violations that stand although nothing was read at the time."""
        return " as witnessed" in self.sql

    @property
    def commitments(self) -> tuple[str, ...]:
        return tuple(
            sorted(name.removeprefix(COMMITMENT_PREFIX) for name in self.reads if name.startswith(COMMITMENT_PREFIX))
        )


def check(
    id: str,  # noqa: A002 (the glossary's word)
    *,
    criteria: tuple[str, ...],
    judges: str,
    concerns: str,
) -> Callable[[Callable[[], str]], Check]:
    """Make a check of a function: its docstring is the catalogue page (first line the title), its result the SQL."""

    def make(function: Callable[[], str]) -> Check:
        page = inspect.getdoc(function)
        if not page:
            raise ValueError(f"{id} has no page")
        sql = spelled_out(inspect.cleandoc(function()))
        return Check(
            id=id,
            title=page.partition("\n")[0].removesuffix("."),
            criteria=criteria,
            judges=judges,
            page=page,
            sql=sql,
            reads=tables_in(sql),
            concerns=concerns,
        )

    return make


def tables_in(sql: str) -> frozenset[str]:
    """The tables a check names after FROM and JOIN, without the names it defines itself in WITH."""
    own = set(re.findall(r"\b(\w+)\s+as\s+\(\s*select\b", sql, re.IGNORECASE))
    return frozenset(re.findall(r"\b(?:from|join)\s+([a-z]\w*)", sql, re.IGNORECASE)) - own


def spelled_out(sql: str) -> str:
    """Replace `overlaps(a, b)` and `during(a, b, …)` by plain SQL that any engine runs."""
    sql = re.sub(r"\boverlaps\((\w+), (\w+)\)", r"\1.valid_from < \2.valid_to and \2.valid_from < \1.valid_to", sql)
    return re.sub(r"\bduring\(([\w, ]+)\)", _during, sql)


def _during(match: re.Match[str]) -> str:
    versions = [name.strip() for name in match[1].split(",")]
    columns = {"valid_from": "greatest", "valid_to": "least", "earliest": "greatest"}
    parts = []
    for column, pick in columns.items():
        named = [f"{version}.{column}" for version in versions]
        parts.append(f"{pick}({', '.join(named)}) as {column}" if len(named) > 1 else named[0])
    return ",\n       ".join([*parts, f"{versions[0]}.record"])
