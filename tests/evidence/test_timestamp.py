"""Time stamps by a local authority: `openssl ts` behind an HTTP server on the loopback."""

import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from evidence.damage import Patient, flips
from evidence.small_log import SmallLog
from observant.evidence.log import Draft
from observant.evidence.timestamp import TimestampAuthority
from observant.evidence.verify import Level, Trust, token, verify

CONFIGURATION = """
[req]
distinguished_name = dn
[dn]
[ca]
basicConstraints = critical,CA:true
[tsa]
basicConstraints = CA:false
extendedKeyUsage = critical,timeStamping
[tsa_config]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
certs = {folder}/{certificates}.pem
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256, sha384, sha512
ess_cert_id_alg = sha256
"""


class Authority:
    """`answer` may be replaced to misbehave."""

    def __init__(self, folder: Path, certificates: str) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "serial").write_text("01\n")
        (folder / "openssl.cnf").write_text(CONFIGURATION.format(folder=folder, certificates=certificates))
        new_key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
        self._openssl(f"req -x509 {new_key} -keyout ca.key -out ca.pem -subj /CN=root -days 3650 -extensions ca")
        self._openssl("req -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr -subj /CN=authority")
        signing = "-CA ca.pem -CAkey ca.key -CAcreateserial -days 3000 -extfile openssl.cnf -extensions tsa"
        self._openssl(f"x509 -req -in tsa.csr -out tsa.pem {signing}")
        self.answer = self.reply

    def reply(self, query: bytes) -> bytes:
        (self.folder / "query").write_bytes(query)
        self._openssl("ts -reply -config openssl.cnf -section tsa_config -queryfile query -out reply")
        return (self.folder / "reply").read_bytes()

    def certificate(self) -> bytes:
        return (self.folder / "ca.pem").read_bytes()

    def _openssl(self, arguments: str) -> None:
        config = ["-config", "openssl.cnf"] if arguments.startswith("req") else []
        command = ["openssl", *arguments.split(), *config]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)


@pytest.fixture(scope="module", params=["tsa", "ca"], ids=["signer only", "unsorted certificate set"])
def authority(request, tmp_path_factory) -> Authority:
    """With `ca` the reply carries the signer and then the root: not the order that DER asks for."""
    return Authority(tmp_path_factory.mktemp("authority") / "files", request.param)


@pytest.fixture
def url(authority) -> Iterator[str]:
    authority.answer = authority.reply

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = authority.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200 if body else 503)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/tsa"
    server.shutdown()
    thread.join()
    server.server_close()


def trust(small: SmallLog, authority: Authority) -> Trust:
    (small.trust / "tsa").mkdir(exist_ok=True)
    (small.trust / "tsa" / "root.pem").write_bytes(authority.certificate())
    return Trust.load(small.trust)


def test_each_record_lies_between_two_tokens(authority, url, tmp_path):
    small = SmallLog(tmp_path / "log", tsa=[TimestampAuthority([url])])
    small.log.append([Draft("storage-probe", "", small.now, {"locks": True})])
    for day in (1, 2, 3):
        small.day(day)
    report = verify(small.evidence, trust(small, authority))

    assert report.ok
    assert [] == report.notes
    assert ["L1", "L2", *["L3"] * 6] == report.levels
    assert all(before <= after for before, after in report.brackets[2:])
    assert ["anchors/8"] == [name.rpartition("/")[0] for name in report.pending]
    assert [] == report.unauthenticated


def test_without_trust_a_token_proves_nothing(url, tmp_path):
    small = SmallLog(tmp_path / "log", tsa=[TimestampAuthority([url])]).days(2)
    report = verify(small.evidence, Trust.load(small.trust))

    assert report.ok
    assert {Level.SIGNED} == set(report.levels)
    assert "no authority is trusted" in report.notes[0]


def test_a_token_of_a_stranger_proves_nothing(authority, url, tmp_path, tmp_path_factory):
    small = SmallLog(tmp_path / "log", tsa=[TimestampAuthority([url])]).days(1)
    stranger = Authority(tmp_path / "stranger", "tsa")
    report = verify(small.evidence, trust(small, stranger))

    assert report.ok
    assert "not one of those trusted" in report.notes[0]
    assert {(None, None)} == set(report.brackets)


@pytest.mark.parametrize("answer", [lambda _: b"", lambda _: b"nonsense", lambda _: b"0" * 100_000])
def test_an_authority_that_does_not_answer_is_recorded(authority, url, tmp_path, answer):
    authority.answer = answer
    small = SmallLog(tmp_path / "log", tsa=[TimestampAuthority([url])]).days(2)
    report = verify(small.evidence, trust(small, authority))
    bound = {name for record in small.log.records() for name in record.subjects}

    assert report.ok
    assert 5 == report.entries
    assert "anchors/3/failed.json" in bound
    assert ["anchors/5/failed.json"] == report.pending


def test_a_replayed_reply_is_refused(authority, url, tmp_path):
    old = authority.reply(TimestampRequest(b"something else"))
    authority.answer = lambda _: old
    client = TimestampAuthority([url])

    with pytest.raises(ValueError, match="other content"):
        client.stamp(url, b"checkpoint")


def TimestampRequest(message: bytes) -> bytes:
    from rfc3161_client import TimestampRequestBuilder

    return TimestampRequestBuilder().data(message).build().as_bytes()


def test_the_next_authority_is_asked(url, tmp_path, authority):
    small = SmallLog(tmp_path / "log", tsa=[TimestampAuthority(["http://127.0.0.1:1/dead", url])]).days(1)

    assert [f"anchors/3/{url[7:-4].replace('.', '-').replace(':', '-')}.tsr"] == list(small.store.names("anchors/3"))


def test_openssl_agrees_about_tokens(authority, url, tmp_path):
    reply = TimestampAuthority([url]).stamp(url, b"checkpoint")
    (tmp_path / "reply").write_bytes(reply)
    (tmp_path / "data").write_bytes(b"checkpoint")
    files = ["-in", tmp_path / "reply", "-data", tmp_path / "data", "-CAfile", authority.folder / "ca.pem"]
    untrusted = ["-untrusted", str(authority.folder / "tsa.pem")]
    done = subprocess.run(["openssl", "ts", "-verify", *files, *untrusted], check=False, capture_output=True)
    trusted = token.certificates(authority.certificate())

    assert 0 == done.returncode, done.stderr
    assert token.read(reply).time == token.verified_time(reply, b"checkpoint", trusted)


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_no_flipped_byte_moves_the_time(authority, url, tmp_path):
    reply = TimestampAuthority([url]).stamp(url, b"checkpoint")
    trusted = token.certificates(authority.certificate())
    expected = token.verified_time(reply, b"checkpoint", trusted)
    for place in range(len(reply)):
        changed = reply[:place] + bytes([reply[place] ^ 1 << place % 8]) + reply[place + 1 :]
        try:
            found = token.verified_time(changed, b"checkpoint", trusted)
        except ValueError:
            continue
        assert expected == found


def test_a_bound_token_cannot_change_unnoticed(url, tmp_path, authority):
    small = SmallLog(tmp_path / "log", tsa=[TimestampAuthority([url])]).days(2)
    patient = Patient(tmp_path / "copy", small.evidence)
    known = trust(small, authority)
    for mutant in flips(small.evidence, [0, 30, 500, -1]):
        patient.apply(mutant)
        report = verify(patient.root, known)
        patient.heal(mutant)
        assert not report.ok or mutant.name in (*report.pending, *report.unauthenticated)
