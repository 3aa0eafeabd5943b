"""What django-allauth is told. Its defaults are for sites where people register themselves; this is none."""

from typing import Any

from observant.app.workspace import Workspace
from observant.web.entrance.single_sign_on import providers_of

APPS = [
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.socialaccount.providers.saml",
]
MIDDLEWARE = "allauth.account.middleware.AccountMiddleware"
CONFIRMED = 600
"""Seconds for which a confirmed password or factor is enough to change factors."""
_HERE = "observant.web.entrance"


def entrance_settings(workspace: Workspace, *, secure: bool) -> dict[str, Any]:
    """Settings of allauth. `secure`: people come by https."""
    return {
        "AUTHENTICATION_BACKENDS": ["allauth.account.auth_backends.AuthenticationBackend"],
        "LOGIN_URL": "/sign-in",
        "LOGIN_REDIRECT_URL": "/",
        "ACCOUNT_LOGOUT_REDIRECT_URL": "/sign-in",
        "ACCOUNT_ADAPTER": f"{_HERE}.adapters.Accounts",
        "ACCOUNT_FORMS": {
            "login": f"{_HERE}.forms.SignInForm",
            "reauthenticate": f"{_HERE}.forms.PasswordAgainForm",
            "change_password": f"{_HERE}.forms.NewPasswordForm",
        },
        "ACCOUNT_USER_MODEL_USERNAME_FIELD": None,
        "ACCOUNT_LOGIN_METHODS": {"email"},
        "ACCOUNT_SIGNUP_FIELDS": ["email*", "password1*"],
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_SESSION_REMEMBER": True,
        "ACCOUNT_REAUTHENTICATION_TIMEOUT": CONFIRMED,
        # Tries of passwords and codes are counted by observant.web.limits, in the database.
        "ACCOUNT_RATE_LIMITS": {"login": None, "login_failed": None},
        "MFA_ADAPTER": f"{_HERE}.adapters.Factors",
        "MFA_FORMS": {
            "authenticate": f"{_HERE}.forms.CodeForm",
            "reauthenticate": f"{_HERE}.forms.CodeAgainForm",
        },
        "MFA_SUPPORTED_TYPES": ["webauthn", "totp", "recovery_codes"],
        "MFA_PASSKEY_LOGIN_ENABLED": True,
        "MFA_WEBAUTHN_USER_VERIFICATION": "required",
        # Browsers take passkeys over https, and on localhost; a server without https serves this machine alone.
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": not secure,
        "MFA_TOTP_ISSUER": f"Observant {workspace.settings.company}",
        "MFA_TOTP_TOLERANCE": 1,
        "MFA_RATE_LIMITS": {"webauthn_login": "30/m/ip"},
        "SOCIALACCOUNT_ADAPTER": f"{_HERE}.adapters.Providers",
        # A form that ends at another site is not allowed by the content security policy: the way there is a link.
        "SOCIALACCOUNT_LOGIN_ON_GET": True,
        "SOCIALACCOUNT_STORE_TOKENS": False,
        "SOCIALACCOUNT_EMAIL_AUTHENTICATION": False,
        "SOCIALACCOUNT_PROVIDERS": providers_of(workspace),
        "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
    }
