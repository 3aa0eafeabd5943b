"""What every principal of a large account may do: our evaluation beside Cloudsplaining on the same file.

    uv run python bench/iam.py [--file AUTHZ.json] [--cloudsplaining PATH/TO/bin/cloudsplaining]

Without a file one of 10,000 principals is generated with `../shared/bench/gen_authz_details.py`. Figures are CPU
seconds (user and system) and peak resident memory of a whole process of its own, cold: reading the file, compiling
every document, and for every user and role administrator, escalation, exposure, MFA and role trust. Cloudsplaining is
measured in the same run when its command is given; otherwise the figure published for version 0.9.1 on a file of the
same shape (324.5 CPU s, 1,488 MiB) is shown as such.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec

from observant.model.time import BEGINNING, FOREVER

SHARED = Path(__file__).parents[2] / "shared"
PUBLISHED = (324.5, 1488)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", type=Path, help="GetAccountAuthorizationDetails as JSON")
    parser.add_argument("--cloudsplaining", type=Path, help="the command, from an environment outside this project")
    parser.add_argument("--once", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.once:
        from observant.analysis.uncollected import uncollected

        with uncollected():
            evaluate(given.file)
        return
    with tempfile.TemporaryDirectory() as folder:
        file = given.file or generated(Path(folder))
        if file is None:
            sys.exit(f"{SHARED} is not there: name a file")
        ours = measured([sys.executable, __file__, "--once", "--file", str(file)])
        print(f"observant       {ours[0]:8.2f} CPU s {ours[1]:8.0f} MiB")
        print(ours[2], end="")
        if given.cloudsplaining:
            command = [
                str(given.cloudsplaining),
                "scan",
                "--input-file",
                str(file),
                "--output",
                folder,
                "--skip-open-report",
            ]
            peer = measured(command)
            print(f"cloudsplaining  {peer[0]:8.2f} CPU s {peer[1]:8.0f} MiB   (measured now)")
        else:
            peer = (*PUBLISHED, "")
            print(f"cloudsplaining  {peer[0]:8.2f} CPU s {peer[1]:8.0f} MiB   (published, not measured now)")
        print(f"ratio           {peer[0] / ours[0]:8.0f} x CPU")


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
    from observant.analysis.aws.facts import read
    from observant.analysis.aws.judged import judge
    from observant.analysis.aws.reaching import Around
    from observant.analysis.iam.callers import Own
    from observant.analysis.iam.trust import trust

    clock = time.process_time
    started = clock()
    everybody = facts_of(msgspec.json.decode(file.read_bytes()))
    listed = clock()
    documents = {each for facts in everybody for each in facts.documents}
    for each in documents:
        read(each)
    compiled = clock()
    judged = [(facts, judge(facts)) for facts in everybody]
    by_themselves = clock()
    around = Around(judged)
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
    name, text = max(documents, key=lambda one: len(one[1] or ""))
    held = next(facts for facts in everybody if (name, text) in facts.documents)
    again = clock()
    fresh = tuple((f"{each} changed", body) for each, body in held.documents)
    judge(msgspec.structs.replace(held, documents=fresh))
    spent = (clock() - again) * 1000
    print(f"  one principal with a changed policy (the longest, {len(text or '')} bytes): {spent:.1f} ms")


def facts_of(details: Any) -> list[Any]:
    """The inventory's view of the file: one stretch of time, no organization."""
    texts = {
        policy["Arn"]: next(text(one["Document"]) for one in policy["PolicyVersionList"] if one["IsDefaultVersion"])
        for policy in details["Policies"]
    }
    groups = {one["GroupName"]: (one["Arn"], documents_of(one, "Group", texts)) for one in details["GroupDetailList"]}
    found = []
    for listed, kind in (("UserDetailList", "User"), ("RoleDetailList", "Role"), ("GroupDetailList", "Group")):
        for one in details[listed]:
            mine = [groups[name] for name in one.get("GroupList", ())]
            documents = documents_of(one, kind, texts).union(*(held for _, held in mine))
            found.append(facts(one, kind, documents, tuple(arn for arn, _ in mine), texts))
    return found


def documents_of(one: Any, kind: str, texts: dict[str, str]) -> set[tuple[str, str | None]]:
    found = {(each["PolicyArn"], texts.get(each["PolicyArn"])) for each in one["AttachedManagedPolicies"]}
    return found | {(each["PolicyName"], text(each["PolicyDocument"])) for each in one[f"{kind}PolicyList"]}


def facts(one: Any, kind: str, documents: Any, groups: tuple[str, ...], texts: dict[str, str]) -> Any:
    from observant.analysis.aws.facts import Facts
    from observant.analysis.aws.scps import Bound

    boundary = one.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "")
    return Facts(
        scope="aws:111122223333",
        arn=one["Arn"],
        kind=kind.lower(),
        label=one[f"{kind}Name"],
        valid_from=BEGINNING,
        valid_to=FOREVER,
        earliest=BEGINNING,
        record=0,
        documents=tuple(sorted(documents, key=str)),
        boundary=(boundary, texts.get(boundary)) if boundary else None,
        boundary_arn=boundary,
        groups=groups,
        customer_policies=tuple(name for name, _ in documents if name.startswith("arn:") and ":aws:policy" not in name),
        trust=text(one["AssumeRolePolicyDocument"]) if kind == "Role" else None,
        bound=Bound(),
    )


def text(document: Any) -> str:
    return msgspec.json.encode(document).decode()


if __name__ == "__main__":
    main()
