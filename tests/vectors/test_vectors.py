"""Published vectors of the formats that the log is made of."""

import base64
import json
import struct
import subprocess
from pathlib import Path

import pytest

from observant.evidence import checkpoint, note, sshsig, tiles
from observant.evidence.canonical import canonical
from observant.evidence.merkle import extends, includes, leaf_hash, tree_root
from observant.evidence.verify import token

HERE = Path(__file__).parent


def load(name):
    return json.loads((HERE / name).read_text("utf-8"))


def hashes(encoded):
    return [base64.b64decode(one) for one in encoded or []]


@pytest.mark.parametrize("case", load("rfc6962/inclusion.json"), ids=lambda case: case["name"])
def test_inclusion(case):
    leaf, root = base64.b64decode(case["leafHash"] or ""), base64.b64decode(case["root"] or "")
    proven = includes(leaf, case["leafIdx"], case["treeSize"], hashes(case["proof"]), root)

    assert case["wantErr"] is not proven


@pytest.mark.parametrize("case", load("rfc6962/consistency.json"), ids=lambda case: case["name"])
def test_consistency(case):
    old, new = (base64.b64decode(case[name] or "") for name in ("root1", "root2"))
    proven = extends(case["size1"], old, case["size2"], new, hashes(case["proof"]))

    assert case["wantErr"] is not proven


@pytest.mark.parametrize("case", load("signed-note/notes.json"), ids=lambda case: case["name"])
def test_signed_note(case):
    try:
        keys = [note.VerifierKey.parse(vkey) for vkey in case["vkeys"]]
        signers = [key.name for key in note.verified_by(note.parse(base64.b64decode(case["note_b64"])), keys)]
    except ValueError:
        signers = []

    assert case.get("verified_by", []) == signers


def test_vkeys_are_split_at_the_first_two_plus_signs_only():
    vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    with_plus = note.VerifierKey("a", b"\xef" * 32)

    assert vkey == str(note.VerifierKey.parse(vkey))
    assert "+" in str(with_plus).split("+", 2)[2]
    assert with_plus == note.VerifierKey.parse(str(with_plus))


@pytest.mark.parametrize("size", range(1, 16))
def test_a_log_of_tessera(size):
    root = HERE / "tlog-tiles" / "tessera-log"
    keys = [note.VerifierKey.parse((root / "vkey.txt").read_text())]
    head, signers = checkpoint.open_signed((root / f"checkpoint.{size}").read_bytes(), keys)
    (bundle,) = tiles.entry_bundles(size)
    (tile,) = tiles.hash_tiles(size)
    entries = tiles.unbundle((root / bundle.name.removeprefix("log/")).read_bytes(), bundle.width)
    leaves = [leaf_hash(entry) for entry in entries]

    assert (keys, size) == (signers, head.size)
    assert tree_root(leaves) == head.root
    assert (root / tile.name.removeprefix("log/")).read_bytes() == b"".join(leaves)


def test_tile_names_of_the_specification():
    assert "log/tile/0/x001/x234/067" == tiles.Tile(0, 1_234_067, 256).name
    assert "log/tile/entries/x001/x234/067.p/8" == tiles.Tile(tiles.ENTRIES, 1_234_067, 8).name
    assert ["log/tile/0/000", "log/tile/0/001.p/1", "log/tile/1/000.p/1"] == [one.name for one in tiles.hash_tiles(257)]


@pytest.mark.parametrize("name", ["arrays", "structures", "values"])
def test_canonical_json(name):
    expected = bytes.fromhex((HERE / "jcs" / "outhex" / f"{name}.txt").read_text())

    assert expected == canonical(load(f"jcs/input/{name}.json"))


def test_numbers_as_ecmascript_writes_them():
    for line in (HERE / "jcs" / "es6numbers_first1000.txt").read_text().splitlines():
        bits, expected = line.split(",")
        (number,) = struct.unpack(">d", bytes.fromhex(bits.zfill(16)))

        assert expected == canonical(number).decode()


def test_ed25519():
    for group in load("signatures/wycheproof_ed25519_test.json")["testGroups"]:
        key = note.VerifierKey("wycheproof", bytes.fromhex(group["publicKey"]["pk"]))
        for case in group["tests"]:
            signature, message = bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"])

            assert (case["result"] == "valid") is key.verifies(signature, message), case["comment"]


def test_ssh_signatures():
    folder = HERE / "sshsig"
    data, namespace = (folder / "signed-data").read_bytes(), (folder / "namespace").read_text().strip()
    public = base64.b64decode((folder / "ed25519.pub").read_text().split()[1])[-32:]
    signature = (folder / "ed25519.sig").read_text()

    assert public == sshsig.signer_of(data, signature, namespace)
    for wrong in (
        lambda: sshsig.signer_of(data + b"!", signature, namespace),
        lambda: sshsig.signer_of(data, signature, "file"),
        lambda: sshsig.signer_of(data, (folder / "rsa.sig").read_text(), namespace),
    ):
        with pytest.raises(ValueError, match=r"."):
            wrong()


@pytest.mark.parametrize(("name", "expected"), load("rfc3161/expected.json").items())
def test_time_stamp_tokens(name, expected):
    trusted = token.certificates((HERE / "rfc3161" / "test_tsa" / "ts_chain.pem").read_bytes())
    reply = (HERE / "rfc3161" / name).read_bytes()
    if expected["valid"]:
        assert 2020 < token.verified_time(reply, b"hello", trusted).year
        with pytest.raises(ValueError, match="other content"):
            token.verified_time(reply, b"hello!", trusted)
    else:
        with pytest.raises(ValueError, match=r"."):
            token.verified_time(reply, b"hello", trusted)


def test_stock_ssh_keygen_reads_what_we_write(tmp_path, four_days):
    from observant.evidence.sums import sign_text

    (tmp_path / "data").write_bytes(b"account,verdict\n")
    (tmp_path / "data.sig").write_text(sign_text(b"account,verdict\n", four_days.keys.package, "observant-export"))
    command = ["ssh-keygen", "-Y", "verify", "-n", "observant-export", "-f", str(four_days.trust / "allowed_signers")]
    signer = four_days.keys.package.key.name
    with (tmp_path / "data").open("rb") as data:
        done = subprocess.run([*command, "-I", signer, "-s", str(tmp_path / "data.sig")], stdin=data, check=False)

    assert 0 == done.returncode
