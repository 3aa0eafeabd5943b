"""Input by somebody who means harm: lengths, bombs, names, nesting. Nothing hangs, grows or escapes as a bug."""

import contextlib
import lzma
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observant.evidence import checkpoint, dsse, note, pack, sshsig, tiles
from observant.evidence.table import Table, from_positions, has_value, read_key
from observant.evidence.verify import token

PARSERS = [
    note.parse,
    lambda content: note.VerifierKey.parse(content.decode("latin-1")),
    lambda content: checkpoint.parse(content.decode("latin-1")),
    dsse.parse,
    lambda content: tiles.unbundle(content, 3),
    lambda content: tiles.split_hashes(content, 3),
    lambda content: list(pack.unpack(content, 1000)),
    lambda content: Table().apply(content.split(b"\n")),
    lambda content: list(from_positions([content], Table())),
    lambda content: (read_key(content), has_value(content)),
    lambda content: sshsig.signer_of(b"", content.decode("latin-1")),
    lambda content: sshsig.allowed_signers(content.decode("latin-1")),
    token.read,
    lambda content: token.verified_time(content, b"", []),
]


@pytest.mark.parametrize("parser", PARSERS)
@given(content=st.binary(max_size=300) | st.sampled_from([b'["' * 5000, b'["a","b\\', b"[1", b"0\x84\xff\xff\xff\xff"]))
@settings(max_examples=60, deadline=None)
def test_a_parser_reads_or_raises_value_error(parser, content):
    with contextlib.suppress(ValueError):
        parser(content)


def test_a_bomb_is_stopped_at_the_size_on_record():
    bomb = lzma.compress(b"\0" * (1 << 28), preset=0)
    tracemalloc.start()
    started = time.process_time()
    with pytest.raises(ValueError, match="more than the 5000 bytes"):
        list(pack.unpack(bomb, 5000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert time.process_time() - started < 2
    assert peak < 20 << 20


def test_a_line_without_end_is_stopped(monkeypatch):
    monkeypatch.setattr(pack, "LARGEST_LINE", 1 << 20)
    with pytest.raises(ValueError, match="longer than"):
        list(pack.unpack(lzma.compress(b"a" * (4 << 20), preset=0), 1 << 40))


def test_a_dictionary_of_a_gigabyte_is_refused():
    huge = lzma.compress(b"a\n", filters=[{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 96 << 20}])
    with pytest.raises(ValueError, match="cannot be unpacked"):
        list(pack.unpack(huge, 2))


@pytest.mark.parametrize(("start", "cut", "end"), [(b"", -3, b""), (b"", None, b"\0\0\0\0"), (b"\0", None, b"")])
def test_a_pack_has_one_spelling(start, cut, end):
    with pytest.raises(ValueError, match=r"."):
        list(pack.unpack(start + pack.pack([b"one", b"two"])[:cut] + end, 8))


@given(st.lists(st.binary(max_size=50).map(lambda line: line.replace(b"\n", b"")), max_size=30))
def test_a_pack_gives_back_its_lines(lines):
    assert lines == list(pack.unpack(pack.pack(lines), sum(len(line) + 1 for line in lines)))


def test_a_large_pack_streams():
    lines = (b"%06d" % number * 30 for number in range(20_000))
    content = pack.pack(lines)

    assert 20_000 == sum(1 for _ in pack.unpack(content, 20_000 * 181))


def test_a_table_refuses_what_does_not_add_up():
    table = Table()
    table.apply([b'["a","b","c"]', b'["a","\\"x",1]'])
    for lines in ([b'["a","z"]'], [b'["q","r",1]', b'["q","r",2]'], [b'{"a":1}'], [b'["a"]'], [b"[" * 9999]):
        with pytest.raises(ValueError, match=r"."):
            table.copy().apply(lines)

    assert [("a", '"x'), ("a", "b")] == list(table)
