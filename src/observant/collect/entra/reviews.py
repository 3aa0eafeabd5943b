"""Access reviews: each instance that ran, and what was decided in it about whom."""

from collections.abc import Iterator

from observant.collect.microsoft.operation import graph
from observant.collect.microsoft.pace import Service
from observant.collect.microsoft.paging import entities_of, tidy
from observant.collect.microsoft.reading import Declaration, Part, Reading, each
from observant.collect.unread import Unread
from observant.evidence.snapshot import Collection, Entity

_REVIEWS = "/identityGovernance/accessReviews/definitions"
_READ = "AccessReview.Read.All"

DEFINITIONS = graph(_REVIEWS, _READ, Service.GOVERNANCE)
INSTANCES = graph(f"{_REVIEWS}/{{definition}}/instances", _READ, Service.GOVERNANCE)
DECISIONS = graph(f"{_REVIEWS}/{{definition}}/instances/{{instance}}/decisions", _READ, Service.GOVERNANCE)

_PAGE = {"$top": "100"}


def _reviews(reading: Reading) -> Iterator[Collection]:
    definitions = {one.urn: one for one in entities_of(DEFINITIONS, reading.items(DEFINITIONS, _PAGE))}

    def read(definition: str) -> list[Entity]:
        about = definitions[definition].configuration
        instances = entities_of(INSTANCES, reading.items(INSTANCES, _PAGE, definition=definition))
        return [Entity(one.urn, {"definition": about, "instance": one.configuration}) for one in instances]

    def instead(definition: str, unread: Unread) -> Entity:
        return Entity(definition, {"definition": definitions[definition].configuration, **unread.instead})

    def ahead(definitions: list[str]) -> None:
        reading.ahead(INSTANCES, [(_PAGE, {"definition": one}) for one in definitions])

    yield Collection("entra.access_reviews", each(definitions, read, instead, ahead))


def _decisions(reading: Reading) -> Iterator[Collection]:
    reviews = {one.urn: one.configuration for one in reading.need("entra.access_reviews").entities}

    def read(instance: str) -> list[Entity]:
        review = reviews[instance]
        if "Unread" in review:  # which instances there are is not known, so nothing is of their decisions
            return [Entity(instance, {"definitionId": instance, "Unread": review["Unread"]})]
        definition = review["definition"]["id"]
        found = reading.items(DECISIONS, _PAGE, definition=definition, instance=instance)
        return [
            Entity(str(one["id"]), {**tidy(one), "definitionId": definition, "instanceId": instance}) for one in found
        ]

    def instead(instance: str, unread: Unread) -> Entity:
        definition = reviews[instance]["definition"]["id"]
        return Entity(instance, {"definitionId": definition, "instanceId": instance, **unread.instead})

    def ahead(instances: list[str]) -> None:
        asked = [
            (_PAGE, {"definition": reviews[one]["definition"]["id"], "instance": one})
            for one in instances
            if "Unread" not in reviews[one]
        ]
        reading.ahead(DECISIONS, asked)

    yield Collection("entra.access_review_decisions", each(reviews, read, instead, ahead))


ACCESS_REVIEWS = Part(Declaration(("entra.access_reviews",), (DEFINITIONS, INSTANCES)), _reviews)

ACCESS_REVIEW_DECISIONS = Part(Declaration(("entra.access_review_decisions",), (DECISIONS,)), _decisions)
