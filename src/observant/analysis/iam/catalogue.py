"""What AWS's actions are: access level, resource types, ARN formats. Data: `data/LICENSES.md`.

An action that the catalogue does not know may exist all the same: it is never taken for harmless.
"""

import gzip
import os
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path

import msgspec

from observant.analysis.iam.glob import STAR, is_literal, is_star, matches
from observant.errors import UsageError

LEVELS = {"L": "list", "R": "read", "W": "write", "T": "tagging", "P": "permissions management"}

OVERRIDE = "OBSERVANT_IAM_CATALOGUE"
"""Environment variable: a catalogue made by `observant.analysis.iam.refresh`, read in place of our copy."""


class _Service(msgspec.Struct, frozen=True):
    actions: dict[str, tuple[str, list[str], list[str]]]
    resources: dict[str, str]


class _File(msgspec.Struct, frozen=True):
    source: str
    licence: str
    taken: str
    rcp_services: list[str]
    services: dict[str, _Service]


class Action(msgspec.Struct, frozen=True):
    """One action as the catalogue has it."""

    name: str
    """`iam:PassRole`"""
    level: str
    required: tuple[str, ...]
    """ARN templates of the resource types a call always names: each of them must be allowed."""
    optional: tuple[str, ...]
    """ARN templates of the types it may name."""

    @property
    def takes_resources(self) -> bool:
        return bool(self.required or self.optional)


class Catalogue:
    """Actions by lower-case name."""

    def __init__(self, encoded: bytes) -> None:
        self._file = msgspec.json.decode(encoded, type=_File)
        self._matching: dict[str, list[str]] = {}
        self._bits: dict[str, int] = {}
        self._actions: dict[str, Action | None] = {}
        self.taken = self._file.taken
        """Day the copy was taken, ISO 8601."""
        self.rcp_services = frozenset(self._file.rcp_services)
        self._names = {
            service: {name.lower(): name for name in held.actions} for service, held in self._file.services.items()
        }

    def action(self, name: str) -> Action | None:
        """The action by its name in any case; None when the catalogue does not know it."""
        if name not in self._actions:
            self._actions[name] = self._made(name.lower())
        return self._actions[name]

    def _made(self, name: str) -> Action | None:
        service, _, verb = name.partition(":")
        written = self._names.get(service, {}).get(verb)
        if written is None:
            return None
        held = self._file.services[service]
        level, required, optional = held.actions[written]
        return Action(
            name=f"{service}:{written}",
            level=LEVELS[level],
            required=tuple(held.resources[each] for each in required if each in held.resources),
            optional=tuple(held.resources[each] for each in optional if each in held.resources),
        )

    def matching(self, pattern: str) -> list[str]:
        """Known actions, lower case, that a lower-case marked pattern matches, in order."""
        if pattern not in self._matching:
            self._matching[pattern] = self._expanded(pattern)
        return self._matching[pattern]

    def bits(self, pattern: str) -> int:
        """The same as bits: bit n is the nth known action. Kept for each wildcard pattern."""
        if is_literal(pattern):
            place = self._place.get(pattern)
            return 0 if place is None else 1 << place
        if pattern not in self._bits:
            some = self.every if is_star(pattern) else sum(1 << self._place[each] for each in self._expanded(pattern))
            self._bits[pattern] = some
        return self._bits[pattern]

    def at(self, place: int) -> str:
        """The nth known action, lower case."""
        return self._listed[place]

    @cached_property
    def every(self) -> int:
        """Bits of all known actions."""
        return (1 << len(self._listed)) - 1

    @cached_property
    def by_template(self) -> dict[str, int]:
        """ARN template -> bits of the actions that may name a resource of that type."""
        found: dict[str, int] = {}
        for name, place in self._place.items():
            known = self.action(name)
            for template in {*known.required, *known.optional} if known else ():
                found[template] = found.get(template, 0) | 1 << place
        return found

    @cached_property
    def without_resources(self) -> int:
        """Bits of the actions that are about no resource."""
        bits = self.every
        for named in self.by_template.values():
            bits &= ~named
        return bits

    @cached_property
    def _listed(self) -> list[str]:
        return [f"{service}:{name}" for service, names in self._names.items() for name in names]

    @cached_property
    def _place(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self._listed)}

    def _expanded(self, pattern: str) -> list[str]:
        service, _, verb = pattern.partition(":")
        if is_literal(pattern):
            return [pattern] if verb in self._names.get(service, ()) else []
        if is_star(pattern):
            service = verb = STAR
        services = [service] if is_literal(service) else [each for each in self._names if matches(service, each)]
        if verb.endswith(STAR) and is_literal(start := verb.rstrip(STAR)):
            known = ((each, self._names.get(each, ())) for each in services)
            return [f"{each}:{name}" for each, names in known for name in names if name.startswith(start)]
        return [
            f"{each}:{name}" for each in services for name in self._names.get(each, ()) if matches(verb or STAR, name)
        ]

    def __len__(self) -> int:
        return sum(len(names) for names in self._names.values())


@cache
def catalogue() -> Catalogue:
    """The catalogue of this process. Raises UsageError when the file that the environment names is none."""
    chosen = os.environ.get(OVERRIDE)
    if not chosen:
        return Catalogue(gzip.decompress((files("observant.analysis.iam") / "data" / "catalogue.json.gz").read_bytes()))
    try:
        return Catalogue(gzip.decompress(Path(chosen).read_bytes()))
    except (OSError, EOFError, msgspec.DecodeError) as problem:
        remedy = "make it with `python -m observant.analysis.iam.refresh`, or unset the variable"
        raise UsageError(f"{OVERRIDE}={chosen}: {problem}", remedy) from None
