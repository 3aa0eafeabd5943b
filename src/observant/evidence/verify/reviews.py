"""Access reviews: each sign-off is by a key that its campaign named for that reviewer, over the file it names.

Ed25519 keys are checked here. Of other keys `ssh-keygen -Y verify` is asked by whoever doubts; a note says so.
"""

from typing import Any

from observant.errors import ForeignSignature, InconsistentLog
from observant.evidence.sshsig import ed25519_of, signer_of
from observant.evidence.verify.folder import Folder
from observant.evidence.verify.statements import Statement

NAMESPACE = "observant-review"


class Reviews:
    """Remembers whom each campaign named, and checks every sign-off against it."""

    def __init__(self) -> None:
        self._keys: dict[tuple[str, str], set[str]] = {}

    def add(self, folder: Folder, statement: Statement, notes: list[str]) -> None:
        """Take notice of a campaign or check a sign-off; anything else is ignored.

        Raises ForeignSignature for a signature by another key, InconsistentLog for a record that is not one of ours.
        """
        if statement.kind not in ("review-opened", "review-signed"):
            return
        try:
            if statement.kind == "review-opened":
                self._open(statement.predicate)
            else:
                self._check(folder, statement, notes)
        except (KeyError, TypeError) as error:
            raise InconsistentLog(
                statement.bundle, f"entry {statement.index} is not a record of an access review"
            ) from error

    def _open(self, predicate: dict[str, Any]) -> None:
        for reviewer in predicate["reviewers"]:
            self._keys[str(predicate["campaign"]), str(reviewer["name"])] = {str(key) for key in reviewer["keys"]}

    def _check(self, folder: Folder, statement: Statement, notes: list[str]) -> None:
        signed = statement.predicate
        who, key = (str(signed["campaign"]), str(signed["reviewer"])), str(signed["key"])
        names = {part: f"objects/file/{signed[part]}" for part in ("artifact", "signature")}
        if any(name not in statement.subjects for name in names.values()):
            raise InconsistentLog(statement.bundle, f"entry {statement.index} does not bind what it says was signed")
        if key not in self._keys.get(who, set()):
            raise ForeignSignature(names["signature"], f"campaign {who[0]} named no such key for {who[1]}")
        if signed["format"] != "sshsig" or not key.startswith("ssh-ed25519 "):
            notes.append(f"{names['signature']}: made by a key that `ssh-keygen -Y verify` has to check")
            return
        try:
            signer = signer_of(folder.read(names["artifact"]), folder.read(names["signature"]).decode(), NAMESPACE)
        except ValueError as error:
            raise ForeignSignature(names["signature"], str(error)) from error
        if signer != ed25519_of(key):
            raise ForeignSignature(names["signature"], f"is not by the key that the record names for {who[1]}")
