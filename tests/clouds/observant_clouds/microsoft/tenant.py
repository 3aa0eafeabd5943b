"""`Tenant`: everything a fictional tenant holds, in one builder.

    tenant = Tenant("harbourlight")
    tenant.user("ada", employeeId="1")
    tenant.group("break-glass", ["ada"])
    tenant.conditional_access("MFA for everybody", grant=["mfa"], exclude_groups=["break-glass"])
    tenant.role("ada", "Global Administrator")
    tenant.open()                                   # from here on changes are in the audit log
    tenant.move_to(datetime(2026, 1, 2, 6, tzinfo=UTC))
    tenant.remove_member("break-glass", "ada")

Names stand for identifiers, and identifiers follow from names: a world is the same in every run.
"""

from datetime import datetime
from typing import Any

from observant_clouds.microsoft.access import Access
from observant_clouds.microsoft.app_permissions import AppPermissions
from observant_clouds.microsoft.logs import Logs
from observant_clouds.microsoft.people import People
from observant_clouds.microsoft.privileged_groups import PrivilegedGroups
from observant_clouds.microsoft.reviews import Reviews
from observant_clouds.microsoft.state import Clock, Json

_PLANS = {
    "AAD_PREMIUM": "41781fb2-bc02-4b7c-bd55-b576c07bb09d",
    "AAD_PREMIUM_P2": "eec0eb4f-6444-4f95-aba0-50c24d67f998",
    "EXCHANGE_S_FOUNDATION": "113feb6c-3fe4-4440-bddc-54d774bf0318",
}
_SKUS = {
    "none": ("O365_BUSINESS_ESSENTIALS", "3b555118-da6a-4418-894f-7df1e2096870", ("EXCHANGE_S_FOUNDATION",)),
    "P1": ("AAD_PREMIUM", "078d2b04-f1bd-4111-bbd4-b4b1b354cef4", ("AAD_PREMIUM",)),
    "P2": ("AAD_PREMIUM_P2", "84a661c4-e949-4bd2-a560-ed7766fcaf2b", ("AAD_PREMIUM", "AAD_PREMIUM_P2")),
}


class Tenant(People, PrivilegedGroups, Access, AppPermissions, Reviews, Logs):
    """A tenant, its directory and its Azure."""

    def open(self, actor: str | None = None) -> None:
        """From now on changes are written to the audit logs, made by `actor` unless they say otherwise."""
        self.journaling = True
        self.actor = actor

    def move_to(self, moment: datetime) -> None:
        """Move the tenant's own clock. Raises TypeError when somebody else's clock was given."""
        self._own_clock().move_to(moment)

    def shift(self, **duration: float) -> None:
        """`shift(days=1)`"""
        self._own_clock().shift(**duration)

    def _own_clock(self) -> Clock:
        if not isinstance(self.clock, Clock):
            raise TypeError("this tenant follows another clock")
        return self.clock

    @property
    def premium(self) -> bool:
        """Whether P1 is licensed, or more."""
        return self.licence in ("P1", "P2")

    @property
    def native_retention_days(self) -> int:
        """How long the directory itself keeps audit and sign-in events."""
        return 30 if self.premium else 7

    def subscribed_skus(self) -> list[Json]:
        """What was taken from elsewhere, or what belongs to the licence of this tenant."""
        if taken := self.all("subscribedSkus"):
            return taken
        part, sku, plans = _SKUS[self.licence]
        services = [
            {
                "servicePlanId": _PLANS[plan],
                "servicePlanName": plan,
                "provisioningStatus": "Success",
                "appliesTo": "User" if plan.startswith("AAD") else "Company",
            }
            for plan in plans
        ]
        one: dict[str, Any] = {
            "accountId": self.tenant_id,
            "accountName": self.name,
            "appliesTo": "User",
            "capabilityStatus": "Enabled",
            "consumedUnits": len(self.objects["users"]),
            "id": f"{self.tenant_id}_{sku}",
            "prepaidUnits": {"enabled": 10_000, "suspended": 0, "warning": 0, "lockedOut": 0},
            "servicePlans": services,
            "skuId": sku,
            "skuPartNumber": part,
            "subscriptionIds": [],
        }
        return [one]

    def organization(self) -> Json:
        """What was taken from elsewhere, or a company in Bremen."""
        if taken := self.all("organization"):
            return taken[0]
        return {
            "id": self.tenant_id,
            "deletedDateTime": None,
            "assignedPlans": [],
            "businessPhones": [],
            "city": "Bremen",
            "country": None,
            "countryLetterCode": "DE",
            "createdDateTime": "2021-02-01T09:00:00Z",
            "displayName": f"{self.name.capitalize()} (fictional)",
            "marketingNotificationEmails": [],
            "onPremisesLastSyncDateTime": None,
            "onPremisesSyncEnabled": None,
            "postalCode": None,
            "preferredLanguage": "en",
            "privacyProfile": None,
            "provisionedPlans": [],
            "securityComplianceNotificationMails": [],
            "securityComplianceNotificationPhones": [],
            "state": None,
            "street": None,
            "technicalNotificationMails": [f"it@{self.name}.example"],
            "tenantType": "AAD",
            "verifiedDomains": [
                {
                    "capabilities": "Email, OfficeCommunicationsOnline",
                    "isDefault": True,
                    "isInitial": True,
                    "name": self.domain,
                    "type": "Managed",
                }
            ],
        }
