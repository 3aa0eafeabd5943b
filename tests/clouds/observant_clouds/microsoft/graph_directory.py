"""Graph's directory: organization, licences, users, groups, applications, service principals."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from observant_clouds.microsoft import permissions as may
from observant_clouds.microsoft.graph_answers import counting, everything, listing, missing, named, one
from observant_clouds.microsoft.message import Answer, Refusal
from observant_clouds.microsoft.people import USER_DEFAULT
from observant_clouds.microsoft.query import Expand, Expansion, Query, Shape
from observant_clouds.microsoft.routing import Call, Route
from observant_clouds.microsoft.state import TYPES, Json

_PROPERTIES: dict[str, list[str]] = json.loads((Path(__file__).parent / "data/properties.json").read_text())
_ID = {"id": "eq in", "displayName": "eq ne in startswith"}
_PREMIUM = Refusal(
    403,
    "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
    "Neither tenant is B2C or tenant doesn't have premium license",
)
_DENIED = Refusal(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
_BASIC = frozenset({"displayName", "givenName", "id", "mail", "photo", "surname", "userPrincipalName"})
SIGN_IN_PAGE = 500
"""https://learn.microsoft.com/graph/api/user-list: with signInActivity a page holds at most this many users."""
EXPANDED = 20
"""Objects that `$expand` answers of a relation; the rest is left out."""


def _known(entity: str) -> frozenset[str]:
    """The properties that the published description has."""
    return frozenset(_PROPERTIES[entity])


USER_SHAPE = Shape(
    "user",
    {
        **_ID,
        "accountEnabled": "eq ne",
        "createdDateTime": "eq ge gt le lt",
        "creationType": "eq in",
        "department": "eq ne startswith",
        "employeeId": "eq in",
        "employeeType": "eq in",
        "externalUserState": "eq in",
        "mail": "eq in startswith endswith",
        "onPremisesSyncEnabled": "eq ne",
        "signInActivity/lastSignInDateTime": "eq ge le",
        "signInActivity/lastSuccessfulSignInDateTime": "eq ge le",
        "userPrincipalName": "eq in startswith endswith",
        "userType": "eq ne in",
    },
    defaults=tuple(USER_DEFAULT),
    known=_known("user"),
    orders=("displayName", "userPrincipalName"),
)
GROUP_SHAPE = Shape(
    "group",
    {
        **_ID,
        "groupTypes": "eq",
        "isAssignableToRole": "eq",
        "mailEnabled": "eq",
        "onPremisesSyncEnabled": "eq ne",
        "securityEnabled": "eq",
    },
    known=_known("group"),
    orders=("displayName",),
)
APPLICATION_SHAPE = Shape(
    "application",
    {**_ID, "appId": "eq in", "signInAudience": "eq", "tags": "eq"},
    known=_known("application"),
    orders=("displayName",),
)
PRINCIPAL_SHAPE = Shape(
    "servicePrincipal",
    {**_ID, "accountEnabled": "eq", "appId": "eq in", "servicePrincipalType": "eq in", "tags": "eq"},
    known=_known("servicePrincipal") | {"createdDateTime"},
    orders=("displayName",),
)
SHAPES = {
    "users": USER_SHAPE,
    "groups": GROUP_SHAPE,
    "applications": APPLICATION_SHAPE,
    "servicePrincipals": PRINCIPAL_SHAPE,
}
_DETAILS = {"users": may.USERS, "groups": may.GROUPS, "servicePrincipals": may.APPLICATIONS}
"""Permissions that show more of a member than its type and id."""


def _check_users(call: Call, query: Query) -> None:
    """signInActivity needs a licence, a permission and smaller pages; basic permission shows basic properties."""
    text = query.given.get("$filter", "").lower()
    wanted = set(query.select or ())
    if "signInActivity" in wanted or "signinactivity" in text:
        if "AuditLog.Read.All" not in call.roles:
            raise _DENIED
        if not call.tenant.premium:
            raise _PREMIUM
        if query.size() > SIGN_IN_PAGE:
            query.given["$top"] = str(SIGN_IN_PAGE)
    if not call.roles & {"User.Read.All", may.DIRECTORY} and wanted - _BASIC:
        raise _DENIED


