"""Every entry: who signed it, whether time only moves forward, and the files it binds."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from observant.errors import ClockWentBack, ForeignSignature, InconsistentLog
from observant.evidence import dsse
from observant.evidence.verify.folder import Folder
from observant.evidence.verify.trust import Trust

_KIND = re.compile(r"urn:observant:([a-z][a-z-]*):v1")
_OF_STORE = ("anchors/", "keys/", "log/", "objects/")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Statement:
    """An entry whose signature is right."""

    index: int
    bundle: str
    kind: str
    predicate: dict[str, Any]
    subjects: dict[str, str]
    effective: datetime
    recorded: datetime


def check_statement(index: int, bundle: str, entry: bytes, trust: Trust) -> Statement:
    """Read one entry; raises ForeignSignature or InconsistentLog naming its bundle."""
    try:
        envelope = dsse.parse(entry)
    except ValueError as error:
        raise InconsistentLog(bundle, f"entry {index}: {error}") from error
    if envelope.signed_by(list(trust.statement)) is None:
        raise ForeignSignature(bundle, f"entry {index} is not signed by a trusted statement key")
    try:
        return _read(index, bundle, json.loads(envelope.payload))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise InconsistentLog(bundle, f"entry {index} is not a statement of this log") from error


def check_order(before: Statement | None, statement: Statement) -> None:
    if before is not None and statement.recorded < before.recorded:
        raise ClockWentBack(statement.bundle, f"entry {statement.index} was recorded before the entry in front of it")


def check_subjects(folder: Folder, statement: Statement) -> None:
    """The files of the store that this statement binds are there and unchanged."""
    for name, digest in statement.subjects.items():
        if name.startswith(_OF_STORE):
            folder.check(name, digest)


def moment(written: str) -> datetime:
    """RFC 3339 in UTC with `Z`, whole seconds; raises ValueError."""
    return datetime.strptime(written, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _read(index: int, bundle: str, read: dict[str, Any]) -> Statement:
    kind = _KIND.fullmatch(read["predicateType"])
    predicate = read["predicate"]
    subjects = {str(each["name"]): str(each["digest"]["sha256"]) for each in read["subject"]}
    if kind is None or read["_type"] != "https://in-toto.io/Statement/v1" or not isinstance(predicate, dict):
        raise ValueError("not one of our predicates")
    if not all(map(_DIGEST.fullmatch, subjects.values())):
        raise ValueError("a subject has no SHA-256")
    times = (str(predicate["effective"]), str(predicate["recorded"]))
    return Statement(index, bundle, kind[1], predicate, subjects, *map(moment, times))
