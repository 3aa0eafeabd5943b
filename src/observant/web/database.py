"""Where accounts and sessions lie: SQLite in the workspace, or PostgreSQL by one setting."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from observant.app.web_settings import database_problem
from observant.app.workspace import Workspace
from observant.errors import UsageError

ADDRESS = "OBSERVANT_DATABASE"
"""Environment variable that overrides `[web] database`."""
PASSWORD = "OBSERVANT_DATABASE_PASSWORD"
"""Environment variable with the password; without it libpq looks for one where it always does."""
KEPT = 60
"""Seconds that a thread keeps its connection."""


def database_for(workspace: Workspace, folder: Path) -> dict[str, Any]:
    """Django's settings of the database. Raises UsageError when the address in the environment is none."""
    address = os.environ.get(ADDRESS, "") or workspace.settings.web.database
    return _postgresql(address) if address else _sqlite(folder)


def _sqlite(folder: Path) -> dict[str, Any]:
    file = folder / "state.sqlite3"
    if not file.exists():
        os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))
    # Immediate: two writers wait for each other, where deferred ones could fail in the middle.
    options = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": "PRAGMA journal_mode=wal;"}
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(file), "OPTIONS": options}


def _postgresql(address: str) -> dict[str, Any]:
    if problem := database_problem(address):
        raise UsageError(problem, "write postgresql://observant@db.example.com/observant?sslmode=verify-full")
    place = urlsplit(address)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(place.path.strip("/")),
        "USER": unquote(place.username or ""),
        "PASSWORD": os.environ.get(PASSWORD, "") or unquote(place.password or ""),
        "HOST": unquote(place.hostname or ""),
        "PORT": str(place.port or ""),
        "CONN_MAX_AGE": KEPT,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(place.query)),
    }
