"""Links with which somebody makes their account: single use, short-lived, kept as a digest only."""

import hashlib
import secrets
from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
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
    return _open().filter(digest=_digest(token)).first()


def _open() -> "QuerySet[Invitation]":
    return Invitation.objects.filter(used__isnull=True, expires__gt=timezone.now())


def accept(token: str, email: str, name: str, password: str) -> Account | None:
    """Make the account; None when the link was used meanwhile, or there is an account of that e-mail address."""
    hashed = make_password(password)  # slow on purpose, so not while the database is held
    try:
        with transaction.atomic():
            invitation = _open().select_for_update().filter(digest=_digest(token)).first()
            if invitation is None or Account.objects.filter(email=email).exists():
                return None
            return _account(invitation, email, name, hashed)
    except IntegrityError:  # another invitation of the same person was accepted at this moment
        return None


def accept_proven(emails: list[str], name: str) -> Account | None:
    """Make the account of somebody whom a provider proved to have one of these addresses; None when not invited.

    It has no password: the provider is the way in.
    """
    with transaction.atomic():
        invitation = _open().select_for_update().filter(email__in=emails).order_by("-expires").first()
        if invitation is None:
            return None
        return _account(invitation, invitation.email, name or invitation.email, make_password(None))


def _account(invitation: Invitation, email: str, name: str, hashed: str) -> Account:
    """Use up the invitation."""
    invitation.used = timezone.now()
    invitation.save()
    account = Account(
        email=email,
        name=name,
        password=hashed,
        role=invitation.role,
        reviewer=invitation.reviewer,
        first=invitation.first,
        last=invitation.last,
    )
    account.save()
    return account


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
