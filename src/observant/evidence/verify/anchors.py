"""How far each record's time and storage are proven."""

import re
from bisect import bisect_right
from datetime import datetime
from hashlib import sha256

from observant.errors import DamagedEvidence, UsageError
from observant.evidence.verify import token
from observant.evidence.verify.folder import Folder
from observant.evidence.verify.report import Level, Report
from observant.evidence.verify.statements import Statement
from observant.evidence.verify.trust import Trust

_TOKEN = re.compile(r"anchors/([1-9][0-9]{0,14})/[A-Za-z0-9._-]+\.tsr")


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
        """Fill in levels and brackets. A token that proves nothing is noted: it lowers the level, and is not damage."""
        times, proven = self._tokens(report)
        sizes = sorted(times)
        for index, (embedded, locked) in enumerate(zip(self._embedded, self._locked, strict=True)):
            covering = sizes[bisect_right(sizes, index) :]
            bracket = (proven.get(embedded), min((times[size] for size in covering[:1]), default=None))
            report.brackets.append(bracket)
            stamped = bracket[0] is not None and bracket[1] is not None
            report.levels.append(Level.SIGNED if not locked else Level.STAMPED if stamped else Level.LOCKED)

    def _tokens(self, report: Report) -> tuple[dict[int, datetime], dict[str, datetime]]:
        """Verified times by size of the checkpoint, and by digest of the token."""
        try:
            trusted = [each for pem in self._trust.authorities for each in token.certificates(pem)]
        except ValueError as error:
            raise UsageError(
                f"a certificate in the trust folder cannot be read: {error}", "ask for it again"
            ) from error
        found = sorted((int(match[1]), match[0]) for match in map(_TOKEN.fullmatch, self._folder.names) if match)
        if found and not trusted:
            report.notes.append(f"{len(found)} time-stamp tokens were not checked: no authority is trusted")
            return {}, {}
        times: dict[int, datetime] = {}
        proven: dict[str, datetime] = {}
        for size, name in found:
            try:
                reply = self._folder.read(name)
                time = token.verified_time(reply, self._folder.read(f"log/checkpoints/{size}"), trusted)
            except (ValueError, DamagedEvidence) as problem:
                report.notes.append(f"{name} proves no time: {problem}")
                continue
            times[size] = min(time, times.get(size, time))
            proven[sha256(reply).hexdigest()] = time
        return times, proven
