"""Who visits: everybody is exactly one of these."""

from enum import StrEnum

from django.http import HttpRequest

from observant.web.state.models import Account


class Visitor(StrEnum):
    """Everybody is exactly one of these."""

    ANONYMOUS = "anonymous"
    ADMIN = "admin"
    COMPLIANCE = "compliance"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"


Visitors = frozenset[Visitor]

NOBODY: Visitors = frozenset()
ANYBODY: Visitors = frozenset(Visitor)
SIGNED_IN: Visitors = ANYBODY - {Visitor.ANONYMOUS}
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
    return Visitor(account.role) if account else Visitor.ANONYMOUS