def _principals(call: Call, held: Mapping[str, str]) -> list[Json]:
    """Members or owners as directory objects; what the caller may not see of them is only type and id."""
    found = []
    for id_, kind in held.items():
        whole = call.tenant.objects[kind].get(id_)
        if whole is None:
            continue
        shown: Json = {"@odata.type": TYPES[kind], "id": id_}
        if call.roles & set(_DETAILS.get(kind, ())):
            names = SHAPES[kind].defaults or whole
            shown.update({name: whole[name] for name in names if name in whole})
        found.append(shown)
    return found


def _members(call: Call) -> list[Json]:
    group = named("groups", "group-id")(call)
    if group["visibility"] == "HiddenMembership" and may.HIDDEN_MEMBERS not in call.roles:
        if call.tenant.hidden_membership == "denied":
            raise _DENIED
        return []
    return _cast(call, _principals(call, call.tenant.members[group["id"]]))


def _transitive(call: Call) -> list[Json]:
    group = named("groups", "group-id")(call)
    reached: dict[str, str] = {}
    waiting = [group["id"]]
    while waiting:
        for id_, kind in call.tenant.members[waiting.pop()].items():
            if id_ not in reached:
                reached[id_] = kind
                waiting += [id_] if kind == "groups" else []
    reached.pop(group["id"], None)
    return _cast(call, _principals(call, reached))


def _cast(call: Call, found: list[Json]) -> list[Json]:
    """`/members/microsoft.graph.user`: only those."""
    cast = call.places.get("cast")
    return found if cast is None else [each for each in found if each["@odata.type"].lower() == f"#{cast.lower()}"]


def _owners(kind: str, place: str) -> Any:
    def rows(call: Call) -> list[Json]:
        return _principals(call, call.tenant.owners[named(kind, place)(call)["id"]])

    return rows


def _expand_owners(call: Call) -> Mapping[str, Expansion]:
    def owners(owned: Json, _: Expand) -> list[Json]:
        return _principals(call, call.tenant.owners[owned["id"]])[:EXPANDED]

    def members(group: Json, _: Expand) -> list[Json]:
        return _principals(call, call.tenant.members[group["id"]])[:EXPANDED]

    return {"owners": owners, "members": members}


def _member_of(call: Call, *, transitive: bool) -> list[Json]:
    start = named("users", "user-id")(call)["id"]
    reached: dict[str, str] = {}
    waiting = [start]
    while waiting:
        here = waiting.pop()
        for group, inside in call.tenant.members.items():
            if here in inside and group not in reached:
                reached[group] = "groups"
                waiting += [group] if transitive else []
    return _principals(call, reached)


def _federated(call: Call) -> list[Json]:
    application = named("applications", "application-id")(call)
    return list(call.tenant.objects["federatedIdentityCredentials"].get(application["id"], {}).values())


def _by_ids(call: Call) -> Answer:
    """`POST /directoryObjects/getByIds`: those that exist, of at most 1000."""
    asked = json.loads(call.request.body or b"{}")
    ids, kinds = asked.get("ids", []), asked.get("types") or ["user", "group", "servicePrincipal"]
    if len(ids) > 1000:
        raise Refusal(400, "Request_BadRequest", "The number of ids exceeds the limit of 1000.")
    held = {id_: call.tenant.kind_of(id_) for id_ in ids}
    wanted = {
        id_: kind for id_, kind in held.items() if kind and kind.removesuffix("s").lower() in map(str.lower, kinds)
    }
    return Answer(200, {"value": _principals(call, wanted)})


def _object(call: Call) -> Json:
    wanted = call.places["directoryObject-id"].lower()
    kind = call.tenant.kind_of(wanted)
    if kind is None:
        raise missing(wanted)
    return _principals(call, {wanted: kind})[0]


