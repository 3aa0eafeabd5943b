"""What goes in comes out, whoever opens the log."""

import json
from datetime import timedelta

import pytest

from evidence.small_log import FIRST_DAY, ORIGIN, SCOPE, SmallLog, snapshot
from observant.errors import ClockWentBack, ForeignSignature, InconsistentLog, MissingObject, StoreError, UsageError
from observant.evidence import writing
from observant.evidence.canonical import canonical, digest
from observant.evidence.chain import ManifestReader
from observant.evidence.log import Draft, Log
from observant.evidence.signers import Keys
from observant.evidence.snapshot import Collection, Entity, Snapshot
from observant.evidence.store.local import LocalStore
from observant.evidence.verify import verify


def configurations(one: Snapshot) -> dict[tuple[str, str], object]:
    return {(each.name, entity.urn): entity.configuration for each in one.collections for entity in each.entities}


def usages(one: Snapshot, collection: str) -> dict[str, object]:
    (found,) = [each for each in one.collections if each.name == collection]
    return {entity.urn: entity.usage for entity in found.entities if entity.usage is not None}


def test_many_scopes_in_turn_cost_one_manifest_each(tmp_path, monkeypatch):
    """A log of a company has more scopes than anybody would guess, and every run reads all of them."""
    small = SmallLog(tmp_path)
    scopes = [f"aws:{number:012d}" for number in range(12)]
    for day in (1, 2, 3):
        small.now = FIRST_DAY + timedelta(days=day)
        small.log.append_run([snapshot(day, scope) for scope in scopes], Draft("run", "", small.now, {}))
    read: list[str] = []
    file = ManifestReader.file

    def counted(self, sha256, size, *, usage=False):
        read.append(sha256)
        return file(self, sha256, size, usage=usage)

    monkeypatch.setattr(ManifestReader, "file", counted)
    log = Log.open(small.store, small.clock)
    for record in log.records():
        if record.kind == "snapshot":
            log.manifest(record)

    assert 3 * len(scopes) == len(read) == len(set(read))


def test_a_snapshot_comes_back_as_it_was_on_every_day(tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "ENTRIES_FULL_EVERY", 7)
    monkeypatch.setattr(writing, "USAGE_FULL_EVERY", 3)
    small = SmallLog(tmp_path)
    for day in range(1, 25):
        if day % 5 == 0:
            small.reopen()
        small.day(day)

    for log in (small.log, Log.open(small.store, small.clock)):
        records = [record for record in log.records() if record.kind == "snapshot"]
        for day, record in [*enumerate(records, 1), *reversed(list(enumerate(records, 1)))]:
            manifest, expected = log.manifest(record), snapshot(day)
            objects = dict(log.objects(manifest, set(manifest.entries.values())))
            found = {key: json.loads(objects[sha256]) for key, sha256 in manifest.entries.items()}
            assert configurations(expected) == found
            assert usages(expected, "iam.users") == log.usage(record, "iam.users")
            assert expected.requests == log.request_log(record)
            assert expected.collections[1].gap.reason.value == manifest.collections["iam.roles"].reason
            assert expected.collections[0].reconciled == manifest.collections["iam.users"].reconciled
    assert verify(small.evidence).ok


def test_usage_of_an_entity_that_left_does_not_come_back_with_it(tmp_path):
    small = SmallLog(tmp_path)
    days = [
        [("a", 1), ("b", 1), ("c", 1)],
        [("a", 1), ("c", 2)],
        [("a", 1), ("b", None), ("c", 2)],
        [("b", 4), ("c", None)],
        [],
    ]
    for day in days:
        small.now += timedelta(days=1)
        entities = [Entity(urn, {"name": urn}, None if used is None else {"used": used}) for urn, used in day]
        one = Snapshot(SCOPE, small.now, small.now, "api", "me", [Collection("iam.users", entities)], [])
        small.log.append_run([one], Draft("run", "", small.now, {}))
    for log in (small.log, small.reopen()):
        records = [record for record in log.records() if record.kind == "snapshot"]
        for at in (4, 2, 0, 1, 3):
            expected = {urn: {"used": used} for urn, used in days[at] if used is not None}
            assert expected == Log.open(small.store, small.clock).usage(records[at], "iam.users")
            assert expected == log.usage(records[at], "iam.users")
    assert verify(small.evidence).ok


