"""The web app under load: a year of 2,000 principals, 50 readers at once, on SQLite and on PostgreSQL.

    uv run python bench/web.py [--days 365] [--users 1000] [--roles 1000] [--policies 3000] [--readers 50] [--think 3]
                               [--seconds 60] [--keep FOLDER]

Writes the synthetic year of `bench/year.py` into a workspace (kept in FOLDER for the next time), and serves it with
`observant serve` in a process of its own, as people do. Readers are signed in, each with a session of their own; a
reader opens a page, looks at it for THINK seconds on average (exponential), and opens the next, chosen at random among
addresses that the app's own pages link to: overview, controls, checks, exceptions, one exception, evidence, records,
collections, raw objects, sources, search, one member, reviews, packages. Times are from sending the request to the
last byte, on one connection for each reader, over the loopback interface; the readers' own process shares the cores.

`--think 0` asks again at once: what is measured then is how many pages a second the server makes, and how long the
queue is. The server judges as of now, so it makes a new evaluation every five minutes, and records the looks of
auditors every ten: run it longer than that to see what they cost. Sessions lie in the database under test, which each
request reads; auditors, whose every look is written, are a tenth of the readers. On a machine that is busy with
something else the times say little; CPU a page still does.
"""

import argparse
import http.client
import json
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from year import ACCOUNT, START, Estate

from observant.app.create import create_workspace
from observant.app.opening import writing_log
from observant.app.workspace import Workspace
from observant.evidence.log import Draft

SCOPE = f"aws:{ACCOUNT}"
SESSIONS = """
import json, sys
from datetime import date
from pathlib import Path
from observant.web.serve import prepare
prepare(Path(sys.argv[1]), sys.argv[2], None)
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from observant.web.state.models import Account
cookies = []
for number in range(int(sys.argv[3])):
    auditor = number % 10 == 9
    account, made = Account.objects.get_or_create(
        email=f"reader{number}@example.com", defaults={"name": f"Reader {number}", "role": "compliance"}
    )
    if made and auditor:
        account.role = "auditor"
        account.first, account.last = map(date.fromisoformat, sys.argv[4:6])
    account.set_unusable_password()
    account.save()
    if made:
        TOTP.activate(account, "JBSWY3DPEHPK3PXP")
    client = Client()
    client.force_login(account)
    cookies.append("; ".join(f"{one.key}={one.value}" for one in client.cookies.values()))
print(json.dumps(cookies))
"""


def workspace(root: Path, given: argparse.Namespace) -> datetime:
    """The year in `root`, written when it is not there yet; returns the moment after its last snapshot."""
    moment = START - timedelta(days=1)
    end = START + timedelta(days=given.days - 1, hours=1)
    if (root / "observant.toml").exists():
        return end
    create_workspace(root, "Bench", "bench.example/evidence", lambda: moment)
    estate = Estate(given.users, given.roles, given.policies)
    with writing_log(Workspace.open(root), lambda: moment) as log:
        for day in range(given.days):
            moment = START + timedelta(days=day)
            if day:
                estate.next_day(moment)
            snapshot = estate.snapshot(moment)
            moment += timedelta(minutes=1)
            log.append_run([snapshot], Draft("run", "", moment, {"complete": True}))
            print(f"\rday {day + 1} of {given.days}", end="", file=sys.stderr)
    print(file=sys.stderr)
    return end


