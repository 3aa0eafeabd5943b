"""Graph's policies, and access reviews."""

from observant_clouds.microsoft import permissions as may
from observant_clouds.microsoft.graph_answers import everything, listing, missing, named, one, single
from observant_clouds.microsoft.query import Shape
from observant_clouds.microsoft.routing import Call, Route
from observant_clouds.microsoft.state import Json

_CA = "/identity/conditionalAccess"


def _review_instances(call: Call) -> list[Json]:
    named("accessReviews", "definition-id")(call)
    return list(call.tenant.objects["accessReviewInstances"].get(call.places["definition-id"], {}).values())


def _decisions(call: Call) -> list[Json]:
    if call.places["instance-id"] not in {each["id"] for each in _review_instances(call)}:
        raise missing(call.places["instance-id"])
    return list(call.tenant.objects["accessReviewDecisions"].get(call.places["instance-id"], {}).values())


ROUTES: list[Route] = [
    listing(
        f"{_CA}/policies",
        everything("conditionalAccessPolicies"),
        may.POLICIES,
        Shape("conditionalAccessPolicy", {"id": "eq", "state": "eq", "displayName": "eq"}),
        limit="conditional-access",
    ),
    one(
        f"{_CA}/policies/{{policy-id}}",
        named("conditionalAccessPolicies", "policy-id"),
        may.POLICIES,
        Shape("conditionalAccessPolicy"),
        limit="conditional-access",
    ),
    listing(
        f"{_CA}/namedLocations",
        everything("namedLocations"),
        may.POLICIES,
        Shape("namedLocation", {"id": "eq", "displayName": "eq"}),
        limit="conditional-access",
    ),
    listing(
        f"{_CA}/authenticationContextClassReferences",
        everything("authenticationContextClassReferences"),
        may.CONTEXTS,
        Shape("authenticationContextClassReference"),
        limit="conditional-access",
    ),
    listing(
        "/policies/authenticationStrengthPolicies",
        lambda call: call.tenant.strengths(),
        may.AUTHENTICATION_METHODS,
        Shape("authenticationStrengthPolicy", {"policyType": "eq", "id": "eq"}),
    ),
    single("/policies/authenticationMethodsPolicy", "authenticationMethodsPolicy", may.AUTHENTICATION_METHODS),
    single("/policies/identitySecurityDefaultsEnforcementPolicy", "securityDefaults", may.POLICIES),
    single("/policies/authorizationPolicy", "authorizationPolicy", may.POLICIES),
    listing(
        "/identityGovernance/accessReviews/definitions",
        everything("accessReviews"),
        may.REVIEWS,
        Shape("accessReviewScheduleDefinition", {"id": "eq", "displayName": "eq contains"}),
        licence="P2",
        limit="governance",
    ),
    listing(
        "/identityGovernance/accessReviews/definitions/{definition-id}/instances",
        _review_instances,
        may.REVIEWS,
        Shape("accessReviewInstance", {"status": "eq", "startDateTime": "ge le"}),
        licence="P2",
        limit="governance",
    ),
    listing(
        "/identityGovernance/accessReviews/definitions/{definition-id}/instances/{instance-id}/decisions",
        _decisions,
        may.REVIEWS,
        Shape("accessReviewInstanceDecisionItem", {"decision": "eq"}),
        licence="P2",
        limit="governance",
    ),
]