def test_a_run_is_one_checkpoint(four_days):
    names = [path.name for path in (four_days.evidence / "log" / "checkpoints").iterdir()]

    assert ["1", "3", "5", "7", "9"] == sorted(names)


def test_records_keep_both_times_and_the_files_they_bind(four_days):
    created, first, run, *_ = four_days.log.records()

    assert ("key-event", "snapshot", "run") == (created.kind, first.kind, run.kind)
    assert (SCOPE, FIRST_DAY + timedelta(days=1)) == (first.scope, first.effective)
    assert first.recorded == run.recorded == FIRST_DAY + timedelta(days=1)
    assert {"iam.roles": "denied"} == first.predicate["gaps"]
    assert "log/checkpoints/1" in first.subjects


def test_records_can_be_read_from_an_index(four_days):
    assert list(four_days.log.records())[5:] == list(four_days.log.records(5))


def test_an_unchanged_entity_is_stored_once(four_days):
    packs = list((four_days.evidence / "objects" / "pack").iterdir())
    import lzma

    lines = [line for path in packs for line in lzma.decompress(path.read_bytes()).splitlines()]
    objects = [line for line in lines if b"UserName" in line]

    assert len(objects) == len(set(objects))


def test_two_scopes_do_not_mix(tmp_path):
    small = SmallLog(tmp_path)
    for day in (1, 2, 3):
        small.now += timedelta(days=1)
        both = [snapshot(day, "aws:1", 5), snapshot(day, "aws:2", 9)]
        small.log.append_run(iter(both), Draft("run", "", small.now, {}))
    records = [record for record in small.reopen().records() if record.scope == "aws:2"]

    assert configurations(snapshot(3, "aws:2", 9)).keys() == small.log.manifest(records[-1]).entries.keys()
    assert verify(small.evidence).ok


def test_a_failed_run_is_a_record_too(tmp_path):
    small = SmallLog(tmp_path)
    (record,) = small.log.append_run([], Draft("run", "", small.now, {"complete": False}))

    assert ("run", 1, 2) == (record.kind, record.index, small.log.size)


def test_more_than_one_tile(tmp_path):
    small = SmallLog(tmp_path)
    for count in (250, 5, 1, 300, 1):
        small.log.append([Draft("note", "", small.now, {"n": number}) for number in range(count)])

    assert 558 == small.reopen().size == len(list(small.log.records()))
    assert verify(small.evidence, None).ok
    assert not verify(small.evidence, None).unauthenticated


def test_the_clock_may_stand_still_but_not_go_back(four_days, tmp_path):
    small = SmallLog(tmp_path)
    small.log.append([Draft("note", "", small.now, {})])
    small.now -= timedelta(seconds=1)

    with pytest.raises(ClockWentBack):
        small.log.append([Draft("note", "", small.now, {})])
    assert 2 == small.reopen().size


def test_two_processes_take_turns(tmp_path):
    small = SmallLog(tmp_path)
    other = Log.open(small.store, small.clock, small.keys)
    small.log.append([Draft("note", "", small.now, {"by": "one"})])
    other.append([Draft("note", "", small.now, {"by": "other"})])
    small.day(1)

    assert [0, 1, 2, 3, 4] == [record.index for record in small.log.records()]


def test_a_second_writer_at_the_same_moment_is_refused(tmp_path):
    small = SmallLog(tmp_path)
    with LocalStore(small.evidence).writing(), pytest.raises(StoreError, match="another process"):
        small.log.append([Draft("note", "", small.now, {})])


