"""Where logs go and how long they are kept there: tables of `<source>.log_settings` and `<source>.log_destinations`.

The same for the tenant's logs and for those of a subscription. What counts, and what does not:

- `retentionPolicy` inside a diagnostic setting is dead (ignored since 30 September 2025) and is not read.
- A workspace keeps each table for its total retention; -1 or no value of its own means that of the workspace.
- A storage account keeps a container until the first lifecycle rule that deletes blobs of it, unless a locked
  immutability policy holds longer. Only a locked policy protects: an unlocked one can be taken away.
- An event hub keeps nothing for long. What reads it is not seen from here.
"""

from collections.abc import Callable, Iterator
from typing import Any

from observant.evidence.snapshot import Json
from observant.inventory.table import Reading, Row, Table, Value, flag_of, number_of, text_of, unread_of

UNLIMITED = 36500
"""Days, a century: what nothing deletes."""
_UNSEEN = "?"
_DELETE_AFTER = (
    "daysAfterModificationGreaterThan",
    "daysAfterCreationGreaterThan",
    "daysAfterLastAccessTimeGreaterThan",
)


def _properties(resource: Any) -> Json:  # noqa: ANN401
    """The `properties` of an ARM resource, or the thing itself where it has none."""
    if not isinstance(resource, dict):
        return {}
    inner = resource.get("properties")
    return inner if isinstance(inner, dict) else resource


def _dicts(value: Any) -> list[Json] | None:  # noqa: ANN401
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else None


def _id(value: Any) -> str | None:  # noqa: ANN401
    """ARM ids differ in case from answer to answer."""
    written = text_of(value)
    return written.lower() if written else None


def _settings(urn: str, setting: Json) -> Iterator[Row]:
    given = _properties(setting)
    logs = None if unread_of(setting) else _dicts(given.get("logs"))
    targets = tuple(
        _id(given.get(name))
        for name in ("workspaceId", "storageAccountId", "eventHubAuthorizationRuleId", "marketplacePartnerId")
    )
    if logs is None:
        yield Row(f"{urn} {_UNSEEN}", f"log setting {urn}, which could not be read", (urn, *(None,) * 7))
        return
    for log in logs:
        category, group = text_of(log.get("category")), text_of(log.get("categoryGroup"))
        yield Row(
            member=f"{urn} {category or group}",
            label=f"{category or group} in log setting {urn}",
            values=(urn, category, group, flag_of(log.get("enabled")), *targets),
        )


def _destination(urn: str, found: Json) -> Iterator[Row]:
    because = unread_of(found)
    kind = text_of(found.get("kind"))
    if because is None:
        because = next((why for name in ("tables", "containers", "lifecycle") if (why := _unread(found, name))), None)
    yield Row(urn, f"{kind or 'destination'} {urn.rpartition('/')[2]}", (kind, because is None, because))


def _unread(found: Json, name: str) -> str | None:
    part = found.get(name)
    return unread_of(part) if isinstance(part, dict) else None


def _days(value: Any) -> int | None:  # noqa: ANN401
    days = number_of(value)
    return days if days is not None and days > 0 else None


def _tables(urn: str, found: Json) -> Iterator[Row]:
    if found.get("kind") != "workspace":
        return
    of_workspace = _days(_properties(found.get("workspace")).get("retentionInDays"))
    for table in _dicts(found.get("tables")) or ():
        name, given = text_of(table.get("name")), _properties(table)
        analytics = _days(given.get("retentionInDays")) or of_workspace
        total = _days(given.get("totalRetentionInDays")) or analytics
        yield Row(
            member=f"{urn} {name}",
            label=f"table {name} of workspace {urn.rpartition('/')[2]}",
            values=(urn, name, analytics, total, text_of(given.get("plan")), _inherited(given)),
        )


def _inherited(table: Json) -> bool:
    """Whether a table keeps what its workspace says: no value of its own, or the provider says so."""
    if "totalRetentionInDaysAsDefault" in table:
        return table["totalRetentionInDaysAsDefault"] is True and table.get("retentionInDaysAsDefault") is not False
    return _days(table.get("totalRetentionInDays")) is None and _days(table.get("retentionInDays")) is None


def _concerns(rule: Json, container: str) -> bool | None:
    """Whether an enabled lifecycle rule is about append blobs of the container; None where it depends on each blob."""
    filters = _properties(rule.get("definition")).get("filters")
    filters = filters if isinstance(filters, dict) else {}
    types, prefixes = filters.get("blobTypes"), filters.get("prefixMatch")
    if rule.get("enabled") is False or (isinstance(types, list) and "appendBlob" not in types):
        return False
    if isinstance(prefixes, list) and prefixes:
        inside = [each for each in prefixes if isinstance(each, str) and _touches(each, container)]
        if not inside:
            return False
    return None if filters.get("blobIndexMatch") else True


def _touches(prefix: str, container: str) -> bool:
    """A prefix begins with the container's name, or with a part of it."""
    return f"{container}/".startswith(prefix) or prefix.startswith(f"{container}/")


