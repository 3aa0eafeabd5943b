"""Conditional Access and the tenant-wide policies beside it."""

from collections.abc import Iterable
from typing import Any

from observant_clouds.microsoft.journal import changed, target
from observant_clouds.microsoft.privileges import Privileges
from observant_clouds.microsoft.state import Json, When, merged
from observant_clouds.microsoft.tenant_policies import (
    AUTHENTICATION_METHODS,
    AUTHORIZATION,
    BUILTIN_STRENGTHS,
    SECURITY_DEFAULTS,
)

CONDITIONS: Json = {
    "userRiskLevels": [],
    "signInRiskLevels": [],
    "clientAppTypes": ["all"],
    "servicePrincipalRiskLevels": [],
    "platforms": None,
    "locations": None,
    "devices": None,
    "clientApplications": None,
    "authenticationFlows": None,
    "insiderRiskLevels": None,
}


class Access(Privileges):
    """The part of a tenant that decides who may sign in, and how."""

    def conditional_access(
        self,
        name: str,
        *,
        grant: Iterable[str] = (),
        operator: str = "OR",
        strength: str | None = None,
        users: Iterable[str] = ("All",),
        groups: Iterable[str] = (),
        roles: Iterable[str] = (),
        guests: str | None = None,
        exclude_users: Iterable[str] = (),
        exclude_groups: Iterable[str] = (),
        exclude_roles: Iterable[str] = (),
        exclude_guests: str | None = None,
        applications: Iterable[str] = ("All",),
        exclude_applications: Iterable[str] = (),
        clients: Iterable[str] = ("all",),
        state: str = "enabled",
        created: When = 300,
        **conditions: Any,
    ) -> str:
        """Make a policy: controls in `grant` (`mfa`, `block`, ...) and an authentication `strength` by name.

        People, groups and roles are named; `guests` is Graph's flags text like `b2bCollaborationGuest,internalGuest`;
        further `conditions` are laid over the defaults as Graph has them. Answers the policy's id.
        """
        whom = {
            "includeUsers": self._people(users if not (groups or roles or guests) or users != ("All",) else ()),
            "excludeUsers": self._people(exclude_users),
            "includeGroups": self.ids(groups, "groups"),
            "excludeGroups": self.ids(exclude_groups, "groups"),
            "includeRoles": self._roles(roles),
            "excludeRoles": self._roles(exclude_roles),
            "includeGuestsOrExternalUsers": _guests(guests),
            "excludeGuestsOrExternalUsers": _guests(exclude_guests),
        }
        what = {
            "includeApplications": list(applications),
            "excludeApplications": list(exclude_applications),
            "includeUserActions": [],
            "includeAuthenticationContextClassReferences": [],
            "applicationFilter": None,
        }
        defaults = {**CONDITIONS, "clientAppTypes": list(clients), "applications": what, "users": whom}
        one = {
            "id": self.guid("conditional access", name),
            "templateId": None,
            "displayName": name,
            "createdDateTime": self.at(created),
            "modifiedDateTime": None,
            "state": state,
            "conditions": merged(defaults, conditions),
            "grantControls": self._grant(list(grant), operator, strength),
            "sessionControls": None,
        }
        self.raw_policy(one)
        return str(one["id"])

    def raw_policy(self, policy: Json) -> str:
        """Take a policy exactly as it was exported. Answers its id."""
        one = {**policy, "id": policy.get("id") or self.guid("conditional access", policy["displayName"])}
        one = self.objects["conditionalAccessPolicies"][self.take("conditionalAccessPolicies", one)]
        self._policy_event("Add conditional access policy", "Add", one, None, one)
        return str(one["id"])

    def change_policy(self, name: str, **changes: Any) -> None:
        """Lay changes over a policy, such as `state="disabled"` or `conditions={"users": {"excludeGroups": [...]}}`."""
        before = self.find("conditionalAccessPolicies", name)
        after = merged(before, {**changes, "modifiedDateTime": self.at()})
        self.objects["conditionalAccessPolicies"][before["id"]] = after
        self.names["conditionalAccessPolicies", str(after["displayName"]).lower()] = before["id"]
        self._policy_event("Update conditional access policy", "Update", after, before, after)

    def remove_policy(self, name: str) -> None:
        one = self.find("conditionalAccessPolicies", name)
        del self.objects["conditionalAccessPolicies"][one["id"]]
        self._policy_event("Delete conditional access policy", "Delete", one, one, None)

    def _policy_event(self, activity: str, operation: str, one: Json, old: Json | None, new: Json | None) -> None:
        edit = target("Policy", one["id"], one["displayName"], changed("ConditionalAccessPolicy", old, new))
        self.journal(activity, "Conditional Access", "Policy", operation, [edit])

    def _people(self, names: Iterable[str]) -> list[str]:
        words = ("All", "None", "GuestsOrExternalUsers")
        return [name if name in words else self.id_of(name, "users") for name in names]

    def _roles(self, names: Iterable[str]) -> list[str]:
        return [self.role_definition(name)["id"] for name in names]

    def _grant(self, controls: list[str], operator: str, strength: str | None) -> Json | None:
        if not controls and strength is None:
            return None
        return {
            "operator": operator,
            "builtInControls": controls,
            "customAuthenticationFactors": [],
            "termsOfUse": [],
            "authenticationStrength": None if strength is None else self.strength(strength),
        }

    # -- what policies refer to

    def strength(self, name: str) -> Json:
        """An authentication strength by name or id, built-in ones included."""
        return next(each for each in self.strengths() if name in (each["displayName"], each["id"]))

    def strengths(self) -> list[Json]:
        return [*BUILTIN_STRENGTHS, *self.all("authenticationStrengthPolicies")]

    def custom_strength(self, name: str, combinations: Iterable[str]) -> str:
        """An authentication strength of one's own, such as `fido2` or `password,sms`."""
        one = {
            "id": self.guid("strength", name),
            "createdDateTime": self.at(300),
            "modifiedDateTime": self.at(300),
            "displayName": name,
            "description": "",
            "policyType": "custom",
            "requirementsSatisfied": "mfa",
            "allowedCombinations": list(combinations),
        }
        return str(self.keep("authenticationStrengthPolicies", name, one)["id"])

    def named_location(
        self, name: str, ranges: Iterable[str] = (), *, countries: Iterable[str] = (), trusted: bool = False
    ) -> str:
        """Address `ranges` (CIDR), or `countries` when no range is given. Answers its id."""
        one: Json = {
            "id": self.guid("location", name),
            "displayName": name,
            "createdDateTime": self.at(300),
            "modifiedDateTime": self.at(300),
        }
        addresses = [
            {"@odata.type": f"#microsoft.graph.iPv{6 if ':' in each else 4}CidrRange", "cidrAddress": each}
            for each in ranges
        ]
        if addresses:
            one = {
                "@odata.type": "#microsoft.graph.ipNamedLocation",
                **one,
                "isTrusted": trusted,
                "ipRanges": addresses,
            }
        else:
            one = {
                "@odata.type": "#microsoft.graph.countryNamedLocation",
                **one,
                "countriesAndRegions": list(countries),
                "includeUnknownCountriesAndRegions": False,
                "countryLookupMethod": "clientIpAddress",
            }
        kept = self.keep("namedLocations", name, one)
        self.journal("Add named location", "Conditional Access", "Policy", "Add", [target("Other", one["id"], name)])
        return str(kept["id"])

    def change_location(self, name: str, **changes: Any) -> None:
        before = self.find("namedLocations", name)
        self.objects["namedLocations"][before["id"]] = after = merged(before, changes)
        edit = target("Other", before["id"], name, changed("NamedLocation", before, after))
        self.journal("Update named location", "Conditional Access", "Policy", "Update", [edit])

    def authentication_context(self, id_: str, name: str, *, available: bool = True) -> None:
        """`id_` is `c1` to `c99`."""
        one = {"id": id_, "displayName": name, "description": "", "isAvailable": available}
        self.keep("authenticationContextClassReferences", name, one)

    # -- tenant-wide policies

    def security_defaults(self, enabled: bool) -> None:
        self._set("securityDefaults", SECURITY_DEFAULTS, {"isEnabled": enabled}, "Update security defaults")

    def authorization(self, **changes: Any) -> None:
        """Guest and user defaults, such as `allowInvitesFrom="everyone"` or `guestUserRoleId=...`."""
        self._set("authorizationPolicy", AUTHORIZATION, changes, "Update authorization policy")

    def authentication_methods(self, **changes: Any) -> None:
        self._set(
            "authenticationMethodsPolicy", AUTHENTICATION_METHODS, changes, "Authentication Methods Policy Update"
        )

    def single(self, kind: str) -> Json:
        """One of the tenant-wide policies as Graph answers it."""
        defaults = {
            "securityDefaults": SECURITY_DEFAULTS,
            "authorizationPolicy": AUTHORIZATION,
            "authenticationMethodsPolicy": AUTHENTICATION_METHODS,
        }
        return self.objects["tenantPolicies"].get(kind) or defaults[kind]

    def _set(self, kind: str, default: Json, changes: Json, activity: str) -> None:
        before = self.objects["tenantPolicies"].get(kind) or default
        self.objects["tenantPolicies"][kind] = after = merged(before, changes)
        edits = [changed(name, before.get(name), after[name]) for name in changes]
        targets = [target("Policy", after["id"], after["displayName"], *edits)]
        self.journal(activity, "Core Directory", "Policy", "Update", targets)


def _guests(flags: str | None) -> Json | None:
    if flags is None:
        return None
    tenants = {"@odata.type": "#microsoft.graph.conditionalAccessAllExternalTenants", "membershipKind": "all"}
    return {"guestOrExternalUserTypes": flags, "externalTenants": tenants}
