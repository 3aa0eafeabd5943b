"""`observant changes verify-digests`: CloudTrail's own proof over a folder of its files."""

from pathlib import Path

import msgspec

from observant.app.evaluate import open_inventory
from observant.app.opening import open_log
from observant.app.workspace import Workspace
from observant.collect.files.digests import public_keys, recorded_keys, verify_digests
from observant.model.time import Clock


class DigestFinding(msgspec.Struct, frozen=True):
    """One file that is not as it should be. `damage` is false where only something is missing that the proof needs."""

    what: str
    name: str
    detail: str
    damage: bool


class DigestsVerified(msgspec.Struct, frozen=True):
    """The answer of `observant changes verify-digests`."""

    digests: int
    log_files: int
    begins: str
    ends: str
    findings: list[DigestFinding]

    @property
    def exit_code(self) -> int:
        """0 when everything is proven, 4 when a file was changed or is gone, 3 when the proof is not complete."""
        if any(one.damage for one in self.findings):
            return 4
        return 3 if self.findings else 0


def keys_in_log(workspace: Workspace, clock: Clock) -> dict[str, str]:
    """Fingerprint -> key of every public key that the snapshots in the log hold."""
    with open_inventory(workspace, open_log(workspace, clock)) as inventory:
        rows = inventory.connection.execute(
            "SELECT DISTINCT fingerprint, key FROM aws_trail_public_key WHERE fingerprint || key IS NOT NULL"
        ).fetchall()
    return dict(rows)


def verify(folder: Path, keys: list[Path], held: dict[str, str]) -> DigestsVerified:
    """Check every digest and log file below a folder, with keys from files and those that the log holds.

    Raises InputError for a folder without digests, or wrong keys.
    """
    answer = verify_digests(folder, recorded_keys(held) | public_keys(keys))
    findings = [DigestFinding(one.outcome, one.name, one.detail, one.outcome.proves_damage) for one in answer.found]
    return DigestsVerified(answer.digests, answer.log_files, answer.begins, answer.ends, findings)
