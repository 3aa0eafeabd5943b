"""What a written policy can promise: one module for each source, put together here."""

from observant.model.commitment import CommitmentKind
from observant.model.kinds import aws, azure, entra, evidence, organization, people, reviews, tickets

KINDS: dict[str, CommitmentKind] = {
    kind.name: kind
    for kind in (
        *evidence.KINDS,
        *aws.KINDS,
        *organization.KINDS,
        *reviews.KINDS,
        *entra.KINDS,
        *azure.KINDS,
        *people.KINDS,
        *tickets.KINDS,
    )
}
