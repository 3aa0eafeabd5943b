"""Access reviews: each sign-off is by a key that its campaign named for that reviewer, or by a passkey that the log
shows them to have enrolled before, over the file it names.

Ed25519 keys and passkeys are checked here. Of other keys `ssh-keygen -Y verify` is asked by whoever doubts; a note says
so.
"""

from typing import Any

from observant.errors import ForeignSignature, InconsistentLog
from observant.evidence import webauthn
from observant.evidence.sshsig import ed25519_of, signer_of
from observant.evidence.verify.folder import Folder
from observant.evidence.verify.statements import Statement

NAMESPACE = "observant-review"
OPENED, SIGNED, PASSKEY = "review-opened", "review-signed", "review-passkey"


class Reviews:
    """Remembers whom each campaign named and who enrolled which passkey, and checks every sign-off against it."""

    def __init__(self) -> None:
        self._keys: dict[tuple[str, str], set[str]] = {}
        self._email: dict[tuple[str, str], str] = {}
        self._enrolled: dict[tuple[str, str], set[str]] = {}
        """(name, e-mail address) of a reviewer -> passkeys that are not withdrawn."""

    def add(self, folder: Folder, statement: Statement, notes: list[str]) -> None:
        """Take notice of a campaign or a passkey, or check a sign-off; anything else is ignored.

        Raises ForeignSignature for a signature by another key, InconsistentLog for a record that is not one of ours.
        """
        if statement.kind not in (OPENED, SIGNED, PASSKEY):
            return
        try:
            if statement.kind == OPENED:
                self._open(statement.predicate)
            elif statement.kind == PASSKEY:
                self._enrol(statement.predicate)
            else:
                self._check(folder, statement, notes)
        except (KeyError, TypeError) as error:
            raise InconsistentLog(
                statement.bundle, f"entry {statement.index} is not a record of an access review"
            ) from error

    def _open(self, predicate: dict[str, Any]) -> None:
        for reviewer in predicate["reviewers"]:
            who = str(predicate["campaign"]), str(reviewer["name"])
            self._keys[who] = {str(key) for key in reviewer["keys"]}
            self._email[who] = str(reviewer["email"])

    def _enrol(self, predicate: dict[str, Any]) -> None:
        keys = self._enrolled.setdefault((str(predicate["reviewer"]), str(predicate["email"])), set())
        if predicate["withdrawn"] is True:
            keys.discard(str(predicate["key"]))
        else:
            keys.add(str(predicate["key"]))

    def _check(self, folder: Folder, statement: Statement, notes: list[str]) -> None:
        signed = statement.predicate
        who, key = (str(signed["campaign"]), str(signed["reviewer"])), str(signed["key"])
        names = {part: f"objects/file/{signed[part]}" for part in ("artifact", "signature")}
        if any(name not in statement.subjects for name in names.values()):
            raise InconsistentLog(statement.bundle, f"entry {statement.index} does not bind what it says was signed")
        if signed["format"] == webauthn.FORMAT:
            if key not in self._enrolled.get((who[1], self._email.get(who, "")), set()):
                raise ForeignSignature(names["signature"], f"{who[1]} has enrolled no such passkey")
            if key not in self._keys.get(who, set()):
                notes.append(f"{names['signature']}: by a passkey that was enrolled after campaign {who[0]} was opened")
        elif key not in self._keys.get(who, set()):
            raise ForeignSignature(names["signature"], f"campaign {who[0]} named no such key for {who[1]}")
        if signed["format"] not in ("sshsig", webauthn.FORMAT) or not key.startswith(("ssh-ed25519 ", "webauthn ")):
            notes.append(f"{names['signature']}: made by a key that `ssh-keygen -Y verify` has to check")
            return
        try:
            artifact, signature = (folder.read(names[part]) for part in ("artifact", "signature"))
            _check_signature(artifact, signature, str(signed["format"]), key)
        except ValueError as error:
            raise ForeignSignature(names["signature"], f"of {who[1]}: {error}") from error


def _check_signature(artifact: bytes, signature: bytes, form: str, key: str) -> None:
    """Raises ValueError unless this key signed the artifact."""
    if form == webauthn.FORMAT:
        same = str(webauthn.passkey_of(artifact, signature)) == key
    else:
        same = signer_of(artifact, signature.decode(), NAMESPACE) == ed25519_of(key)
    if not same:
        raise ValueError("is not by the key that the record names")
