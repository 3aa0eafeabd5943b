"""Which subscriptions there are: what the caller sees, and what the management-group tree names besides."""

from collections.abc import Iterator

from observant.collect.microsoft.operation import arm
from observant.collect.microsoft.paging import tidy
from observant.collect.microsoft.reading import Declaration, Part, Reading
from observant.collect.microsoft.session import MicrosoftSession
from observant.collect.unread import Unread
from observant.evidence.snapshot import Collection, Entity, GapReason, Json
from observant.model.time import Clock

SUBSCRIPTIONS = arm("/subscriptions", "Microsoft.Resources/subscriptions/read", "2022-12-01")
SUBSCRIPTION = arm("/subscriptions/{subscription}", "Microsoft.Resources/subscriptions/read", "2022-12-01")
TREE = arm(
    "/providers/Microsoft.Management/managementGroups/{tenant}",
    "Microsoft.Management/managementGroups/read",
    "2023-04-01",
)
_WHOLE = {"$expand": "children", "$recurse": "true"}


def visible(session: MicrosoftSession, clock: Clock, tenant: str) -> tuple[list[str], list[str]]:
    """Ids of the subscriptions that the caller sees, and of those that only the management-group tree names.

    Raises Unread when they cannot be listed. Without access to the tree, nothing is known of what is not seen.
    """
    reading = Reading(session, clock, tenant)
    seen = {one["subscriptionId"] for one in reading.items(SUBSCRIPTIONS) if "subscriptionId" in one}
    try:
        named = {one for one, node in _nodes(reading.one(TREE, _WHOLE, tenant=tenant)) if _is_subscription(node)}
    except Unread:
        named = set()
    return sorted(seen), sorted(named - {each.lower() for each in seen} - seen)


def _is_subscription(node: Json) -> bool:
    return str(node.get("type", "")).lower().endswith("/subscriptions") or node.get("type") == "/subscriptions"


def _nodes(node: Json) -> Iterator[tuple[str, Json]]:
    """(name, node) of a tree as ARM answers it, the root included, without recursion."""
    due: list[Json] = [node]
    while due:
        one = due.pop()
        yield str(one.get("name", "")), one
        children = (one.get("properties") or {}).get("children", one.get("children"))
        due += [child for child in children or () if isinstance(child, dict)]


def _management_groups(reading: Reading) -> Iterator[Collection]:
    root = reading.one(TREE, _WHOLE, tenant=reading.identifier)
    parents: dict[str, str] = {}
    entities: list[Entity] = []
    for name, node in _nodes(root):
        if _is_subscription(node):
            continue
        properties = node.get("properties") or node
        children = [child for child in properties.get("children") or () if isinstance(child, dict)]
        parents |= {str(child.get("id")): str(node.get("id")) for child in children}
        entities.append(
            Entity(
                name,
                {
                    "id": node.get("id"),
                    "name": name,
                    "displayName": properties.get("displayName"),
                    "parent": parents.get(str(node.get("id"))),
                    "children": sorted(
                        ({key: child.get(key) for key in ("id", "type", "name", "displayName")} for child in children),
                        key=lambda child: str(child["id"]),
                    ),
                },
            )
        )
    if not entities or not entities[0].urn:
        raise Unread(GapReason.FAILED, f"{TREE.name}: the tree has no root")
    yield Collection("entra.management_groups", entities)


MANAGEMENT_GROUPS = Part(Declaration(("entra.management_groups",), (TREE,)), _management_groups)


def _subscription(reading: Reading) -> Iterator[Collection]:
    read = tidy(reading.one(SUBSCRIPTION, subscription=reading.identifier))
    yield Collection("azure.subscription", [Entity(reading.identifier, read)])


THE_SUBSCRIPTION = Part(Declaration(("azure.subscription",), (SUBSCRIPTION,)), _subscription)
