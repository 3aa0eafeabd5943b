"""The catalogue page of each check, made from the check itself: what stands here cannot drift from what is run."""

from observant.analysis.derive import DERIVED
from observant.checks.check import COMMITMENT_PREFIX, Check
from observant.checks.commitments import columns as commitment_columns
from observant.checks.coverage import EVIDENCE_ABOUT, EVIDENCE_COLUMNS, EVIDENCE_TABLES
from observant.checks.registry import CHECKS, collections_of
from observant.frameworks.criteria import CRITERIA
from observant.frameworks.crosswalk import FRAMEWORKS
from observant.frameworks.mapping import edges_of
from observant.frameworks.peers import NOT_HERE, PEERS, SAME, elsewhere
from observant.inventory.projection import TABLES
from observant.inventory.table import COMMON
from observant.model.kinds import KINDS


def page(check: Check) -> str:
    """One check as Markdown."""
    title, _, body = check.page.partition("\n")
    facts = [
        f"**Judges:** `{check.judges}` ({check.concerns})",
        "**Criteria:** " + "; ".join(f"{id_} ({CRITERIA[id_]})" for id_ in check.criteria),
        "**Other frameworks:** " + _edges(check.id),
        *_theirs(check.id),
        "**Commitments:** " + (", ".join(f"`{name}`" for name in check.commitments) or "none"),
        "**Reads:** "
        + (", ".join(f"`{name}`" for name in sorted(collections_of(check))) or "the evidence log's own records")
        + (". A gap in any of them makes the verdict unknown." if collections_of(check) else ""),
    ]
    return "\n".join(
        [
            f"# {check.id}",
            "",
            f"_{title}_",
            "",
            *(f"- {fact}" for fact in facts),
            body,
            "",
            "## The query",
            "",
            "This text is run as it stands, over the tables of [the inventory](inventory.md). Time that it leaves",
            "unanswered for a member, and time in which nothing was read, is unknown.",
            "",
            "```sql",
            check.sql,
            "```",
            "",
        ]
    )


def _edges(check: str) -> str:
    """The edges of the crosswalk, framework by framework, each with the code of its source."""
    named: dict[str, list[str]] = {}
    for edge in edges_of(check):
        named.setdefault(FRAMEWORKS[edge.framework], []).append(f"{edge.requirement} [{edge.source}]")
    return "; ".join(f"{framework}: {', '.join(listed)}" for framework, listed in named.items()) or "none"


def _theirs(check: str) -> list[str]:
    """Ids of others' checks, and where the verdicts are explained that differ; nothing where nobody else asks."""
    found = elsewhere(check)
    if found is None:
        return []
    named = [f"{PEERS['prowler']}: {_ids(found.prowler)}", f"{PEERS['hub']}: {_ids(found.hub)}"]
    return ["**The same question elsewhere:** " + "; ".join(named) + " ([differences](../aws-differences.md))"]


def _ids(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{one}`" for one in names) or "none"


def differences_page() -> str:
    """Where others' checks on AWS ask the same, where the verdicts differ, and what is not asked here."""
    rows = [
        f"| [{one.ours}](catalogue/{one.ours}.md) | {_ids(one.prowler)} | {_ids(one.hub)} | {one.differs} |"
        for one in SAME
    ]
    alone = [one for one in CHECKS.values() if one.source in ("aws", "organization") and elsewhere(one.id) is None]
    return "\n".join(
        [
            "# Where verdicts on AWS differ from those of others",
            "",
            f"Beside {PEERS['prowler']} and {PEERS['hub']}. Two differences hold for every row: what could not be read",
            "is **unknown** here and never silence or a pass; and a verdict is about every moment of the period, not",
            "about the moment of a scan.",
            "",
            "## The same question",
            "",
            "| ours | Prowler | Security Hub | where the verdicts differ, and why |",
            "| --- | --- | --- | --- |",
            *rows,
            "",
            "## What they ask and we do not",
            "",
            "| theirs | why not here |",
            "| --- | --- |",
            *(f"| `{theirs}` | {why} |" for theirs, why in NOT_HERE.items()),
            "",
            "## What we ask and they do not",
            "",
            *(f"- [{one.id}](catalogue/{one.id}.md): {one.title}" for one in alone),
            "",
        ]
    )


def index() -> str:
    """The list of all checks as Markdown."""
    rows = [f"| [{one.id}]({one.id}.md) | {one.title} | {', '.join(one.criteria)} |" for one in CHECKS.values()]
    return "\n".join(["# Checks", "", "| check | what must be true | criteria |", "| --- | --- | --- |", *rows, ""])


def inventory_page() -> str:
    """Every table that checks read, as Markdown."""
    parts = [
        "# The inventory",
        "",
        "Tables made from the evidence log; delete them and `observant rebuild` makes the same again. Times are UTC.",
        "Unless said otherwise a row holds from `valid_from` up to, not including, `valid_to`; `earliest` is the",
        "less favourable bound of when it may have begun, and `record` the log entry that first showed it.",
    ]
    for name, table in sorted(TABLES.items()):
        parts += _table(name, table.about, COMMON | table.columns, ", ".join(sorted(table.collections)))
    for name, derived in sorted(DERIVED.items()):
        parts += _table(name, derived.about, derived.columns, "derived")
    for name, evidence in EVIDENCE_TABLES.items():
        parts += _table(name, EVIDENCE_ABOUT.format(kind=evidence), EVIDENCE_COLUMNS, "the log's own records")
    for name, kind in sorted(KINDS.items()):
        about = f"The written policy: {kind.promises}. Columns are NULL while nothing is documented."
        parts += _table(f"{COMMITMENT_PREFIX}{name}", about, commitment_columns(kind), "commitments.yaml")
    return "\n".join([*parts, ""])


def _table(name: str, about: str, columns: dict[str, str], source: str) -> list[str]:
    rows = [f"| `{column}` | {kind} |" for column, kind in columns.items()]
    return ["", f"## {name}", "", f"{about} Source: {source}.", "", "| column | type |", "| --- | --- |", *rows]


def pages() -> dict[str, str]:
    """File name -> text of the whole catalogue folder."""
    return {
        "index.md": index(),
        "inventory.md": inventory_page(),
        **{f"{check.id}.md": page(check) for check in CHECKS.values()},
    }
