"""Links with which somebody makes their account: single use, short-lived, kept as a digest only."""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from observant.model.period import Period
from observant.web.state.models import Account, Invitation

VALID = timedelta(days=3)
FIRST_VALID = timedelta(hours=1)
"""The first administrator's link stands in a terminal, and perhaps in its log."""


def invite(role: str, email: str, reviewer: str, period: Period | None) -> str:
    """A new invitation; returns the token, which exists nowhere else."""
    token = secrets.token_urlsafe(32)
    Invitation.objects.create(
        digest=_digest(token),
        role=role,
        email=email,
        reviewer=reviewer,
        first=period.first if period else None,
        last=period.last if period else None,
        expires=timezone.now() + (VALID if email else FIRST_VALID),
    )
    return token


def first_administrator() -> str:
    """A token for the first administrator, the only valid one; empty when there is an administrator."""
    if Account.objects.filter(role="admin", is_active=True).exists():
        return ""
    with transaction.atomic():
        Invitation.objects.filter(email="", used__isnull=True).update(expires=timezone.now())
        return invite("admin", "", "", None)


def invitation_of(token: str) -> Invitation | None:
    """The invitation, while it can be used."""
    return Invitation.objects.filter(digest=_digest(token), used__isnull=True, expires__gt=timezone.now()).first()


def accept(token: str, email: str, name: str, password: str) -> Account | None:
    """Make the account; None when the link was used meanwhile, or there is an account of that e-mail address."""
    with transaction.atomic():
        invitation = invitation_of(token)
        if invitation is None or Account.objects.filter(email=email).exists():
            return None
        invitation.used = timezone.now()
        invitation.save()
        account = Account(
            email=email,
            name=name,
            role=invitation.role,
            reviewer=invitation.reviewer,
            first=invitation.first,
            last=invitation.last,
        )
        account.set_password(password)
        account.save()
    return account


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
