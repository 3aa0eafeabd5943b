"""Forms of allauth behind our limit: a try is counted in the database before the secret is looked at."""

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm
from allauth.core import context
from allauth.mfa.base import forms as mfa
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator

from observant.web.limits import forget, may_try

LONGEST = 200
"""Characters of a password: hashing is made to be slow."""
TOO_MANY = "Too many attempts. Wait a quarter of an hour, then try again."


class SignInForm(LoginForm):  # type: ignore[misc]
    """E-mail address and password; its tries are counted by the view, which answers 429."""

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 (as Django gives them)
        super().__init__(*arguments, **named)
        self.fields["password"].validators.append(MaxLengthValidator(LONGEST))


class PasswordAgainForm(ReauthenticateForm):  # type: ignore[misc]
    """The password of somebody who is signed in."""

    def clean_password(self) -> str:
        count(f"password {self.user.pk}")
        password: str = super().clean_password()
        forget(f"password {self.user.pk}")
        return password


class NewPasswordForm(ChangePasswordForm):  # type: ignore[misc]
    """The old password and a new one."""

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401
        super().__init__(*arguments, **named)
        self.fields["password1"].validators.append(MaxLengthValidator(LONGEST))

    def clean_oldpassword(self) -> str:
        count(f"password {self.user.pk}")
        password: str = super().clean_oldpassword()
        forget(f"password {self.user.pk}")
        return password


class _Counted:
    """Counts the tries of six digits."""

    user: Any

    def clean_code(self) -> str:
        count(f"code {self.user.pk}")
        code: str = super().clean_code()  # type: ignore[misc]
        forget(f"code {self.user.pk}")
        return code


class CodeForm(_Counted, mfa.AuthenticateForm):  # type: ignore[misc]
    """The code at sign-in."""


class CodeAgainForm(_Counted, mfa.ReauthenticateForm):  # type: ignore[misc]
    """The code of somebody who is signed in."""


def count(what: str) -> None:
    """One try. Raises ValidationError when there were too many."""
    if not may_try(what, context.request.META.get("REMOTE_ADDR", "")):
        raise ValidationError(TOO_MANY, code="too_many")
