"""The decoder of CloudTrail's files: every event is looked at, the few that matter are kept as they stand.

Three fields of each event decide what becomes of it, so only these are decoded; a file with something to keep is then
cut into its events. A file that is not quite as AWS writes it (a wrong type, no account) takes a slower way and comes
to the same; what cannot be understood at all is told, never skipped.

The format: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import msgspec

from observant.collect.changes.unpack import unpacked
from observant.evidence.snapshot import Json
from observant.model.change import Decision, aws_category, aws_decision

Name = tuple[str, str, str]
"""(account, event source, event name)"""


class Kept(msgspec.Struct, frozen=True):
    """An event that is kept."""

    raw: bytes
    """The provider's own JSON on one line."""
    account: str
    """Whose log it stands in; empty when it does not say."""
    id: str
    at: str
    """As the event writes it; empty when it does not."""
    decision: Decision
    key: str
    """Access key it was done with; empty for none."""
    issued: str
    """Access key of the session that it began; empty for none."""


class Decoded(msgspec.Struct, frozen=True):
    """What one file held."""

    counted: dict[Name, int] = {}
    kept: list[Kept] = []
    """In the order of the file."""
    sha256: str = ""
    """Of the file as it lay there."""
    unreadable: str = ""
    """Why the file, or some of it, could not be read; empty when all of it could."""


class _Head(msgspec.Struct, gc=False):
    recipientAccountId: str = ""  # noqa: N815
    eventSource: str = ""  # noqa: N815
    eventName: str = ""  # noqa: N815


class _Heads(msgspec.Struct):
    Records: list[_Head]


class _Raws(msgspec.Struct):
    Records: list[msgspec.Raw]


class _Caller(msgspec.Struct, gc=False):
    type: str = ""
    accountId: str = ""  # noqa: N815
    accessKeyId: str = ""  # noqa: N815


class _Credentials(msgspec.Struct, gc=False):
    accessKeyId: str = ""  # noqa: N815


class _Answer(msgspec.Struct, gc=False):
    credentials: _Credentials | None = None


class _Detail(msgspec.Struct, gc=False):
    eventID: str = ""  # noqa: N815
    eventTime: str = ""  # noqa: N815
    readOnly: bool | None = None  # noqa: N815
    userIdentity: _Caller | None = None  # noqa: N815
    responseElements: _Answer | None = None  # noqa: N815


class _Page(msgspec.Struct):
    Events: list[dict[str, Any]]


_heads, _raws = msgspec.json.Decoder(_Heads), msgspec.json.Decoder(_Raws)
_head_list, _raw_list = msgspec.json.Decoder(list[_Head]), msgspec.json.Decoder(list[msgspec.Raw])
_page, _details = msgspec.json.Decoder(_Page), msgspec.json.Decoder(_Detail)
_BAD = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)  # the last for content nested without end


def decode(content: bytes) -> Decoded:
    """Read one file: packed or not, `{"Records": […]}` as delivered, a bare list, or a page of LookupEvents."""
    digest = sha256(content).hexdigest()
    try:
        text = unpacked(content)
    except ValueError as error:
        return Decoded(sha256=digest, unreadable=str(error))
    return msgspec.structs.replace(decode_text(text), sha256=digest)


def decode_text(text: bytes) -> Decoded:
    """As `decode`, of what was unpacked already."""
    bare = text.lstrip()[:1] == b"["
    try:
        heads = _head_list.decode(text) if bare else _heads.decode(text).Records
        names = Counter([(head.recipientAccountId, head.eventSource, head.eventName) for head in heads])
        wanted = {name for name in names if aws_decision(name[1], name[2]) is not Decision.COUNTED}
        if not wanted:
            return Decoded(dict(names))
        raws = _raw_list.decode(text) if bare else _raws.decode(text).Records
    except _BAD:
        return _patiently(text, bare=bare)
    named = (
        (raw, (one.recipientAccountId, one.eventSource, one.eventName)) for raw, one in zip(raws, heads, strict=True)
    )
    return _sorted_out([(raw, name) for raw, name in named if name in wanted], names)


