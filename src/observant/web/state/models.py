"""Accounts, invitations, attempts to sign in, visits."""

import secrets
from datetime import date, datetime
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

ROLES = [(name, name) for name in ("admin", "compliance", "reviewer", "auditor")]


class Account(AbstractBaseUser):
    """Somebody who signs in."""

    email: "models.EmailField[str, str]" = models.EmailField(unique=True)
    """Lower case."""
    name: "models.CharField[str, str]" = models.CharField(max_length=200)
    role: "models.CharField[str, str]" = models.CharField(max_length=20, choices=ROLES)
    reviewer: "models.CharField[str, str]" = models.CharField(max_length=64, blank=True)
    """Their name in reviewers.yaml; empty when they review nothing."""
    first: "models.DateField[date | None, date | None]" = models.DateField(null=True)
    """Of an auditor: the period that they see."""
    last: "models.DateField[date | None, date | None]" = models.DateField(null=True)
    is_active: "models.BooleanField[bool, bool]" = models.BooleanField(default=True)

    objects: "ClassVar[BaseUserManager[Account]]" = BaseUserManager()

    USERNAME_FIELD = "email"

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="an_auditor_has_a_period",
                condition=~models.Q(role="auditor") | models.Q(first__isnull=False, last__isnull=False),
            ),
        )


class Invitation(models.Model):
    """A link with which somebody makes their account, once."""

    digest: "models.CharField[str, str]" = models.CharField(max_length=64, unique=True)
    """SHA-256 of the token: who reads the database cannot use it."""
    role: "models.CharField[str, str]" = models.CharField(max_length=20, choices=ROLES)
    email: "models.EmailField[str, str]" = models.EmailField(blank=True)
    """Whom it is for; empty for the first administrator, who says so."""
    reviewer: "models.CharField[str, str]" = models.CharField(max_length=64, blank=True)
    first: "models.DateField[date | None, date | None]" = models.DateField(null=True)
    last: "models.DateField[date | None, date | None]" = models.DateField(null=True)
    expires: "models.DateTimeField[datetime, datetime]" = models.DateTimeField()
    used: "models.DateTimeField[datetime | None, datetime | None]" = models.DateTimeField(null=True)


class Attempt(models.Model):
    """One try to sign in: what the limit counts."""

    at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(auto_now_add=True, db_index=True)
    email: "models.CharField[str, str]" = models.CharField(max_length=64)
    """SHA-256 of what was typed: it may be a password in the wrong field."""
    address: "models.CharField[str, str]" = models.CharField(max_length=64)


def _key() -> str:
    return secrets.token_hex(16)


class Visit(models.Model):
    """An action, or an auditor's look. Rows are never changed, but for the record that they end up in."""

    at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(auto_now_add=True)
    key: "models.CharField[str, str]" = models.CharField(max_length=32, default=_key)
    account: "models.ForeignKey[Account, Account]" = models.ForeignKey(Account, on_delete=models.PROTECT)
    role: "models.CharField[str, str]" = models.CharField(max_length=20)
    """Of the account then."""
    method: "models.CharField[str, str]" = models.CharField(max_length=8)
    route: "models.CharField[str, str]" = models.CharField(max_length=40)
    path: "models.CharField[str, str]" = models.CharField(max_length=500)
    status: "models.PositiveSmallIntegerField[int, int]" = models.PositiveSmallIntegerField()
    record: "models.BigIntegerField[int | None, int | None]" = models.BigIntegerField(null=True, db_index=True)
    """Index of the record of the log that holds it; NULL while it waits."""
