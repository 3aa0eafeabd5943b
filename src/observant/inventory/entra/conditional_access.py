"""Conditional Access as it is configured: policies and what they refer to, and the changes the audit log tells of.

Documents are kept whole: what a policy means is for `observant.analysis.conditional_access` to judge, and a condition
that Microsoft adds tomorrow must not be lost today.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from observant.evidence.snapshot import Json
from observant.inventory.table import Reading, Row, Table, flag_of, text_of, time_of, unread_of


def spelled(document: Any) -> str:  # noqa: ANN401 (whatever the provider sent)
    """A document as text that only differs where the document does."""
    return msgspec.json.encode(document, order="sorted").decode()


def _whole(body: Json) -> str | None:
    """The document; None where nothing was said or the one thing could not be read."""
    return spelled(body) if body and unread_of(body) is None else None


def _policy(urn: str, policy: Json) -> Iterator[Row]:
    name = text_of(policy.get("displayName"))
    yield Row(
        member=urn,
        label=name or urn,
        values=(text_of(policy.get("state")), name, _whole(policy)),
        born=time_of(policy.get("createdDateTime")),
    )


POLICY = Table(
    name="entra_conditional_access_policy",
    about=(
        "Conditional Access policies as each snapshot showed them. `state` is `enabled`, `disabled` or "
        "`enabledForReportingButNotEnforced`; `document` is the whole policy. `entra_policy_state` has them between "
        "snapshots, too."
    ),
    columns={"state": "VARCHAR", "display_name": "VARCHAR", "document": "VARCHAR"},
    readings=(Reading("entra.conditional_access_policies", "configuration", _policy),),
)


def _document(urn: str, body: Json) -> Iterator[Row]:
    name = text_of(body.get("displayName"))
    yield Row(urn, name or urn, (name, _whole(body)))


def _documents(name: str, collection: str, about: str) -> Table:
    columns = {"display_name": "VARCHAR", "document": "VARCHAR"}
    return Table(name, about, columns, (Reading(collection, "configuration", _document),))


NAMED_LOCATION = _documents("entra_named_location", "entra.named_locations", "Named locations that policies refer to.")
AUTHENTICATION_STRENGTH = _documents(
    "entra_authentication_strength",
    "entra.authentication_strengths",
    "Authentication strengths: which combinations of methods each allows.",
)
AUTHENTICATION_CONTEXT = _documents(
    "entra_authentication_context",
    "entra.authentication_contexts",
    "Authentication contexts: what people step up to.",
)
METHODS_POLICY = _documents(
    "entra_authentication_methods_policy",
    "entra.authentication_methods_policy",
    "Which methods people may register and use.",
)


def _defaults(urn: str, defaults: Json) -> Iterator[Row]:
    yield Row(urn, "security defaults", (flag_of(defaults.get("isEnabled")),))


SECURITY_DEFAULTS = Table(
    name="entra_security_defaults",
    about="Whether security defaults are on: what tenants without Conditional Access have instead.",
    columns={"enabled": "BOOLEAN"},
    readings=(Reading("entra.security_defaults", "configuration", _defaults),),
)

ACTIVITIES = {
    "add conditional access policy": "add",
    "update conditional access policy": "update",
    "delete conditional access policy": "delete",
}


def _events(urn: str, event: Json) -> Iterator[Row]:
    """One row for each policy that a successful change of a Conditional Access policy was about."""
    action = ACTIVITIES.get((text_of(event.get("activityDisplayName")) or "").lower())
    targets = event.get("targetResources")
    if action is None or not isinstance(targets, list) or text_of(event.get("result")) not in (None, "success"):
        return
    for target in targets:
        policy = text_of(target.get("id")) if isinstance(target, dict) else None
        if policy is None:
            continue
        before, after = _changed(target)
        name = text_of(target.get("displayName")) or policy
        at = time_of(event.get("activityDateTime"))
        yield Row(
            member=f"{urn} {policy}",
            label=f"{action} policy {name}",
            values=(policy, name, at, action, _actor(event), before, after),
        )


def _changed(target: Json) -> tuple[str | None, str | None]:
    """(document before, document after); None where the log does not have it whole."""
    changes = target.get("modifiedProperties")
    for change in changes if isinstance(changes, list) else []:
        if isinstance(change, dict) and change.get("displayName") == "ConditionalAccessPolicy":
            return _inner(change.get("oldValue")), _inner(change.get("newValue"))
    return None, None


def _inner(value: Any) -> str | None:  # noqa: ANN401
    """The policy inside a text, which is sometimes quoted twice. Long ones are cut off by the log: not readable."""
    for _ in range(2):
        if not isinstance(value, str):
            break
        try:
            value = msgspec.json.decode(value)
        except msgspec.DecodeError:
            return None
    return spelled(value) if isinstance(value, dict) else None


def _actor(event: Json) -> str | None:
    initiator = event.get("initiatedBy")
    if not isinstance(initiator, dict):
        return None
    by: list[Callable[[Json], str | None]] = [
        lambda one: text_of(one.get("userPrincipalName")) or text_of(one.get("id")),
        lambda one: text_of(one.get("displayName")) or text_of(one.get("appId")),
    ]
    for kind, name_of in zip(("user", "app"), by, strict=True):
        who = initiator.get(kind)
        if isinstance(who, dict) and name_of(who):
            return name_of(who)
    return None


POLICY_EVENT = Table(
    name="entra_policy_event",
    about=(
        "Changes of Conditional Access policies that the directory audit log tells of: `action` is add, update or "
        "delete, `happened_at` when, `before` and `after` the policy, NULL where there was none or the log lacks it "
        "whole. A row lasts as long as the log still shows it."
    ),
    columns={
        "policy": "VARCHAR",
        "name": "VARCHAR",
        "happened_at": "TIMESTAMP",
        "action": "VARCHAR",
        "actor": "VARCHAR",
        "before": "VARCHAR",
        "after": "VARCHAR",
    },
    readings=(Reading("entra.directory_audits", "configuration", _events),),
)

TABLES = (
    POLICY,
    NAMED_LOCATION,
    AUTHENTICATION_STRENGTH,
    AUTHENTICATION_CONTEXT,
    METHODS_POLICY,
    SECURITY_DEFAULTS,
    POLICY_EVENT,
)
