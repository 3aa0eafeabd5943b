"""Where allauth asks us. Nobody signs up by themselves: accounts are made with invitations."""

import time
from typing import Any

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from qrcode.image.svg import SvgPathImage

from observant.web.entrance import sealing, single_sign_on
from observant.web.entrance.settings import CONFIRMED
from observant.web.state.models import Account


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]
    """Local accounts."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "E-mail address and password do not belong together.",
        "incorrect_password": "This is not the password.",
        "enter_current_password": "This is not the password of now.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002
        return reverse("mfa_index")

    def reauthenticate(self, user: Account, password: str) -> bool:
        return user.check_password(password)

    def is_reauthentication_required(self, *, app: str, **_: object) -> bool:  # noqa: ARG002
        """Who signed in, or confirmed it, a moment ago need not do it again to change their factors."""
        shown = get_authentication_records(context.request, context.request.user)
        return not any(time.time() - one["at"] < CONFIRMED for one in shown)

    def get_client_ip(self, request: HttpRequest) -> str:
        """As the server says, which believes the proxy in front alone."""
        address: str = request.META.get("REMOTE_ADDR", "")
        return address


class Factors(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This code is not right, or no longer.",
    }

    def encrypt(self, text: str) -> str:
        return sealing.seal(text, settings.SECRET_KEY)

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.unseal(encrypted_text, settings.SECRET_KEY)

    def build_totp_svg(self, url: str) -> str:
        """A picture that can stand in the page: one in an address would need a wider content security policy."""
        drawn: str = qrcode.make(url, image_factory=SvgPathImage, border=2).to_string(encoding="unicode")
        return drawn

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": "Observant"}

    def generate_authenticator_name(self, user: Account, type: str) -> str:  # noqa: A002 (allauth's name)
        from allauth.mfa.models import Authenticator

        return f"Passkey {Authenticator.objects.filter(user=user, type=type).count() + 1}"


class Providers(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Single sign-on."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:  # noqa: ANN401, ARG002
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:  # noqa: ANN401
        single_sign_on.admit(request, sociallogin)
