"""What is known of an account's names: which ARN a name means, which key an id means."""

from collections import defaultdict
from datetime import datetime, timedelta

from observant.inventory.replay import Version
from observant.model.time import FOREVER

_SAME_MOMENT = timedelta(seconds=2)

Members = dict[str, list[Version]]
"""Member -> its row versions in order, as the readings show them."""


class Known:
    """Names of one account, from all of its row versions and from what events said about ARNs."""

    def __init__(self, tables: dict[str, Members]) -> None:
        self._arns: dict[tuple[str, str], set[str]] = defaultdict(set)
        for kind in ("user", "group", "role"):
            for urn in tables.get(f"aws_{kind}", {}):
                self._arns[kind, urn.rpartition("/")[2]].add(urn)
        self._trails = set(tables.get("aws_trail", {})) | set(tables.get("aws_trail_status", {}))
        self._keys = tables.get("aws_access_key", {})
        self._of_owner: dict[str, list[str]] = defaultdict(list)
        for member, versions in self._keys.items():
            self._of_owner[str(versions[0].values["owner"])].append(member)
        self._by_id: dict[str, str] = {}

    def principal(self, kind: str, name: str, arn: str | None = None) -> str | None:
        """The ARN of the only principal that ever had this name; `arn` is what the event itself says."""
        if arn is not None:
            self._arns[kind, name].add(arn)
            return arn
        found = self._arns[kind, name] if name else set()
        return next(iter(found)) if len(found) == 1 else None

    def trail(self, name: str) -> str | None:
        """The ARN of the only trail of this name; an ARN stands for itself."""
        if name.startswith("arn:"):
            self._trails.add(name)
            return name
        found = {arn for arn in self._trails if arn.endswith(f"/{name}")} if name else set()
        return next(iter(found)) if len(found) == 1 else None

    def key_created(self, owner: str, key_id: str, created: datetime) -> str | None:
        """The member that a new key is in the reports, when one of them shows it. From now on its id is known."""
        for member in self._of_owner[owner]:
            at = self._keys[member][0].values["created_at"]
            if isinstance(at, datetime) and abs(at - created) <= _SAME_MOMENT:
                self._by_id[key_id] = member
                return member
        self._by_id[key_id] = f"{owner}/access-key/{created:%Y-%m-%dT%H:%M:%SZ}"
        return None

    def key(self, owner: str, key_id: str, at: datetime, *, active: bool | None) -> str | None:
        """The key that an event means: by its id where its creation was heard of, else the only one that fits.

        `active` is what the key becomes; None for a key that is deleted.
        """
        if key_id in self._by_id:
            return self._by_id[key_id]
        alive = [member for member in self._of_owner[owner] if _alive(self._keys[member], at)]
        fitting = alive if len(alive) == 1 else [one for one in alive if _fits(self._keys[one], at, active)]
        if len(fitting) == 1 and key_id:
            self._by_id[key_id] = fitting[0]
        return fitting[0] if len(fitting) == 1 else None


def _alive(versions: list[Version], at: datetime) -> bool:
    """Whether the key may have existed: between the earliest and the latest moment that the readings allow."""
    return versions[0].earliest <= at <= versions[-1].valid_to


def _fits(versions: list[Version], at: datetime, active: bool | None) -> bool:
    """Whether the readings show the key change in this way, around this time."""
    if active is None:
        last = versions[-1]
        return last.valid_to < FOREVER and last.valid_from <= at <= last.valid_to
    return any(one.values["active"] is active and one.earliest <= at <= one.valid_from for one in versions[1:])
