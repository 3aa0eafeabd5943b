"""What the verifier trusts: keys, certificates and remembered checkpoints that reached it by another way."""

from dataclasses import dataclass
from pathlib import Path

from observant.errors import UsageError
from observant.evidence.note import VerifierKey


@dataclass(frozen=True)
class Trust:
    """A folder with `log.vkey`, `statement.vkey`, `allowed_signers`, `tsa/*.pem` and `checkpoint*`, the last three
    optional. Handed to the auditor outside of the evidence under test.
    """

    log: tuple[VerifierKey, ...]
    statement: tuple[VerifierKey, ...]
    allowed_signers: str = ""
    authorities: tuple[bytes, ...] = ()
    """Certificates (PEM) of time-stamp authorities."""
    remembered: tuple[bytes, ...] = ()
    """Signed checkpoints seen earlier: the log must still begin with what they say."""

    @classmethod
    def load(cls, folder: Path) -> "Trust":
        """Read a trust folder; raises UsageError when a key is missing or malformed."""
        signers = folder / "allowed_signers"
        return cls(
            log=_keys(folder / "log.vkey"),
            statement=_keys(folder / "statement.vkey"),
            allowed_signers=signers.read_text("utf-8") if signers.is_file() else "",
            authorities=tuple(path.read_bytes() for path in sorted((folder / "tsa").glob("*.pem"))),
            remembered=tuple(path.read_bytes() for path in sorted(folder.glob("checkpoint*"))),
        )


def _keys(path: Path) -> tuple[VerifierKey, ...]:
    try:
        lines = path.read_text("utf-8").splitlines()
        keys = tuple(VerifierKey.parse(line) for line in lines if line)
    except OSError as error:
        raise UsageError(
            f"{path}: the key cannot be read: {error.strerror}", "name the folder with the keys"
        ) from error
    except ValueError as error:
        raise UsageError(f"{path}: {error}", "ask for the file again") from error
    if not keys:
        raise UsageError(f"{path}: no key in it", "ask for the file again")
    return keys
