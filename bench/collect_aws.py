"""How much one AWS account costs to collect, against the least that any program could spend.

    uv run bench/collect_aws.py --users 1000 5000 [--latency-ms 25] [--runs 3]

The AWS test cloud runs as a process of its own. Each run is a fresh process: `collector` is observant's; `floor`
fetches the same pages with plain boto3 and keeps nothing (and leaves out the trail buckets); `whole` also signs, stores
and judges what was read. Wall and CPU seconds include imports; memory is the peak of the process. Ratios are of the
medians of one invocation, as absolute figures depend on the machine.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memory import peak_mib

if TYPE_CHECKING:
    from observant_clouds.aws import Control


def collector() -> dict[str, int]:
    """The product's own collector; what it read."""
    from observant.collect.aws import AwsSession, collect_account
    from observant.model.time import now

    snapshot = collect_account(AwsSession.open(), now)
    gaps = [collection.name for collection in snapshot.collections if collection.gap is not None]
    assert not gaps, gaps
    return {
        "entities": sum(len(collection.entities) for collection in snapshot.collections),
        "logged": len(snapshot.requests),
    }


def floor() -> dict[str, int]:
    """The same pages, fetched and dropped."""
    import boto3
    from botocore.config import Config

    session = boto3.Session()
    config = Config(retries={"mode": "adaptive", "total_max_attempts": 10})
    iam, trails = session.client("iam", config=config), session.client("cloudtrail", config=config)
    iam.generate_credential_report()
    entities = 0
    lists = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
    for page in iam.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 1000}):
        entities += sum(len(page[name]) for name in lists)
    for page in iam.get_paginator("list_virtual_mfa_devices").paginate(PaginationConfig={"PageSize": 1000}):
        entities += len(page["VirtualMFADevices"])
    iam.get_account_summary()
    iam.get_account_password_policy()
    iam.list_account_aliases()
    for trail in trails.describe_trails()["trailList"]:
        trails.get_trail_status(Name=trail["TrailARN"])
        trails.get_event_selectors(TrailName=trail["TrailARN"])
    entities += iam.get_credential_report()["Content"].count(b"\n")
    return {"entities": entities}


def whole() -> dict[str, int]:
    """What `observant init`, `collect` and `check` do: read, sign, store and judge."""
    from observant.app.collection import collect
    from observant.app.create import create_workspace
    from observant.app.evaluate import judged
    from observant.app.sources import from_settings
    from observant.app.workspace import Workspace
    from observant.model.time import now

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "workspace"
        create_workspace(root, "Bench", "", now)
        workspace = Workspace.open(root)
        stored = collect(workspace, from_settings(workspace, now, []), "person", now, _silent)
        assert stored.complete, stored
        with judged(workspace, now) as judgement:
            verdicts = sum(1 for _ in judgement.evaluation.now())
    return {"entities": stored.scopes[0].entities, "verdicts": verdicts}


def _silent(line: str) -> None:
    """Progress is for people."""


PROGRAMS: dict[str, Callable[[], dict[str, int]]] = {"collector": collector, "floor": floor, "whole": whole}


def measured(control: "Control", program: str) -> dict[str, Any]:
    """One fresh process; what it printed, its time, its peak memory and the requests that the server counted."""
    control.control("traffic", {"forget": True})
    began = time.perf_counter()
    command = [sys.executable, str(Path(__file__)), "--program", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, **control.environment()}) as running:
        assert running.stdout is not None
        printed = running.stdout.read()
        _, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    assert running.returncode == 0, f"{program} failed"
    return {
        **json.loads(printed),
        "requests": control.control("stats")["requests"],
        "wall_s": time.perf_counter() - began,
        "cpu_s": used.ru_utime + used.ru_stime,
    }


def compare(users: int, latency_ms: float, runs: int) -> None:
    from observant_clouds.aws import process  # not in the measured process: moto alone needs 100 MiB

    with process() as control:
        control.control("seed", {"users": users})
        control.control("traffic", {"latency_ms": latency_ms})
        measured(control, "floor")  # the server's first answers of each kind are slower
        results = {name: [measured(control, name) for _ in range(runs)] for name in PROGRAMS}
    figures = ("requests", "wall_s", "cpu_s", "peak_mib")
    medians = {
        name: {f: statistics.median(r[f] for r in all_runs) for f in figures} for name, all_runs in results.items()
    }
    print(f"{users} users, +{latency_ms:g} ms per answer, median of {runs}")
    for name, median in medians.items():
        print(
            f"  {name:10} {median['requests']:4.0f} requests  {median['wall_s']:6.2f} s wall  "
            f"{median['cpu_s']:6.2f} s CPU  {median['peak_mib']:6.1f} MiB  {results[name][0]['entities']} entities"
        )
    ratios = {f: medians["collector"][f] / medians["floor"][f] for f in figures}
    print("  ratio      " + "  ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, nargs="+", default=[1000])
    parser.add_argument("--latency-ms", type=float, default=0)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--program", choices=sorted(PROGRAMS), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.program:
        print(json.dumps({**PROGRAMS[chosen.program](), "peak_mib": peak_mib()}))
        return
    for users in chosen.users:
        compare(users, chosen.latency_ms, chosen.runs)


if __name__ == "__main__":
    main()
