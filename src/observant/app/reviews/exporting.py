"""The reviews that go into a package: what each reviewer signed, the signature, and who may sign."""

from observant.app.reviews.state import all_campaigns
from observant.evidence.log import Log
from observant.evidence.verify.reviews import NAMESPACE
from observant.inventory.projection import Inventory
from observant.model.interval import Interval


def review_files(log: Log, inventory: Inventory, within: Interval) -> dict[str, bytes]:
    """Path in the package -> content, of every campaign whose population is of this time; empty when there is none."""
    files: dict[str, bytes] = {}
    signers: dict[str, None] = {}
    for campaign in all_campaigns(inventory).values():
        if not within.start <= campaign.opened.as_of < within.end:
            continue
        people = {one.name: one for one in campaign.opened.reviewers}
        for name, signed in campaign.signed.items():
            files[f"reviews/{campaign.id}/{name}.csv"] = log.file(signed.artifact)
            files[f"reviews/{campaign.id}/{name}.csv.sig"] = log.file(signed.signature)
            signers[f'{people[name].email} namespaces="{NAMESPACE}" {signed.key}\n'] = None
    if files:
        files["reviews/allowed_signers"] = "".join(signers).encode()
    return files
