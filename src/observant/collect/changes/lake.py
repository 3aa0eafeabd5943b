"""Exports of CloudTrail Lake: results of a query that selects `eventJson`, as packed CSV files.

    SELECT eventJson FROM <event data store> WHERE eventTime > '2026-01-01 00:00:00'

Other columns may stand beside it. Without it the export has only what the query chose of each event, which is not the
event: such a file is refused. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-download-cloudtrail-lake-query-results.html
"""

import csv
import io
from collections.abc import Iterator
from hashlib import sha256
from itertools import islice
from pathlib import Path

import msgspec

from observant.collect.changes.cloudtrail import Decoded, decode_events
from observant.collect.changes.logfile import LogFile
from observant.collect.changes.unpack import unpacked

_COLUMN = "eventjson"
_ROWS_AT_ONCE = 5_000
_LARGEST_CELL = 16 << 20


def is_lake(path: Path) -> bool:
    """Whether the name is that of a file of query results."""
    return path.name.endswith((".csv", ".csv.gz"))


def lake_files(path: Path, name: str, read_before: set[str]) -> Iterator[tuple[LogFile, Decoded]]:
    """What one export held, in parts, unless it was read before; a file that is no export is told as unreadable."""
    if name in read_before:
        return
    file = LogFile(name, b"")
    content = path.read_bytes()
    digest = sha256(content).hexdigest()
    csv.field_size_limit(_LARGEST_CELL)
    try:
        rows = csv.DictReader(io.StringIO(unpacked(content).decode("utf-8-sig"), newline=""))
        column = next(each for each in rows.fieldnames or [] if each.lower() == _COLUMN)
        yield file, Decoded(sha256=digest)  # read, also when it holds nothing
        while part := [str(row[column] or "").encode() for row in islice(rows, _ROWS_AT_ONCE)]:
            yield file, msgspec.structs.replace(decode_events(part), sha256=digest)
    except StopIteration:
        yield file, Decoded(sha256=digest, unreadable="has no column eventJson: select it in the query")
    except (ValueError, csv.Error) as error:
        yield file, Decoded(sha256=digest, unreadable=f"not a CSV file of query results: {error}")
