"""CloudTrail's digest chain, signed with a real RSA key, and everything that can be done to it."""

import gzip
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from collect.files.trail_bucket import ACCOUNT, FINGERPRINT, Bucket, write_keys
from observant.collect.files.digest_answers import Outcome
from observant.collect.files.digests import public_keys, verify_digests
from observant.errors import InputError


@pytest.fixture(scope="module")
def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def keys(key, tmp_path):
    return public_keys([write_keys(tmp_path / "keys.json", key)])


@pytest.fixture
def bucket(tmp_path, key):
    made = Bucket(tmp_path / "bucket", key)
    for _ in range(4):
        made.pass_hour()
    return made


def found(bucket, keys):
    return [(one.outcome, one.name) for one in verify_digests(bucket.folder, keys).found]


def edit(bucket, name, **changed):
    file = bucket.folder / name
    content = json.loads(gzip.decompress(file.read_bytes()))
    file.write_bytes(gzip.compress(json.dumps({**content, **changed}).encode()))


def test_a_whole_chain_is_proven(bucket, keys):
    answer = verify_digests(bucket.folder, keys)

    assert (4, 8, []) == (answer.digests, answer.log_files, answer.found)
    assert ("2026-01-01T00:00:00Z", "2026-01-01T04:00:00Z") == (answer.begins, answer.ends)


def test_a_copy_of_a_part_of_the_bucket_is_proven_too(bucket, keys):
    bucket.folder = bucket.folder / "AWSLogs" / ACCOUNT

    assert [] == found(bucket, keys)


def test_packing_anew_changes_nothing(bucket, keys):
    file = bucket.folder / bucket.logs[0]
    file.write_bytes(gzip.compress(gzip.decompress(file.read_bytes()), compresslevel=1))

    assert [] == found(bucket, keys)


def test_a_changed_log_file(bucket, keys):
    bucket.put(bucket.logs[3], b'{"Records": []}')

    assert [(Outcome.LOG_CHANGED, bucket.logs[3])] == found(bucket, keys)


def test_a_cut_off_log_file(bucket, keys):
    file = bucket.folder / bucket.logs[3]
    file.write_bytes(file.read_bytes()[:-9])

    assert [(Outcome.LOG_CHANGED, bucket.logs[3])] == found(bucket, keys)


def test_a_deleted_log_file(bucket, keys):
    (bucket.folder / bucket.logs[5]).unlink()

    assert [(Outcome.LOG_MISSING, bucket.logs[5])] == found(bucket, keys)


def test_a_deleted_log_file_that_was_taken_out_of_its_digest(bucket, keys):
    (bucket.folder / bucket.logs[2]).unlink()
    edit(bucket, bucket.digests[1], logFiles=[])

    assert [
        (Outcome.DIGEST_CHANGED, bucket.digests[1]),
        (Outcome.SIGNATURE_WRONG, bucket.digests[1]),
    ] == found(bucket, keys)


def test_the_newest_digest_has_nobody_but_its_signature(bucket, keys):
    edit(bucket, bucket.digests[3], logFiles=[])

    assert [(Outcome.SIGNATURE_WRONG, bucket.digests[3])] == found(bucket, keys)


def test_a_deleted_digest(bucket, keys):
    (bucket.folder / bucket.digests[1]).unlink()

    assert [(Outcome.DIGEST_MISSING, bucket.digests[1])] == found(bucket, keys)


def test_a_chain_that_begins_anew_leaves_a_gap(bucket, keys):
    bucket.hour += 2
    bucket.pass_hour(fresh=True)

    assert [(Outcome.GAP, bucket.digests[4])] == found(bucket, keys)


def test_a_digest_that_begins_later_than_the_one_before_ends(bucket, keys):
    bucket.hour += 1
    bucket.pass_hour()

    assert [(Outcome.GAP, bucket.digests[4])] == found(bucket, keys)


def test_the_beginning_of_a_copy_is_no_hole(bucket, keys):
    (bucket.folder / bucket.digests[0]).unlink()

    assert [] == found(bucket, keys)


def test_without_the_newest_signature_that_is_said(bucket, keys):
    (bucket.folder / f"{bucket.digests[3]}.signature").unlink()

    answer = verify_digests(bucket.folder, keys)

    assert [(Outcome.UNSIGNED, bucket.digests[3])] == [(one.outcome, one.name) for one in answer.found]
    assert answer.damaged is False


def test_another_key_proves_nothing(bucket, keys):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()

    assert {Outcome.SIGNATURE_WRONG} == {one for one, _ in found(bucket, {FINGERPRINT: other})}
    assert {Outcome.KEY_UNKNOWN} == {one for one, _ in found(bucket, {})}


def test_a_digest_put_in_the_place_of_another(bucket, keys):
    (bucket.folder / bucket.digests[2]).write_bytes((bucket.folder / bucket.digests[1]).read_bytes())

    assert Outcome.DIGEST_MOVED in {one for one, _ in found(bucket, keys)}


@pytest.mark.parametrize("content", [b"no json", b"{}", b"[]", b'{"digestS3Object": 1}'])
def test_what_is_no_digest_is_named(bucket, keys, content):
    bucket.put(bucket.digests[3], content)

    assert [(Outcome.DIGEST_UNREADABLE, bucket.digests[3])] == found(bucket, keys)


def test_a_digest_cannot_name_files_outside(bucket, keys):
    edit(bucket, bucket.digests[3], logFiles=[{"s3Object": "../../etc/passwd", "hashValue": "0"}])

    assert (Outcome.DIGEST_UNREADABLE, bucket.digests[3]) in found(bucket, keys)


def test_a_folder_without_digests_and_keys_that_are_none(tmp_path):
    with pytest.raises(InputError, match="no digest file"):
        verify_digests(tmp_path, {})
    (tmp_path / "keys.json").write_text("{}")
    with pytest.raises(InputError, match="not a list of CloudTrail's public keys"):
        public_keys([tmp_path / "keys.json"])
