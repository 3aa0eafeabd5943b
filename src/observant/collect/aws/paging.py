"""Listings that page by a token, as most services besides IAM do."""

from collections.abc import Iterator

from observant.collect.aws.part import Reading
from observant.collect.aws.unread import Unread
from observant.evidence.snapshot import GapReason, Json


def token_pages(
    reading: Reading, service: str, operation: str, region: str = "", cursor: str = "NextToken", **parameters: object
) -> Iterator[Json]:
    """The pages of a listing, each as soon as it is here. Raises Unread when the paging cannot be trusted."""
    seen: set[str] = set()
    following: dict[str, str] = {}
    while True:
        page = reading.session.call(service, operation, region, **parameters, **following)
        yield page
        given = page.get(cursor)
        if not given:
            return
        if given in seen:
            raise Unread(GapReason.TRUNCATED, f"{service}:{operation}: the token of page {len(seen) + 1} came before")
        seen.add(given)
        following = {cursor: given}


def listed(
    reading: Reading,
    service: str,
    operation: str,
    field: str,
    region: str = "",
    cursor: str = "NextToken",
    **parameters: object,
) -> list[Json]:
    """Everything that a listing has under `field`."""
    paged = token_pages(reading, service, operation, region, cursor, **parameters)
    return [one for page in paged for one in page[field]]


def instead(unread: Unread) -> Json:
    """What stands in an entity in place of a thing that could not be read."""
    return {"Unread": {"reason": unread.reason.value, "detail": unread.detail}}
