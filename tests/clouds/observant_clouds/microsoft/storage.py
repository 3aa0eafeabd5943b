"""Storage accounts: containers, how long nothing may be deleted, and when everything is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from observant_clouds.microsoft.azure import Azure
from observant_clouds.microsoft.state import Json, When, merged


@dataclass(frozen=True)
class Container:
    """A blob container: `Container(immutable_days=365, locked=True)`; no days, no immutability policy."""

    immutable_days: int | None = None
    locked: bool = False
    legal_hold: bool = False


class Storage(Azure):
    """The part of a tenant that is storage accounts."""

    def storage_account(
        self,
        name: str,
        subscription: str,
        *,
        group: str = "logs",
        containers: Mapping[str, Container] | None = None,
        delete_after: int | None = None,
        prefixes: Iterable[str] = (),
        created: When = 400,
        **properties: Any,
    ) -> str:
        """A storage account; `delete_after` days a lifecycle rule deletes blobs (of `prefixes`). Answers its id."""
        base = self.scope(subscription)
        id_ = f"{base}/resourceGroups/{group}/providers/Microsoft.Storage/storageAccounts/{name}"
        one = {
            "id": id_,
            "name": name,
            "type": "Microsoft.Storage/storageAccounts",
            "location": "westeurope",
            "kind": "StorageV2",
            "sku": {"name": "Standard_GRS", "tier": "Standard"},
            "tags": {},
            "properties": merged(
                {
                    "provisioningState": "Succeeded",
                    "creationTime": self.at(created),
                    "supportsHttpsTrafficOnly": True,
                    "minimumTlsVersion": "TLS1_2",
                    "allowBlobPublicAccess": False,
                    "primaryLocation": "westeurope",
                    "statusOfPrimary": "available",
                    "networkAcls": {
                        "bypass": "AzureServices",
                        "defaultAction": "Deny",
                        "ipRules": [],
                        "virtualNetworkRules": [],
                    },
                },
                properties,
            ),
        }
        self.keep("storageAccounts", name, one)
        for container, settings in (containers or {}).items():
            self.container(name, container, settings)
        if delete_after is not None:
            self.lifecycle(name, delete_after, prefixes)
        return id_

    def lifecycle(self, account: str, delete_after: int | None, prefixes: Iterable[str] = ()) -> None:
        """Set the one lifecycle rule of a storage account; None removes it."""
        id_ = self.find("storageAccounts", account)["id"]
        if delete_after is None:
            self.objects["lifecycles"].pop(id_, None)
            return
        filters: Json = {"blobTypes": ["blockBlob", "appendBlob"]}
        if wanted := list(prefixes):
            filters["prefixMatch"] = wanted
        delete = {"baseBlob": {"delete": {"daysAfterModificationGreaterThan": delete_after}}}
        rule = {
            "enabled": True,
            "name": "expire",
            "type": "Lifecycle",
            "definition": {"filters": filters, "actions": delete},
        }
        self.objects["lifecycles"][id_] = {
            "id": f"{id_}/managementPolicies/default",
            "name": "DefaultManagementPolicy",
            "type": "Microsoft.Storage/storageAccounts/managementPolicies",
            "properties": {"lastModifiedTime": self.at(), "policy": {"rules": [rule]}},
        }

    def container(self, account: str, name: str, settings: Container | None = None) -> None:
        """A container of a storage account, or its new settings."""
        given, base = settings or Container(), self.find("storageAccounts", account)["id"]
        id_ = f"{base}/blobServices/default/containers/{name}"
        self.objects["containers"].setdefault(base, {})[name] = {
            "id": id_,
            "name": name,
            "type": "Microsoft.Storage/storageAccounts/blobServices/containers",
            "etag": f'"{self.guid("etag", id_, self.at())[:15]}"',
            "properties": {
                "publicAccess": "None",
                "leaseStatus": "Unlocked",
                "leaseState": "Available",
                "lastModifiedTime": self.at(),
                "hasImmutabilityPolicy": given.immutable_days is not None,
                "hasLegalHold": given.legal_hold,
                "immutableStorageWithVersioning": None,
            },
        }
        self.objects["immutability"].setdefault(base, {})[name] = {
            "id": f"{id_}/immutabilityPolicies/default",
            "name": "default",
            "type": "Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies",
            "etag": f'"{self.guid("etag", id_, given.immutable_days)[:15]}"',
            "properties": {
                "immutabilityPeriodSinceCreationInDays": given.immutable_days or 0,
                "state": "Locked" if given.locked else "Unlocked",
                "allowProtectedAppendWrites": True,
            },
        }