def decode_events(events: Iterable[bytes]) -> Decoded:
    """As `decode`, of events one by one."""
    raws, bad = list[tuple[msgspec.Raw, Name]](), 0
    for raw in map(msgspec.Raw, events):
        try:
            raws.append((raw, _name_of(_object(raw))))
        except (*_BAD, TypeError):
            bad += 1
    return _sorted_out(raws, Counter(name for _, name in raws), bad)


def _patiently(text: bytes, *, bare: bool) -> Decoded:
    try:
        return decode_events(bytes(raw) for raw in (_raw_list.decode(text) if bare else _raws.decode(text).Records))
    except _BAD as error:
        problem: Exception = error
    try:
        return decode_events(str(one["CloudTrailEvent"]).encode() for one in _page.decode(text).Events)
    except (*_BAD, KeyError, UnicodeEncodeError):
        return Decoded(unreadable=f"not a CloudTrail file: {problem}")


def _sorted_out(chosen: Iterable[tuple[msgspec.Raw, Name]], names: Counter[Name], bad: int = 0) -> Decoded:
    """`bad`: how many events were not understood already."""
    kept: list[Kept] = []
    for raw, name in chosen:
        decision = aws_decision(name[1], name[2])
        try:
            detail = _detail(raw) if decision is not Decision.COUNTED else None
        except (*_BAD, TypeError):
            bad += 1
            continue
        if detail is not None and _matters(decision, name, detail):
            kept.append(_kept(bytes(raw), name[0], decision, detail))
            names[name] -= 1
    unreadable = f"{bad} of its events are not JSON objects" if bad else ""
    return Decoded({name: count for name, count in names.items() if count}, kept, unreadable=unreadable)


def _detail(raw: msgspec.Raw) -> _Detail:
    try:
        return _details.decode(raw)
    except msgspec.ValidationError:
        event = _object(raw)
    flag, caller = event.get("readOnly"), _of(event, "userIdentity")
    return _Detail(
        _text(event, "eventID"),
        _text(event, "eventTime"),
        flag if isinstance(flag, bool) else None,
        _Caller(*(_text(caller, field) for field in ("type", "accountId", "accessKeyId"))),
        _Answer(_Credentials(_text(_of(event, "responseElements", "credentials"), "accessKeyId"))),
    )


def _matters(decision: Decision, name: Name, detail: _Detail) -> bool:
    if decision is Decision.CHANGE:
        return aws_category(name[1], name[2], read_only=detail.readOnly) is not None
    # A service that takes a role on its own behalf has nobody behind it.
    return bool(_issued(detail)) and not (detail.userIdentity and detail.userIdentity.type == "AWSService")


def _issued(detail: _Detail) -> str:
    answer = detail.responseElements
    return answer.credentials.accessKeyId if answer and answer.credentials else ""


def _kept(raw: bytes, account: str, decision: Decision, detail: _Detail) -> Kept:
    caller = detail.userIdentity or _Caller()
    return Kept(
        raw=msgspec.json.format(raw, indent=-1) if b"\n" in raw or b"\r" in raw else raw,
        account=account or caller.accountId,
        id=detail.eventID,
        at=detail.eventTime,
        decision=decision,
        key=caller.accessKeyId,
        issued=_issued(detail) if decision is Decision.SESSION else "",
    )


def _object(raw: msgspec.Raw) -> Json:
    return dict(msgspec.json.decode(raw))


def _name_of(event: Json) -> Name:
    return _text(event, "recipientAccountId"), _text(event, "eventSource"), _text(event, "eventName")


def _text(of: Json, field: str) -> str:
    value = of.get(field)
    return value if isinstance(value, str) else ""


def _of(event: Json, *path: str) -> Json:
    found: Any = event
    for field in path:
        found = found.get(field) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}
