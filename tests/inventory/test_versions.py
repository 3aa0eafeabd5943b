"""Row versions against the obvious model: what was seen at each reading."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from observant.inventory.table import Row
from observant.inventory.versions import Change, OpenRow, Version, Versions
from observant.model.time import FOREVER

START = datetime(2025, 1, 1, tzinfo=UTC)

# What each of three entities looks like at each reading: absent, or one of three values.
years = st.lists(
    st.fixed_dictionaries({name: st.none() | st.integers(0, 2) for name in ("a", "b", "c")}), min_size=1, max_size=9
)


def at(number: int) -> datetime:
    return START + timedelta(days=number)


class Stored:
    """Stands for the tables: keeps what was drained, and answers with what is open."""

    def __init__(self) -> None:
        self.rows: dict[int, Version] = {}
        self._next = 0

    def open_rows(self, table: str, scope: str, entities: Iterable[str]) -> Iterator[tuple[str, OpenRow]]:
        wanted = set(entities)
        for rowid, version in self.rows.items():
            if version.entity in wanted and version.valid_to == FOREVER:
                one = version.open
                yield version.entity, OpenRow(one.row, one.valid_from, one.earliest, one.record, rowid)

    def keep(self, versions: Versions) -> None:
        for _, superseded, new in versions.drain():
            for rowid in superseded:
                del self.rows[rowid]
            for version in new:
                self.rows[self._next] = version
                self._next += 1
        versions.forget()

    def seen(self) -> set[tuple[str, object, datetime, datetime, datetime]]:
        return {
            (one.entity, one.open.row.values[0], one.open.valid_from, one.valid_to, one.open.earliest)
            for one in self.rows.values()
        }


def read(versions: Versions, year: list[dict[str, int | None]], number: int) -> None:
    before = year[number - 1] if number else {}
    changed = {name: value for name, value in year[number].items() if value != before.get(name)}
    now = {name: [] if value is None else [Row(name, name, (value,))] for name, value in changed.items()}
    versions.apply("t", Change("s", at(number), at(number - 1) if number else None, number), now)


def told(year: list[dict[str, int | None]], *, batch: bool) -> set[tuple[str, object, datetime, datetime, datetime]]:
    stored = Stored()
    versions = Versions(stored.open_rows)
    for number in range(len(year)):
        read(versions, year, number)
        if not batch:
            stored.keep(versions)
    stored.keep(versions)
    return stored.seen()


def expected(year: list[dict[str, int | None]]) -> set[tuple[str, object, datetime, datetime, datetime]]:
    rows = set()
    for name in ("a", "b", "c"):
        values = [one[name] for one in year]
        for number, value in enumerate(values):
            if value is None or (number and values[number - 1] == value):
                continue
            end = next((later for later in range(number, len(year)) if values[later] != value), None)
            rows.add((name, value, at(number), FOREVER if end is None else at(end), at(max(0, number - 1))))
    return rows


@given(years)
def test_versions_say_what_was_seen(year: list[dict[str, int | None]]) -> None:
    assert expected(year) == told(year, batch=True)


@given(years)
def test_day_by_day_and_all_at_once_agree(year: list[dict[str, int | None]]) -> None:
    assert told(year, batch=True) == told(year, batch=False)


def test_a_birth_narrows_the_less_favourable_bound() -> None:
    stored = Stored()
    versions = Versions(stored.open_rows)
    versions.apply("t", Change("s", at(0), None, 0), {})
    born = at(0) + timedelta(hours=7)
    versions.apply("t", Change("s", at(1), at(0), 1), {"a": [Row("a", "a", (1,), born=born)]})
    stored.keep(versions)

    assert {("a", 1, at(1), FOREVER, born)} == stored.seen()
