"""Signing with a passkey: what is enrolled, what is refused, and a process that is killed in the middle of it."""

import base64
import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from app.test_reviews import Office
from app.test_reviews import office as office
from observant.app.opening import open_log
from observant.app.reviews.deciding import Judgement, decide
from observant.app.reviews.drafts import Drafts
from observant.app.reviews.exporting import review_files
from observant.app.reviews.passkey_signing import Answer, Ready, lay_ready, sign_with_passkey
from observant.app.reviews.passkeys import Made, enrol, problem_of, withdraw
from observant.app.reviews.state import reviewing
from observant.errors import UsageError
from observant.evidence.verify import Trust, verify
from observant.model.interval import Interval
from observant.model.time import FOREVER
from observant.reviews.decision import Choice

SITE = "reviews.example.com"


class Device:
    """A passkey in software."""

    def __init__(self, key: ec.EllipticCurvePrivateKey | None = None, name: str = "one") -> None:
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        self.credential = base64.urlsafe_b64encode(name.encode()).decode()

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def make(self, challenge: str, **changed: Any) -> Made:
        numbers = self.key.public_key().public_numbers()
        both = numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
        data = self._data(changed.get("site", SITE), changed.get("flags", 0x45)) + both
        client = {"type": "webauthn.create", "challenge": challenge, "origin": f"https://{SITE}"}
        return Made(self.credential, changed.get("public", self.public), data, _json(client))

    def sign(self, challenge: str) -> Answer:
        data = self._data(SITE, 5)
        client = _json({"type": "webauthn.get", "challenge": challenge, "origin": f"https://{SITE}"})
        made = self.key.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        return Answer(self.credential, data, client, made)

    def _data(self, site: str, flags: int) -> bytes:
        return sha256(site.encode()).digest() + bytes([flags, 0, 0, 0, 1])


def _json(told: dict[str, str]) -> bytes:
    return json.dumps(told, separators=(",", ":")).encode()


def opened_and_kept(office: Office) -> None:
    office.open()
    decide(office.workspace, "2026-q1", "ada", ["*"], Judgement(Choice.KEEP), office.clock)


def enrolled(office: Office, reviewer: str = "ada") -> Device:
    device = Device(name=reviewer)
    enrol(office.workspace, reviewer, device.make("asked"), "asked", SITE, "Ada", office.clock)
    return device


def ready(office: Office) -> Ready:
    return lay_ready(office.workspace, "2026-q1", "ada", SITE, office.clock)


def sign(office: Office, laid: Ready, answer: Answer) -> None:
    sign_with_passkey(office.workspace, "2026-q1", "ada", laid.sha256, answer, SITE, office.clock)


def records(office: Office, kind: str) -> int:
    return sum(one.kind == kind for one in open_log(office.workspace, office.clock).records())


def test_a_campaign_names_the_passkeys_that_were_enrolled_before(office: Office) -> None:
    device = enrolled(office)
    opened_and_kept(office)
    laid = ready(office)

    sign(office, laid, device.sign(laid.challenge))

    report = verify(office.workspace.store, Trust.load(office.workspace.trust))
    assert report.ok
    assert not [note for note in report.notes if "passkey" in note]
    with reviewing(office.workspace, office.clock) as (log, inventory):
        files = review_files(log, inventory, Interval(office.now.replace(year=2020), FOREVER))
    assert {"ada.csv", "ada.csv.passkey.json", "ada.html"} == {name.split("/")[2] for name in files if "2026" in name}
    assert files["reviews/passkeys"].startswith(b"ada@example.com webauthn reviews.example.com MFkw")
    assert b"verify-passkey.sh NAME.csv" in files["reviews/verify-passkey.sh"]
    assert b"<script" not in files["reviews/2026-q1/ada.html"]


