import subprocess

import pytest

from evidence.small_log import ORIGIN
from observant.errors import UsageError
from observant.evidence.signers import Keys, signer_from_uri


def test_keys_are_made_once_and_for_their_owner_only(tmp_path):
    keys = Keys.create(tmp_path / "keys", ORIGIN)

    assert {0o600} == {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()}
    assert 3 == len({keys.log.key.public, keys.statement.key.public, keys.package.key.public})
    assert keys.log.key == Keys.load(tmp_path / "keys", ORIGIN).log.key
    with pytest.raises(UsageError, match="there already"):
        Keys.create(tmp_path / "keys", ORIGIN)


def test_openssl_reads_them(tmp_path):
    Keys.create(tmp_path / "keys", ORIGIN)
    done = subprocess.run(
        ["openssl", "pkey", "-in", tmp_path / "keys/log.pem", "-noout", "-text"], check=True, capture_output=True
    )

    assert b"ED25519" in done.stdout


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_key_that_others_can_read_is_refused(tmp_path, mode):
    Keys.create(tmp_path / "keys", ORIGIN)
    (tmp_path / "keys/statement.pem").chmod(mode)

    with pytest.raises(UsageError, match="chmod 600"):
        Keys.load(tmp_path / "keys", ORIGIN)


def test_what_is_no_key_is_said_to_be_none(tmp_path):
    (tmp_path / "broken.pem").write_bytes(b"no key")
    (tmp_path / "broken.pem").chmod(0o600)
    subprocess.run(
        ["openssl", "genpkey", "-algorithm", "RSA", "-out", tmp_path / "rsa.pem"], check=True, capture_output=True
    )
    (tmp_path / "rsa.pem").chmod(0o600)

    for uri in ("file:" + str(tmp_path / name) for name in ("broken.pem", "rsa.pem", "missing.pem")):
        with pytest.raises(UsageError):
            signer_from_uri(uri, ORIGIN)
    with pytest.raises(UsageError, match="names no signer"):
        signer_from_uri("vault:key", ORIGIN)
    with pytest.raises(UsageError, match="origin"):
        Keys.create(tmp_path / "keys", "with space")
