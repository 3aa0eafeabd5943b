"""What collecting a whole organization costs: many accounts through AssumeRole, side by side.

    uv run bench/collect_fleet.py [--accounts 200] [--workers 8] [--latency-ms 25]

The AWS test cloud runs as a process of its own. One account of the fleet denies its role and one throttles IAM, as some
always do. Then the run is cut off half way and goes on, and what is asked again is counted. Memory is the peak of the
reading process. Time on a loopback interface is mostly the server's; with latency it is mostly waiting.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Any

from observant_clouds.aws import Control, process

USERS = 5


def numbers(accounts: int) -> list[str]:
    return [f"{200000000000 + number:012d}" for number in range(1, accounts + 1)]


def furnish(control: Control, accounts: int) -> None:
    calls: list[dict[str, Any]] = []
    for number in numbers(accounts):
        calls += [
            {"account": number, "do": "user", "with": {"name": f"user-{one}", "created": 400, "password": True}}
            for one in range(USERS)
        ]
        calls.append({"account": number, "do": "bucket", "with": {"name": f"trail-{number}"}})
        calls.append({"account": number, "do": "trail", "with": {"name": "main", "bucket": f"trail-{number}"}})
    for start in range(0, len(calls), 500):
        control.control("world", calls[start : start + 500])
    denied, throttled = numbers(accounts)[0], numbers(accounts)[1]
    faults = [
        {"action": "sts:AssumeRole", "code": "AccessDenied", "status": 403, "containing": denied},
        {"action": "iam:GetAccountSummary", "code": "Throttling", "status": 400, "account": throttled, "times": 3},
    ]
    control.control("traffic", {"faults": faults, "forget": True})


def read(accounts: int, workers: int, stop: int, folder: Path) -> dict[str, Any]:
    """One run over the fleet; `stop` cuts it off after so many accounts (0: never)."""
    from observant.app.unfinished import Unfinished
    from observant.collect.aws import AwsSession, Target, collect_accounts
    from observant.model.time import now

    unfinished = Unfinished(folder, now)
    targets = [Target.of_role(f"arn:aws:iam::{number}:role/observant") for number in numbers(accounts)]
    left = [target for target in targets if unfinished.of(f"aws:{target.account}") is None]
    progress: list[str] = []
    gaps: dict[str, int] = {}
    done = 0
    for snapshot in islice(
        collect_accounts(left, now, AwsSession.open(), workers=workers, progress=progress.append), stop or None
    ):
        unfinished.keep(snapshot)
        done += 1
        for one in snapshot.collections:
            if one.gap is not None:
                gaps[one.gap.reason.value] = gaps.get(one.gap.reason.value, 0) + 1
    return {"read": done, "kept": len(targets) - len(left), "lines": len(progress), "gaps": gaps}


def measured(control: Control, accounts: int, workers: int, stop: int, folder: str) -> None:
    control.control("traffic", {"forget": True})
    began = time.perf_counter()
    words = [sys.executable, __file__, "--accounts", str(accounts), "--workers", str(workers), "--stop", str(stop)]
    environment = {**os.environ, **control.environment()}
    answer = subprocess.run([*words, "--into", folder], env=environment, check=True, capture_output=True, text=True)
    told = json.loads(answer.stdout)
    wall, requests = time.perf_counter() - began, control.control("stats")["requests"]
    print(
        f"  {'cut off' if stop else 'whole'}: {told['read']} accounts read, {told['kept']} kept from before, "
        f"{requests} requests, {wall:.1f} s wall, {told['cpu']:.1f} s CPU, {told['peak']:.0f} MiB, gaps {told['gaps']}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=200)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--latency-ms", type=float, default=0)
    parser.add_argument("--stop", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--into", default="", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.into:
        told = read(chosen.accounts, chosen.workers, chosen.stop, Path(chosen.into))
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(json.dumps({**told, "cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss / 1024}))
        return
    with process() as control, tempfile.TemporaryDirectory() as once, tempfile.TemporaryDirectory() as twice:
        furnish(control, chosen.accounts)
        control.control("traffic", {"latency_ms": chosen.latency_ms})
        print(f"{chosen.accounts} accounts, {chosen.workers} at once, +{chosen.latency_ms:g} ms per answer")
        measured(control, chosen.accounts, chosen.workers, 0, once)
        measured(control, chosen.accounts, chosen.workers, chosen.accounts // 2, twice)
        measured(control, chosen.accounts, chosen.workers, 0, twice)


if __name__ == "__main__":
    main()
