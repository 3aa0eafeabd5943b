"""Management groups: the tree that subscriptions hang in, read of the tenant as a whole."""

from collections.abc import Iterator

from observant.evidence.snapshot import Json
from observant.inventory.table import Reading, Row, Table, text_of


def _management_group(urn: str, group: Json) -> Iterator[Row]:
    inner = group.get("properties")
    given = inner if isinstance(inner, dict) else group
    parent = group.get("parent", given.get("parent"))
    above = text_of(parent.get("id")) if isinstance(parent, dict) else text_of(parent)
    children = group.get("children", given.get("children"))
    below = [_child(each) for each in children if isinstance(each, dict)] if isinstance(children, list) else None
    name = text_of(group.get("displayName")) or text_of(given.get("displayName"))
    yield Row(
        member=urn,
        label=f"management group {name or urn}",
        values=(
            name,
            above.rpartition("/")[2] if above else None,
            None if below is None or None in below else "\n".join(sorted(each for each in below if each)),
        ),
    )


def _child(child: Json) -> str | None:
    """`subscription <id>` or `group <name>`."""
    id_, kind = text_of(child.get("id")) or text_of(child.get("name")), text_of(child.get("type")) or ""
    if id_ is None:
        return None
    is_subscription = "subscriptions" in kind.lower() or id_.lower().startswith("/subscriptions/")
    return f"{'subscription' if is_subscription else 'group'} {id_.rpartition('/')[2].lower()}"


MANAGEMENT_GROUP = Table(
    name="entra_management_group",
    about="Management groups of the tenant. `children` has one line for each, written `group x` or `subscription x`.",
    columns={"display_name": "VARCHAR", "parent": "VARCHAR", "children": "VARCHAR"},
    readings=(Reading("entra.management_groups", "configuration", _management_group),),
)
