"""Where logs go and how long they stay: diagnostic settings and Log Analytics workspaces."""

from collections.abc import Iterable, Mapping

from observant_clouds.microsoft.state import Json, When
from observant_clouds.microsoft.storage import Storage

SIGN_IN_CATEGORIES = (
    "AuditLogs",
    "SignInLogs",
    "NonInteractiveUserSignInLogs",
    "ServicePrincipalSignInLogs",
    "ManagedIdentitySignInLogs",
)
ENTRA_CATEGORIES = (
    *SIGN_IN_CATEGORIES,
    "ProvisioningLogs",
    "ADFSSignInLogs",
    "RiskyUsers",
    "UserRiskEvents",
    "NetworkAccessTrafficLogs",
    "RiskyServicePrincipals",
    "ServicePrincipalRiskEvents",
    "EnrichedOffice365AuditLogs",
    "MicrosoftGraphActivityLogs",
    "RemoteNetworkHealthLogs",
)
SUBSCRIPTION_CATEGORIES = (
    "Administrative",
    "Security",
    "ServiceHealth",
    "Alert",
    "Recommendation",
    "Policy",
    "Autoscale",
    "ResourceHealth",
)
TABLES = {
    "AuditLogs": "AuditLogs",
    "SignInLogs": "SigninLogs",
    "NonInteractiveUserSignInLogs": "AADNonInteractiveUserSignInLogs",
    "ServicePrincipalSignInLogs": "AADServicePrincipalSignInLogs",
    "ManagedIdentitySignInLogs": "AADManagedIdentitySignInLogs",
    "RiskyUsers": "AADRiskyUsers",
    "UserRiskEvents": "AADUserRiskEvents",
    "MicrosoftGraphActivityLogs": "MicrosoftGraphActivityLogs",
    "Administrative": "AzureActivity",
}
"""The workspace table in which a category arrives."""