_OBJECT = Shape("directoryObject", _ID)

ROUTES: list[Route] = [
    listing("/organization", lambda call: [call.tenant.organization()], may.ORGANIZATION, Shape("organization")),
    listing("/subscribedSkus", lambda call: call.tenant.subscribed_skus(), may.LICENCES, Shape("subscribedSku")),
    counting("/users/$count", everything("users"), may.USERS, USER_SHAPE, cost=2),
    listing("/users", everything("users"), may.USERS, USER_SHAPE, check=_check_users, cost=2),
    one("/users/{user-id}", named("users", "user-id"), may.USERS, USER_SHAPE),
    listing(
        "/users/{user-id}/memberOf",
        lambda call: _member_of(call, transitive=False),
        (may.DIRECTORY, *may.USERS),
        _OBJECT,
        cost=2,
    ),
    listing(
        "/users/{user-id}/transitiveMemberOf",
        lambda call: _member_of(call, transitive=True),
        may.USERS,
        _OBJECT,
        cost=5,
    ),
    counting("/groups/$count", everything("groups"), may.GROUPS, GROUP_SHAPE, cost=2),
    listing("/groups", everything("groups"), may.GROUPS, GROUP_SHAPE, expand=_expand_owners, cost=2),
    one("/groups/{group-id}", named("groups", "group-id"), may.GROUPS, GROUP_SHAPE),
    counting("/groups/{group-id}/members/$count", _members, may.GROUPS, _OBJECT, cost=3),
    listing("/groups/{group-id}/members", _members, may.GROUPS, _OBJECT, cost=3),
    listing("/groups/{group-id}/members/{cast}", _members, may.GROUPS, _OBJECT, cost=3),
    listing("/groups/{group-id}/transitiveMembers", _transitive, may.GROUPS, _OBJECT, cost=5),
    listing("/groups/{group-id}/transitiveMembers/{cast}", _transitive, may.GROUPS, _OBJECT, cost=5),
    listing("/groups/{group-id}/owners", _owners("groups", "group-id"), may.GROUPS, _OBJECT, cost=2),
    counting("/applications/$count", everything("applications"), may.APPLICATIONS, APPLICATION_SHAPE, cost=2),
    listing(
        "/applications", everything("applications"), may.APPLICATIONS, APPLICATION_SHAPE, expand=_expand_owners, cost=2
    ),
    one("/applications/{application-id}", named("applications", "application-id"), may.APPLICATIONS, APPLICATION_SHAPE),
    listing(
        "/applications/{application-id}/owners",
        _owners("applications", "application-id"),
        may.APPLICATIONS,
        _OBJECT,
        cost=2,
    ),
    listing(
        "/applications/{application-id}/federatedIdentityCredentials",
        _federated,
        may.APPLICATIONS,
        Shape("federatedIdentityCredential"),
        cost=2,
    ),
    counting("/servicePrincipals/$count", everything("servicePrincipals"), may.APPLICATIONS, PRINCIPAL_SHAPE, cost=2),
    listing(
        "/servicePrincipals",
        everything("servicePrincipals"),
        may.APPLICATIONS,
        PRINCIPAL_SHAPE,
        expand=_expand_owners,
        cost=2,
    ),
    one(
        "/servicePrincipals/{servicePrincipal-id}",
        named("servicePrincipals", "servicePrincipal-id"),
        may.APPLICATIONS,
        PRINCIPAL_SHAPE,
    ),
    listing(
        "/servicePrincipals/{servicePrincipal-id}/owners",
        _owners("servicePrincipals", "servicePrincipal-id"),
        may.APPLICATIONS,
        _OBJECT,
        cost=2,
    ),
    Route("/directoryObjects/getByIds", _by_ids, (may.DIRECTORY, *may.USERS), cost=3, method="POST"),
    one("/directoryObjects/{directoryObject-id}", _object, (may.DIRECTORY, *may.USERS), _OBJECT),
]
