"""The web app on a real PostgreSQL server: the tests of the way in run again, in a process of their own."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

_INSTALLED = [shutil.which("initdb"), *sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb")))]
INITDB = next((one for one in _INSTALLED if one), None)
pytestmark = pytest.mark.skipif(INITDB is None, reason="there is no PostgreSQL server: apt-get install postgresql")
AS_USER = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
SECRET = "correct horse"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Where the server's user may go: it refuses to run as root, and pytest's own folders are for their owner."""
    with tempfile.TemporaryDirectory(prefix="observant-postgresql-", ignore_cleanup_errors=True) as made:
        if AS_USER:
            shutil.chown(made, "postgres")
        yield Path(made)


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[str]:
    """Address of an empty database, without its password."""
    assert INITDB is not None
    programs = Path(INITDB).resolve().parent
    password = folder / "password"
    password.write_text(SECRET)
    password.chmod(0o644)
    data = folder / "data"

    def run(program: str, *arguments: str) -> None:
        subprocess.run([*AS_USER, programs / program, *arguments], check=True, capture_output=True, timeout=120)

    run("initdb", "-D", str(data), "-U", "observant", "--auth=scram-sha-256", f"--pwfile={password}", "--no-sync")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
    run("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
    yield f"postgresql://observant@127.0.0.1:{port}/postgres"
    run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")


def test_the_way_in_is_the_same_on_postgresql(server: str) -> None:
    here = Path(__file__).parent
    files = [str(here / name) for name in ("test_at_once.py", "test_factors.py")]
    environment = os.environ | {"OBSERVANT_DATABASE": server, "OBSERVANT_DATABASE_PASSWORD": SECRET}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *files]

    done = subprocess.run(command, env=environment, cwd=here.parents[1], capture_output=True, text=True, timeout=280)

    assert 0 == done.returncode, done.stdout[-4000:] + done.stderr[-2000:]
    assert "skipped" not in done.stdout
    assert SECRET not in done.stdout + done.stderr
    tables = _tables(server)
    assert {"state_account", "state_visit", "mfa_authenticator", "django_session"} <= tables


def _tables(server: str) -> set[str]:
    import psycopg

    with psycopg.connect(server, password=SECRET) as connection:
        listed = connection.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        return {row[0] for row in listed.fetchall()}
