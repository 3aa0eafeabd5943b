"""`observant notify`, to a mail server and a webhook on this machine."""

import json
import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from observant.app.notify_settings import Receiver, address_of, read_receivers
from observant.app.toml_lines import parse_toml
from observant.cli.program import run
from observant.errors import ConfigurationError, UsageError

apprise = pytest.importorskip("apprise", reason="the extra notify is not installed")

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # in a plugin of apprise


class Mail(socketserver.StreamRequestHandler):
    """The least of SMTP (RFC 5321) that a client needs."""

    def handle(self) -> None:
        self._say("220 local")
        while line := self.rfile.readline():
            word = line.split(b" ")[0].strip().upper()
            if word == b"DATA":
                self._say("354 go on")
                taken = b""
                while (more := self.rfile.readline()) != b".\r\n":
                    taken += more
                self.server.taken.append(taken.decode())  # type: ignore[attr-defined]
                self._say("250 taken")
            elif word == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class Hook(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.server.status  # type: ignore[attr-defined]
        if status == 200:
            self.server.taken.append(json.loads(content))  # type: ignore[attr-defined]
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def served(server: socketserver.BaseServer) -> Iterator[socketserver.BaseServer]:
    server.taken = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def mail() -> Iterator[socketserver.BaseServer]:
    yield from served(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mail))


@pytest.fixture
def hook() -> Iterator[socketserver.BaseServer]:
    server = HTTPServer(("127.0.0.1", 0), Hook)
    server.status = 200  # type: ignore[attr-defined]
    yield from served(server)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mail, hook) -> Path:
    """A workspace in which one risk is to be assessed again, and nothing was ever read."""
    root = tmp_path / "w"
    assert 0 == run(["init", str(root), "--company", "Example"])
    with (root / "observant.toml").open("a") as settings:
        settings.write(
            '\n[[notify]]\nname = "mail"\naddress = "env:TEST_MAIL"\nevents = ["review-due"]\n'
            '\n[[notify]]\nname = "hook"\naddress = "file:hook.url"\nwhen = "immediate"\nevents = ["review-due"]\n'
        )
    port = mail.server_address[1]
    monkeypatch.setenv("TEST_MAIL", f"mailto://127.0.0.1:{port}?from=o@a.example&to=t@a.example&mode=insecure")
    (root / "hook.url").write_text(f"json://127.0.0.1:{hook.server_address[1]}/in?token=not-for-the-log")
    (root / "hook.url").chmod(0o600)
    assess(root, "First")
    return root


def assess(root: Path, title: str) -> None:
    given = ["--owner", "Ada", "--likelihood", "1", "--impact", "1", "--treatment", "mitigate"]
    assert 0 == run(["-w", str(root), "risk", "assess", "--title", title, *given, "--review-by", "2026-01-01"])


def told(root: Path, *arguments: str, code: int = 0) -> None:
    assert code == run(["-w", str(root), "notify", *arguments])


def test_what_is_new_is_told_once_in_a_digest_or_one_by_one(workspace, mail, hook):
    told(workspace, "--dry-run")
    assert ([], []) == (mail.taken, hook.taken)
    told(workspace)
    assess(workspace, "Second")
    told(workspace)

    (digest,) = mail.taken  # the next is due in 24 hours
    assert "Example: 1 review-due" in digest
    first, second = (one["message"] for one in hook.taken)
    assert ("risk R-1 (First)" in first, "risk R-2 (Second)" in second) == (True, True)


def test_what_a_service_does_not_take_is_told_the_next_time(workspace, hook, capfd):
    hook.status = 500
    told(workspace, code=3)
    hook.status = 200
    told(workspace)

    assert 1 == len(hook.taken)
    shown = capfd.readouterr()
    assert "not-for-the-log" not in shown.out + shown.err


@pytest.mark.parametrize(
    ("address", "mode", "said"),
    [
        ("file:there", 0o644, "can be read by others"),
        ("file:elsewhere", 0o600, "cannot be opened"),
        ("env:TEST_NOBODY_SET_THIS", 0o600, "is not in TEST_NOBODY_SET_THIS"),
    ],
)
def test_addresses_that_are_not_there_are_named(tmp_path, address, mode, said):
    (tmp_path / "there").write_text("json://x")
    (tmp_path / "there").chmod(mode)

    with pytest.raises(UsageError, match=said):
        address_of(Receiver("team", address, ["exception"]), tmp_path)


def test_an_address_in_the_settings_is_refused():
    settings = b'notify = [{name = "team", address = "mailto://me:secret@example.com"}]'

    with pytest.raises(ConfigurationError, match="does not belong here") as refused:
        read_receivers(parse_toml(settings, "observant.toml").table("the file", ("notify",))["notify"])
    assert "secret@" not in str(refused.value)


@pytest.mark.parametrize(
    "address",
    [
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#security",
        "workflow://prod-1.westus.logic.azure.com:443/workflow/signature",
    ],
    ids=["slack", "teams"],
)
def test_chat_rooms_are_known_to_apprise(address):
    assert apprise.Apprise().add(address)
