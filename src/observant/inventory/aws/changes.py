"""CloudTrail's events as rows: changes of access, and the sessions that some of them were made in."""

from hashlib import sha256
from typing import Any

import msgspec

from observant.evidence.snapshot import Json
from observant.inventory.table import text_of
from observant.model.change import SESSIONS, aws_category, aws_time

CHANGE: dict[str, str] = {
    "scope": "VARCHAR",
    "member": "VARCHAR",
    "label": "VARCHAR",
    "happened_at": "TIMESTAMP",
    "record": "BIGINT",
    "line": "BIGINT",
    "event_source": "VARCHAR",
    "event_name": "VARCHAR",
    "category": "VARCHAR",
    "region": "VARCHAR",
    "failed": "BOOLEAN",
    "error": "VARCHAR",
    "target": "VARCHAR",
    "actor_kind": "VARCHAR",
    "actor": "VARCHAR",
    "session_name": "VARCHAR",
    "session_key": "VARCHAR",
    "source_identity": "VARCHAR",
    "directory_user": "VARCHAR",
    "invoked_by": "VARCHAR",
    "address": "VARCHAR",
    "request": "VARCHAR",
    "response": "VARCHAR",
}
CHANGE_ABOUT = (
    "Events of CloudTrail that change access, each once. `member` is the event's id, `line` its place in the record. "
    "`failed` events changed nothing. `actor` is the caller's ARN; `session_key` leads to aws_session."
)

SESSION: dict[str, str] = {
    "scope": "VARCHAR",
    "member": "VARCHAR",
    "happened_at": "TIMESTAMP",
    "record": "BIGINT",
    "session_key": "VARCHAR",
    "session": "VARCHAR",
    "actor_kind": "VARCHAR",
    "actor": "VARCHAR",
    "by_key": "VARCHAR",
    "source_identity": "VARCHAR",
    "subject": "VARCHAR",
    "provider": "VARCHAR",
    "tags": "VARCHAR",
}
SESSION_ABOUT = (
    "Role sessions that a change was made in: who began them. `subject` and `provider` are those of a federated "
    "identity, such as a GitHub workflow; `by_key` leads to the session that this one was begun from; `tags` are those "
    "of the session, as JSON."
)

# What an event is about, in the order in which the more telling comes first.
_TARGETS = (
    "userName",
    "roleName",
    "groupName",
    "policyArn",
    "policyName",
    "serialNumber",
    "instanceProfileName",
    "principalId",
    "targetId",
    "permissionSetArn",
    "groupId",
    "userId",
    "accountId",
    "bucketName",
    "keyId",
    "functionName",
    "name",
    "arn",
    "resourceArn",
)


def decoded(raw: bytes) -> Json:
    """The event; text that is no UTF-8 is read with marks in the places that are not."""
    try:
        read = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        try:
            read = msgspec.json.decode(raw.decode("utf-8", "replace"))
        except (msgspec.MsgspecError, RecursionError):
            read = {}
    return read if isinstance(read, dict) else {}


def row(scope: str, record: int, line: int, raw: bytes) -> tuple[str, Json]:
    """(table, row) of one event of a record."""
    event = decoded(raw)
    name = text_of(event.get("eventName")) or ""
    member = text_of(event.get("eventID")) or sha256(raw).hexdigest()
    common = {"scope": scope, "member": member, "happened_at": aws_time(event.get("eventTime")), "record": record}
    if event.get("eventSource") == "sts.amazonaws.com" and name in SESSIONS:
        return "aws_session", common | _session(event)
    return "aws_change", common | {"line": line} | _change(event, name)


def inner(event: Json, *path: str) -> Json:
    """The table at a place of an event; empty where there is none."""
    found: Any = event
    for field in path:
        found = found.get(field) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _change(event: Json, name: str) -> Json:
    caller, request = inner(event, "userIdentity"), inner(event, "requestParameters")
    source, target = text_of(event.get("eventSource")) or "", _target(request, caller, name)
    flag = event.get("readOnly")
    error = text_of(event.get("errorCode"))
    return {
        "label": f"{name} {target}" if target else name,
        "event_source": source,
        "event_name": name,
        "category": aws_category(source, name, read_only=flag if isinstance(flag, bool) else None),
        "region": text_of(event.get("awsRegion")),
        "failed": error is not None,
        "error": error,
        "target": target,
        **_caller(caller),
        "invoked_by": text_of(caller.get("invokedBy")),
        "address": text_of(event.get("sourceIPAddress")),
        "request": _json(request),
        "response": _json(inner(event, "responseElements")),
    }


def _target(request: Json, caller: Json, name: str) -> str | None:
    found = next((value for field in _TARGETS if (value := text_of(request.get(field)))), None)
    own = name in ("ChangePassword", "CreateAccessKey", "UpdateAccessKey", "DeleteAccessKey")
    return text_of(caller.get("userName")) if found is None and own else found


def _caller(caller: Json) -> Json:
    context, arn = inner(caller, "sessionContext"), text_of(caller.get("arn"))
    kind = text_of(caller.get("type"))
    return {
        "actor_kind": kind,
        "actor": arn or text_of(caller.get("invokedBy")) or text_of(caller.get("principalId")),
        "session_name": arn.rpartition("/")[2] if arn and kind == "AssumedRole" else None,
        "session_key": text_of(caller.get("accessKeyId")),
        "source_identity": text_of(context.get("sourceIdentity")),
        "directory_user": text_of(inner(caller, "onBehalfOf").get("userId")),
    }


def _session(event: Json) -> Json:
    caller, answer = inner(event, "userIdentity"), inner(event, "responseElements")
    request = inner(event, "requestParameters")
    kind = text_of(caller.get("type"))
    federated = kind in ("WebIdentityUser", "SAMLUser")
    return {
        "session_key": text_of(inner(answer, "credentials").get("accessKeyId")),
        "session": text_of(inner(answer, "assumedRoleUser").get("arn")) or text_of(request.get("roleArn")),
        "actor_kind": kind,
        "actor": text_of(caller.get("arn")) or text_of(caller.get("principalId")),
        "by_key": text_of(caller.get("accessKeyId")),
        "source_identity": text_of(request.get("sourceIdentity")),
        "subject": text_of(caller.get("userName")) if federated else None,
        "provider": text_of(caller.get("identityProvider")) if federated else None,
        "tags": _json(_tags(request)),
    }


def _tags(request: Json) -> Json:
    """Session tags: given with the call, or by the identity provider."""
    listed = request.get("tags")
    given = {
        key: value
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, dict) and (key := text_of(one.get("key"))) and (value := text_of(one.get("value")))
    }
    provided = {key: value for key, value in inner(request, "principalTags").items() if isinstance(value, str)}
    return given | provided


def _json(value: Json) -> str:
    return msgspec.json.encode(value, order="sorted").decode()
