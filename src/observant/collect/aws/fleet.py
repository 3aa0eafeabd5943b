"""Many accounts at once, each through a role. AWS throttles IAM for each account, so accounts run side by side."""

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

import msgspec
from botocore.credentials import Credentials

from observant.collect.aws.collector import Progress, collect_account, identify, unreadable
from observant.collect.aws.session import AwsSession
from observant.collect.aws.unread import Unread
from observant.errors import UsageError
from observant.evidence.snapshot import Gap, GapReason, Snapshot
from observant.model.time import Clock

SESSION_NAME = "observant"

_ROLE = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/.+")


class Target(msgspec.Struct, frozen=True):
    """An account to read, and the role to read it through; without a role, as the caller."""

    account: str
    role: str = ""
    external_id: str = ""

    @classmethod
    def of_role(cls, role: str, external_id: str = "") -> "Target":
        """The account is part of the role's ARN. Raises UsageError for anything else."""
        found = _ROLE.fullmatch(role)
        if found is None:
            raise UsageError(f"{role!r} is not the ARN of a role", "write arn:aws:iam::<account>:role/<name>")
        return cls(found.group(1), role, external_id)


def collect_accounts(
    targets: Sequence[Target],
    clock: Clock,
    base: AwsSession | None = None,
    *,
    workers: int = 8,
    progress: Progress | None = None,
    demo: bool = False,
) -> Iterator[Snapshot]:
    """One snapshot for every target, in the order in which they become ready.

    An account that cannot be entered yields a snapshot of gaps; no failure of one stops another. Only a few accounts
    are in memory at a time, however slowly the caller takes them.
    `progress` is called from several threads. Raises UsageError when an account stands twice.
    """
    accounts = [target.account for target in targets]
    if len(set(accounts)) != len(accounts):
        twice = next(account for account in accounts if accounts.count(account) > 1)
        raise UsageError(f"account {twice} is to be read twice", "name each account once")
    caller = base or AwsSession.open()

    def read(target: Target) -> Snapshot:
        return _collect(caller.sibling(), target, clock, progress, demo)

    yield from _bounded(read, targets, workers)


def _bounded(read: Callable[[Target], Snapshot], targets: Sequence[Target], workers: int) -> Iterator[Snapshot]:
    waiting = iter(targets)
    with ThreadPoolExecutor(workers, thread_name_prefix="account") as pool:
        running: set[Future[Snapshot]] = set()
        try:
            for target in waiting:
                running.add(pool.submit(read, target))
                if len(running) > workers:
                    ready, running = wait(running, return_when=FIRST_COMPLETED)
                    yield from (each.result() for each in ready)
            while running:
                ready, running = wait(running, return_when=FIRST_COMPLETED)
                yield from (each.result() for each in ready)
        finally:  # also when the caller stops taking: what has not begun is not begun
            pool.shutdown(wait=False, cancel_futures=True)


def _collect(session: AwsSession, target: Target, clock: Clock, progress: Progress | None, demo: bool) -> Snapshot:
    try:
        enter(session, target)
        account, caller = identify(session)
    except Unread as unread:
        return unreadable(session, target.account, clock, unread.gap, demo)
    if account != target.account:
        gap = Gap(GapReason.FAILED, f"the credentials reach account {account} ({caller}), not {target.account}")
        return unreadable(session, target.account, clock, gap, demo)

    def tell(line: str) -> None:
        if progress is not None:
            progress(f"{account} {line}")

    return collect_account(session, clock, tell, demo)


def enter(session: AwsSession, target: Target) -> None:
    """Take on the target's role. Raises Unread when AWS refuses."""
    if not target.role:
        return
    given = {"ExternalId": target.external_id} if target.external_id else {}
    answer = session.call("sts", "AssumeRole", RoleArn=target.role, RoleSessionName=SESSION_NAME, **given)
    keys = answer["Credentials"]
    session.become(Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]))
