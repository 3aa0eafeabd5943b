"""AWS accounts and organizations of `observant.toml` as snapshots.

With `organization = true` the organization is read first, and its active accounts are read through the role of the
source's `role_name`. Accounts run side by side; AWS throttles each for itself, and so does each of their sessions.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from observant.app.collection import SourceFailure, Tell
from observant.app.settings import AwsSource, account_of
from observant.app.unfinished import Unfinished
from observant.errors import UsageError
from observant.evidence.snapshot import Snapshot
from observant.model.scope import Scope
from observant.model.time import Clock

if TYPE_CHECKING:
    from observant.collect.aws import AwsSession, Target

Read = Iterator[Snapshot | SourceFailure]


def read_aws(sources: list[AwsSource], clock: Clock, tell: Tell, unfinished: Unfinished | None) -> Read:
    """All of them, one after the other. A source that cannot be used at all is told as a SourceFailure."""
    seen: set[str] = set()
    for source in sources:
        try:
            for one in _read(source, clock, tell, unfinished, seen):
                seen.add(one.scope if isinstance(one, Snapshot) else "")
                yield one
        except UsageError as problem:
            yield SourceFailure(_name(source), str(problem).partition("\n")[0])


def _name(source: AwsSource) -> str:
    return f"aws profile {source.profile}" if source.profile else "aws"


def _read(source: AwsSource, clock: Clock, tell: Tell, unfinished: Unfinished | None, seen: set[str]) -> Read:
    from observant.collect.aws import AwsSession, Target, collect_account

    session = AwsSession.open(source.profile, source.region)
    if source.organization:
        yield from _organization(source, session, clock, tell, unfinished, seen)
    elif source.roles:
        targets = [Target.of_role(role, source.external_id) for role in source.roles]
        yield from _accounts(targets, session, clock, tell, unfinished)
    else:
        yield collect_account(session, clock, tell)


def _organization(
    source: AwsSource, session: "AwsSession", clock: Clock, tell: Tell, unfinished: Unfinished | None, seen: set[str]
) -> Read:
    """The organization and, so far as it tells them, its accounts. Named roles win over the common role name."""
    from observant.collect.aws import Target
    from observant.collect.organization import accounts_in, collect_organization

    snapshot = collect_organization(session, clock, tell)
    yield snapshot
    caller = snapshot.supplied_by.split(":")
    partition, own = caller[1], caller[4]
    named = {account_of(role): role for role in source.roles}
    known = accounts_in(snapshot)
    if not known:
        yield SourceFailure(_name(source), f"the accounts of {snapshot.scope} cannot be listed")
    targets = [Target(own)] if own not in named else []
    for account in sorted({*known, *named} - ({own} if targets else set())):
        common = f"arn:{partition}:iam::{account}:role/{source.role_name}" if source.role_name else ""
        if role := named.get(account, common):
            targets.append(Target(account, role, source.external_id))
    targets = [target for target in targets if str(Scope("aws", target.account)) not in seen]
    wanted = [target for target in targets if not source.only or target.account in source.only]
    yield from _accounts(wanted, session, clock, tell, unfinished)


def _accounts(
    targets: "list[Target]", session: "AwsSession", clock: Clock, tell: Tell, unfinished: Unfinished | None
) -> Read:
    """One snapshot for every target; those of a run that was cut off are not asked for again."""
    from observant.collect.aws import collect_accounts

    left: list[Target] = []
    done = 0
    for target in targets:
        kept = unfinished.of(str(Scope("aws", target.account))) if unfinished else None
        if kept is None:
            left.append(target)
            continue
        done += 1
        tell(f"{target.account} was read before the last run was cut off ({done} of {len(targets)} accounts)")
        yield kept
    for snapshot in collect_accounts(left, clock, session, progress=tell):
        done += 1
        if unfinished is not None:
            unfinished.keep(snapshot)
        tell(f"{Scope.parse(snapshot.scope).identifier} done ({done} of {len(targets)} accounts)")
        yield snapshot
