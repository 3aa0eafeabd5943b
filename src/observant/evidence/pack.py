"""Packs: files of lines, compressed with xz. Written and read as a stream, with limits against decompression bombs.

xz because a verifier then needs only the standard library, because auditors have `xz`, and because it is smaller than
zstd on this data (docs/decisions/0001). Raises ValueError for damaged or oversized content.
"""

import lzma
from collections.abc import Iterable, Iterator

LARGEST_LINE = 64 << 20
_MEMORY_LIMIT = 64 << 20
"""For the decoder; ours needs 9 MiB at most."""
_STEP = 256 << 10
_FIRST_STEP = 8 << 10
"""Many readers want the first lines of a manifest only."""
_SMALL = 1 << 20


class PackWriter:
    """Compresses line after line; memory is bounded by the compressed size."""

    def __init__(self) -> None:
        self.size = 0
        """Bytes taken so far, uncompressed."""
        self._waiting: list[bytes] = []
        self._compressor: lzma.LZMACompressor | None = None
        self._done: list[bytes] = []

    def add(self, line: bytes) -> None:
        """Take one line without its newline."""
        self.size += len(line) + 1
        self._waiting.append(line + b"\n")
        if self.size > _SMALL and self._compressor is None:
            self._compressor = _compressor(8 << 20)
        if self._compressor is not None and len(self._waiting) >= 64:
            self._flush(self._compressor)

    def finish(self) -> bytes:
        """The whole pack. The dictionary of a small one is small: 5 ms instead of 30 to begin."""
        compressor = self._compressor or _compressor(max(4096, 1 << self.size.bit_length()))
        self._flush(compressor)
        return b"".join(self._done) + compressor.flush()

    def _flush(self, compressor: lzma.LZMACompressor) -> None:
        self._done.append(compressor.compress(b"".join(self._waiting)))
        self._waiting.clear()


def pack(lines: Iterable[bytes]) -> bytes:
    writer = PackWriter()
    for line in lines:
        writer.add(line)
    return writer.finish()


def unpack(content: bytes, size: int) -> Iterator[bytes]:
    """Stream the lines of a pack that holds exactly `size` bytes uncompressed (as its signed record says)."""
    rest, read = b"", 0
    for piece in _decompress(content):
        read += len(piece)
        if read > size:
            raise ValueError(f"the pack unpacks to more than the {size} bytes on record")
        *lines, rest = (rest + piece).split(b"\n")
        if len(rest) > LARGEST_LINE:
            raise ValueError("a line of the pack is longer than 64 MiB")
        yield from lines
    if rest or read != size:
        raise ValueError(f"the pack unpacks to {read} bytes, its record says {size}")


def _decompress(content: bytes) -> Iterator[bytes]:
    decompressor = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MEMORY_LIMIT)
    try:
        piece = decompressor.decompress(content, _FIRST_STEP)
        while piece or not decompressor.eof:
            yield piece
            if decompressor.eof:
                break
            if not piece and decompressor.needs_input:
                raise ValueError("the pack ends in the middle")
            piece = decompressor.decompress(b"", _STEP)
    except lzma.LZMAError as error:
        raise ValueError(f"the pack cannot be unpacked: {error}") from error
    if decompressor.unused_data:
        raise ValueError("bytes follow the end of the pack")


def _compressor(dictionary: int) -> lzma.LZMACompressor:
    if dictionary > _SMALL:
        tuning = {"preset": 6, "pb": 0, "dict_size": 8 << 20}
    else:  # found by trying: 1.5 % smaller than the preset and hardly slower
        tuning = {"preset": 9 | lzma.PRESET_EXTREME, "lc": 0, "pb": 0, "dict_size": dictionary}
    filters = [{"id": lzma.FILTER_LZMA2, **tuning}]
    return lzma.LZMACompressor(lzma.FORMAT_XZ, check=lzma.CHECK_NONE, filters=filters)  # the name is a SHA-256
