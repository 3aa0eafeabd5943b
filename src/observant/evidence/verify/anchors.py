"""How far each record's time and storage are proven."""

from datetime import datetime

from observant.evidence.verify.folder import Folder
from observant.evidence.verify.report import Level, Report
from observant.evidence.verify.statements import Statement
from observant.evidence.verify.trust import Trust


class Anchors:
    """Time-stamp tokens and storage probes along the log.

    A record is not older than the token whose digest it embeds, and not younger than the first token over a checkpoint
    that covers it. A `storage-probe` record with `locks` true holds for the records behind it, until one says not.
    """

    def __init__(self, folder: Folder, trust: Trust) -> None:
        self._folder, self._trust = folder, trust
        self._embedded: list[str] = []
        self._locked: list[bool] = []

    def add(self, statement: Statement) -> None:
        self._embedded.append(str(statement.predicate.get("prev_anchor_sha256", "")))
        locked = self._locked[-1] if self._locked else False
        if statement.kind == "storage-probe":
            locked = statement.predicate.get("locks") is True
        self._locked.append(locked)

    def conclude(self, report: Report) -> None:
        """Fill in levels and brackets; a token that proves nothing is noted, not damage."""
        tokens: list[tuple[int, str, datetime]] = []
        report.brackets = [(None, None)] * len(self._embedded)
        report.levels = [Level.LOCKED if locked else Level.SIGNED for locked in self._locked]
        assert not tokens