def test_what_is_no_signature_of_theirs_over_this_table_is_refused(office: Office) -> None:
    opened_and_kept(office)
    with pytest.raises(UsageError, match="has no passkey for"):
        ready(office)
    mine, others = enrolled(office), enrolled(office, "bo")
    laid = ready(office)

    with pytest.raises(UsageError, match="has enrolled no such passkey"):
        sign(office, laid, others.sign(laid.challenge))
    with pytest.raises(UsageError, match="signature is wrong"):
        sign(office, laid, Device(name="ada").sign(laid.challenge))
    with pytest.raises(UsageError, match="something else than this file"):
        sign(office, laid, mine.sign("another"))
    decide(office.workspace, "2026-q1", "ada", ["chidi"], Judgement(Choice.REVOKE, "left"), office.clock)
    with pytest.raises(UsageError, match="decisions changed"):
        sign(office, laid, mine.sign(laid.challenge))
    withdraw(office.workspace, "ada", mine.credential, "Ada", office.clock)
    with pytest.raises(UsageError, match="has no passkey for"):
        ready(office)
    assert 0 == records(office, "review-signed")


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"site": "evil.example"}, "another site"),
        ({"flags": 0x41}, "does not verify who uses it"),
        ({"public": b"no key"}, "not a public key"),
        ({"public": Device().public}, "not the one in its data"),
    ],
)
def test_a_passkey_that_is_none_is_not_enrolled(changed: dict[str, Any], problem: str) -> None:
    assert problem in problem_of(Device().make("asked", **changed), "asked", SITE)
    assert "another request" in problem_of(Device().make("asked"), "other", SITE)


_CHILD = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from cryptography.hazmat.primitives.serialization import load_der_private_key
sys.path.insert(0, {tests!r})
from app.test_passkey_signing import Device
from observant.app.reviews import signing
from observant.app.reviews.passkey_signing import lay_ready, sign_with_passkey
from observant.app.workspace import Workspace
from observant.evidence.log import Log

root, key, now, point = sys.argv[1:]
clock = lambda: datetime.fromisoformat(now)
device = Device(load_der_private_key(bytes.fromhex(key), None), "ada")
workspace = Workspace.open(Path(root))
laid = lay_ready(workspace, "2026-q1", "ada", {site!r}, clock)
die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
append = Log.append
if point == "before":
    Log.append = die
elif point == "after":
    Log.append = lambda *given: (append(*given), die())
sign_with_passkey(workspace, "2026-q1", "ada", laid.sha256, device.sign(laid.challenge), {site!r}, clock)
"""


def child(office: Office, device: Device, point: str) -> "subprocess.Popen[bytes]":
    private = device.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()).hex()
    script = _CHILD.format(tests=str(Path(__file__).parents[1]), site=SITE)
    command = [sys.executable, "-c", script, str(office.root), private, office.now.isoformat(), point]
    return subprocess.Popen(command, stderr=subprocess.PIPE)


@pytest.mark.parametrize(("point", "signed"), [("before", 0), ("after", 1)])
def test_killed_while_signing_nothing_is_lost_and_nothing_signed_twice(office: Office, point: str, signed: int) -> None:
    device = enrolled(office)
    opened_and_kept(office)
    decided = Drafts(office.root, "2026-q1").decisions()

    process = child(office, device, point)
    _, told = process.communicate(timeout=120)

    assert -9 == process.returncode, told
    assert signed == records(office, "review-signed")
    assert decided == Drafts(office.root, "2026-q1").decisions()
    if signed:
        with pytest.raises(UsageError, match="has signed campaign"):
            ready(office)
    else:
        laid = ready(office)
        sign(office, laid, device.sign(laid.challenge))
    assert 1 == records(office, "review-signed")
    assert verify(office.workspace.store, Trust.load(office.workspace.trust)).ok


def test_two_who_sign_at_once_sign_once(office: Office) -> None:
    device = enrolled(office)
    opened_and_kept(office)

    both = [child(office, device, "never") for _ in range(2)]
    told = [process.communicate(timeout=120)[1] for process in both]

    assert sorted(process.returncode for process in both) in ([0, 1], [1, 1]), told
    assert records(office, "review-signed") <= 1
    assert all(b"Error" in words for words, process in zip(told, both, strict=True) if process.returncode)


def test_what_is_decided_after_a_crash_stands(office: Office) -> None:
    """A line that was cut off is never glued to the next one."""
    office.open()
    decide(office.workspace, "2026-q1", "ada", ["chidi"], Judgement(Choice.KEEP), office.clock)
    path = Drafts(office.root, "2026-q1").path
    path.write_bytes(path.read_bytes() + b'{"type": "decided", "decis')

    decide(office.workspace, "2026-q1", "ada", ["bo"], Judgement(Choice.KEEP), office.clock)

    assert 2 == len(Drafts(office.root, "2026-q1").decisions())
