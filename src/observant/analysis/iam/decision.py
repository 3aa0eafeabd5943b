"""Answers: what a request comes to, by which layer, and under which condition."""

from enum import StrEnum

import msgspec


class Answer(StrEnum):
    ALLOWED = "allowed"
    """Whatever the keys are that nobody named."""
    DENIED = "denied"
    """Whatever they are."""
    CONDITIONAL = "conditional"
    """It depends on them; `residual` says how."""
    UNKNOWN = "unknown"
    """Evidence is missing; `unread` says which."""


class Residual(msgspec.Struct, frozen=True):
    """One statement that holds under some condition only."""

    statement: str
    allows: bool
    tests: tuple[str, ...]
    """Each as `operator key values`; all must hold. Also what is open about the resource."""


class Layer(msgspec.Struct, frozen=True):
    """What one layer of policies says."""

    name: str
    """`service control policies of level 1`, `permissions boundary`, `identity policies`, …"""
    allows: bool | None
    denies: bool | None
    because: tuple[str, ...]
    """The statements that decide."""


class Decision(msgspec.Struct, frozen=True):
    answer: Answer
    explicit: bool
    """Denied by a Deny; else because some layer does not allow."""
    by: str
    """The layer that denies, or that the grant comes from."""
    conditional_on: tuple[str, ...]
    """Keys that the answer depends on, as written in the policies."""
    residual: tuple[Residual, ...]
    unread: tuple[str, ...]
    """Evidence that is missing and would matter."""
    so_far: Answer
    """What it comes to by what was read."""
    layers: tuple[Layer, ...]