def test_an_oversized_record_is_refused_with_a_remedy(tmp_path):
    small = SmallLog(tmp_path)

    with pytest.raises(UsageError, match="subject"):
        small.log.append([Draft("note", "", small.now, {"text": "x" * 70_000})])


def test_misuse_is_told_apart_from_damage(tmp_path):
    small = SmallLog(tmp_path)
    stranger = Keys.create(tmp_path / "other-keys", ORIGIN)

    with pytest.raises(UsageError):
        Log.open(small.store, small.clock, stranger)
    with pytest.raises(UsageError):
        Log.open(LocalStore(tmp_path / "nothing"), small.clock)
    with pytest.raises(UsageError):
        Log.create(small.store, small.keys, ORIGIN, small.clock)
    with pytest.raises(UsageError):
        Log.open(small.store, small.clock).append([Draft("note", "", small.now, {})])
    with pytest.raises(UsageError):
        small.log.append([Draft("No Kind", "", small.now, {})])


def test_one_urn_twice_is_a_bug_of_the_collector(tmp_path):
    small = SmallLog(tmp_path)
    twice = Collection("iam.users", [Entity("a", {}), Entity("a", {})])
    one = Snapshot(SCOPE, small.now, small.now, "api", "me", [twice], [])

    with pytest.raises(ValueError, match="twice"):
        small.log.append_run([one], Draft("run", "", small.now, {}))


def test_reading_notices_damage(copy, four_days):
    def opened() -> Log:
        return Log.open(LocalStore(copy), four_days.clock)

    bundle = copy / "log/tile/entries/000.p/9"
    original = bundle.read_bytes()
    bundle.write_bytes(original[:40] + bytes([original[40] ^ 1]) + original[41:])
    with pytest.raises(InconsistentLog):
        opened()
    bundle.write_bytes(original)
    record = list(opened().records())[-2]
    for pack in (copy / "objects" / "pack").iterdir():
        pack.unlink()
    with pytest.raises(MissingObject):
        list(opened().objects(opened().manifest(record), {"0" * 64}))
    (copy / "keys" / "log.vkey").write_bytes((copy / "keys" / "statement.vkey").read_bytes())
    with pytest.raises(ForeignSignature):
        opened()


def test_an_old_object_is_looked_for_once_and_then_found_where_it_lies(tmp_path, monkeypatch):
    small = SmallLog(tmp_path).days(6)
    log = small.reopen()
    snapshots = [record for record in log.records() if record.kind == "snapshot"]
    newest, first = log.manifest(snapshots[-1]), log.manifest(snapshots[0])
    (old,) = sorted(set(first.entries.values()) & set(newest.entries.values()))[:1]
    read, pack = [], Log._pack
    monkeypatch.setattr(Log, "_pack", lambda self, header: (read.append(header.pack), pack(self, header))[1])

    once = dict(log.objects(newest, {old}))
    walked = len(read)
    again = dict(log.objects(newest, {old}))

    assert {old} == once.keys() == again.keys()
    assert digest(again[old]) == old
    assert (6, 1) == (walked, len(read) - walked)
    (tmp_path / "evidence" / "objects" / "pack" / f"{read[-1]}.xz").unlink()
    with pytest.raises(MissingObject):
        list(log.objects(newest, {old}))


def test_numbers_beyond_json_survive_as_text(tmp_path):
    small = SmallLog(tmp_path)
    one = Collection("c", [Entity("a", {"big": 2**63, "ratio": 0.5, "😀": 1, "€": "\u2028"})])
    records = small.log.append_run(
        [Snapshot(SCOPE, small.now, small.now, "api", "me", [one], [])], Draft("run", "", small.now, {})
    )
    ((sha256, content),) = small.log.objects(
        small.log.manifest(records[0]), set(small.log.manifest(records[0]).entries.values())
    )

    assert digest(content) == sha256
    assert {"big": str(2**63), "ratio": 0.5, "😀": 1, "€": "\u2028"} == json.loads(content)
    assert canonical(json.loads(content)) == content
