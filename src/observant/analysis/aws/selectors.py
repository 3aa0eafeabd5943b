"""Which events a trail or an event data store records, by what its selectors say and not by what they are called.

The question is always about a whole class of events: are all of them recorded? A class fixes some fields of an event
and leaves others open; a selector that narrows by an open field does not record the whole class. Within a selector all
fields must hold; of several selectors one is enough.
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html
"""

import json
from typing import Any

import msgspec

Json = dict[str, Any]


class Begins(msgspec.Struct, frozen=True):
    """A field of which only the beginning is fixed: whatever follows belongs to the class."""

    text: str


Event = dict[str, str | Begins]
"""A class of events: field, as advanced selectors spell it -> value."""


def management(*, read: bool, source: str = "") -> Event:
    """Management events, of one service or of all."""
    event: Event = {"eventCategory": "Management", "readOnly": "true" if read else "false"}
    return {**event, "eventSource": source} if source else event


def objects(bucket: str, *, read: bool) -> Event:
    """Object-level events of every object in a bucket, named by its ARN."""
    return {
        "eventCategory": "Data",
        "eventSource": "s3.amazonaws.com",
        "resources.type": "AWS::S3::Object",
        "resources.ARN": Begins(f"{bucket}/"),
        "readOnly": "true" if read else "false",
    }


def records_all(selectors: str | None, event: Event) -> bool | None:
    """Whether selectors (the JSON of GetEventSelectors or GetEventDataStore) record every event of a class."""
    if selectors is None:
        return None
    given = json.loads(selectors)
    advanced, classic = given.get("AdvancedEventSelectors"), given.get("EventSelectors")
    if isinstance(advanced, list) and advanced:
        return any(_advanced(one, event) for one in advanced if isinstance(one, dict))
    if isinstance(classic, list):
        return any(_classic(one, event) for one in classic if isinstance(one, dict))
    return None


def _classic(selector: Json, event: Event) -> bool:
    wanted = selector.get("ReadWriteType", "All")
    if wanted not in ("All", "ReadOnly" if event["readOnly"] == "true" else "WriteOnly"):
        return False
    if event["eventCategory"] == "Management":
        excluded = selector.get("ExcludeManagementEventSources") or []
        spared = event.get("eventSource") not in excluded if "eventSource" in event else not excluded
        return selector.get("IncludeManagementEvents") is True and spared
    arn = event["resources.ARN"]
    resources = [one for one in selector.get("DataResources") or [] if isinstance(one, dict)]
    values = [v for one in resources if one.get("Type") == event["resources.type"] for v in one.get("Values") or []]
    return isinstance(arn, Begins) and any(isinstance(value, str) and arn.text.startswith(value) for value in values)


def _advanced(selector: Json, event: Event) -> bool:
    fields = selector.get("FieldSelectors")
    return isinstance(fields, list) and bool(fields) and all(_field(one, event) for one in fields)


def _field(selector: object, event: Event) -> bool:
    """Operators that choose are alternatives, operators that spare must all hold."""
    if not isinstance(selector, dict):
        return False
    value = event.get(str(selector.get("Field")))
    if value is None:
        return False  # narrowed by something that the class leaves open
    chosen = [_chooses(name, each, value) for name in _CHOOSE for each in selector.get(name) or []]
    spared = [_spares(name, each, value) for name in _SPARE for each in selector.get(name) or []]
    return (not chosen or any(chosen)) and all(spared) and bool(chosen or spared)


_CHOOSE = ("Equals", "StartsWith", "EndsWith")
_SPARE = ("NotEquals", "NotStartsWith", "NotEndsWith")


def _chooses(operator: str, wanted: str, value: str | Begins) -> bool:
    if isinstance(value, Begins):
        return operator == "StartsWith" and value.text.startswith(wanted)
    if operator == "Equals":
        return value == wanted
    return value.startswith(wanted) if operator == "StartsWith" else value.endswith(wanted)


def _spares(operator: str, wanted: str, value: str | Begins) -> bool:
    """Whether nothing of the class is left out."""
    if isinstance(value, Begins):
        if operator == "NotStartsWith":
            return not (wanted.startswith(value.text) or value.text.startswith(wanted))
        return operator == "NotEquals" and not wanted.startswith(value.text)
    return not _chooses(operator.removeprefix("Not"), wanted, value)
