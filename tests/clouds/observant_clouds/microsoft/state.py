"""What a tenant holds, its clock, and the identifiers that follow from names.

Objects are kept as the JSON that Graph and Resource Manager answer; everything else is computed when it is asked for.
"""

import copy
import itertools
import re
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]
When = float | str | datetime | None
"""A moment: days before now, RFC 3339 text, or a datetime. None is now."""

DEFAULT_START = datetime(2026, 1, 1, 6, tzinfo=UTC)
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "tenant.observant.example")
_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


def written(moment: datetime) -> str:
    """A moment as Graph writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read(text: str) -> datetime:
    """A moment that Graph or an export wrote; seven decimals are cut to what Python keeps."""
    moment = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text).replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def is_guid(text: str) -> bool:
    return _GUID.fullmatch(text) is not None


class Clock:
    """The tenant's clock; it stands still until it is moved."""

    def __init__(self, start: datetime = DEFAULT_START) -> None:
        self.moment = start

    def __call__(self) -> datetime:
        return self.moment

    def move_to(self, moment: datetime) -> None:
        self.moment = moment

    def shift(self, **duration: float) -> None:
        """`shift(days=1)`"""
        self.moment += timedelta(**duration)


class State:
    """Objects by kind and id, in the order they were made. Kinds are Graph's or ARM's own names."""

    def __init__(self, name: str = "harbourlight", clock: Callable[[], datetime] | None = None) -> None:
        self.name = name
        self.domain = f"{name}.onmicrosoft.com"
        self.tenant_id = str(uuid.uuid5(_NAMESPACE, f"tenant/{name}"))
        self.clock = clock or Clock()
        self.objects: defaultdict[str, dict[str, Json]] = defaultdict(dict)
        self.names: dict[tuple[str, str], str] = {}
        self.members: defaultdict[str, dict[str, str]] = defaultdict(dict)
        """group id -> principal id -> kind"""
        self.owners: defaultdict[str, dict[str, str]] = defaultdict(dict)
        """group, application or service principal id -> principal id -> kind"""
        self.licence = "P2"
        """`none`, `P1` or `P2`."""
        self.hidden_membership = "empty"
        """What a caller without Member.Read.Hidden is told of a hidden group: `empty`, or `denied`."""
        self.inherited_unasked = True
        """Whether listings at an Azure scope show what is inherited from above without being asked for it."""
        self.journaling = False
        self.actor: str | None = None
        """User principal name of whoever makes the changes, for the audit log."""
        self._numbers = itertools.count(1)

    # -- moments

    @property
    def now(self) -> datetime:
        return self.clock()

    def moment(self, when: When = None) -> datetime:
        """`when` as an aware moment."""
        if when is None:
            return self.now
        if isinstance(when, datetime):
            return when
        return read(when) if isinstance(when, str) else self.now - timedelta(days=when)

    def at(self, when: When = None) -> str:
        """`when` as Graph writes it."""
        return written(self.moment(when))

    # -- identifiers

    def guid(self, *names: object) -> str:
        """The identifier that follows from a name, the same in every run."""
        return str(uuid.uuid5(_NAMESPACE, "/".join([self.name, *(str(name).lower() for name in names)])))

    def fresh(self, kind: str) -> str:
        """The next identifier for something nobody names, such as a request or an audit event."""
        return self.guid(kind, next(self._numbers))

    # -- objects

    def keep(self, kind: str, name: str, one: Json) -> Json:
        """Store an object under its `id`, findable by `name`."""
        self.objects[kind][one["id"]] = one
        self.names[kind, name.lower()] = one["id"]
        return one

    def take(self, kind: str, exported: Json) -> str:
        """Store an object exactly as a real service answered it, under its `id`. Answers the id."""
        one = copy.deepcopy(exported)
        return str(self.keep(kind, str(one.get("displayName") or one["id"]), one)["id"])

    def find(self, kind: str, name: str) -> Json:
        """The object of that name or id. Raises KeyError when there is none."""
        return self.objects[kind][self.names.get((kind, name.lower()), name)]

    def id_of(self, name: str, *kinds: str) -> str:
        """The id of a principal or other object by name; an identifier stays as it is, known or not."""
        for kind in kinds or PRINCIPALS:
            found = self.names.get((kind, name.lower()))
            if found is not None:
                return found
        if is_guid(name):
            return name
        raise KeyError(f"no such {' or '.join(kinds or PRINCIPALS)}: {name}")

    def kind_of(self, principal: str) -> str | None:
        """`users`, `groups` or `servicePrincipals`; None when nothing with this id is there."""
        return next((kind for kind in PRINCIPALS if principal in self.objects[kind]), None)

    def all(self, kind: str) -> list[Json]:
        return list(self.objects[kind].values())

    def ids(self, names: Iterable[str], *kinds: str) -> list[str]:
        return [self.id_of(name, *kinds) for name in names]

    # -- the audit log

    def journal(
        self, activity: str, service: str, category: str, operation: str, targets: list[Json], **more: Any
    ) -> None:
        """Write an event to the directory audit log, once the tenant is open; see `journal.py` for what goes in."""
        if not self.journaling:
            return
        number = self.fresh("audit")
        event = {
            "id": f"{'Directory' if service == 'Core Directory' else service.replace(' ', '')}_{number}",
            "category": category,
            "correlationId": self.guid("correlation", number),
            "result": "success",
            "resultReason": more.pop("reason", ""),
            "activityDisplayName": activity,
            "activityDateTime": self.at(more.pop("when", None)),
            "loggedByService": service,
            "operationType": operation,
            "initiatedBy": self._initiator(more.pop("by", self.actor)),
            "targetResources": targets,
            "additionalDetails": more.pop("details", []),
        }
        assert not more, f"no such part of an audit event: {sorted(more)}"
        self.objects["directoryAudits"][event["id"]] = event

    def _initiator(self, by: str | None) -> Json:
        if by is None:
            return {"user": None, "app": {"appId": None, "displayName": "Microsoft Graph", "servicePrincipalId": None}}
        known = self.names.get(("users", by.lower()))
        if known is None:
            return {"user": None, "app": {"appId": None, "displayName": by, "servicePrincipalId": None}}
        user = self.objects["users"][known]
        return {
            "app": None,
            "user": {
                "id": known,
                "displayName": user["displayName"],
                "userPrincipalName": user["userPrincipalName"],
                "ipAddress": "203.0.113.10",
            },
        }


PRINCIPALS = ("users", "groups", "servicePrincipals")
TYPES = {
    "users": "#microsoft.graph.user",
    "groups": "#microsoft.graph.group",
    "servicePrincipals": "#microsoft.graph.servicePrincipal",
    "devices": "#microsoft.graph.device",
    "contacts": "#microsoft.graph.orgContact",
}


def merged(base: Json, changes: Json) -> Json:
    """A deep copy of `base` with `changes` laid over it, objects property by property."""
    result = copy.deepcopy(base)
    for name, value in changes.items():
        before = result.get(name)
        result[name] = merged(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return result
