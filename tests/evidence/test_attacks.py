"""Somebody with the keys, or with the disk, tries to change the past. Each attack by its row in the threat model."""

import shutil
from datetime import timedelta

import pytest

from evidence.conftest import make_writable
from evidence.small_log import ORIGIN, SmallLog
from observant.errors import (
    ChangedBytes,
    ClockWentBack,
    DamagedEvidence,
    ForeignSignature,
    InconsistentLog,
    MissingObject,
    TruncatedLog,
    UsageError,
)
from observant.evidence import checkpoint, note
from observant.evidence.log import Draft, Log
from observant.evidence.signers import Keys
from observant.evidence.store.local import LocalStore
from observant.evidence.verify import Level, Trust, verify


def damage(folder, trust_folder, **remembered) -> tuple[type[DamagedEvidence], str]:
    from dataclasses import replace

    report = verify(folder, replace(Trust.load(trust_folder), **remembered))
    assert report.damage is not None
    return type(report.damage), report.first_bad


def test_1_an_insider_edits_a_snapshot(copy, four_days):
    pack = sorted((copy / "objects" / "pack").iterdir())[0]
    pack.write_bytes(pack.read_bytes()[:-1] + b"!")

    assert (ChangedBytes, f"objects/pack/{pack.name}") == damage(copy, four_days.trust)


def test_2_an_insider_deletes_a_day(copy, four_days):
    manifest = sorted((copy / "objects" / "manifest").iterdir())[0]
    manifest.unlink()

    assert (MissingObject, f"objects/manifest/{manifest.name}") == damage(copy, four_days.trust)


def test_2_a_day_without_a_run_is_seen_in_the_logged_schedule(tmp_path):
    small = SmallLog(tmp_path)
    small.log.append([Draft("schedule", "", small.now, {"every": "1 day"})])
    for day in (1, 2, 5, 6):
        small.day(day)
    report = verify(small.evidence, Trust.load(small.trust))

    assert report.ok
    assert ["2026-01-04", "2026-01-05"] == [f"{slot.start:%Y-%m-%d}" for slot in report.missed]


def test_4_the_chain_is_rewritten_with_the_real_keys(copy, four_days, tmp_path):
    seen = (four_days.evidence / "log" / "checkpoint").read_bytes()
    shutil.rmtree(copy)
    shutil.copytree(four_days.root / "keys", tmp_path / "keys")
    keys = Keys.load(tmp_path / "keys", ORIGIN)
    rewritten = Log.create(LocalStore(copy), keys, ORIGIN, four_days.clock)
    for number in range(12):
        rewritten.append([Draft("note", "", four_days.now, {"n": number})])

    assert verify(copy, Trust.load(four_days.trust)).ok
    assert InconsistentLog is damage(copy, four_days.trust, remembered=(seen,))[0]


def test_5_a_log_signed_by_another_key_is_foreign(tmp_path, four_days):
    other = SmallLog(tmp_path / "other").days(1)

    assert (ForeignSignature, "log/checkpoints/1") == damage(other.evidence, four_days.trust)


def test_5_a_record_signed_by_another_key_is_foreign(tmp_path):
    small = SmallLog(tmp_path)
    stranger = Keys.create(tmp_path / "stranger", ORIGIN)
    log = Log.open(small.store, small.clock, small.keys)
    log._keys = Keys(small.keys.log, stranger.statement)
    log.append([Draft("note", "", small.now, {})])

    assert (ForeignSignature, "log/tile/entries/000.p/2") == damage(small.evidence, small.trust)


def test_6_a_recorded_clock_that_went_back(tmp_path, monkeypatch):
    small = SmallLog(tmp_path)
    monkeypatch.setattr("observant.evidence.log.ClockWentBack", type("Never", (Exception,), {}))
    small.log.append([Draft("note", "", small.now, {})])
    monkeypatch.setattr("observant.evidence.entry.place", backdated(small))
    small.log.append([Draft("note", "", small.now, {})])

    assert (ClockWentBack, "log/tile/entries/000.p/3") == damage(small.evidence, small.trust)


