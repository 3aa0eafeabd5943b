"""The four lists of GetAccountAuthorizationDetails as entities, and their comparison with GetAccountSummary."""

from urllib.parse import unquote

from observant.evidence.snapshot import Collection, Entity, Gap, GapReason, Json, Reconciliation

LISTS = {
    "UserDetailList": "iam.users",
    "GroupDetailList": "iam.groups",
    "RoleDetailList": "iam.roles",
    "Policies": "iam.policies",
}

COUNTS = {"iam.users": "Users", "iam.groups": "Groups", "iam.roles": "Roles", "iam.policies": "Policies"}
"""Collection -> its entry in GetAccountSummary."""

_INLINE = ("UserPolicyList", "GroupPolicyList", "RolePolicyList")


def entity_of(detail: Json) -> Entity:
    """One detail object as an entity, field for field; a role's last use is its usage. Takes the object over."""
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
    if isinstance(value, str):
        holder[field] = decoded(value)


def decoded(document: str) -> str:
    """A document without its URL encoding; encoded text has no brace, a document has at least one."""
    return document if "{" in document else unquote(document, errors="strict")


def customer_managed(arn: str) -> bool:
    """Whether a policy is the customer's own; GetAccountSummary counts only those."""
    return arn.split(":")[4] != "aws"


def compare(counts: Json, entities: dict[str, list[Entity]]) -> dict[str, list[Reconciliation]]:
    """Collection -> comparison with the counts of GetAccountSummary, where they have one."""
    actual = {name: len(found) for name, found in entities.items()}
    actual["iam.policies"] = sum(customer_managed(entity.urn) for entity in entities["iam.policies"])
    return {
        name: [Reconciliation(f"GetAccountSummary {COUNTS[name]}", counts[COUNTS[name]], count)]
        for name, count in actual.items()
        if COUNTS[name] in counts
    }


def listing(name: str, found: list[Entity], compared: list[Reconciliation]) -> Collection:
    """The collection; a gap when an independent count knows of more than was listed."""
    for one in compared:
        if one.actual < one.expected:
            detail = f"listed {one.actual}, {one.source} counts {one.expected}"
            return Collection(name, gap=Gap(GapReason.TRUNCATED, detail), reconciled=compared)
    return Collection(name, found, reconciled=compared)
