"""Conditional Access and the tenant's policies: short lists and single objects, kept as they are answered."""

from collections.abc import Iterator

from observant.collect.microsoft.operation import graph
from observant.collect.microsoft.pace import Service
from observant.collect.microsoft.paging import entities_of
from observant.collect.microsoft.reading import Declaration, Part, Reading, listing, single
from observant.evidence.snapshot import Collection, Entity

_CA = "/identity/conditionalAccess"

CONDITIONAL_ACCESS_POLICIES = listing(
    "entra.conditional_access_policies", graph(f"{_CA}/policies", "Policy.Read.All", Service.CONDITIONAL_ACCESS)
)

NAMED_LOCATIONS = listing(
    "entra.named_locations", graph(f"{_CA}/namedLocations", "Policy.Read.All", Service.CONDITIONAL_ACCESS)
)

AUTHENTICATION_CONTEXTS = listing(
    "entra.authentication_contexts",
    graph(f"{_CA}/authenticationContextClassReferences", "AuthenticationContext.Read.All", Service.CONDITIONAL_ACCESS),
)

AUTHENTICATION_STRENGTHS = listing(
    "entra.authentication_strengths",
    graph("/policies/authenticationStrengthPolicies", "Policy.Read.AuthenticationMethod", Service.CONDITIONAL_ACCESS),
)

AUTHENTICATION_METHODS = single(
    "entra.authentication_methods_policy",
    graph("/policies/authenticationMethodsPolicy", "Policy.Read.AuthenticationMethod"),
)

SECURITY_DEFAULTS = single(
    "entra.security_defaults", graph("/policies/identitySecurityDefaultsEnforcementPolicy", "Policy.Read.All")
)

AUTHORIZATION_POLICY = single("entra.authorization_policy", graph("/policies/authorizationPolicy", "Policy.Read.All"))

REGISTERED = graph("/reports/authenticationMethods/userRegistrationDetails", "AuditLog.Read.All", Service.REPORTS)
_REPORTED = "lastUpdatedDateTime"


def _registration(reading: Reading) -> Iterator[Collection]:
    """When the report about a user was made changes by itself, so it is usage."""
    entities = [
        Entity(one.urn, one.configuration, {_REPORTED: one.configuration.pop(_REPORTED, None)})
        for one in entities_of(REGISTERED, reading.items(REGISTERED, {"$top": "999"}))
    ]
    yield Collection("entra.registration_details", entities)


REGISTRATION = Part(Declaration(("entra.registration_details",), (REGISTERED,)), _registration)
