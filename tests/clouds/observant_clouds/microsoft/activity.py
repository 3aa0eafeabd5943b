"""Azure's activity log: who changed what in a subscription, or in the tenant's own scope."""

import json

from observant_clouds.microsoft.state import Json, State, When

AUTHORIZATION = "Microsoft.Authorization"


class ActivityLog(State):
    """The part of a tenant that remembers changes in Azure."""

    def activity(
        self, operation: str, resource: str, *, by: str | None = None, body: Json | None = None, when: When = None
    ) -> None:
        """Write an administrative event, once the tenant is open: `roleAssignments/write`, `elevateAccess/action`...

        Operations of other providers than those of roles and of diagnostic settings are named in full.
        """
        if not self.journaling:
            return
        provider = "Microsoft.Insights" if operation.startswith("diagnosticSettings") else AUTHORIZATION
        if operation.startswith("Microsoft."):
            provider, _, operation = operation.partition("/")
        number, at = self.fresh("activity"), self.at(when)
        scope = resource.lower().partition("/providers/microsoft.authorization")[0]
        parts = resource.split("/")
        caller = by or self.actor
        user = self.objects["users"].get(self.names.get(("users", caller.lower()), "")) if caller else None
        self.objects["activityLog"][number] = {
            "id": f"{resource}/events/{number}/ticks/{number[:8]}",
            "eventDataId": number,
            "correlationId": self.guid("correlation", number),
            "operationId": self.guid("operation", number),
            "tenantId": self.tenant_id,
            "subscriptionId": parts[2] if parts[1:2] == ["subscriptions"] else "",
            "resourceGroupName": parts[4] if "/resourcegroups/" in scope else "",
            "resourceId": resource,
            "resourceType": _words(f"{provider}/{operation.split('/')[0]}"),
            "resourceProviderName": _words(provider),
            "operationName": _words(f"{provider}/{operation}"),
            "eventName": _words("EndRequest"),
            "category": _words("Administrative"),
            "level": "Informational",
            "status": _words("Succeeded"),
            "subStatus": {"value": "Created", "localizedValue": "Created (HTTP Status Code: 201)"},
            "eventTimestamp": at,
            "submissionTimestamp": at,
            "caller": user["userPrincipalName"] if user else caller or "unknown",
            "authorization": {"action": f"{provider}/{operation}", "scope": resource},
            "claims": {"appid": self.guid("portal")},
            "httpRequest": {"clientRequestId": number, "clientIpAddress": "203.0.113.10", "method": "PUT"},
            "properties": {"requestbody": _compact(body)} if body else {},
        }


def _words(text: str) -> Json:
    return {"value": text, "localizedValue": text}


def _compact(body: Json) -> str:
    return json.dumps({"Properties": body}, separators=(",", ":"))