@contextmanager
def postgresql() -> Iterator[dict[str, str]]:
    """A server of its own, as it is after installation; yields the environment that names it."""
    listed = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not listed:
        sys.exit("there is no PostgreSQL server: apt-get install postgresql")
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        if as_user:
            shutil.chown(folder, "postgres")
        data, port = f"{folder}/data", free_port()
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="

        def run(program: str, *arguments: str) -> None:
            subprocess.run([*as_user, listed[-1] / program, *arguments], check=True, capture_output=True)

        run("initdb", "-D", data, "-U", "observant", "--auth=trust")
        run("pg_ctl", "-D", data, "-w", "-l", f"{folder}/log", "-o", options, "start")
        try:
            yield {"OBSERVANT_DATABASE": f"postgresql://observant@127.0.0.1:{port}/postgres"}
        finally:
            run("pg_ctl", "-D", data, "-m", "fast", "stop")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Server:
    """`observant serve` and what it needed."""

    def __init__(self, root: Path, end: datetime, environment: dict[str, str], given: argparse.Namespace) -> None:
        self.port = free_port()
        last = end.date()
        arguments = [root, f"http://localhost:{self.port}", given.readers, last - timedelta(days=given.days - 1), last]
        made = subprocess.run(
            [sys.executable, "-c", SESSIONS, *map(str, arguments)],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        self.cookies: list[str] = json.loads(made.stdout)
        command = [sys.executable, "-m", "observant", "-w", str(root), "serve", "--listen", f"127.0.0.1:{self.port}"]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("localhost", self.port, timeout=300)

    def wait(self) -> float:
        """Seconds until the first page: until then the year is evaluated."""
        began = time.monotonic()
        while self.process.poll() is None:
            try:
                connection = self.connect()
                status, _ = ask(connection, "/readiness", self.cookies[0])
            except OSError:
                time.sleep(0.2)
                continue
            if status != 200:
                sys.exit(f"the first page answers {status}")
            return time.monotonic() - began
        sys.exit("the server ended")

    def used(self) -> tuple[float, float]:
        """(CPU seconds, peak MiB) so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        peak = int(re.search(r"VmHWM:\s+(\d+)", status)[1])  # type: ignore[index]
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), peak / 1024

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(60)


def ask(connection: http.client.HTTPConnection, address: str, cookie: str) -> tuple[int, bytes]:
    connection.request("GET", address, headers={"Cookie": cookie})
    answer = connection.getresponse()
    return answer.status, answer.read()


def addresses(server: Server) -> dict[str, list[str]]:
    """Kind of page -> addresses of it, found as a reader finds them."""
    connection = server.connect()

    def links(address: str, pattern: str, most: int = 200) -> list[str]:
        status, shown = ask(connection, address, server.cookies[0])
        assert status == 200, (address, status)
        found = dict.fromkeys(re.findall(f'href="({pattern})"', shown.decode()))
        return [one.replace("&amp;", "&") for one in found][:most]

    records = links("/evidence?kind=snapshot", r"/evidence/\d+")
    collections = links(records[0], r"/evidence/\d+/[^\"]+")
    full = next(one for one in collections if one.endswith("/iam.roles"))
    found = f"/search?find={quote('user000')}"
    pages = {
        "readiness": ["/readiness"],
        "control": links("/readiness", r"/controls/[^\"]+"),
        "check": [
            one for control in links("/readiness", r"/controls/[^\"]+") for one in links(control, r"/checks/[^\"?]+")
        ],
        "exceptions": ["/exceptions", *links("/exceptions", r"/exceptions\?[^\"]+")],
        "exception": links("/exceptions", r"/exceptions/[0-9a-f]+"),
        "evidence": ["/evidence", *links("/evidence", r"/evidence\?[^\"]+")],
        "record": records,
        "collection": collections,
        "object": links(full, r"/evidence/\d+/objects/[0-9a-f]+"),
        "sources": ["/sources"],
        "search": [found, f"/search?find={quote('role00')}", "/search?find=nobody"],
        "member": links(found, r"/member\?[^\"]+"),
        "reviews": ["/reviews"],
        "packages": ["/packages"],
    }
    return {kind: listed for kind, listed in pages.items() if listed}


def read(
    server: Server, pages: dict[str, list[str]], given: argparse.Namespace
) -> tuple[list[tuple[str, float]], Counter[int]]:
    """(kind, seconds) of every page that the readers opened, and how often which status was answered."""
    times: list[tuple[str, float]] = []
    answers: Counter[int] = Counter()
    stop = time.monotonic() + given.seconds

    def reader(number: int) -> None:
        chance, connection, cookie = random.Random(number), server.connect(), server.cookies[number]
        time.sleep(chance.random() * given.think)
        while time.monotonic() < stop:
            kind = chance.choice(list(pages))
            began = time.perf_counter()
            status, _ = ask(connection, chance.choice(pages[kind]), cookie)
            times.append((kind, time.perf_counter() - began))
            answers[status] += 1
            if given.think:
                time.sleep(chance.expovariate(1 / given.think))

    threads = [threading.Thread(target=reader, args=[number]) for number in range(given.readers)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return times, answers


def report(name: str, root: Path, end: datetime, environment: dict[str, str], given: argparse.Namespace) -> None:
    server = Server(root, end, environment, given)
    try:
        first = server.wait()
        pages = addresses(server)
        before, _ = server.used()
        began = time.monotonic()
        times, answers = read(server, pages, given)
        lasted = time.monotonic() - began
        after, peak = server.used()
    finally:
        server.end()
    every = sorted(seconds for _, seconds in times)
    cost = (after - before) / len(every) * 1000
    print(f"{name}: first page after {first:.1f} s; {len(every)} pages by {given.readers} readers in {lasted:.0f} s")
    print(f"  answers {dict(sorted(answers.items()))}; server {cost:.1f} ms CPU a page, {peak:.0f} MiB peak")
    for kind in ("all", *pages):
        some = sorted(seconds for each, seconds in times if kind in ("all", each))
        figures = [
            f"{word} {share:7.1f} ms" for word, share in zip(("median", "p95", "worst"), shares(some), strict=True)
        ]
        print(f"  {kind:<12} {len(some):>6}   {'   '.join(figures)}")


def shares(ordered: list[float]) -> tuple[float, float, float]:
    """Median, 95th percentile and worst, in milliseconds."""
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return statistics.median(ordered) * 1000, p95 * 1000, ordered[-1] * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("days", 365), ("users", 1000), ("roles", 1000), ("policies", 3000), ("readers", 50)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--think", type=float, default=3.0, help="seconds that a page is looked at, on average")
    parser.add_argument("--keep", type=Path, help="folder of the workspace, made when it is missing")
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    plain = {name: value for name, value in os.environ.items() if not name.startswith("OBSERVANT_")}
    with ExitStack() as stack:
        root = given.keep or Path(stack.enter_context(tempfile.TemporaryDirectory())) / "workspace"
        end = workspace(root, given)
        if given.only != "postgresql":
            report("SQLite", root, end, plain, given)
        if given.only != "sqlite":
            with postgresql() as database:
                report("PostgreSQL", root, end, plain | database, given)


if __name__ == "__main__":
    main()
