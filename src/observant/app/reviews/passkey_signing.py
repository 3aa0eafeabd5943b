"""Signing with a passkey, in two steps: the table is laid ready, then the browser answers with a signature over it.

Between the steps somebody looks for their key, and the server may be stopped. What is laid ready is a file, so that the
answer still fits after a restart; it is worth nothing until the signature is in the log.
"""

from pathlib import Path

import msgspec

from observant.app.reviews.passkeys import Passkey, passkeys
from observant.app.reviews.signing import Signature, SignedReview, recorded, signable, table_of
from observant.app.reviews.state import reviewing, state_of
from observant.app.workspace import Workspace
from observant.errors import UsageError
from observant.evidence.canonical import canonical, digest
from observant.evidence.webauthn import FORMAT, PasskeyName, challenge_of, passkey_of, written
from observant.model.time import Clock
from observant.reports.csv import write_table
from observant.reviews.decision import Decision


class Ready(msgspec.Struct, frozen=True):
    """A table that waits for a passkey."""

    sha256: str
    challenge: str
    """What the passkey is asked to sign: the same digest, base64url."""
    credentials: list[str]
    """Passkeys of this reviewer for this site."""
    decided: dict[str, int]


class Answer(msgspec.Struct, frozen=True):
    """What the browser answered."""

    credential: str
    authenticator_data: bytes
    client_data: bytes
    signature: bytes


class _Laid(msgspec.Struct, frozen=True):
    sha256: str
    decisions: str
    """SHA-256 of the decisions in it."""


def lay_ready(workspace: Workspace, campaign: str, reviewer: str, rp: str, clock: Clock) -> Ready:
    """Write the table that is to be signed. Raises UsageError when it cannot be signed yet, or by nobody's passkey."""
    with reviewing(workspace, clock) as (log, inventory):
        state = state_of(workspace, log, inventory, campaign)
        decided = signable(state, reviewer)
        usable = _usable(passkeys(inventory).get(reviewer, []), rp)
        table = table_of(state, reviewer, log, inventory, clock)
    if not usable:
        raise UsageError(f"{reviewer} has no passkey for {rp}", "enrol one on this page first, or sign in a terminal")
    path = _place(workspace, campaign, reviewer)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_table(path, table.header, table.columns, table.rows)
    content = path.read_bytes()
    laid = _Laid(digest(content), _digest(decided))
    path.with_suffix(".json").write_bytes(msgspec.json.encode(laid))
    counts: dict[str, int] = {}
    for one in decided.values():
        counts[one.choice.value] = counts.get(one.choice.value, 0) + 1
    return Ready(laid.sha256, challenge_of(content), sorted(usable), counts)


def sign_with_passkey(
    workspace: Workspace, campaign: str, reviewer: str, sha256: str, answer: Answer, rp: str, clock: Clock
) -> SignedReview:
    """Record the browser's signature over the table that was laid ready.

    Raises UsageError, and records nothing, when the signature is not one of this reviewer's passkeys over that table,
    when decisions changed since it was laid ready, and when they signed already.
    """
    with reviewing(workspace, clock) as (log, inventory):
        decided = signable(state_of(workspace, log, inventory, campaign), reviewer)
        usable = _usable(passkeys(inventory).get(reviewer, []), rp)
    content = _ready(workspace, campaign, reviewer, sha256, decided)
    if answer.credential not in usable:
        raise UsageError(f"{reviewer} has enrolled no such passkey", "use one that the page lists")
    key = PasskeyName.parse(usable[answer.credential])
    signature = written(key, answer.authenticator_data, answer.client_data, answer.signature)
    try:
        passkey_of(content, signature)
    except ValueError as error:
        raise UsageError(f"the signature was not taken: {error}", "try again") from error
    made = Signature(content, signature, FORMAT, str(key))
    done = recorded(workspace, campaign, reviewer, made, decided, clock)
    for path in (_place(workspace, campaign, reviewer), _place(workspace, campaign, reviewer).with_suffix(".json")):
        path.unlink(missing_ok=True)
    return done


def _ready(workspace: Workspace, campaign: str, reviewer: str, sha256: str, decided: dict[str, Decision]) -> bytes:
    """The table that was laid ready. Raises UsageError when it is another one, or says something else by now."""
    path = _place(workspace, campaign, reviewer)
    try:
        content, laid = path.read_bytes(), msgspec.json.decode(path.with_suffix(".json").read_bytes(), type=_Laid)
    except (FileNotFoundError, msgspec.DecodeError):
        raise UsageError("nothing is laid ready to be signed", "look at your decisions again, then sign") from None
    if sha256 != laid.sha256 or digest(content) != sha256 or laid.decisions != _digest(decided):
        raise UsageError("decisions changed while they were being signed", "look at them again, then sign again")
    return content


def _usable(listed: list[Passkey], rp: str) -> dict[str, str]:
    """Credential -> key, of this site."""
    return {
        one.enrolment.credential: one.enrolment.key for one in listed if PasskeyName.parse(one.enrolment.key).rp == rp
    }


def _place(workspace: Workspace, campaign: str, reviewer: str) -> Path:
    return workspace.root / "reviews" / campaign / "ready" / f"{reviewer}.csv"


def _digest(decided: dict[str, Decision]) -> str:
    return digest(canonical(msgspec.to_builtins(decided)))
