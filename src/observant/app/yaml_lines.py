"""Reading YAML that people write: a safe subset, with line numbers.

Only plain mappings, lists and scalars of one document. Anchors and aliases (a few hundred bytes of them expand to
gigabytes), tags, merge keys, duplicate keys and deep nesting are refused: in a written policy each of them is a mistake
or an attack. Nothing is ever constructed as a Python object.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import yaml

from observant.app.located import Located, Scalar
from observant.errors import ConfigurationError

LARGEST = 1_000_000
"""Bytes. A policy of a thousand sentences has a third of this."""
DEEPEST = 12

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where PyYAML was built with it: ten times faster, and every run reads the policy."""
_RESOLVER: Any = yaml.SafeLoader("")
_TRUE = {"yes", "true", "on"}


def read_yaml(path: Path, shown: str) -> Located:
    """Read one file; `shown` is its name in messages. Raises ConfigurationError, and nothing else, for bad content."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise ConfigurationError(shown, 0, "this file is missing", "`observant init` writes a template of it") from None
    except OSError as problem:
        raise ConfigurationError(shown, 0, f"cannot be read: {problem.strerror}", "check its permissions") from None
    return parse_yaml(raw, shown)


def parse_yaml(raw: bytes, shown: str) -> Located:
    """As `read_yaml`, from bytes."""
    if len(raw) > LARGEST:
        raise ConfigurationError(
            shown, 0, f"{len(raw)} bytes are more than a workspace file may have ({LARGEST})", "is this the right file?"
        )
    try:
        written = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw[: problem.start].count(b"\n") + 1
        raise ConfigurationError(shown, line, "this is not UTF-8 text", "save the file as UTF-8") from None
    unprintable = yaml.reader.Reader.NON_PRINTABLE.search(written)
    if unprintable:
        line = written.count("\n", 0, unprintable.start()) + 1
        raise ConfigurationError(shown, line, "a control character stands here", "remove the character")
    try:
        return _Composer(written, shown).document()
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None) or getattr(problem, "context_mark", None)
        said = getattr(problem, "problem", None) or "it cannot be read"
        raise ConfigurationError(
            shown,
            mark.line + 1 if mark else 0,
            f"this is not YAML: {said}",
            "check indentation, colons and quotes here",
        ) from None


class _Composer:
    """Events in, Located out."""

    def __init__(self, written: str, shown: str) -> None:
        self._events: Iterator[Any] = yaml.parse(written, Loader=_LOADER)
        self._shown = shown

    def document(self) -> Located:
        read: Located | None = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if read is not None:
                    self._refuse(
                        event, "a second document starts here", "keep everything in one document, without `---`"
                    )
                read = self._value(next(self._events), 0)
        if read is None:
            raise ConfigurationError(self._shown, 0, "this file is empty", "`observant init` writes a template of it")
        return read

    def _value(self, event: Any, depth: int) -> Located:  # noqa: ANN401 (PyYAML's events have no common type)
        self._refuse_tricks(event, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(event, depth)
        if isinstance(event, yaml.MappingStartEvent):
            return self._table(event, depth)
        return self._located(event, self._scalar(event))

    def _list(self, start: Any, depth: int) -> Located:  # noqa: ANN401
        read: list[Located] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            read.append(self._value(event, depth + 1))
        return self._located(start, read)

    def _table(self, start: Any, depth: int) -> Located:  # noqa: ANN401
        read: dict[str, Located] = {}
        lines: dict[str, int] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event, depth)
            if key in read:
                self._refuse(
                    event, f"the key {key!r} stands twice (first in line {lines[key]})", "remove one of the two"
                )
            lines[key] = event.start_mark.line + 1
            read[key] = self._value(next(self._events), depth + 1)
        return self._located(start, read, lines)

    def _key(self, event: Any, depth: int) -> str:  # noqa: ANN401
        self._refuse_tricks(event, depth)
        if not isinstance(event, yaml.ScalarEvent) or not event.value:
            self._refuse(event, "a key must be a plain word", "write `key: value`")
        if event.value == "<<":
            self._refuse(event, "merge keys are not read", "write the values out")
        return str(event.value)

    def _scalar(self, event: Any) -> Scalar:  # noqa: ANN401
        written = str(event.value)
        tag = _RESOLVER.resolve(yaml.ScalarNode, written, event.implicit).rpartition(":")[2]
        if tag == "null":
            return None
        if tag == "bool":
            return written.lower() in _TRUE
        if tag == "int" and written.lstrip("+-").isdecimal() and (written == "0" or not written.startswith("0")):
            return int(written) if len(written) < 19 else written
        if tag == "timestamp" and len(written) == 10:
            try:
                return date.fromisoformat(written)
            except ValueError:
                return written
        return float(written) if tag == "float" and written.replace(".", "").isdecimal() else written

    def _refuse_tricks(self, event: Any, depth: int) -> None:  # noqa: ANN401
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            self._refuse(
                event, "anchors and aliases are not read", "write the values out; quote texts that begin with * or &"
            )
        if getattr(event, "tag", None):
            self._refuse(event, "tags (`!…`) are not read", "quote texts that begin with an exclamation mark")
        if depth > DEEPEST:
            self._refuse(event, "this is nested too deeply", "workspace files need four levels")

    def _located(self, event: Any, value: Any, lines: dict[str, int] | None = None) -> Located:  # noqa: ANN401
        return Located(value=value, path=self._shown, line=event.start_mark.line + 1, key_lines=lines or {})

    def _refuse(self, event: Any, problem: str, remedy: str) -> NoReturn:  # noqa: ANN401
        raise ConfigurationError(self._shown, event.start_mark.line + 1, problem, remedy)
