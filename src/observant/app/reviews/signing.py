"""`observant review sign` and `close`: one reviewer's signature over the table of their decisions, and the end."""

import shutil
import tempfile
from pathlib import Path

import msgspec

from observant.app.evaluate import provenance_of
from observant.app.opening import writing_log
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
from observant.reviews.campaign import CLOSED, SIGNED, Closed, Signed, actions, refuse_unfit
from observant.reviews.decision import Choice, Decision


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
    """Let the reviewer sign the table of their decisions.

    Raises UsageError when something is not decided, when the reviewer signed already, and when the key is none that
    the campaign knows for this reviewer.
    """
    with reviewing(workspace, clock) as (log, inventory):
        state = state_of(workspace, log, inventory, campaign)
        _refuse_stranger(state, reviewer)
        own, decided = state.own(reviewer)
        refuse_unfit(state.campaign, reviewer, own, decided)
        table = table_of(state, reviewer, log, inventory, clock)
    folder = workspace.root / "reviews" / campaign
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".signing-") as aside:
        path = Path(aside) / table.name
        write_table(path, table.header, table.columns, table.rows)
        signature = signer(path)
        public = _public_key_of(path, signature, state, reviewer)
        record, content = _recorded(workspace, state, reviewer, path.read_bytes(), signature, public, decided, clock)
        shutil.copyfile(path, folder / table.name)
    (folder / f"{table.name}.sig").write_bytes(signature)
    missing = state.campaign.missing_signatures(state.assignment)
    return SignedReview(
        campaign=campaign,
        reviewer=reviewer,
        record=record,
        artifact=str(folder / table.name),
        sha256=content,
        counts=_counts(decided),
        still_to_sign=[name for name in missing if name != reviewer],
    )


def close(workspace: Workspace, campaign: str, closed_by: str, clock: Clock) -> ClosedReview:
    """End a campaign that everybody has signed. Raises UsageError naming who has not."""
    with reviewing(workspace, clock) as (log, inventory):
        state = state_of(workspace, log, inventory, campaign)
    if state.campaign.closed is not None:
        raise UsageError(f"campaign {campaign} is closed (record {state.campaign.closed_record})")
    missing = state.campaign.missing_signatures(state.assignment)
    if missing:
        raise UsageError(
            f"not signed yet: {', '.join(missing)}", f"`observant review status {campaign}` shows how far each is"
        )
    counts: dict[str, int] = {}
    for one in state.campaign.signed.values():
        for choice, count in one.counts.items():
            counts[choice] = counts.get(choice, 0) + count
    opened = state.campaign.opened
    closed = Closed(campaign, closed_by, opened.as_of, sorted(opened.snapshots), counts)
    with writing_log(workspace, clock) as log:
        (record,) = log.append([Draft(CLOSED, "", clock(), msgspec.to_builtins(closed))])
    return ClosedReview(campaign, record.index, counts, sum(len(one.actions) for one in state.campaign.signed.values()))


def _refuse_stranger(state: State, reviewer: str) -> None:
    known = [one.name for one in state.campaign.opened.reviewers]
    if reviewer not in known:
        raise UsageError(f"{reviewer} is no reviewer of this campaign", f"its reviewers: {', '.join(known)}")


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


def _recorded(
    workspace: Workspace,
    state: State,
    reviewer: str,
    content: bytes,
    signature: bytes,
    public: str,
    decided: dict[str, Decision],
    clock: Clock,
) -> tuple[int, str]:
    own, _ = state.own(reviewer)
    signed = Signed(
        campaign=state.campaign.id,
        reviewer=reviewer,
        population=state.campaign.opened.population,
        artifact=digest(content),
        signature=digest(signature),
        format="sshsig",
        key=public,
        counts=_counts(decided),
        actions=actions(own.items, decided),
    )
    with writing_log(workspace, clock) as log:
        files = {log.attach(each): digest(each) for each in (content, signature)}
        (record,) = log.append([Draft(SIGNED, "", clock(), msgspec.to_builtins(signed), files)])
    return record.index, signed.artifact
