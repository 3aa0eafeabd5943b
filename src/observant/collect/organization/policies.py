"""The organization's policies with their content, and what each is attached to.

Three calls for each policy instead of one for each account and kind: an organization has far fewer policies than
accounts.
"""

from collections.abc import Iterator

from observant.collect.aws.paging import instead, listed
from observant.collect.aws.part import Declaration, Part, Reading
from observant.collect.aws.unread import Unread
from observant.collect.organization.tree import NODES_COLLECTION
from observant.evidence.snapshot import Collection, Entity, Json

POLICIES_COLLECTION = "organizations.policies"

RESTRICTING = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")
"""Asked for when nobody can tell which kinds the roots have switched on."""


def _kinds(reading: Reading) -> list[str]:
    """The kinds of policy that some root has switched on: only these have any effect."""
    nodes = reading.found[NODES_COLLECTION]
    if nodes.gap is not None:
        return list(RESTRICTING)
    on = {kind["Type"] for node in nodes.entities for kind in node.configuration.get("PolicyTypes", ())}
    return sorted(on)


def _policies(reading: Reading) -> Iterator[Collection]:
    found: list[Entity] = []
    for kind in _kinds(reading):
        try:
            summaries = listed(reading, "organizations", "ListPolicies", "Policies", Filter=kind)
        except Unread as unread:
            found.append(Entity(f"{kind}#every", {"Type": kind, **instead(unread)}))
            continue
        found += [Entity(one["Arn"], {**one, **_content(reading, one)}) for one in summaries]
    yield Collection(POLICIES_COLLECTION, found)


def _content(reading: Reading, summary: Json) -> Json:
    try:
        return {"Content": reading.call("organizations", "DescribePolicy", PolicyId=summary["Id"])["Policy"]["Content"]}
    except Unread as unread:
        return instead(unread)


def _targets(reading: Reading) -> Iterator[Collection]:
    found: list[Entity] = []
    for policy in reading.need(POLICIES_COLLECTION).entities:
        told: Json = {key: policy.configuration[key] for key in ("Id", "Name", "Type") if key in policy.configuration}
        if "Id" not in told:  # every policy of a kind is hidden, so are its targets
            found.append(Entity(policy.urn, {**told, "Unread": policy.configuration["Unread"]}))
            continue
        try:
            targets = listed(reading, "organizations", "ListTargetsForPolicy", "Targets", PolicyId=told["Id"])
            found.append(Entity(policy.urn, {**told, "Targets": targets}))
        except Unread as unread:
            found.append(Entity(policy.urn, {**told, **instead(unread)}))
    yield Collection("organizations.policy_targets", found)


POLICIES = Part(
    Declaration(
        (POLICIES_COLLECTION,),
        {"ListPolicies": ("organizations:ListPolicies",), "DescribePolicy": ("organizations:DescribePolicy",)},
    ),
    _policies,
)

POLICY_TARGETS = Part(
    Declaration(("organizations.policy_targets",), {"ListTargetsForPolicy": ("organizations:ListTargetsForPolicy",)}),
    _targets,
)