class Logs(Storage):
    """The part of a tenant that is about its logs."""

    def log_setting(
        self,
        name: str,
        categories: Iterable[str] = SIGN_IN_CATEGORIES,
        *,
        workspace: str | None = None,
        storage: str | None = None,
        event_hub: str | None = None,
        at: str | None = None,
        by: str | None = None,
    ) -> str:
        """Send categories somewhere: of the tenant (`at` None), a subscription or a management group.

        Destinations are named, or given as ARM ids that need not exist. Answers the setting's id.
        """
        scope = None if at is None else self.scope(at)
        provider = "/providers/microsoft.aadiam" if scope is None else f"{scope}/providers/microsoft.insights"
        known = ENTRA_CATEGORIES if scope is None else SUBSCRIPTION_CATEGORIES
        wanted = set(categories)
        assert wanted <= set(known), f"no such log categories: {sorted(wanted - set(known))}"
        one: Json = {
            "id": f"{provider}/diagnosticSettings/{name}",
            "type": "microsoft.aadiam/diagnosticSettings" if scope is None else "Microsoft.Insights/diagnosticSettings",
            "name": name,
            "properties": {
                "storageAccountId": self._destination("storageAccounts", storage),
                "serviceBusRuleId": None,
                "workspaceId": self._destination("workspaces", workspace),
                "eventHubAuthorizationRuleId": event_hub,
                "eventHubName": None,
                "logs": [
                    {
                        "category": each,
                        "enabled": each in wanted,
                        "retentionPolicy": {"enabled": False, "days": 0},
                    }
                    for each in known
                ],
            },
        }
        self.objects["logSettings"][one["id"].lower()] = one
        self.objects["logSettingScopes"][one["id"].lower()] = {"scope": (scope or "").lower()}
        self._setting_event("diagnosticSettings/write", one["id"], by)
        return str(one["id"])

    def remove_log_setting(self, name: str, *, at: str | None = None, by: str | None = None) -> None:
        scope = None if at is None else self.scope(at)
        provider = "/providers/microsoft.aadiam" if scope is None else f"{scope}/providers/microsoft.insights"
        id_ = f"{provider}/diagnosticSettings/{name}"
        del self.objects["logSettings"][id_.lower()]
        self._setting_event("diagnosticSettings/delete", id_, by)

    def _setting_event(self, operation: str, id_: str, by: str | None) -> None:
        self.activity(operation, id_, by=by)

    def log_settings(self, scope: str | None) -> list[Json]:
        """The settings of exactly this scope; None is the tenant."""
        wanted = (scope or "").lower()
        scopes = self.objects["logSettingScopes"]
        return [one for id_, one in self.objects["logSettings"].items() if scopes[id_]["scope"] == wanted]

    def _destination(self, kind: str, name: str | None) -> str | None:
        if name is None or name.startswith("/"):
            return name
        return str(self.find(kind, name)["id"])

    # -- workspaces

    def workspace(
        self,
        name: str,
        subscription: str,
        *,
        group: str = "logs",
        retention: int = 90,
        purge_at_30: bool = False,
        tables: Mapping[str, int] | None = None,
        created: When = 400,
    ) -> str:
        """A Log Analytics workspace; `tables` are total retention days by table. Answers its ARM id."""
        base = self.scope(subscription)
        id_ = f"{base}/resourceGroups/{group}/providers/Microsoft.OperationalInsights/workspaces/{name}"
        one = {
            "id": id_,
            "name": name,
            "type": "Microsoft.OperationalInsights/workspaces",
            "location": "westeurope",
            "tags": {},
            "properties": {
                "customerId": self.guid("workspace", id_),
                "provisioningState": "Succeeded",
                "sku": {"name": "PerGB2018", "lastSkuUpdate": self.at(created)},
                "retentionInDays": retention,
                "features": {
                    "enableLogAccessUsingOnlyResourcePermissions": True,
                    "immediatePurgeDataOn30Days": purge_at_30,
                },
                "workspaceCapping": {"dailyQuotaGb": -1.0, "dataIngestionStatus": "RespectQuota"},
                "publicNetworkAccessForIngestion": "Enabled",
                "publicNetworkAccessForQuery": "Enabled",
                "createdDate": self.at(created),
                "modifiedDate": self.at(created),
            },
        }
        self.keep("workspaces", name, one)
        given = dict(tables or {})
        for table in {**dict.fromkeys(TABLES.values(), None), **given}:
            self._table(one, table, given.get(table))
        return id_

    def _table(self, workspace: Json, table: str, total: int | None, plan: str = "Analytics") -> None:
        interactive = int(workspace["properties"]["retentionInDays"])
        kept = interactive if total is None else total
        shown = min(interactive, kept)
        self.objects["tables"].setdefault(workspace["id"], {})[table] = {
            "id": f"{workspace['id']}/tables/{table}",
            "name": table,
            "type": "Microsoft.OperationalInsights/workspaces/tables",
            "properties": {
                "retentionInDays": shown,
                "totalRetentionInDays": kept,
                "archiveRetentionInDays": kept - shown,
                "retentionInDaysAsDefault": shown == interactive,
                "totalRetentionInDaysAsDefault": total is None,
                "plan": plan,
                "provisioningState": "Succeeded",
                "schema": {
                    "name": table,
                    "tableType": "Microsoft",
                    "tableSubType": "Any",
                    "solutions": ["LogManagement"],
                    "columns": [],
                    "standardColumns": [],
                },
            },
        }

    def set_retention(self, workspace: str, table: str, total: int | None, *, by: str | None = None) -> None:
        """Change the total retention of one table; None returns to the workspace's default.

        Where it is told `by` whom, the activity log has it.
        """
        one = self.find("workspaces", workspace)
        self._table(one, table, total)
        if by is not None:
            operation = "Microsoft.OperationalInsights/workspaces/tables/write"
            self.activity(operation, f"{one['id']}/tables/{table}", by=by, body={"totalRetentionInDays": total or -1})

    def data_export(self, workspace: str, name: str, tables: Iterable[str], destination: str) -> None:
        """A continuous export of tables to a storage account or event hub (an ARM id)."""
        one, kind = (
            self.find("workspaces", workspace),
            "EventHub" if "eventhub" in destination.lower() else "StorageAccount",
        )
        self.objects["dataExports"].setdefault(one["id"], {})[name] = {
            "id": f"{one['id']}/dataExports/{name}",
            "name": name,
            "type": "Microsoft.OperationalInsights/workspaces/dataExports",
            "properties": {
                "dataExportId": self.guid("export", one["id"], name),
                "destination": {"resourceId": destination, "type": kind},
                "tableNames": list(tables),
                "enable": True,
                "createdDate": self.at(),
                "lastModifiedDate": self.at(),
            },
        }
