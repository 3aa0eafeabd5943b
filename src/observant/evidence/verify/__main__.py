"""`python verify.pyz [--trust FOLDER] [FOLDER]`: exit 0 when all is well, 4 when damaged, 2 when it cannot be told."""

import sys
from pathlib import Path

from observant.errors import ObservantError
from observant.evidence.verify import Report, Trust, verify

USAGE = "usage: verify [--trust FOLDER] [FOLDER]\n"


def main(arguments: list[str]) -> int:
    trust_folder = None
    if arguments[:1] == ["--trust"] and len(arguments) > 1:
        trust_folder, arguments = Path(arguments[1]), arguments[2:]
    folder = Path(arguments[0] if arguments else ".")
    if len(arguments) > 1 or folder.name.startswith("--") or not folder.is_dir():
        sys.stderr.write(USAGE)
        return 2
    try:
        report = verify(folder, Trust.load(trust_folder) if trust_folder else None)
    except ObservantError as problem:
        sys.stderr.write(f"{problem}\n")
        return problem.exit_code
    sys.stdout.write("".join(f"{line}\n" for line in lines(report)))
    return 0 if report.damage is None else report.damage.exit_code


def lines(report: Report) -> list[str]:
    """The report as text, one finding a line; `verify.sh` prints the same first words."""
    said = []
    if report.keys_from != "trust":
        said.append(f"WARNING the keys came from the {report.keys_from} itself: this shows that it is whole, not whose")
    said += [f"UNAUTHENTICATED {name}" for name in report.unauthenticated]
    said += [f"PENDING {name}" for name in report.pending]
    said += [f"NOTE {note}" for note in report.notes]
    said += [f"MISSED no run from {slot.start:%Y-%m-%dT%H:%M:%SZ}" for slot in report.missed]
    if report.damage is not None:
        return [*said, f"BAD {type(report.damage).__name__} {report.damage}"]
    levels = ", ".join(f"{level} {report.levels.count(level)}" for level in sorted(set(report.levels)))
    span = f"{report.first:%Y-%m-%d} to {report.last:%Y-%m-%d}"
    return [*said, f"OK {report.entries} entries of {report.origin}, {span}, root {report.root}; levels: {levels}"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
