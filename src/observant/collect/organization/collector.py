"""One organization, read once from an account that may read it: the parts in order, each complete or a gap."""

from collections.abc import Iterator

from observant.collect.aws.collector import Progress, identify, told
from observant.collect.aws.part import Part, Reading
from observant.collect.aws.session import AwsSession
from observant.collect.aws.unread import Unread
from observant.collect.organization.identity_center import ASSIGNMENTS, INSTANCES, MANAGED_POLICIES, PERMISSION_SETS
from observant.collect.organization.people import GROUPS, MEMBERSHIPS, USERS
from observant.collect.organization.policies import POLICIES, POLICY_TARGETS
from observant.collect.organization.tree import DELEGATES, NODES, ORGANIZATION, ORGANIZATION_COLLECTION, ROOT_ACCESS
from observant.errors import UsageError
from observant.evidence.snapshot import Collection, Snapshot
from observant.model.scope import Scope
from observant.model.time import Clock

PARTS: tuple[Part, ...] = (
    ORGANIZATION,
    NODES,
    POLICIES,
    POLICY_TARGETS,
    DELEGATES,
    ROOT_ACCESS,
    INSTANCES,
    PERMISSION_SETS,
    MANAGED_POLICIES,
    ASSIGNMENTS,
    USERS,
    GROUPS,
    MEMBERSHIPS,
)
"""In this order: later parts ask about what earlier ones found."""

COLLECTIONS: tuple[str, ...] = tuple(name for part in PARTS for name in part.declaration.collections)


def collect_organization(
    session: AwsSession, clock: Clock, progress: Progress | None = None, demo: bool = False
) -> Snapshot:
    """Read the organization of the account that `session` calls into. Refused calls become gaps.

    Raises UsageError when AWS does not accept the credentials, when the account is in no organization, and when it may
    not even ask which: there is no scope then that a snapshot could be of.
    """
    started = clock()
    try:
        account, caller = identify(session)
    except Unread as unread:
        raise UsageError(
            f"AWS does not accept the credentials: {unread.detail}",
            "check the profile with `aws sts get-caller-identity`",
        ) from unread
    reading = Reading(session, clock, account, caller.split(":")[1])
    collections = list(told(_all(reading), progress))
    scope = str(Scope("organization", _identifier(reading)))
    return Snapshot(scope, started, clock(), "api", caller, collections, session.take_requests(), demo)


def _identifier(reading: Reading) -> str:
    identifier: str = reading.found[ORGANIZATION_COLLECTION].entities[0].configuration["Id"]
    return identifier


def _all(reading: Reading) -> Iterator[Collection]:
    for part in PARTS:
        for collection in part.collections(reading):
            if collection.name == ORGANIZATION_COLLECTION and collection.gap is not None:
                raise UsageError(
                    f"account {reading.account} does not say which organization it is in: {collection.gap.detail}",
                    "read the organization from its management account, or leave `organization` out",
                )
            yield collection


def accounts_in(snapshot: Snapshot) -> list[str]:
    """Numbers of the accounts of an organization's snapshot that can be entered; empty when they are a gap."""
    nodes = next(one for one in snapshot.collections if one.name == "organizations.nodes")
    found = [one.configuration for one in nodes.entities if one.configuration.get("Kind") == "ACCOUNT"]
    return sorted(one["Id"] for one in found if "Id" in one and one.get("Status", "ACTIVE") == "ACTIVE")
