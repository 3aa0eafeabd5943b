"""Passkeys that reviewers sign with: enrolled and withdrawn by records of the log, which show since when."""

import json
from datetime import datetime
from hashlib import sha256

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from observant.app.opening import writing_log
from observant.app.reviews.reviewers import REVIEWERS_FILE, read_reviewers
from observant.app.reviews.state import reviewing
from observant.app.workspace import Workspace
from observant.errors import UsageError
from observant.evidence.log import Draft
from observant.evidence.verify.reviews import PASSKEY
from observant.evidence.webauthn import PasskeyName, check_key
from observant.inventory.projection import Inventory
from observant.model.time import Clock
from observant.period.evaluate import utc

_VERIFIED = 0x45
"""User present, user verified, and a credential attached."""


class Enrolment(msgspec.Struct, frozen=True):
    """Predicate of `review-passkey`."""

    reviewer: str
    email: str
    key: str
    """`webauthn RPID BASE64`."""
    credential: str
    """By which the browser finds it, base64url."""
    by: str
    """Whose session it was."""
    withdrawn: bool


class Passkey(msgspec.Struct, frozen=True):
    """One that can be used."""

    enrolment: Enrolment
    record: int
    at: datetime


class Made(msgspec.Struct, frozen=True):
    """What a browser answers when it made a passkey."""

    credential: str
    public: bytes
    """SubjectPublicKeyInfo, DER."""
    authenticator_data: bytes
    client_data: bytes


def passkeys(inventory: Inventory) -> dict[str, list[Passkey]]:
    """Reviewer -> their passkeys that are not withdrawn, oldest first."""
    rows = inventory.connection.execute(
        'SELECT "index", recorded, predicate FROM record WHERE kind = ? ORDER BY "index"', [PASSKEY]
    ).fetchall()
    found: dict[tuple[str, str], Passkey] = {}
    for index, recorded, predicate in rows:
        one = msgspec.convert(json.loads(predicate), Enrolment)
        found.pop((one.reviewer, one.key), None)
        if not one.withdrawn:
            found[one.reviewer, one.key] = Passkey(one, index, utc(recorded))
    listed: dict[str, list[Passkey]] = {}
    for each in found.values():
        listed.setdefault(each.enrolment.reviewer, []).append(each)
    return listed


def enrol(workspace: Workspace, reviewer: str, made: Made, challenge: str, rp: str, by: str, clock: Clock) -> int:
    """Record a new passkey of a reviewer; returns the record. Raises UsageError when the browser's answer is wrong."""
    problem = problem_of(made, challenge, rp)
    if problem:
        raise UsageError(f"the passkey was not taken: {problem}", "try again, or use another passkey")
    key = str(PasskeyName(rp, made.public))
    enrolment = Enrolment(reviewer, _email(workspace, reviewer), key, made.credential, by, withdrawn=False)
    with reviewing(workspace, clock) as (_, inventory):
        if any(one.enrolment.key == key for listed in passkeys(inventory).values() for one in listed):
            raise UsageError("this passkey is enrolled already", "use it, or another one")
    return _recorded(workspace, enrolment, clock)


def withdraw(workspace: Workspace, reviewer: str, credential: str, by: str, clock: Clock) -> int:
    """Record that a passkey must not sign any more; what it signed before stays signed."""
    with reviewing(workspace, clock) as (_, inventory):
        mine = passkeys(inventory).get(reviewer, [])
    found = next((one.enrolment for one in mine if one.enrolment.credential == credential), None)
    if found is None:
        raise UsageError(f"{reviewer} has no such passkey", "those that can be used are listed on the page")
    return _recorded(workspace, msgspec.structs.replace(found, by=by, withdrawn=True), clock)


def problem_of(made: Made, challenge: str, rp: str) -> str:
    """What is wrong with a browser's answer, in words; empty when nothing is."""
    if not made.client_data.startswith(f'{{"type":"webauthn.create","challenge":"{challenge}","origin":"'.encode()):
        return "it answers another request"
    data = made.authenticator_data
    if len(data) < 55 or data[:32] != sha256(rp.encode()).digest():
        return "it was made for another site"
    if data[32] & _VERIFIED != _VERIFIED:
        return "it does not verify who uses it, by PIN, finger or face"
    try:
        check_key(made.public)
    except ValueError as error:
        return str(error)
    if any(number not in data for number in _numbers(made.public)):
        return "its key is not the one in its data"
    return ""


def _numbers(public: bytes) -> list[bytes]:
    """The numbers that the key consists of, as they stand in an authenticator's data."""
    key = load_der_public_key(public)
    if isinstance(key, ec.EllipticCurvePublicKey):
        numbers = key.public_numbers()
        return [numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")]
    if isinstance(key, rsa.RSAPublicKey):
        return [key.public_numbers().n.to_bytes(key.key_size // 8, "big")]
    return [key.public_bytes(Encoding.Raw, PublicFormat.Raw)]


def _email(workspace: Workspace, reviewer: str) -> str:
    known = read_reviewers(workspace.root / REVIEWERS_FILE)
    if reviewer not in known.names:
        raise UsageError(f"{reviewer!r} is no reviewer", f"name them in {REVIEWERS_FILE} first")
    return known.named(reviewer).email


def _recorded(workspace: Workspace, enrolment: Enrolment, clock: Clock) -> int:
    with writing_log(workspace, clock) as log:
        (record,) = log.append([Draft(PASSKEY, "", clock(), msgspec.to_builtins(enrolment))])
    return record.index
