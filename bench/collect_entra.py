"""How much one Entra tenant and its subscriptions cost to collect, against the least that any program could spend.

    uv run bench/collect_entra.py [--users 10000] [--runs 3]

The test tenant runs as a process of its own, with a tenth as many groups as users and a fiftieth as many applications.
Each run is a fresh process: `collector` is observant's; `floor` fetches the same pages (the addresses that the
collector began with, followed to their ends) with the same HTTP client, parses them and keeps nothing. Both wait for
nothing; what the documented limits would make the collector wait is computed and shown beside. CPU seconds include
imports and the exchange of tokens; memory is the peak of the process. Ratios are of the medians of one invocation, as
absolute figures depend on the machine.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from observant_clouds.microsoft import Served, process

MOST_CPU_RATIO = 2.0
MOST_PEAK_RATIO = 2.0
MOST_PEAK_MIB = 250


def client() -> Any:
    import httpx2

    return httpx2.Client(timeout=60)


def hosts(served: Served) -> tuple[str, str]:
    """The one server under two names, as Graph and Resource Manager are two hosts."""
    return served.url, served.url.replace("127.0.0.1", "localhost")


def token(served: Served, audience: str) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": served.client_id,
        "client_secret": served.client_secret,
        "scope": f"{audience}/.default",
    }
    with client() as http:
        answer = http.post(f"{served.url}/{served.tenant_id}/oauth2/v2.0/token", data=form)
    text: str = answer.json()["access_token"]
    return text


def tokens(served: Served) -> dict[str, str]:
    graph, arm = hosts(served)
    return {graph: token(served, "https://graph.microsoft.com"), arm: token(served, "https://management.azure.com")}


def collector(served: Served, addresses: Path) -> dict[str, Any]:
    """The product's own collectors; what they read. Notes the first address of each listing."""
    from observant.collect.azure import collect_subscription, groups_in
    from observant.collect.entra import collect_tenant
    from observant.collect.microsoft.clouds import Endpoints
    from observant.collect.microsoft.identity import Token
    from observant.collect.microsoft.pace import Pace
    from observant.collect.microsoft.session import MicrosoftSession
    from observant.model.time import now

    given, waited, sent = tokens(served), [0.0], [0]
    began: list[Any] = []

    def pause(seconds: float) -> None:
        waited[0] += seconds

    class Noting(MicrosoftSession):
        def ahead(self, operation: Any, asked: Any) -> None:
            super().ahead(operation, asked)
            if self._early:
                began.append([operation.version, [url for url, _ in asked]])

        def _body(self, operation: Any, url: str, about: Any, headers: Any) -> bytes:
            if "page" not in about and url not in self._early:
                began.append([url, dict(headers)])
            return super()._body(operation, url, about, headers)

        def _send(self, exchange: Any, host: str) -> Any:
            sent[0] += 1
            return super()._send(exchange, host)

    graph, arm = hosts(served)
    session = Noting(
        Endpoints(served.url, graph, arm),
        lambda scope, _: Token(given[scope.removesuffix("/.default")], time.time() + 86_400),
        pace=Pace(lambda: waited[0], pause),
    )
    collections, groups = [], set()
    for subscription in served.subscriptions:
        snapshot = collect_subscription(session, subscription, now)
        groups |= groups_in(snapshot.collections)
        collections += snapshot.collections
    snapshot = collect_tenant(session, served.tenant_id, now, also_groups=frozenset(groups))
    collections += snapshot.collections
    gaps = [collection.name for collection in collections if collection.gap is not None]
    assert not gaps, gaps
    addresses.write_text(json.dumps(began))
    return {
        "requests": sent[0],
        "entities": sum(len(collection.entities) for collection in collections),
        "wait_s": waited[0],
    }


