"""What a module of this folder declares about itself, and what it is given to work with.

A part reads some collections of one account. What it may call, and which IAM actions that needs, stands in its
declaration; the permissions page and the policy to attach are generated from there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from observant.collect import part
from observant.collect.aws.session import AwsSession
from observant.collect.aws.unread import Unread
from observant.evidence.snapshot import Collection, GapReason, Json
from observant.model.time import Clock


@dataclass(frozen=True)
class Declaration:
    """`operations` maps each API operation to the IAM actions that it needs (mostly one, of the same name)."""

    collections: tuple[str, ...]
    operations: dict[str, tuple[str, ...]]

    @property
    def actions(self) -> set[str]:
        return {action for needed in self.operations.values() for action in needed}


@dataclass
class Reading:
    """One account being read: the session, the clock, and what earlier parts found."""

    session: AwsSession
    clock: Clock
    account: str
    partition: str = "aws"
    found: dict[str, Collection] = field(default_factory=dict)
    notes: Json = field(default_factory=dict)
    """What one part tells a later one besides its collections."""

    @property
    def root(self) -> str:
        """ARN of the root user; it also stands for the account itself."""
        return f"arn:{self.partition}:iam::{self.account}:root"

    def call(self, service: str, operation: str, **parameters: object) -> Json:
        return self.session.call(service, operation, "", **parameters)

    def need(self, collection: str) -> Collection:
        """An earlier collection. Raises Unread when it is a gap."""
        earlier = self.found[collection]
        if earlier.gap is not None:
            raise Unread(GapReason.NOT_ATTEMPTED, f"needs {collection}, which is a gap ({earlier.gap.reason})")
        return earlier

    @property
    def counts(self) -> Json:
        """GetAccountSummary's counts; empty when they could not be read."""
        summary = self.found["iam.account_summary"]
        return summary.entities[0].configuration if summary.gap is None else {}


Part = part.Part[Declaration, Reading]


def pages(reading: Reading, operation: str, **parameters: object) -> Iterator[Json]:
    """The pages of an IAM listing, each as soon as it is here. Raises Unread when the paging cannot be trusted."""
    seen: set[str] = set()
    marker: dict[str, str] = {}
    while True:
        page = reading.call("iam", operation, MaxItems=PAGE, **parameters, **marker)
        yield page
        if not page.get("IsTruncated"):
            return
        following = page.get("Marker")
        if not following:
            raise Unread(
                GapReason.TRUNCATED, f"iam:{operation}: truncated after {len(seen) + 1} pages without a marker"
            )
        if following in seen:
            raise Unread(GapReason.TRUNCATED, f"iam:{operation}: the marker of page {len(seen) + 1} came before")
        seen.add(following)
        marker = {"Marker": following}


PAGE = 1000
"""The most that IAM puts in one page."""
