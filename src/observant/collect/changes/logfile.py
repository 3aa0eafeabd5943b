"""One file of a provider's log: what it is called wherever it lies, and how its content is had."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

_DELIVERED = re.compile(r"(?:^|/)(AWSLogs/(?:o-[a-z0-9]+/)?(?P<account>\d{12})/CloudTrail/(?P<region>[a-z0-9-]+)/.*)$")
_AT = re.compile(r"_(\d{8}T\d{4}Z)_")
_SUFFIXES = (".json.gz", ".json", ".json.gzip", ".gz")


class LogFile(NamedTuple):
    """`name` is the same in the bucket and in a copy of it: from `AWSLogs/` on where there is one."""

    name: str
    content: Path | bytes
    account: str = ""
    """Account that the place of the file names; empty when it names none."""

    @property
    def folder(self) -> str:
        return self.name.rpartition("/")[0]

    @property
    def order(self) -> tuple[str, str]:
        """Delivered first comes first, whatever the region: sessions then come before what was done with them."""
        at = _AT.search(self.name)
        return (at[1] if at else "", self.name)


def log_file(place: str, content: Path | bytes) -> LogFile:
    """The file at a key of a bucket, or at a path below a folder (with `/`)."""
    delivered = _DELIVERED.search(place)
    return LogFile(delivered[1], content, delivered["account"]) if delivered else LogFile(place, content)


def is_log(place: str) -> bool:
    """Whether the name is that of a log file; digests and insights, which lie beside them, are something else."""
    if "AWSLogs/" in place and "/CloudTrail/" not in place:
        return False
    return place.endswith(_SUFFIXES) and "/CloudTrail-Digest/" not in place and "/CloudTrail-Insight/" not in place


def in_order(files: Iterable[LogFile], read_before: frozenset[str] | set[str]) -> Iterator[LogFile]:
    """Those not read before, oldest delivery first."""
    yield from sorted((file for file in files if file.name not in read_before), key=lambda file: file.order)
