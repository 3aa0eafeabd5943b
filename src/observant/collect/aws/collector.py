"""One account, read once: the parts in order, each collection complete or a gap, and every request on record."""

from collections.abc import Callable, Iterator

from observant.collect.aws.account import ALIAS, PASSWORD_POLICY, SUMMARY
from observant.collect.aws.analyzer import ANALYZERS, FINDINGS
from observant.collect.aws.authorization import AUTHORIZATION
from observant.collect.aws.buckets import BUCKETS, TRAIL_BUCKETS
from observant.collect.aws.credential_report import CREDENTIAL_REPORT, order
from observant.collect.aws.logs import EVENT_DATA_STORES, REGIONS, TRAIL_LOG_GROUPS
from observant.collect.aws.mfa import OTHER_MFA, VIRTUAL_MFA
from observant.collect.aws.part import Part, Reading
from observant.collect.aws.session import AwsSession
from observant.collect.aws.trails import EVENT_SELECTORS, PUBLIC_KEYS, TRAIL_STATUS, TRAILS
from observant.collect.aws.unread import Unread
from observant.errors import UsageError
from observant.evidence.snapshot import Collection, Gap, Snapshot
from observant.model.scope import Scope
from observant.model.time import Clock

Progress = Callable[[str], None]

PARTS: tuple[Part, ...] = (
    SUMMARY,
    AUTHORIZATION,
    PASSWORD_POLICY,
    ALIAS,
    VIRTUAL_MFA,
    TRAILS,
    TRAIL_STATUS,
    EVENT_SELECTORS,
    PUBLIC_KEYS,
    BUCKETS,
    TRAIL_BUCKETS,
    TRAIL_LOG_GROUPS,
    REGIONS,
    EVENT_DATA_STORES,
    ANALYZERS,
    FINDINGS,
    CREDENTIAL_REPORT,
    OTHER_MFA,
)
"""In this order: the summary first, as others are compared with it; the report last, as it takes AWS a while."""

COLLECTIONS: tuple[str, ...] = tuple(name for part in PARTS for name in part.declaration.collections)


def collect_account(
    session: AwsSession, clock: Clock, progress: Progress | None = None, demo: bool = False
) -> Snapshot:
    """Read the account that `session` calls into. Refused calls become gaps.

    Raises UsageError when AWS does not accept the credentials at all, since then not even the account is known.
    """
    started = clock()
    try:
        account, caller = identify(session)
    except Unread as unread:
        raise UsageError(
            f"AWS does not accept the credentials: {unread.detail}",
            "check the profile with `aws sts get-caller-identity`",
        ) from unread
    partition = caller.split(":")[1]
    reading = Reading(session, clock, account, partition)
    order(reading)
    collections = list(told(_all(reading), progress))
    scope = str(Scope("aws", account))
    return Snapshot(scope, started, clock(), "api", caller, collections, session.take_requests(), demo)


def identify(session: AwsSession) -> tuple[str, str]:
    """Account number and ARN of the caller. Raises Unread."""
    answer = session.call("sts", "GetCallerIdentity")
    return answer["Account"], answer["Arn"]


def _all(reading: Reading) -> Iterator[Collection]:
    for part in PARTS:
        yield from part.collections(reading)


def told(collections: Iterator[Collection], progress: Progress | None) -> Iterator[Collection]:
    for collection in collections:
        if progress is not None:
            outcome = f"{len(collection.entities)}" if collection.gap is None else f"gap, {collection.gap.reason}"
            progress(f"{collection.name}: {outcome}")
        yield collection


def unreadable(session: AwsSession, account: str, clock: Clock, gap: Gap, demo: bool) -> Snapshot:
    """A snapshot of an account that exists and could not be entered: every collection is a gap."""
    at = clock()
    collections = [Collection(name, gap=gap) for name in COLLECTIONS]
    return Snapshot(str(Scope("aws", account)), at, at, "api", "", collections, session.take_requests(), demo)
