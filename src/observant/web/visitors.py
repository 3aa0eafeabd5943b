"""Who visits: everybody is exactly one of these."""

from enum import StrEnum

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from observant.web.state.models import Account


class Visitor(StrEnum):
    """Everybody is exactly one of these."""

    ANONYMOUS = "anonymous"
    NEWCOMER = "newcomer"
    """Signed in with a password alone: they enrol a second factor before anything else."""
    ADMIN = "admin"
    COMPLIANCE = "compliance"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"


Visitors = frozenset[Visitor]

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""Recovery codes alone are none."""
_KEPT = "observant.second_factor"
"""Asked once for each request."""

NOBODY: Visitors = frozenset()
ANYBODY: Visitors = frozenset(Visitor)
PRESENT: Visitors = ANYBODY - {Visitor.ANONYMOUS}
"""Whoever has an account, newcomers too."""
SIGNED_IN: Visitors = PRESENT - {Visitor.NEWCOMER}
STAFF: Visitors = frozenset({Visitor.ADMIN, Visitor.COMPLIANCE})
READERS: Visitors = STAFF | {Visitor.AUDITOR}
"""Who sees the evidence of everybody."""
DECIDERS: Visitors = STAFF | {Visitor.REVIEWER}
ADMINS: Visitors = frozenset({Visitor.ADMIN})


def account_of(request: HttpRequest) -> Account | None:
    """The account that is signed in."""
    user: object = request.user
    return user if isinstance(user, Account) else None


def visitor_of(request: HttpRequest) -> Visitor:
    """The visitor behind a request."""
    account = account_of(request)
    if account is None:
        return Visitor.ANONYMOUS
    return Visitor(account.role) if _has_second_factor(request, account) else Visitor.NEWCOMER


def _has_second_factor(request: HttpRequest, account: Account) -> bool:
    """Whether this account cannot be entered with a password alone, or was entered through single sign-on now.

    With a factor enrolled, allauth makes no session before it was shown.
    """
    if _KEPT not in request.META:
        factors = Authenticator.objects.filter(user=account, type__in=FACTORS)
        shown = get_authentication_records(request, account)
        request.META[_KEPT] = any(one["method"] == "socialaccount" for one in shown) or factors.exists()
    kept: bool = request.META[_KEPT]
    return kept


def forget_factors(request: HttpRequest) -> None:
    """After a view that may have changed them."""
    request.META.pop(_KEPT, None)
