"""The reviews that go into a package: what each reviewer signed, the signature, and who may sign."""

import contextlib
from importlib.resources import files as resources

from observant.app.reviews.signing import ENDINGS
from observant.app.reviews.state import all_campaigns
from observant.evidence.log import Log
from observant.evidence.verify.reviews import NAMESPACE
from observant.evidence.webauthn import FORMAT
from observant.inventory.projection import Inventory
from observant.model.interval import Interval
from observant.reports.signed_table import readable


def review_files(log: Log, inventory: Inventory, within: Interval) -> dict[str, bytes]:
    """Path in the package -> content, of every campaign whose population is of this time; empty when there is none."""
    files: dict[str, bytes] = {}
    signers: dict[str, None] = {}
    passkeys: dict[str, None] = {}
    for campaign in all_campaigns(inventory).values():
        if not within.start <= campaign.opened.as_of < within.end:
            continue
        people = {one.name: one for one in campaign.opened.reviewers}
        for name, signed in campaign.signed.items():
            table = log.file(signed.artifact)
            files[f"reviews/{campaign.id}/{name}.csv"] = table
            files[f"reviews/{campaign.id}/{name}.csv{ENDINGS[signed.format]}"] = log.file(signed.signature)
            # What somebody signed that is no table of ours is handed over as it is; verification judges it.
            with contextlib.suppress(ValueError):
                files[f"reviews/{campaign.id}/{name}.html"] = readable(table).encode()
            if signed.format == FORMAT:
                passkeys[f"{people[name].email} {signed.key}\n"] = None
            else:
                signers[f'{people[name].email} namespaces="{NAMESPACE}" {signed.key}\n'] = None
    if signers:
        files["reviews/allowed_signers"] = "".join(signers).encode()
    if passkeys:
        files["reviews/passkeys"] = "".join(passkeys).encode()
        script = resources("observant.evidence").joinpath("verify-passkey.sh").read_bytes()
        files["reviews/verify-passkey.sh"] = script
    return files
