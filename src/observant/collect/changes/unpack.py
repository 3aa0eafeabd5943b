"""Unpacking log files: the whole file at once, with a limit on what may come out.

libdeflate unpacks a whole buffer about twice as fast as zlib (docs/decisions/0090). It believes the size that the file
claims for itself, so that is looked at first; a file that claims wrongly, or that has several parts, goes to zlib,
which is slower and gives up at the same limit.
"""

import zlib

import deflate

LARGEST = 1 << 30
"""Bytes one file may unpack to. CloudTrail's own files stay below 50 MiB packed and unpack to ten times that."""

_GZIP = b"\x1f\x8b"
_SHORTEST = 18


def unpacked(content: bytes) -> bytes:
    """The content of a file that may be packed with gzip. Raises ValueError for a damaged or oversized one."""
    if not content.startswith(_GZIP):
        return content
    if len(content) < _SHORTEST:
        raise ValueError("the file ends in the middle")
    claimed = int.from_bytes(content[-4:], "little")
    if claimed > LARGEST:
        raise ValueError(f"the file unpacks to more than {LARGEST} bytes")
    try:
        read = deflate.gzip_decompress(content, claimed)
    except (deflate.DeflateError, ValueError):
        return _patiently(content)
    return bytes(read) if len(read) == claimed else _patiently(content)


def _patiently(content: bytes) -> bytes:
    """Part after part, as gzip allows several in one file."""
    read, rest = bytearray(), content
    while rest:
        decompressor = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            read += decompressor.decompress(rest, LARGEST + 1 - len(read))
        except zlib.error as error:
            raise ValueError(f"the file cannot be unpacked: {error}") from error
        if len(read) > LARGEST:
            raise ValueError(f"the file unpacks to more than {LARGEST} bytes")
        if not decompressor.eof:
            raise ValueError("the file ends in the middle")
        rest = decompressor.unused_data.lstrip(b"\0")
    return bytes(read)
