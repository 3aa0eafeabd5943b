"""What the evaluation says of one principal by itself.

A condition narrows when somebody is an administrator, not whether: an answer that depends on keys of a request counts,
and the reason names them. An answer that depends on a policy nobody was shown is NULL.
"""

import msgspec

from observant.analysis.aws.facts import Facts
from observant.analysis.iam.access import Access
from observant.analysis.iam.administrator import administrator
from observant.analysis.iam.estate import Held
from observant.analysis.iam.exposure import exposure
from observant.analysis.iam.layers import Unread
from observant.analysis.iam.mfa import Guarded, mfa_enforced
from observant.analysis.kleene import Kleene

_TOLD = 4
"""Credentials that are told at most."""


class Said(msgspec.Struct, frozen=True):
    """The answers about one principal by itself."""

    administrator: bool | None
    administrator_because: str
    exposes: bool | None
    exposes_because: str
    console: bool | None = None
    """Whether a console sign-in needs MFA for all but enrolment; None for roles, and where it cannot be known."""
    console_because: str = ""
    key: bool | None = None
    """The same for access keys."""
    key_because: str = ""


def judge(facts: Facts, held: Held | None = None) -> Said:
    """Ask everything that one principal can be asked by itself. `held`: where it is at hand."""
    held = held or facts.held()
    granted = _as_far_as_read(held)
    found = administrator(granted)
    exposed = exposure(granted.access, ["credentials"], _TOLD)
    hidden = problems(granted)
    kinds = mfa_enforced(held.access).kinds if facts.kind == "user" else {}
    scps = isinstance(held.access.policies.scps, Unread)
    remark = "; service control policies were not read" if scps and found.answer is not False else ""
    console, console_because = _mfa(kinds.get("console"), hidden, unread=scps)
    key, key_because = _mfa(kinds.get("access key"), hidden, unread=scps)
    return Said(
        administrator=_counted(found.answer, hidden),
        administrator_because=(hidden if found.answer is None and hidden else found.because) + remark,
        exposes=bool(exposed) or (None if hidden else False),
        exposes_because="; ".join(f"{each.action} by {', '.join(each.because)}" for each in exposed) or hidden,
        console=console,
        console_because=console_because,
        key=key,
        key_because=key_because,
    )


def granting(facts: Facts) -> tuple[str, ...]:
    """Labels of the statements that make somebody an administrator; none where nothing does."""
    best = administrator(_as_far_as_read(facts.held())).route
    return best.because if best else ()


def _as_far_as_read(held: Held) -> Held:
    """Policies of an organization only take away: unread, they leave what the account grants."""
    access, policies = held.access, held.access.policies
    if isinstance(policies.scps, Unread):
        policies = msgspec.structs.replace(policies, scps=None)
    if isinstance(policies.rcps, Unread):
        policies = msgspec.structs.replace(policies, rcps=None)
    if policies is access.policies:
        return held
    management = access.management_account
    limited = Access(access.who, policies, management_account=management, context=access.context)
    return msgspec.structs.replace(held, access=limited)


def problems(held: Held) -> str:
    """The first policy that was not shown or cannot be read; empty when there is none."""
    found = held.access.policies
    documents = list(found.identity) if isinstance(found.identity, tuple) else []
    if isinstance(found.boundary, Unread):
        return "the permissions boundary was not shown"
    if found.boundary is not None:
        documents.append(found.boundary)
    return next((each.problem for each in documents if each.problem), "")


def _counted(answer: Kleene, hidden: str) -> bool | None:
    return answer if answer is not None else None if hidden else True


def _mfa(kind: Guarded | None, hidden: str, *, unread: bool) -> tuple[bool | None, str]:
    if kind is None:
        return None, ""
    if kind.enforced:
        return True, f"enforced by {', '.join(kind.guard)}" if kind.guard else "nothing else is allowed"
    left = ", ".join(kind.left[:3])
    if kind.guard:
        lifted = ", and the guard can be removed without MFA" if kind.removable else ""
        because = f"{', '.join(kind.guard)} leaves out {left}{lifted}"
    else:
        because = f"{left} needs no MFA"
    if hidden:
        return None, f"{because}; {hidden}"
    return (None, f"{because}; service control policies were not read") if unread else (False, because)
