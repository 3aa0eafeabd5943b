"""An event reduced to what effects need, and what one did to one member of a table."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from observant.evidence.snapshot import Json
from observant.inventory.aws.known import Known
from observant.inventory.replay import Effect, Happening
from observant.inventory.table import Value

APPEARS, VANISHES, BECOMES, TOUCHES = Effect.APPEARS, Effect.VANISHES, Effect.BECOMES, Effect.TOUCHES

TABLES: dict[str, tuple[str, ...]] = {
    "aws_user": ("iam.users",),
    "aws_group": ("iam.groups",),
    "aws_role": ("iam.roles",),
    "aws_membership": ("iam.users",),
    "aws_attachment": ("iam.users", "iam.groups", "iam.roles"),
    "aws_managed_policy": ("iam.policies",),
    "aws_credential": ("iam.credential_report",),
    "aws_access_key": ("iam.credential_report",),
    "aws_mfa_device": ("iam.virtual_mfa_devices", "iam.mfa_devices"),
    "aws_trail": ("cloudtrail.trails",),
    "aws_trail_status": ("cloudtrail.trail_status",),
    "aws_trail_selector": ("cloudtrail.event_selectors",),
}
"""Tables that events speak about -> the collections they are made from."""


class Event(NamedTuple):
    """An event that succeeded, reduced to what effects need."""

    at: datetime
    record: int
    name: str
    request: Json
    response: Json
    caller: str | None
    """Name of the IAM user who called, for calls about oneself."""


class Told(NamedTuple):
    """An effect on one member of one table."""

    table: str
    collection: str
    member: str
    happening: Happening


Rule = Callable[[Event, Known], Iterator[Told]]


def told(
    event: Event,
    table: str,
    member: str,
    effect: Effect,
    columns: Mapping[str, Value] | None = None,
    label: str = "",
    collection: str = "",
) -> Told:
    happening = Happening(event.at, event.record, effect, columns or {}, label)
    return Told(table, collection or TABLES[table][0], member, happening)
