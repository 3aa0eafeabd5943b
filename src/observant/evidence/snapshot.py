"""The record format of a snapshot: what collectors hand to the log and what the inventory reads back.

This module is the only contract between `collect` and `inventory`. A snapshot is everything read of one scope at one
time, as a list of collections. Each collection is complete or a gap; each entity in it is split into facets so that
daily noise (last-used times) never makes an unchanged entity look new.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

Json = dict[str, Any]


class GapReason(StrEnum):
    """Why a collection is not complete."""

    DENIED = "denied"
    THROTTLED = "throttled"
    UNLICENSED = "unlicensed"
    TRUNCATED = "truncated"
    FAILED = "failed"
    NOT_ATTEMPTED = "not_attempted"


class Entity(msgspec.Struct, frozen=True):
    """One thing the provider told us about."""

    urn: str
    """Unique in its collection; the provider's own identifier (an ARN) where there is one."""
    configuration: Json
    """What only changes when somebody changes it. JSON values only; timestamps as RFC 3339 text."""
    usage: Json | None = None
    """What changes by use (last-used times, delivery times); None where the provider reports none."""


class Gap(msgspec.Struct, frozen=True):
    reason: GapReason
    detail: str
    """The provider's own answer (code and message), or what went wrong; never a secret."""


class Reconciliation(msgspec.Struct, frozen=True):
    """Completeness shown against a count obtained independently of the listing."""

    source: str
    """Where the independent count comes from, such as `GetAccountSummary Users`."""
    expected: int
    actual: int


class Collection(msgspec.Struct, frozen=True):
    """One kind of thing of one scope. With a gap there are no entities: a partial list is not kept as a list."""

    name: str
    entities: list[Entity] = []
    gap: Gap | None = None
    reconciled: list[Reconciliation] = []


IGNORED = "file:ignored"
"""Operation in the request log for a file that lay among exports and is none."""


class Request(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the request log. No secret, no signed header, no response body."""

    operation: str
    """`iam:GetAccountAuthorizationDetails`"""
    parameters: Json
    status: int
    """HTTP status; 0 when no answer came; 200 for a file that was read."""
    request_id: str = ""
    server_date: str = ""
    """The provider's `Date` header, as sent: evidence about our clock."""
    body_sha256: str = ""
    """Digest of the raw body as received (or of the file read)."""
    retries: int = 0
    error: str = ""


class Snapshot(msgspec.Struct, frozen=True):
    """Everything read of one scope at one time."""

    scope: str
    started: datetime
    finished: datetime
    origin: str
    """`api`, or `files` when somebody handed in exports."""
    supplied_by: str
    """The caller identity (ARN) for `api`; the person or host that handed in the files for `files`."""
    collections: list[Collection]
    requests: list[Request]
    demo: bool = False
    """True for the fictional company: every output made from it says so."""