def floor(served: Served, addresses: Path) -> dict[str, Any]:
    """The same pages, fetched and dropped: also twenty in one request where the collector did so."""
    given, requests, entities = tokens(served), 0, 0
    with client() as http:

        def fetched(url: str, headers: dict[str, str], body: Any = None) -> Any:
            nonlocal requests
            requests += 1
            host = next(one for one in given if url.startswith(one))
            method = "GET" if body is None else "POST"
            more = {**headers, "authorization": f"Bearer {given[host]}"}
            answer = http.request(method, url, headers=more, json=body)
            return answer.json() if "$count" not in url else {}

        for first, more in json.loads(addresses.read_text()):
            if isinstance(more, list):
                root = f"{hosts(served)[0]}/{first}"
                asked = [{"id": str(n), "method": "GET", "url": url.removeprefix(root)} for n, url in enumerate(more)]
                whole = fetched(f"{root}/$batch", {}, {"requests": asked})
                pages = [part["body"] for part in whole["responses"]]
            else:
                pages = [fetched(first, more)]
            for page in pages:
                while page:
                    entities += len(page.get("value", ()))
                    following = page.get("@odata.nextLink") or page.get("nextLink")
                    page = fetched(following, {}) if following else None
    return {"requests": requests, "entities": entities, "wait_s": 0.0}


PROGRAMS: dict[str, Callable[[Served, Path], dict[str, Any]]] = {"collector": collector, "floor": floor}


def measured(served: Served, addresses: Path, program: str) -> dict[str, Any]:
    """One fresh process; what it printed, its time and its peak memory."""
    began = time.perf_counter()
    command = [sys.executable, str(Path(__file__)), "--program", program, "--addresses", str(addresses)]
    environment = {**os.environ, "OBSERVANT_BENCH_TENANT": json.dumps(served.__dict__)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as running:
        assert running.stdout is not None
        printed = running.stdout.read()
        _, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    assert running.returncode == 0, f"{program} failed"
    return {
        **json.loads(printed),
        "wall_s": time.perf_counter() - began,
        "cpu_s": used.ru_utime + used.ru_stime,
        "peak_mib": used.ru_maxrss / 1024,
    }


def compare(users: int, runs: int, addresses: Path) -> bool:
    """Measure and print; whether the collector stays within its bounds."""
    with process(users) as served:
        measured(served, addresses, "collector")  # notes the addresses; the server's first answers are slower
        results = {name: [measured(served, addresses, name) for _ in range(runs)] for name in PROGRAMS}
    figures = ("requests", "wall_s", "cpu_s", "peak_mib")
    medians = {
        name: {f: statistics.median(r[f] for r in all_runs) for f in figures} for name, all_runs in results.items()
    }
    print(f"{users} users, median of {runs}")
    for name, median in medians.items():
        print(
            f"  {name:10} {median['requests']:5.0f} requests  {median['wall_s']:6.2f} s wall  "
            f"{median['cpu_s']:6.2f} s CPU  {median['peak_mib']:6.1f} MiB  {results[name][0]['entities']} objects"
        )
    ratios = {f: medians["collector"][f] / medians["floor"][f] for f in figures}
    print("  ratio      " + "  ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items()))
    print(f"  waiting that the documented limits ask for: {results['collector'][0]['wait_s']:.0f} s")
    bounds = {"cpu_s": MOST_CPU_RATIO, "peak_mib": MOST_PEAK_RATIO}
    return all(ratios[f] <= most for f, most in bounds.items()) and medians["collector"]["peak_mib"] <= MOST_PEAK_MIB


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--program", choices=sorted(PROGRAMS), help=argparse.SUPPRESS)
    parser.add_argument("--addresses", type=Path, default=Path(f"/tmp/observant-entra-{os.getpid()}.json"))
    chosen = parser.parse_args()
    if chosen.program:
        served = Served(**json.loads(os.environ["OBSERVANT_BENCH_TENANT"]))
        print(json.dumps(PROGRAMS[chosen.program](served, chosen.addresses)))
        return 0
    try:
        return 0 if compare(chosen.users, chosen.runs, chosen.addresses) else 1
    finally:
        chosen.addresses.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
