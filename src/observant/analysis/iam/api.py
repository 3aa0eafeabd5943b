"""The public functions: documents in (JSON text or objects), answers out.

    >>> from observant.analysis.iam.api import decision
    >>> admin = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    >>> bob = "arn:aws:iam::111122223333:user/bob"
    >>> decision(bob, "iam:CreateUser", "arn:aws:iam::111122223333:user/eve", identity=[admin]).answer.value
    'allowed'
    >>> admin_equivalent(bob, [admin]).word
    'yes'

A layer that is left out does not apply; one that may apply and was not read is UNREAD, and the answer then says so.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from observant.analysis.iam.access import Access
from observant.analysis.iam.administrator import Administrator, administrator
from observant.analysis.iam.callers import Own
from observant.analysis.iam.context import ABSENT, UNKNOWN, Context, Special, Value
from observant.analysis.iam.decision import Decision
from observant.analysis.iam.document import Given, policy
from observant.analysis.iam.escalation import Escalation, escalation
from observant.analysis.iam.estate import Held
from observant.analysis.iam.evaluate import decide, questions
from observant.analysis.iam.exposure import Exposure, exposure
from observant.analysis.iam.inclusion import Inclusion, Side, inclusion
from observant.analysis.iam.layers import UNREAD, Policies, Unread, policies
from observant.analysis.iam.mfa import WITHOUT_MFA, Enforcement, mfa_enforced
from observant.analysis.iam.principal import principal
from observant.analysis.iam.public import Public, public_access
from observant.analysis.iam.trust import Trust, trust

__all__ = [
    "UNREAD",
    "access_not_granted",
    "admin_equivalent",
    "decision",
    "exposed",
    "mfa_enforcement",
    "no_new_access",
    "no_public_access",
    "privilege_escalation",
    "role_trust",
]

Documents = Sequence[Given]
Levels = Sequence[Documents]


def decision(
    principal: str,
    action: str,
    resource: str | Sequence[str] | None = None,
    *,
    identity: Documents | Unread = (),
    boundary: Given | Unread | None = None,
    session: Documents | None = None,
    scps: Levels | Unread | None = None,
    rcps: Levels | Unread | None = None,
    resource_policy: Given | Unread | None = None,
    resource_account: str = "",
    known: Mapping[str, str | Sequence[str]] | None = None,
    absent: Sequence[str] = (),
    others: Literal["unknown", "absent"] = "unknown",
    management_account: bool = False,
) -> Decision:
    """May this principal (an ARN) do this action on this resource?

    `identity` are the documents of the principal and its groups; `scps` and `rcps` one list of documents per level,
    root first, every one of which must allow. `known` are condition keys with values, `absent` keys that it lacks,
    `others` what all further keys are. No resource means whatever the action may have; several are one call.
    """
    held = policies(identity, boundary=boundary, session=session, scps=scps, rcps=rcps, resource=resource_policy)
    asked = questions(
        principal,
        action,
        resource,
        held,
        resource_account=resource_account,
        management_account=management_account,
    )
    values: dict[str, Value | Special] = {
        key: value if isinstance(value, str) else tuple(value) for key, value in (known or {}).items()
    }
    values.update(dict.fromkeys(absent, ABSENT))
    return decide(asked, Context(values, UNKNOWN if others == "unknown" else ABSENT))


def admin_equivalent(
    principal: str,
    identity: Documents,
    *,
    boundary: Given | None = None,
    scps: Levels | Unread | None = None,
    management_account: bool = False,
) -> Administrator:
    """May it do, or give itself, everything? `word` is yes, no or conditional."""
    return administrator(_held(principal, policies(identity, boundary=boundary, scps=_read(scps)), management_account))


def privilege_escalation(
    principal: str,
    identity: Documents,
    *,
    boundary: Given | None = None,
    scps: Levels | Unread | None = None,
    management_account: bool = False,
) -> Escalation:
    """Can it raise its own rights, or reach one that holds more? What the documents do not show is conditional."""
    return escalation(_held(principal, policies(identity, boundary=boundary, scps=_read(scps)), management_account))


def exposed(
    principal: str,
    identity: Documents,
    *,
    boundary: Given | None = None,
    scps: Levels | Unread | None = None,
    management_account: bool = False,
) -> list[Exposure]:
    """Which credentials and data can it take out of the account, granted on every resource but named exceptions?"""
    held = policies(identity, boundary=boundary, scps=_read(scps))
    return exposure(_held(principal, held, management_account).access)


def mfa_enforcement(
    principal: str,
    identity: Documents,
    *,
    boundary: Given | None = None,
    scps: Levels | Unread | None = None,
    management_account: bool = False,
    credentials: Sequence[str] = tuple(WITHOUT_MFA),
) -> Enforcement:
    """Does a user with these credentials (`console`, `access key`) need MFA for all but enrolling it?"""
    held = policies(identity, boundary=boundary, scps=scps)
    return mfa_enforced(_held(principal, held, management_account).access, credentials)


def role_trust(trust_policy: Given, account: str, *, organization: str = "", accounts: Sequence[str] = ()) -> Trust:
    """Who outside may assume a role: `word` is none, external, public or unknown."""
    return trust(trust_policy, Own(account, frozenset(accounts), organization))


def no_new_access(candidate: Documents, reference: Given | Documents) -> Inclusion:
    """Do the candidate's documents together allow nothing that the reference does not?"""
    limits = [reference] if isinstance(reference, str | bytes | dict) else list(reference)
    return inclusion(
        [policy(each, f"candidate {number}") for number, each in enumerate(candidate, 1)],
        [policy(each, f"reference {number}") for number, each in enumerate(limits, 1)],
    )


def access_not_granted(
    documents: Documents, actions: Sequence[str] = ("*",), resources: Sequence[str] = ("*",)
) -> Inclusion:
    """Do the documents together allow none of these actions on any of these resources?

    `included` is True where they allow nothing of it, and False where `witness` is a request that they allow.
    """
    wanted = {"Effect": "Allow", "Action": list(actions), "Resource": list(resources)}
    asked = policy({"Version": "2008-10-17", "Statement": [wanted]}, "what is asked about")
    held = [policy(each, f"policy {number}") for number, each in enumerate(documents, 1)]
    return inclusion(Side([held, [asked]]), Side([[]]))


def no_public_access(
    resource_policy: Given, account: str, *, organization: str = "", accounts: Sequence[str] = ()
) -> Public:
    """Does the policy of a resource of this account keep strangers out? `answer` is True where it is public."""
    return public_access(policy(resource_policy, "resource policy"), Own(account, frozenset(accounts), organization))


def _read(scps: Levels | Unread | None) -> Levels | None:
    """Policies that were not read cannot make anybody an administrator: what was read decides."""
    return None if isinstance(scps, Unread) else scps


def _held(arn: str, held: Policies, management_account: bool) -> Held:
    return Held(Access(principal(arn), held, management_account=management_account))
