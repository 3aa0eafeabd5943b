"""Users, groups, roles and policies, all from GetAccountAuthorizationDetails.

One paged call instead of nine calls for each user. What it answers is kept field for field; policy documents stay the
text that AWS sent, URL-decoded, because two texts that parse alike need not be the same evidence.
"""

from collections.abc import Iterator
from urllib.parse import unquote

from observant.collect.aws.part import Declaration, Part, Reading, pages
from observant.collect.aws.unread import Unread
from observant.evidence.snapshot import Collection, Entity, Gap, GapReason, Json, Reconciliation

LISTS = {
    "UserDetailList": "iam.users",
    "GroupDetailList": "iam.groups",
    "RoleDetailList": "iam.roles",
    "Policies": "iam.policies",
}

_COUNTS = {"iam.users": "Users", "iam.groups": "Groups", "iam.roles": "Roles", "iam.policies": "Policies"}

_INLINE = ("UserPolicyList", "GroupPolicyList", "RolePolicyList")


def entity_of(detail: Json) -> Entity:
    """One detail object as an entity; a role's last use is its usage."""
    urn = detail["Arn"]
    _decode(detail)
    if "RoleLastUsed" in detail:
        return Entity(urn, detail, {"RoleLastUsed": detail.pop("RoleLastUsed")})
    return Entity(urn, detail)


def _decode(detail: Json) -> None:
    """Undo the URL encoding (RFC 3986) of the documents, in place; documents that are objects stay."""
    for field in _INLINE:
        for policy in detail.get(field, ()):
            _decode_field(policy, "PolicyDocument")
    for version in detail.get("PolicyVersionList", ()):
        _decode_field(version, "Document")
    _decode_field(detail, "AssumeRolePolicyDocument")
    for profile in detail.get("InstanceProfileList", ()):
        for role in profile.get("Roles", ()):
            _decode_field(role, "AssumeRolePolicyDocument")


def _decode_field(holder: Json, field: str) -> None:
    value = holder.get(field)
    if isinstance(value, str) and "{" not in value:  # encoded text has no brace, a document has at least one
        holder[field] = unquote(value, errors="strict")


def customer_managed(arn: str) -> bool:
    """Whether a policy is the customer's own; GetAccountSummary counts only those."""
    return arn.split(":")[4] != "aws"


def populations(entities: dict[str, list[Entity]]) -> dict[str, int]:
    """Collection -> how many GetAccountSummary should count."""
    own = sum(customer_managed(entity.urn) for entity in entities["iam.policies"])
    return {**{name: len(found) for name, found in entities.items()}, "iam.policies": own}


def _read(reading: Reading) -> Iterator[Collection]:
    entities: dict[str, list[Entity]] = {name: [] for name in LISTS.values()}
    seen: set[str] = set()
    for page in pages(reading, "GetAccountAuthorizationDetails"):
        for field, name in LISTS.items():
            for detail in page.pop(field, ()):
                entity = entity_of(detail)
                if entity.urn in seen:
                    raise Unread(GapReason.FAILED, f"iam:GetAccountAuthorizationDetails: {entity.urn} came twice")
                seen.add(entity.urn)
                entities[name].append(entity)
    compared = _compare(reading, populations(entities))
    for name, found in entities.items():
        yield _collection(name, found, compared.get(name, []))


def _compare(reading: Reading, actual: dict[str, int]) -> dict[str, list[Reconciliation]]:
    """Against GetAccountSummary; read again when the counts differ, as something may just have been created."""
    compared = {name: reading.counted(_COUNTS[name], count) for name, count in actual.items()}
    if all(one.expected == one.actual for listed in compared.values() for one in listed):
        return compared
    try:
        counts = reading.call("iam", "GetAccountSummary")["SummaryMap"]
    except Unread:
        return compared
    return {name: reading.counted(_COUNTS[name], count, counts.get(_COUNTS[name])) for name, count in actual.items()}


def _collection(name: str, found: list[Entity], compared: list[Reconciliation]) -> Collection:
    short = [one for one in compared if one.actual < one.expected]
    if short:
        detail = f"listed {short[0].actual}, {short[0].source} counts {short[0].expected}"
        return Collection(name, gap=Gap(GapReason.TRUNCATED, detail), reconciled=compared)
    return Collection(name, found, reconciled=compared)


AUTHORIZATION = Part(
    Declaration(
        tuple(LISTS.values()),
        {
            "GetAccountAuthorizationDetails": ("iam:GetAccountAuthorizationDetails",),
            "GetAccountSummary": ("iam:GetAccountSummary",),
        },
    ),
    _read,
)
