"""`observant review sign` and `close`: one reviewer's signature over the table of their decisions, and the end."""

import tempfile
from pathlib import Path

import msgspec

from observant.app.evaluate import provenance_of
from observant.app.opening import writing_log
from observant.app.reviews.drafts import changing
from observant.app.reviews.ssh import Signer, verifies
from observant.app.reviews.state import State, reviewing, state_of
from observant.app.workspace import Workspace
from observant.errors import UsageError
from observant.evidence.canonical import digest
from observant.evidence.log import Draft, Log
from observant.inventory.projection import Inventory
from observant.model.time import Clock
from observant.reports.csv import Table, write_table
from observant.reports.review import artifact
from observant.reports.signed_table import readable
from observant.reviews.campaign import CLOSED, SIGNED, Closed, Signed, actions, refuse_unfit
from observant.reviews.decision import Choice, Decision

ENDINGS = {"sshsig": ".sig", "webauthn": ".passkey.json"}
"""Format of a signature -> how the name of its file goes on after that of the table."""


class Signature(msgspec.Struct, frozen=True):
    """A table and what a reviewer's key made of it."""

    content: bytes
    signature: bytes
    format: str
    key: str
    """As the campaign or the log names it."""


class SignedReview(msgspec.Struct, frozen=True):
    """The answer of `observant review sign`."""

    campaign: str
    reviewer: str
    record: int
    artifact: str
    """Path of the table; its signature lies beside it."""
    sha256: str
    counts: dict[str, int]
    still_to_sign: list[str]


class ClosedReview(msgspec.Struct, frozen=True):
    """The answer of `observant review close`."""

    campaign: str
    record: int
    counts: dict[str, int]
    actions: int
    """Decisions after which something has to happen."""


def sign(workspace: Workspace, campaign: str, reviewer: str, signer: Signer, clock: Clock) -> SignedReview:
    """Let the reviewer sign the table of their decisions with an SSH key.

    Raises UsageError when something is not decided, when the reviewer signed already, and when the key is none that
    the campaign knows for this reviewer.
    """
    with reviewing(workspace, clock) as (log, inventory):
        state = state_of(workspace, log, inventory, campaign)
        decided = signable(state, reviewer)
        table = table_of(state, reviewer, log, inventory, clock)
    folder = workspace.root / "reviews" / campaign
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".signing-") as aside:
        path = Path(aside) / table.name
        write_table(path, table.header, table.columns, table.rows)
        signature = signer(path)
        made = Signature(path.read_bytes(), signature, "sshsig", _public_key_of(path, signature, state, reviewer))
        return recorded(workspace, campaign, reviewer, made, decided, clock)


def signable(state: State, reviewer: str) -> dict[str, Decision]:
    """The decisions that this reviewer can sign now. Raises UsageError when they cannot."""
    known = [one.name for one in state.campaign.opened.reviewers]
    if reviewer not in known:
        raise UsageError(f"{reviewer} is no reviewer of this campaign", f"its reviewers: {', '.join(known)}")
    own, decided = state.own(reviewer)
    if not own.items:
        raise UsageError(f"{reviewer} has no items in campaign {state.campaign.id}", "there is nothing to sign")
    refuse_unfit(state.campaign, reviewer, own, decided)
    return decided


