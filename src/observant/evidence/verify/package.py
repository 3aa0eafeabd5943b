"""A package: `SHA256SUMS` over all of its files, signed in the format of OpenSSH, with the log in `evidence/`."""

import re
from pathlib import Path

from observant.errors import ChangedBytes, ForeignSignature
from observant.evidence import sshsig
from observant.evidence.verify.folder import Folder
from observant.evidence.verify.trust import Trust

SUMS = "SHA256SUMS"
SIGNATURE = "SHA256SUMS.sig"
_LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9._/-]+)")


def is_package(root: Path) -> bool:
    return (root / "evidence").is_dir() and not (root / "log").is_dir()


def check_package(root: Path, trust: Trust) -> Folder:
    """Check the signature, then every file; raises DamagedEvidence. Returns the folder, to ask for extra files."""
    folder = Folder(root)
    sums = folder.read(SUMS)
    _check_signature(sums, folder.read(SIGNATURE), trust)
    folder.vouched |= {SUMS, SIGNATURE}
    for line in sums.decode("ascii").splitlines():
        match = _LINE.fullmatch(line)
        if match is None:
            raise ChangedBytes(SUMS, "a line is not a digest and a name")
        folder.check(match[2], match[1])
    return folder


def _check_signature(sums: bytes, signature: bytes, trust: Trust) -> None:
    try:
        public = sshsig.signer_of(sums, signature.decode("ascii"))
        signers = sshsig.allowed_signers(trust.allowed_signers)
    except ValueError as error:
        raise ChangedBytes(SIGNATURE, str(error)) from error
    allowed = (signer for signer in signers if signer.public == public)
    if not any(not signer.namespaces or sshsig.NAMESPACE in signer.namespaces for signer in allowed):
        raise ForeignSignature(SIGNATURE, "not signed by a key in allowed_signers")
