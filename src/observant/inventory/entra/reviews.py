"""Access reviews that Entra itself ran: the instances and what was decided about whom."""

from collections.abc import Iterator

from observant.evidence.snapshot import Json
from observant.inventory.table import Reading, Row, Table, text_of, time_of


def _part(facet: Json, name: str) -> Json:
    found = facet.get(name)
    return found if isinstance(found, dict) else {}


def _instance(urn: str, review: Json) -> Iterator[Row]:
    definition, instance = _part(review, "definition"), _part(review, "instance")
    name = text_of(definition.get("displayName"))
    start, end = time_of(instance.get("startDateTime")), time_of(instance.get("endDateTime"))
    yield Row(
        member=urn,
        label=f"access review {name or urn}",
        values=(text_of(definition.get("id")), name, text_of(instance.get("status")), start, end),
        born=start,
    )


ACCESS_REVIEW_INSTANCE = Table(
    name="entra_access_review_instance",
    about="Runs of access reviews. `status` Completed or Applied means that it ended; before, nothing was concluded.",
    columns={
        "definition": "VARCHAR",
        "display_name": "VARCHAR",
        "status": "VARCHAR",
        "start_at": "TIMESTAMP",
        "end_at": "TIMESTAMP",
    },
    readings=(Reading("entra.access_reviews", "configuration", _instance),),
)


def _decision(urn: str, item: Json) -> Iterator[Row]:
    principal, resource, reviewer = (_part(item, name) for name in ("principal", "resource", "reviewedBy"))
    who = text_of(principal.get("userPrincipalName")) or text_of(principal.get("displayName"))
    at = time_of(item.get("reviewedDateTime"))
    yield Row(
        member=urn,
        label=f"decision on {who or principal.get('id')}",
        values=(
            text_of(item.get("definitionId")),
            text_of(item.get("instanceId")),
            text_of(principal.get("id")),
            text_of(resource.get("id")),
            text_of(item.get("decision")),
            text_of(reviewer.get("id")),
            at,
            text_of(item.get("applyResult")),
            time_of(item.get("appliedDateTime")),
        ),
        born=at,
    )


ACCESS_REVIEW_DECISION = Table(
    name="entra_access_review_decision",
    about="Decisions of access reviews: Approve, Deny, DontKnow or NotReviewed, by whom, and whether it was applied.",
    columns={
        "definition": "VARCHAR",
        "instance": "VARCHAR",
        "principal": "VARCHAR",
        "resource": "VARCHAR",
        "decision": "VARCHAR",
        "reviewed_by": "VARCHAR",
        "reviewed_at": "TIMESTAMP",
        "apply_result": "VARCHAR",
        "applied_at": "TIMESTAMP",
    },
    readings=(Reading("entra.access_review_decisions", "configuration", _decision),),
)
