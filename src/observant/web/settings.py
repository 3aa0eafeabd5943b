"""Django's settings, made in code from the workspace: there is no settings module, and nothing to configure twice."""

import os
import secrets
import stat
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from observant.app.workspace import Workspace
from observant.errors import UsageError
from observant.web.database import database_for
from observant.web.entrance.settings import APPS, MIDDLEWARE, entrance_settings

FOLDER = "web"
DAY = 86_400
SESSION = DAY // 2
"""Seconds after which everybody signs in again."""
LARGEST_FORM = 2_000_000
"""Bytes of a posted form: some thousand decisions."""


def settings_for(workspace: Workspace, url: str) -> dict[str, Any]:
    """Settings for `django.conf.settings.configure`. `url` is what people type: https unless it is this machine."""
    folder = private_folder(workspace.root / FOLDER)
    place = urlsplit(url)
    secure = place.scheme == "https"
    return {
        "SECRET_KEY": secret_key(folder / "secret.key"),
        "DEBUG": False,
        "ALLOWED_HOSTS": hosts_of(place.hostname or ""),
        "ROOT_URLCONF": "observant.web.urls",
        "INSTALLED_APPS": [
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "django.contrib.sessions",
            *APPS,
            "observant.web.state",
        ],
        "AUTH_USER_MODEL": "state.Account",
        "MIDDLEWARE": [
            "observant.web.headers.headers",
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            MIDDLEWARE,
            "observant.web.access.deny_unruled",
        ],
        "TEMPLATES": [_TEMPLATES],
        "DATABASES": {"default": database_for(workspace, folder)},
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.ScryptPasswordHasher"],
        "AUTH_PASSWORD_VALIDATORS": _validators(),
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
        "USE_I18N": False,
        "SESSION_COOKIE_AGE": SESSION,
        "DATA_UPLOAD_MAX_MEMORY_SIZE": LARGEST_FORM,
        "DATA_UPLOAD_MAX_NUMBER_FIELDS": 20_000,
        "FILE_UPLOAD_HANDLERS": [],
        "LOGGING_CONFIG": None,
        "CSRF_FAILURE_VIEW": "observant.web.pages.refusals.forged",
        "X_FRAME_OPTIONS": "DENY",
        "SECURE_REFERRER_POLICY": "same-origin",
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "SECURE_HSTS_SECONDS": 365 * DAY if secure else 0,
        **_cookies(secure=secure),
        **entrance_settings(workspace, secure=secure),
    }


_TEMPLATES = {
    # For the views of allauth; pages of ours are rendered without Django's engine, by the same environment.
    "BACKEND": "django.template.backends.jinja2.Jinja2",
    "OPTIONS": {
        "environment": "observant.web.rendering.django_environment",
        "context_processors": ["observant.web.rendering.around"],
    },
}


def hosts_of(name: str) -> list[str]:
    """Names that this server answers to: one, and on this machine its others. Passkeys work with localhost alone."""
    local = ["localhost", "127.0.0.1", "[::1]"]
    return local if name in ("localhost", "127.0.0.1", "::1") else [name]


def _cookies(*, secure: bool) -> dict[str, Any]:
    # A name that begins with __Host- binds a cookie to this host; browsers take it over https only.
    prefix = "__Host-" if secure else ""
    return {
        "SESSION_COOKIE_NAME": f"{prefix}observant-session",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_NAME": f"{prefix}observant-csrf",
        "CSRF_COOKIE_SECURE": secure,
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SAMESITE": "Strict",
    }


def _validators() -> list[dict[str, Any]]:
    here = "django.contrib.auth.password_validation"
    return [
        {"NAME": f"{here}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
        {
            "NAME": f"{here}.UserAttributeSimilarityValidator",
            "OPTIONS": {"user_attributes": ("email", "name"), "max_similarity": 0.6},
        },
        {"NAME": f"{here}.CommonPasswordValidator"},
        {"NAME": f"{here}.NumericPasswordValidator"},
    ]


def private_folder(folder: Path) -> Path:
    """Make the folder for its owner only, and keep git out of it."""
    folder.mkdir(mode=0o700, exist_ok=True)
    ignored = folder / ".gitignore"
    if not ignored.exists():
        ignored.write_text("*\n")
    return folder


def secret_key(file: Path) -> str:
    """The key that sessions are signed with; made at the first start. Raises UsageError when others can read it."""
    try:
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise UsageError(
                f"{file} can be read by others",
                "delete it, and a new one is made: everybody signs in again, and enrols authenticator apps again",
            ) from None
    else:
        with os.fdopen(descriptor, "w") as made:
            made.write(secrets.token_urlsafe(64))
    return file.read_text()
