"""Moments in exports: the command line writes them in several ways, evidence in one."""

from datetime import UTC, datetime
from typing import Any

from observant.collect.files.strict import Loaded
from observant.evidence.snapshot import Json
from observant.model.time import moment, text

MOMENTS = frozenset(
    {
        "CreateDate",
        "UpdateDate",
        "EnableDate",
        "LastUsedDate",
        "PasswordLastUsed",
        "LatestCloudWatchLogsDeliveryTime",
        "LatestDeliveryTime",
        "LatestDigestDeliveryTime",
        "LatestNotificationTime",
        "StartLoggingTime",
        "StopLoggingTime",
    }
)

_DOCUMENTS = frozenset({"AssumeRolePolicyDocument", "PolicyDocument", "Document"})


def read_moment(file: Loaded, place: str, written: object) -> datetime:
    """RFC 3339, `2019-12-18 19:10:08+00:00`, or seconds since 1970 (command line version 1). Raises InputError."""
    try:
        if isinstance(written, int | float) and not isinstance(written, bool):
            return datetime.fromtimestamp(written, UTC).replace(microsecond=0)
        return moment(written if isinstance(written, str) else "")
    except (ValueError, OverflowError, OSError) as error:
        problem = f"{written!r} is not a moment with a time zone"
        raise file.wrong(place, problem, "export with the command line's own time format") from error


def normalise(file: Loaded, place: str, value: Any) -> list[datetime]:  # noqa: ANN401  any JSON value
    """Rewrite every known moment in `value` as evidence writes it; the moments found. Policy documents stay."""
    found: list[datetime] = []
    if isinstance(value, list):
        for index, each in enumerate(value):
            found += normalise(file, f"{place}[{index}]", each)
    elif isinstance(value, dict):
        for name, each in value.items():
            if name in MOMENTS and each not in ("", None):
                read = read_moment(file, f"{place}.{name}", each)
                value[name] = text(read)
                found.append(read)
            elif name not in _DOCUMENTS:
                found += normalise(file, f"{place}.{name}", each)
    return found


def object_at(file: Loaded, place: str, value: object) -> Json:
    """`value`, which must be an object. Raises InputError."""
    if not isinstance(value, dict):
        raise file.wrong(place, "an object belongs here", "save the command's output unchanged, as --output json")
    return value


def objects_at(file: Loaded, place: str, value: object) -> list[Json]:
    """`value`, which must be a list of objects. Raises InputError."""
    if not isinstance(value, list):
        raise file.wrong(place, "a list belongs here", "save the command's output unchanged, as --output json")
    return [object_at(file, f"{place}[{index}]", each) for index, each in enumerate(value)]


def text_at(file: Loaded, place: str, value: object) -> str:
    """`value`, which must be text that is not empty. Raises InputError."""
    if not isinstance(value, str) or not value:
        raise file.wrong(place, "text belongs here", "save the command's output unchanged, as --output json")
    return value
