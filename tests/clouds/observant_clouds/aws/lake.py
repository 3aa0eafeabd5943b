"""CloudTrail Lake and the public keys of digest files, which moto does not know.

State hangs on `STORES`: account -> region -> ARN -> what GetEventDataStore answers.
"""

import json
from typing import Any

from moto.cloudtrail import responses as trail_responses
from moto.core.exceptions import JsonRESTError

STORES: dict[str, dict[str, dict[str, dict[str, Any]]]] = {}
PUBLIC_KEYS: dict[str, list[dict[str, Any]]] = {}
"""Region -> keys as ListPublicKeys answers them."""

EVERYTHING = [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]


class StoreNotFound(JsonRESTError):
    code = 400

    def __init__(self, arn: str) -> None:
        super().__init__("EventDataStoreNotFoundException", f"Event data store not found: {arn}")


def forget() -> None:
    STORES.clear()
    PUBLIC_KEYS.clear()


def _here(self: Any) -> dict[str, dict[str, Any]]:
    return STORES.get(self.current_account, {}).get(self.region, {})


def _list(self: Any) -> str:
    """AWS names the stores of this region here and describes them in GetEventDataStore only."""
    named = [{"EventDataStoreArn": arn, "Name": store["Name"]} for arn, store in _here(self).items()]
    return json.dumps({"EventDataStores": named})


def _get(self: Any) -> str:
    arn = self._get_param("EventDataStore")
    if arn not in _here(self):
        raise StoreNotFound(arn)
    return json.dumps(_here(self)[arn])


def _public_keys(self: Any) -> str:
    return json.dumps({"PublicKeyList": PUBLIC_KEYS.get(self.region, [])})


ADDITIONS: tuple[tuple[Any, str, Any], ...] = (
    (trail_responses.CloudTrailResponse, "list_event_data_stores", _list),
    (trail_responses.CloudTrailResponse, "get_event_data_store", _get),
    (trail_responses.CloudTrailResponse, "list_public_keys", _public_keys),
)
"""(owner, name, addition) of what moto lacks."""


def event_data_store(
    account: str,
    name: str,
    *,
    region: str = "us-east-1",
    retention: int = 2557,
    multi_region: bool = True,
    organization: bool = False,
    selectors: list[dict[str, Any]] | None = None,
    status: str = "ENABLED",
) -> str:
    """An event data store; its ARN. `retention` in days; without selectors it takes all management events."""
    arn = f"arn:aws:cloudtrail:{region}:{account}:eventdatastore/{name}"
    STORES.setdefault(account, {}).setdefault(region, {})[arn] = {
        "EventDataStoreArn": arn,
        "Name": name,
        "Status": status,
        "AdvancedEventSelectors": EVERYTHING if selectors is None else selectors,
        "MultiRegionEnabled": multi_region,
        "OrganizationEnabled": organization,
        "RetentionPeriod": retention,
        "TerminationProtectionEnabled": True,
        "BillingMode": "EXTENDABLE_RETENTION_PRICING",
    }
    return arn
