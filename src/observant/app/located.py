"""Values that remember where they were written, so that every complaint names file, line and the fix.

YAML and TOML readers both make `Located` trees; the workspace readers take them apart with the methods below, each of
which raises ConfigurationError when the value is not what was asked for.
"""

import difflib
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import NoReturn, TypeVar

import msgspec

from observant.errors import ConfigurationError
from observant.model.commitment import duration

T = TypeVar("T")

Scalar = str | int | float | bool | date | None


class Located(msgspec.Struct, frozen=True):
    """One value of a workspace file. `line` is 1-based."""

    value: "Scalar | list[Located] | dict[str, Located]"
    path: str
    line: int
    key_lines: dict[str, int] = {}
    """Of a table: key -> line of the key."""

    def refuse(self, problem: str, remedy: str, *, line: int | None = None) -> NoReturn:
        """Raise ConfigurationError at this value (or at another line of its file)."""
        raise ConfigurationError(self.path, self.line if line is None else line, problem, remedy)

    def table(self, what: str, required: Iterable[str], optional: Iterable[str] = ()) -> "dict[str, Located]":
        """The keys of a table, all known, none of the required ones missing. `what` names the table in messages."""
        if not isinstance(self.value, dict):
            self.refuse(
                f"{what} must be a table of keys and values, not {self.in_words()}", f"write {what} as `key: …`"
            )
        required = tuple(required)
        known = {*required, *optional}
        for key in self.value:
            if key not in known:
                self.refuse(f"{what} has no key {key!r}", _did_you_mean(key, known), line=self.key_lines.get(key))
        for key in required:
            if key not in self.value:
                self.refuse(f"{what} lacks {key!r}", f"add `{key}` here; the template of `observant init` explains it")
        return self.value

    def items(self, what: str) -> "list[Located]":
        if not isinstance(self.value, list):
            self.refuse(f"{what} must be a list, not {self.in_words()}", f"write {what} as a list, one entry each")
        return self.value

    def one_of(self, what: str, known: Collection[str]) -> str:
        """Text that is one of the known names."""
        name = self.text(what)
        if name not in known:
            self.refuse(f"there is no {what} {name!r}", _did_you_mean(name, known))
        return name

    def text(self, what: str) -> str:
        """Text that is not blank."""
        if not isinstance(self.value, str):
            self.refuse(f"{what} must be text, not {self.in_words()}", "put the value in quotes")
        if not self.value.strip():
            self.refuse(f"{what} is empty", f"write the {what}, or remove the key where it is optional")
        return self.value.strip()

    def flag(self, what: str) -> bool:
        if not isinstance(self.value, bool):
            self.refuse(f"{what} is {self.in_words()}, not true or false", "write true or false, without quotes")
        return self.value

    def number(self, what: str) -> int:
        """A whole number of at least one."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or self.value < 1:
            self.refuse(f"{what} is not a whole number of at least one", "write a number without quotes")
        return self.value

    def mapping(self, what: str) -> "dict[str, Located]":
        """A table whose keys are names that the writer chooses."""
        if not isinstance(self.value, dict):
            self.refuse(f"{what} must be a table of keys and values, not {self.in_words()}", f"write {what} as a table")
        return self.value

    def texts(self, what: str) -> list[str]:
        """A list of texts, each of them once."""
        read: list[str] = []
        for each in self.items(what):
            one = each.text(f"each of {what}")
            if one in read:
                each.refuse(f"{one!r} stands twice in {what}", "remove one of the two")
            read.append(one)
        return read

    def day(self, what: str) -> date:
        if type(self.value) is date:
            return self.value
        return self.read_with(_calendar_day, what, "write it as year-month-day, such as 2025-01-31")

    def span(self, what: str) -> timedelta:
        """A duration longer than nothing."""
        length = self.read_with(duration, what, "write a number and a unit, such as '24 hours' or '90 days'")
        if not length:
            self.refuse(f"{what} is no time at all", "write a number and a unit, such as '24 hours' or '90 days'")
        return length

    def read_with(self, read: Callable[[str], T], what: str, remedy: str) -> T:
        """Read text with a function that raises ValueError."""
        try:
            return read(self.text(what))
        except ValueError as problem:
            self.refuse(f"{what}: {problem}", remedy)

    def plain(self) -> object:
        """The value without places, as the readers in `model` take it."""
        if isinstance(self.value, list):
            return [each.plain() for each in self.value]
        if isinstance(self.value, dict):
            return {key: each.plain() for key, each in self.value.items()}
        return self.value

    def in_words(self) -> str:
        """What the value is, for messages; never its content, which may be a misplaced secret."""
        match self.value:
            case None:
                return "nothing"
            case bool():
                return "true or false (an unquoted yes, no, on or off is read as that)"
            case str():
                return "text"
            case int() | float():
                return "a number"
            case date():
                return "a date"
            case list():
                return "a list"
            case _:
                return "a table"


def _calendar_day(written: str) -> date:
    try:
        return datetime.strptime(written, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise ValueError(f"{written!r} is not a calendar day") from None


def _did_you_mean(key: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(key, sorted(known), n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return "known keys: " + ", ".join(sorted(known))
