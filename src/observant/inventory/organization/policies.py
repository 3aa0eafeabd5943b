"""Policies of the organization, the kinds that are switched on, and what each policy is attached to."""

from collections.abc import Iterator

from observant.evidence.snapshot import Json
from observant.inventory.table import Reading, Row, Table, flag_of, text_of


def kind_of(policy_type: object) -> str | None:
    """`scp`, `rcp`, and the other types in lower case (`tag`, `declarative_policy_ec2`); None for what is no text."""
    if not isinstance(policy_type, str):
        return None
    short = {"SERVICE_CONTROL_POLICY": "scp", "RESOURCE_CONTROL_POLICY": "rcp"}
    return short.get(policy_type, policy_type.lower().removesuffix("_policy"))


def _policy(urn: str, policy: Json) -> Iterator[Row]:
    kind = kind_of(policy.get("Type"))
    identifier = text_of(policy.get("Id"))
    yield Row(
        member=identifier or urn,
        label=text_of(policy.get("Name")) or (identifier or f"every policy of kind {kind}"),
        values=(kind, text_of(policy.get("Content")), flag_of(policy.get("AwsManaged"))),
    )


POLICY = Table(
    name="organization_policy",
    about=(
        "Policies of the organization, by their ids. `kind` is scp, rcp, or another type in lower case. `document` is "
        "NULL where it was not shown; a row named after a whole kind stands for all policies of a kind that could not "
        "be listed. Kinds that no root has switched on have no effect and are not listed."
    ),
    columns={"kind": "VARCHAR", "document": "VARCHAR", "aws_managed": "BOOLEAN"},
    readings=(Reading("organizations.policies", "configuration", _policy),),
)


def _targets(urn: str, policy: Json) -> Iterator[Row]:
    kind, identifier = kind_of(policy.get("Type")), text_of(policy.get("Id"))
    name = text_of(policy.get("Name")) or identifier or f"every policy of kind {kind}"
    targets = policy.get("Targets")
    if not isinstance(targets, list):
        yield Row(
            member=f"{identifier or urn} ?", label=f"{name} on nobody knows what", values=(identifier, kind, None)
        )
        return
    for target in targets:
        on = text_of(target.get("TargetId")) if isinstance(target, dict) else None
        yield Row(member=f"{identifier} {on}", label=f"{name} on {on}", values=(identifier, kind, on))


POLICY_TARGET = Table(
    name="organization_policy_target",
    about=(
        "Each attachment of a policy (`organization_policy.member`) to a root, unit or account "
        "(`organization_node.member`). `target` is NULL where the targets of a policy could not be listed: it may be "
        "attached to anything; `policy` is NULL too where all policies of that kind are hidden."
    ),
    columns={"policy": "VARCHAR", "policy_kind": "VARCHAR", "target": "VARCHAR"},
    readings=(Reading("organizations.policy_targets", "configuration", _targets),),
)


def _switches(urn: str, node: Json) -> Iterator[Row]:
    """Only the kinds that a root names; a kind that is not named there is off."""
    types = node.get("PolicyTypes")
    if node.get("Kind") != "ROOT" or not isinstance(types, list):
        return
    root = text_of(node.get("Id")) or urn
    for one in types:
        kind = kind_of(one.get("Type")) if isinstance(one, dict) else None
        status = text_of(one.get("Status")) if isinstance(one, dict) else None
        on = None if status is None else status == "ENABLED"
        yield Row(member=f"{root} {kind}", label=f"policies of kind {kind} under {root}", values=(root, kind, on))


POLICY_KIND = Table(
    name="organization_policy_kind",
    about="Kinds of policy that a root has switched on. Where a kind has no row, its policies have no effect there.",
    columns={"root": "VARCHAR", "kind": "VARCHAR", "enabled": "BOOLEAN"},
    readings=(Reading("organizations.nodes", "configuration", _switches),),
)
