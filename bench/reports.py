"""A big population table: rows a second against `csv.writer`, and how much memory grows.

    python bench/reports.py [ROWS]

Both write the same cells to a file; ours also makes cells harmless, writes moments as text, and adds header and digest.
Each runs in a process of its own, so that peak memory is its own.
"""

import csv
import multiprocessing
import resource
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from observant.model.period import Period
from observant.model.verdict import Verdict
from observant.period.conclusion import Provenance
from observant.reports.csv import Header, write_table
from observant.reports.tables import PopulationRow, population_table

COLUMNS = ("member", "label", "scope", "valid_from", "valid_to", "verdict", "because", "evidence_record")
START = datetime(2026, 1, 1, tzinfo=UTC)


def population(rows: int) -> Iterator[PopulationRow]:
    for number in range(rows):
        begun = START + timedelta(seconds=number % 30_000_000)
        arn = f"arn:aws:iam::{number % 500:012d}:user/engineering/person-{number}"
        failed = number % 50 == 0
        yield PopulationRow(
            arn,
            f"person-{number}",
            f"aws:{number % 500:012d}",
            begun,
            begun + timedelta(days=30),
            Verdict.FAIL if failed else Verdict.PASS,
            "older than the written policy allows" if failed else "",
            number,
        )


def ours(folder: Path, rows: int) -> None:
    provenance = Provenance("bench", 1, "00" * 32, "observant", START, demo=True)
    period = Period(date(2026, 1, 1), date(2026, 12, 31))
    header = Header(title="bench", source="bench", period=period, provenance=provenance)
    table = population_table("bench", header, population(rows))
    write_table(folder / "ours.csv", table.header, table.columns, table.rows)


def plain(folder: Path, rows: int) -> None:
    with (folder / "plain.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for one in population(rows):
            writer.writerow(
                (
                    *(one.member, one.label, one.scope, one.valid_from, one.valid_to),
                    *(one.verdict.value, one.because, one.record),
                )
            )


def making(_: Path, rows: int) -> None:
    """What it costs to make the rows, which is in both."""
    deque(population(rows), maxlen=0)


def _measured(write, folder: Path, rows: int, answer) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.process_time()
    write(folder, rows)
    spent = time.process_time() - begun
    answer.send((spent, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024))


def measure(write, rows: int) -> tuple[float, float]:
    """CPU seconds, and MiB by which the peak of resident memory grew."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    with tempfile.TemporaryDirectory() as folder:
        process = context.Process(target=_measured, args=(write, Path(folder), rows, there))
        process.start()
        measured = here.recv()
        process.join()
    return measured


def main(rows: int = 1_000_000) -> None:
    results = {write.__name__: measure(write, rows) for write in (making, plain, ours)}
    for name, (seconds, grown) in results.items():
        print(f"{name:>6}: {rows / seconds:>10,.0f} rows/s of CPU, memory grew by {grown:.1f} MiB")
    floor = results["making"][0]
    print(f"ratio to csv.writer: {(results['ours'][0] - floor) / (results['plain'][0] - floor):.2f}")


if __name__ == "__main__":
    main(*(int(one) for one in sys.argv[1:]))
