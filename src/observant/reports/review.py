"""The artifact of an access review: the table that one reviewer signs."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from observant.model.period import Period
from observant.model.time import text as moment_text
from observant.period.conclusion import Provenance
from observant.reports.csv import Header, Table
from observant.reviews.campaign import Opened
from observant.reviews.decision import Decision, diligence
from observant.reviews.difference import Difference
from observant.reviews.item import Item

COLUMNS = (
    "item",
    "kind",
    "scope",
    "label",
    "member",
    "person",
    "manager",
    "holders",
    "privileges",
    "escalations",
    "flags",
    "last_used",
    "since_last_review",
    "decision",
    "reason",
    "ticket",
    "decided_at",
    "decided_together",
)


def artifact(
    opened: Opened,
    reviewer: str,
    items: Sequence[Item],
    decisions: Mapping[str, Decision],
    changes: Mapping[str, Difference],
    provenance: Provenance,
    handed_over: Sequence[str],
) -> Table:
    """The reviewer's part of the campaign with every decision. `handed_over`: sentences about who gave what to whom."""
    return Table(
        name=f"{reviewer}.csv",
        header=_header(opened, reviewer, list(decisions.values()), len(items), provenance, handed_over),
        columns=COLUMNS,
        rows=[_row(item, decisions.get(item.id), changes[item.id]) for item in items],
    )


def _header(
    opened: Opened,
    reviewer: str,
    decisions: list[Decision],
    items: int,
    provenance: Provenance,
    handed_over: Sequence[str],
) -> Header:
    person = next(one for one in opened.reviewers if one.name == reviewer)
    made = diligence(decisions)
    pace = "" if made.median_seconds is None else f"; median time between strokes {made.median_seconds:.0f} s"
    notes = [
        f"campaign: {opened.campaign}, opened by {opened.opened_by}, due {moment_text(opened.due)}",
        f"reviewer: {person.name} <{person.email}>",
        f"population: {opened.items} items as of {moment_text(opened.as_of)}, sha256 {opened.population}",
        *(f"snapshot: {scope} in record {record}" for scope, record in sorted(opened.snapshots.items())),
        f"this part: {items} items, {made.decisions} decided, {made.in_bulk} of them together with others{pace}",
        f"largest stroke: {made.largest_stroke} items decided at once",
        f"compared with: {opened.previous or 'nothing, this is the first campaign'}",
        *(
            f"NOT READ: {gap.collection} of {gap.scope} ({gap.why}); accepted by {gap.by}: {gap.reason}"
            for gap in opened.accepted_gaps
        ),
        *handed_over,
    ]
    return Header(
        title=f"Access review {opened.campaign}: {opened.title}",
        source="access as the evidence log recorded it: " + ", ".join(sorted(opened.snapshots)),
        period=_period(opened.as_of, opened.due),
        provenance=provenance,
        parameters=(opened.promised,) if opened.promised else (),
        notes=tuple(notes),
    )


def _period(as_of: datetime, due: datetime) -> Period:
    return Period(as_of.date(), max(as_of.date(), due.date()))


def _row(item: Item, decision: Decision | None, change: Difference) -> tuple[str | int | datetime | None, ...]:
    return (
        item.id,
        item.kind,
        item.scope,
        item.label,
        item.member,
        item.person,
        item.manager,
        "; ".join(item.holders),
        "; ".join(item.privileges),
        "; ".join(item.escalations),
        " ".join(item.flags),
        item.last_used,
        change.in_words,
        decision.choice.value if decision else "",
        decision.reason if decision else "",
        decision.ticket if decision else "",
        decision.at if decision else None,
        decision.bulk if decision else None,
    )
