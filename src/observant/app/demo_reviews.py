"""The demo's access reviews, held by the same code as anybody's: opened, decided, signed and closed on their days."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from observant.app.reviews.deciding import Judgement, decide
from observant.app.reviews.listing import listed
from observant.app.reviews.opening import Request, open_review
from observant.app.reviews.reviewers import REVIEWERS_FILE
from observant.app.reviews.signing import close, sign
from observant.app.reviews.ssh import key_signer
from observant.app.workspace import Workspace
from observant.model.time import Clock
from observant.reviews.decision import Choice

_THINKS = timedelta(seconds=20)


class ReviewDesk:
    """Holds the reviews that a story tells. The reviewers' keys are made here and never leave memory."""

    def __init__(self, story: Any, root: Path) -> None:  # noqa: ANN401 (a module of the test cloud, which is optional)
        self._people: tuple[str, ...] = story.PEOPLE
        self._keys = {name: Ed25519PrivateKey.generate() for name in self._people}
        steps = [(one.opened, self._open, one) for one in story.REVIEWS]
        steps += [(one.closed, self._close, one) for one in story.REVIEWS]
        self._pending = sorted(steps, key=lambda step: step[0])
        public = {
            name: key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
            for name, key in self._keys.items()
        }
        (root / REVIEWERS_FILE).write_text(story.REVIEWERS.format(**public))

    def work(self, workspace: Workspace, until: datetime, move_to: Callable[[datetime], None], clock: Clock) -> None:
        """Do what is due before `until`, moving the clock along."""
        while self._pending and self._pending[0][0] < until:
            at, step, review = self._pending.pop(0)
            move_to(at)
            step(workspace, review, move_to, clock)

    def _open(self, workspace: Workspace, review: Any, move_to: Callable[[datetime], None], clock: Clock) -> None:  # noqa: ANN401 (as above)
        open_review(workspace, Request(review.name, review.title, "hana"), clock)
        for name in self._people:
            items = listed(workspace, review.name, name, clock, undecided=True)
            kept = [one.id for one in items if one.item.label not in review.revoked]
            for stroke in [kept] if review.at_once else [[one] for one in kept]:
                move_to(clock() + _THINKS)
                decide(workspace, review.name, name, stroke, Judgement(Choice.KEEP), clock)
            for one in items:
                if one.item.label in review.revoked:
                    move_to(clock() + _THINKS)
                    reason, ticket = review.revoked[one.item.label]
                    decide(workspace, review.name, name, [one.id], Judgement(Choice.REVOKE, reason, ticket), clock)

    def _close(self, workspace: Workspace, review: Any, move_to: Callable[[datetime], None], clock: Clock) -> None:  # noqa: ANN401, ARG002 (as above)
        for name in self._people:
            sign(workspace, review.name, name, key_signer(self._keys[name]), clock)
        close(workspace, review.name, "hana", clock)
