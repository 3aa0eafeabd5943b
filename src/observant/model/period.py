"""The observation period of an audit: whole UTC days, first and last day included."""

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from observant.model.interval import Interval


class Period(NamedTuple):
    """`first` and `last` are calendar days in UTC; both belong to the period."""

    first: date
    last: date

    @property
    def interval(self) -> Interval:
        start = datetime(self.first.year, self.first.month, self.first.day, tzinfo=UTC)
        return Interval(start, datetime(self.last.year, self.last.month, self.last.day, tzinfo=UTC) + timedelta(days=1))

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"
