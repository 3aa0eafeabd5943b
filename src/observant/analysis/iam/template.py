"""Texts with policy variables: `${aws:username}`, `${key, 'default'}`, `${*}`, `${?}`, `${$}`.

Variables exist in policies of version 2012-10-17 only; in older ones `${…}` is text. A variable whose key is absent and
has no default makes the whole statement not match; so does one with several values.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

import re
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from observant.analysis.iam.context import ABSENT, UNKNOWN, Context, Special
from observant.analysis.iam.glob import marked, shown

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_LITERAL = {"*": "*", "?": "?", "$": "$"}


class Variable(msgspec.Struct, frozen=True):
    key: str
    """Lower case."""
    default: str | None = None


class Template(msgspec.Struct, frozen=True):
    """A pattern; `parts` is one marked text when it has no variables."""

    written: str
    parts: tuple[str | Variable, ...]
    constant: str | None = None
    """The marked text when nothing needs filling in."""

    def keys(self) -> Iterator[str]:
        for part in self.parts:
            if isinstance(part, Variable):
                yield part.key

    def filled(self, context: Context) -> str | Special:
        """The marked text with values in place; ABSENT or UNKNOWN when a value is."""
        if self.constant is not None:
            return self.constant
        found: list[str] = []
        unknown = False
        for part in self.parts:
            if isinstance(part, str):
                found.append(part)
                continue
            value = context.get(part.key)
            if value is UNKNOWN:
                unknown = True
            elif isinstance(value, str):
                found.append(value)
            elif part.default is not None and value is ABSENT:
                found.append(part.default)
            else:
                return ABSENT
        return UNKNOWN if unknown else "".join(found)


def template(written: str, *, variables: bool) -> Template:
    """Read one text of a policy."""
    if not variables or "${" not in written:
        whole = marked(written)
        return Template(written, (whole,), whole)
    parts: list[str | Variable] = []
    place = 0
    for found in _VARIABLE.finditer(written):
        _add(parts, marked(written[place : found.start()]))
        inside, place = found[1], found.end()
        if inside in _LITERAL:
            _add(parts, _LITERAL[inside])
        else:
            parts.append(_variable(inside))
    _add(parts, marked(written[place:]))
    first = parts[0] if parts else ""
    return Template(written, tuple(parts) or ("",), first if len(parts) < 2 and isinstance(first, str) else None)


def _variable(inside: str) -> Variable:
    key, comma, rest = (each.strip() for each in inside.partition(","))
    quoted = len(rest) > 1 and rest[0] == rest[-1] == "'" and "'" not in rest[1:-1]
    return Variable(key.lower(), rest[1:-1]) if comma and key and quoted else Variable(inside.strip().lower())


def _add(parts: list[str | Variable], text: str) -> None:
    if text and parts and isinstance(parts[-1], str):
        parts[-1] += text
    elif text:
        parts.append(text)


@lru_cache(maxsize=65536)
def literal(pattern: str) -> str:
    """A filled text where wildcards have no meaning: `*` is a star."""
    return shown(pattern)