def _deleted_after(rule: Json) -> int | None:
    """Days after which the rule deletes; None when it deletes nothing."""
    actions = _properties(rule.get("definition")).get("actions")
    delete = actions.get("baseBlob", {}).get("delete") if isinstance(actions, dict) else None
    days = [number_of(delete.get(name)) for name in _DELETE_AFTER] if isinstance(delete, dict) else []
    return min((each for each in days if each is not None), default=None)


def _kept(found: Json, container: str) -> tuple[int | None, str]:
    """(days until the first rule deletes, which rule); None where that cannot be known."""
    if "lifecycle" not in found or _unread(found, "lifecycle"):
        return None, "the lifecycle rules could not be read"
    policy = _properties(found["lifecycle"]).get("policy")
    rules = _dicts(policy.get("rules")) if isinstance(policy, dict) else []
    deleting = [(days, rule) for rule in rules or () if (days := _deleted_after(rule)) is not None]
    sure = min(((days, str(rule.get("name"))) for days, rule in deleting if _concerns(rule, container)), default=None)
    unsure = [str(rule.get("name")) for days, rule in deleting if _concerns(rule, container) is None]
    if unsure:
        return None, f"rule {unsure[0]} deletes by the tags of each blob"
    return (UNLIMITED, "no lifecycle rule deletes it") if sure is None else (sure[0], f"rule {sure[1]} deletes it")


def _locked(policy: Any) -> int | None:  # noqa: ANN401
    """Days for which a policy holds; 0 for none or one that can be taken away."""
    if policy is None:
        return 0
    if not isinstance(policy, dict) or unread_of(policy):
        return None
    given = _properties(policy)
    if given.get("state") != "Locked":
        return 0 if "state" in given or not given else None
    return number_of(given.get("immutabilityPeriodSinceCreationInDays"))


def _protected(found: Json, container: Json) -> int | None:
    """Days for which nobody can delete: the longest of the container's own lock and that of the account's versions."""
    own = _properties(container)
    versions = _properties(found.get("account")).get("immutableStorageWithVersioning")
    inherited = versions.get("immutabilityPolicy") if isinstance(versions, dict) else None
    if "immutabilityPolicy" not in container and "immutabilityPolicy" not in own:
        mine = None
    else:
        mine = _locked(container.get("immutabilityPolicy", own.get("immutabilityPolicy")))
    theirs = _locked(inherited)
    known = [days for days in (mine, theirs) if days is not None]
    return max(known) if len(known) == 2 or any(known) else None


def _containers(urn: str, found: Json) -> Iterator[Row]:
    if found.get("kind") != "storage":
        return
    for container in _dicts(found.get("containers")) or ():
        name = text_of(container.get("name"))
        kept, because = _kept(found, name or "")
        values: tuple[Value, ...] = (urn, name, kept, _protected(found, container), because)
        yield Row(f"{urn} {name}", f"container {name} of storage account {urn.rpartition('/')[2]}", values)


def _table(
    source: str,
    name: str,
    about: str,
    columns: dict[str, str],
    collection: str,
    rows: Callable[[str, Json], Iterator[Row]],
) -> Table:
    reading = Reading(f"{source}.{collection}", "configuration", rows)
    return Table(name=f"{source}_{name}", about=about, columns=columns, readings=(reading,))


def log_tables(source: str) -> tuple[Table, ...]:
    """The four tables of one source."""
    targets = dict.fromkeys(("workspace", "storage_account", "event_hub", "partner"), "VARCHAR")
    return (
        _table(
            source,
            "log_setting",
            "Categories in diagnostic settings and where they are sent. `category` is NULL where a setting could not "
            "be read, and where it names a `category_group` such as allLogs.",
            {"setting": "VARCHAR", "category": "VARCHAR", "category_group": "VARCHAR", "enabled": "BOOLEAN"} | targets,
            "log_settings",
            _settings,
        ),
        _table(
            source,
            "log_destination",
            "Workspaces, storage accounts and event hubs that logs are sent to, and whether they could be read.",
            {"kind": "VARCHAR", "readable": "BOOLEAN", "because": "VARCHAR"},
            "log_destinations",
            _destination,
        ),
        _table(
            source,
            "log_table",
            "Tables of the workspaces that logs are sent to. `total_days` is how long a table keeps what it got, "
            "`analytics_days` how long that can be queried directly; "
            "`inherited`: as long as its workspace says.",
            {
                "workspace": "VARCHAR",
                "table_name": "VARCHAR",
                "analytics_days": "BIGINT",
                "total_days": "BIGINT",
                "plan": "VARCHAR",
                "inherited": "BOOLEAN",
            },
            "log_destinations",
            _tables,
        ),
        _table(
            source,
            "log_container",
            f"Containers of the storage accounts that logs are sent to. `kept_days` is when a lifecycle rule deletes "
            f"({UNLIMITED}: none does), `protected_days` for how long a locked policy lets nobody delete.",
            {
                "storage_account": "VARCHAR",
                "container": "VARCHAR",
                "kept_days": "BIGINT",
                "protected_days": "BIGINT",
                "because": "VARCHAR",
            },
            "log_destinations",
            _containers,
        ),
    )