def recorded(
    workspace: Workspace, campaign: str, reviewer: str, made: Signature, decided: dict[str, Decision], clock: Clock
) -> SignedReview:
    """Record a signature over these decisions, once: nobody else signs or decides meanwhile.

    Raises UsageError, and records nothing, when this reviewer signed already or the decisions are others by now.
    """
    with changing(workspace.root, campaign):
        with reviewing(workspace, clock) as (log, inventory):
            state = state_of(workspace, log, inventory, campaign)
        if signable(state, reviewer) != decided:
            raise UsageError("decisions changed while they were being signed", "look at them again, then sign again")
        own, _ = state.own(reviewer)
        signed = Signed(
            campaign=campaign,
            reviewer=reviewer,
            population=state.campaign.opened.population,
            artifact=digest(made.content),
            signature=digest(made.signature),
            format=made.format,
            key=made.key,
            counts=_counts(decided),
            actions=actions(own.items, decided),
        )
        with writing_log(workspace, clock) as log:
            files = {log.attach(each): digest(each) for each in (made.content, made.signature)}
            (record,) = log.append([Draft(SIGNED, "", clock(), msgspec.to_builtins(signed), files)])
    path = _kept(workspace, campaign, reviewer, made)
    missing = state.campaign.missing_signatures(state.assignment)
    return SignedReview(
        campaign=campaign,
        reviewer=reviewer,
        record=record.index,
        artifact=str(path),
        sha256=signed.artifact,
        counts=signed.counts,
        still_to_sign=[name for name in missing if name != reviewer],
    )


def _kept(workspace: Workspace, campaign: str, reviewer: str, made: Signature) -> Path:
    """Lay the table, its signature and a page to read beside each other, for people: the log has what counts."""
    path = workspace.root / "reviews" / campaign / f"{reviewer}.csv"
    path.write_bytes(made.content)
    path.with_name(path.name + ENDINGS[made.format]).write_bytes(made.signature)
    path.with_suffix(".html").write_text(readable(made.content), encoding="utf-8")
    return path


def close(workspace: Workspace, campaign: str, closed_by: str, clock: Clock) -> ClosedReview:
    """End a campaign that everybody has signed. Raises UsageError naming who has not."""
    with changing(workspace.root, campaign):
        with reviewing(workspace, clock) as (log, inventory):
            state = state_of(workspace, log, inventory, campaign)
        _refuse_open(state)
        counts: dict[str, int] = {}
        for one in state.campaign.signed.values():
            for choice, count in one.counts.items():
                counts[choice] = counts.get(choice, 0) + count
        opened = state.campaign.opened
        closed = Closed(campaign, closed_by, opened.as_of, sorted(opened.snapshots), counts)
        with writing_log(workspace, clock) as log:
            (record,) = log.append([Draft(CLOSED, "", clock(), msgspec.to_builtins(closed))])
    return ClosedReview(campaign, record.index, counts, sum(len(one.actions) for one in state.campaign.signed.values()))


def _refuse_open(state: State) -> None:
    name = state.campaign.id
    if state.campaign.closed is not None:
        raise UsageError(f"campaign {name} is closed (record {state.campaign.closed_record})")
    missing = state.campaign.missing_signatures(state.assignment)
    if missing:
        raise UsageError(
            f"not signed yet: {', '.join(missing)}", f"`observant review status {name}` shows how far each is"
        )


def table_of(state: State, reviewer: str, log: Log, inventory: Inventory, clock: Clock) -> Table:
    """The table of one reviewer as it stands: the worksheet, and when all is decided what is signed."""
    own, decided = state.own(reviewer)
    given = [
        f"handed over: {one.item} from {one.by} to {one.to}" + (f" ({one.reason})" if one.reason else "")
        for one in state.handed_over
        if reviewer in (one.by, one.to)
    ]
    provenance = provenance_of(log, inventory, clock())
    return artifact(state.campaign.opened, reviewer, own.items, decided, state.differences, provenance, given)


def _counts(decided: dict[str, Decision]) -> dict[str, int]:
    return {choice.value: sum(one.choice == choice for one in decided.values()) for choice in Choice}


def _public_key_of(path: Path, signature: bytes, state: State, reviewer: str) -> str:
    """Which of the keys that the campaign knows for the reviewer made the signature."""
    person = next(one for one in state.campaign.opened.reviewers if one.name == reviewer)
    if not person.keys:
        raise UsageError(
            f"the campaign knows no key of {reviewer}", "put the public key into reviewers.yaml before opening the next"
        )
    found = next((key for key in person.keys if verifies(path, signature, person.email, key)), None)
    if found is None:
        raise UsageError(f"this is not a key that the campaign knows for {reviewer}", "sign with one of reviewers.yaml")
    return found