def backdated(small):
    from observant.evidence.entry import place
    from observant.model.time import text

    return lambda draft, index, recorded, anchor, subjects: place(
        draft, index, text(small.now - timedelta(days=1)), anchor, subjects
    )


@pytest.mark.parametrize("size", [1, 3, 5, 7])
def test_9_the_tail_is_cut(size, four_days, tmp_path):
    """Cut exactly to an earlier state: only what was remembered outside shows it."""
    shorter = SmallLog(tmp_path / "short")
    shorter.keys = four_days.keys
    shutil.rmtree(shorter.evidence)
    now = [four_days.now - timedelta(days=4)]
    log = Log.create(LocalStore(shorter.evidence), four_days.keys, ORIGIN, lambda: now[0])
    for number in range(size - 1):
        log.append([Draft("note", "", now[0], {"n": number})])
    seen = (four_days.evidence / "log" / "checkpoint").read_bytes()

    assert (TruncatedLog, "log/checkpoint") == damage(shorter.evidence, four_days.trust, remembered=(seen,))


def test_9_the_tail_is_cut_and_a_checkpoint_is_left(copy, four_days):
    (copy / "log/tile/entries/000.p/9").unlink()

    assert (TruncatedLog, "log/tile/entries/000.p/9") == damage(copy, four_days.trust)


def test_9_the_newest_checkpoint_is_gone(copy, four_days):
    (copy / "log/checkpoints/9").unlink()

    assert (TruncatedLog, "log/checkpoints/9") == damage(copy, four_days.trust)


def test_9_a_checkpoint_in_the_middle_is_gone(copy, four_days):
    (copy / "log/checkpoints/5").unlink()

    assert (MissingObject, "log/checkpoints/5") == damage(copy, four_days.trust)


def test_10_a_split_view(four_days, copy):
    """A second checkpoint of one size, properly signed: proof of equivocation."""
    head = checkpoint.Checkpoint(ORIGIN, 5, b"\x07" * 32)
    signer = four_days.keys.log
    text = str(head)
    forged = (text + "\n" + note.signature_line(signer.key, signer.sign(text.encode()))).encode()
    (copy / "log/checkpoints/5").write_bytes(forged)

    assert (InconsistentLog, "log/checkpoints/5") == damage(copy, four_days.trust)
    assert InconsistentLog is damage(four_days.evidence, four_days.trust, remembered=(forged,))[0]


def test_an_interrupted_writer_is_no_damage(copy, four_days):
    (copy / "log/checkpoint").write_bytes((copy / "log/checkpoints/7").read_bytes())
    (copy / "objects/pack/orphan.xz").write_bytes(b"left by a crash")
    report = verify(copy, Trust.load(four_days.trust))

    assert report.ok
    assert ["objects/pack/orphan.xz"] == report.unauthenticated
    assert "behind" in report.notes[0]


def test_keys_from_the_evidence_are_said_to_be(four_days):
    assert ("evidence", "trust") == (
        verify(four_days.evidence).keys_from,
        verify(four_days.evidence, Trust.load(four_days.trust)).keys_from,
    )


def test_the_level_is_never_higher_than_proven(tmp_path):
    small = SmallLog(tmp_path)
    small.log.append([Draft("storage-probe", "", small.now, {"locks": True}), Draft("note", "", small.now, {})])
    small.log.append([Draft("storage-probe", "", small.now, {"locks": False}), Draft("note", "", small.now, {})])
    report = verify(small.evidence, Trust.load(small.trust))

    assert [Level.SIGNED, Level.LOCKED, Level.LOCKED, Level.SIGNED, Level.SIGNED] == report.levels


def test_a_link_is_not_followed(copy, four_days, tmp_path):
    pack = sorted((copy / "objects" / "pack").iterdir())[0]
    pack.rename(tmp_path / "elsewhere")
    pack.symlink_to(tmp_path / "elsewhere")

    assert (MissingObject, f"objects/pack/{pack.name}") == damage(copy, four_days.trust)


def test_nothing_at_all(tmp_path, four_days):
    (tmp_path / "empty").mkdir()

    assert MissingObject is damage(tmp_path / "empty", four_days.trust)[0]
    with pytest.raises(UsageError):
        Trust.load(tmp_path / "empty")
    make_writable(tmp_path)
