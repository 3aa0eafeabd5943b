"""What every principal of a large account may do: our evaluation beside Cloudsplaining on the same file.

    uv run python bench/iam.py [--file AUTHZ.json] [--cloudsplaining PATH/TO/bin/cloudsplaining]

Without a file one of 10,000 principals is generated with `../shared/bench/gen_authz_details.py`. Figures are CPU
seconds (user and system) and peak resident memory of a whole process of its own, cold: reading the file, compiling
every document, and for every user and role administrator, escalation, exposure, MFA and role trust. Cloudsplaining runs
in the same way when its command is found: named, or on the PATH. It does not belong to this project's environment:

    python3 -m venv /tmp/peer && /tmp/peer/bin/pip install cloudsplaining

Where it is not found the figure published for version 0.9.1 on a file of the same shape (324.5 CPU s, 1,488 MiB, on
another machine) stands in its place, and no ratio is told.
"""

import argparse
import gc
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec

SHARED = Path(__file__).parents[2] / "shared"
PUBLISHED = (324.5, 1488)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", type=Path, help="GetAccountAuthorizationDetails as JSON")
    parser.add_argument("--cloudsplaining", help="the command, from an environment outside this project")
    parser.add_argument("--runs", type=int, default=3, help="of our side; the median counts (default: 3)")
    parser.add_argument("--once", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.once:
        once(given.file)
        return
    with tempfile.TemporaryDirectory() as folder:
        file = given.file or generated(Path(folder))
        if file is None:
            sys.exit(f"{SHARED} is not there: name a file")
        command = [sys.executable, __file__, "--once", "--file", str(file)]
        runs = sorted(measured(command) for _ in range(given.runs))
        ours = runs[len(runs) // 2]
        spread = f"{given.runs} runs, {runs[0][0]:.2f} to {runs[-1][0]:.2f}"
        print(f"observant       {ours[0]:8.2f} CPU s {ours[1]:8.0f} MiB   ({spread}; at most 3.00 and 300)")
        print(ours[2], end="")
        peer(given.cloudsplaining, file, folder, ours[0])


def once(file: Path) -> None:
    from observant.analysis.uncollected import uncollected

    with uncollected():
        evaluate(file)
        gc.freeze()  # the process ends: nobody looks for cycles in what goes with it


def peer(named: str | None, file: Path, folder: str, ours: float) -> None:
    command = named or shutil.which("cloudsplaining")
    if command is None:
        print("cloudsplaining  SKIPPED: its command was not found (--cloudsplaining PATH)")
        print(f"                {PUBLISHED[0]:8.2f} CPU s {PUBLISHED[1]:8.0f} MiB   (published, on another machine)")
        return
    arguments = ["scan", "--input-file", str(file), "--output", folder, "--skip-open-report"]
    cpu, peak, _ = measured([command, *arguments])
    print(f"cloudsplaining  {cpu:8.2f} CPU s {peak:8.0f} MiB   (measured now, 1 run)")
    print(f"ratio           {cpu / ours:8.0f} x CPU   (at least 100)")


def generated(folder: Path) -> Path | None:
    maker, managed = SHARED / "bench/gen_authz_details.py", SHARED / "data/aws/managed_policies.json"
    if not maker.exists():
        return None
    file = folder / "authz.json"
    size = ["--users", "5000", "--roles", "5000", "--groups", "300", "--policies", "3000", "--seed", "7"]
    subprocess.run(
        [sys.executable, maker, *size, "--managed", managed, "-o", file], check=True, stderr=subprocess.DEVNULL
    )
    return file


def measured(command: list[str]) -> tuple[float, float, str]:
    """CPU seconds and peak MiB of one process, and what it printed."""
    wrapper = (
        "import json,resource,subprocess,sys;"
        "done=subprocess.run(sys.argv[1:],stdout=subprocess.PIPE,text=True,check=True);"
        "used=resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print(json.dumps([used.ru_utime+used.ru_stime,used.ru_maxrss/1024,done.stdout]))"
    )
    done = subprocess.run([sys.executable, "-c", wrapper, *command], stdout=subprocess.PIPE, text=True, check=True)
    cpu, peak, told = json.loads(done.stdout.splitlines()[-1])
    return cpu, peak, told


def evaluate(file: Path) -> None:
    """Everything about everybody, once."""
    from observant.analysis.aws.account import facts_of
    from observant.analysis.aws.facts import read
    from observant.analysis.aws.judged import judge
    from observant.analysis.aws.reaching import Around
    from observant.analysis.iam.callers import Own
    from observant.analysis.iam.trust import trust

    clock = time.process_time
    started = clock()
    everybody = facts_of(file.read_bytes())
    listed = clock()
    documents = {each for facts in everybody for each in facts.documents}
    for each in documents:
        read(each)
    compiled = clock()
    held = {facts.arn: facts.held() for facts in everybody}
    judged = [(facts, judge(facts, held[facts.arn])) for facts in everybody]
    by_themselves = clock()
    around = Around(judged, {facts.arn: held[facts.arn] for facts in everybody if facts.kind != "group"})
    reached = [around.reach(facts) for facts, said in judged if not said.administrator and facts.kind != "group"]
    escalated = clock()
    trusts = [trust(facts.trust, Own(facts.account)) for facts, _ in judged if facts.trust]
    done = clock()
    print(
        f"  listing {listed - started:.2f}, compiling {compiled - listed:.2f}, "
        f"judging {by_themselves - compiled:.2f}, escalation {escalated - by_themselves:.2f}, "
        f"trust {done - escalated:.2f} CPU s"
    )
    print(f"  {len(documents)} documents compiled, {len(documents) / (compiled - listed):.0f} a second")
    administrators = sum(said.administrator is True for _, said in judged)
    print(
        f"  {len(judged)} users, roles and groups; {administrators} administrators, "
        f"{sum(one.escalates is True for one in reached)} can become one, "
        f"{sum(one.word == 'public' for one in trusts)} roles open to anyone"
    )
    changed(judged, around)


def changed(judged: list[Any], around: Any) -> None:
    """The customer's policy that most principals hold gets another text: all of them are judged again."""
    from observant.analysis.aws.judged import judge

    holders: dict[tuple[str, str], list[Any]] = {}
    for facts, _ in judged:
        for each in facts.documents:
            if ":policy/" in each[0] and "iam::aws:" not in each[0]:
                holders.setdefault(each, []).append(facts)
    (name, text), held = max(holders.items(), key=lambda one: len(one[1]))
    again = time.process_time()
    new = text.replace('"Effect"', ' "Effect"', 1)
    fresh = [
        msgspec.structs.replace(
            facts, documents=tuple((one, new if one == name else body) for one, body in facts.documents)
        )
        for facts in held
    ]
    for facts in fresh:
        if not judge(facts).administrator and facts.kind != "group":
            around.reach(facts)
    spent = (time.process_time() - again) * 1000
    print(f"  one changed policy that {len(held)} principals hold: all judged again in {spent:.1f} ms (at most 50)")


if __name__ == "__main__":
    main()
