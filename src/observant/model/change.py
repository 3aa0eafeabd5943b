"""Which events of a provider's log change access, and in what way.

`change_events/aws.json` has the list with the reason for every exclusion. For the services that access consists of
(`whole`) every write action is decided there; an event of theirs that is in no list and does not only read is a change
as well, because the provider may have added it since: keeping too much is told apart later, losing one is not.
"""

import json
import re
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from observant.model.time import moment

UNRECOGNISED = "unrecognised"
"""Category of an event that is in no list."""
SESSION = "session"
"""Category of an event that began a session: not a change, but who was behind one."""

SESSIONS = frozenset(
    {
        "AssumeRole",
        "AssumeRoleWithSAML",
        "AssumeRoleWithWebIdentity",
        "AssumeRoot",
        "GetFederationToken",
        "GetSessionToken",
    }
)
_READS = re.compile(r"(Get|List|Describe|BatchGet|Search|Lookup|Simulate|Generate)")
_WRITES = re.compile(r"(Add|Associate|Attach|Create|Deactivate|Delete|Detach|Disable|Enable|Put|Remove|Set|Update)")
_VERSION = re.compile(r"\d{8}(v\d+)?$")  # AddPermission20150331v2


class Decision(StrEnum):
    """What becomes of an event."""

    CHANGE = "change"
    SESSION = "session"
    COUNTED = "counted"


class _Lists(NamedTuple):
    changes: dict[tuple[str, str], str]
    excluded: frozenset[tuple[str, str]]
    any_source: dict[str, str]
    whole: frozenset[str]


@cache
def _aws() -> _Lists:
    read = json.loads(files("observant.model").joinpath("change_events/aws.json").read_bytes())
    changes: dict[tuple[str, str], str] = {}
    excluded: set[tuple[str, str]] = set()
    for service, lists in read["services"].items():
        for category, names in [*lists["changes"].items(), *lists.get("also", {}).items()]:
            changes.update({(service, name): category for name in names})
        excluded.update((service, name) for names in lists["excluded"].values() for name in names)
    any_source = {name: changes["iam", name] for name in read["any_source"]}
    whole = frozenset(service for service, lists in read["services"].items() if lists["whole"]) - {"sts", "sso-oauth"}
    return _Lists(changes, frozenset(excluded), any_source, whole)


def aws_category(source: str, name: str, *, read_only: bool | None) -> str | None:
    """The category of the change that an event is; None when it is none.

    `source` as in `eventSource` (`iam.amazonaws.com`), `name` as in `eventName`, `read_only` as in `readOnly`, None
    where the event does not say.
    """
    lists = _aws()
    service = source.partition(".")[0]
    plain = _VERSION.sub("", name)
    found = lists.changes.get((service, plain)) or lists.any_source.get(name)
    if found is not None:
        return found
    if service not in lists.whole or (service, plain) in lists.excluded:
        return None
    reads = _READS.match(name) or (read_only and not _WRITES.match(name))
    return None if reads else UNRECOGNISED


@lru_cache(maxsize=1 << 16)
def aws_decision(source: str, name: str) -> Decision:
    """What becomes of an event by its name alone; a change that turns out to be read only is none after all."""
    if source == "sts.amazonaws.com" and name in SESSIONS:
        return Decision.SESSION
    return Decision.COUNTED if aws_category(source, name, read_only=None) is None else Decision.CHANGE


def aws_time(written: object) -> datetime | None:
    """An `eventTime`; UTC by definition, also where an export dropped the zone. None when it is no time."""
    if not isinstance(written, str):
        return None
    try:
        read = datetime.fromisoformat(written)
        return moment(written) if read.tzinfo else read.replace(tzinfo=UTC, microsecond=0)
    except ValueError:
        return None
