"""No byte of the evidence can change unnoticed, and the two verifiers agree.

The Python verifier sees every byte of every file with one bit flipped, and every file dropped, swapped and copied;
`verify.sh`, a hundred times slower, sees all of the latter and a few flips of each file.
"""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from evidence.damage import Mutant, Patient, files, flips, rearranged
from evidence.small_log import SmallLog
from observant.evidence import verify as package
from observant.evidence.sums import sign_sums
from observant.evidence.verifier_app import shell_verifier
from observant.evidence.verify import Report, Trust, verify

HARMLESS = {"log/checkpoint"}
"""The pointer may name any stored checkpoint: a writer that was interrupted leaves it behind."""


@pytest.fixture(scope="module")
def two_days(tmp_path_factory: pytest.TempPathFactory) -> SmallLog:
    log = SmallLog(tmp_path_factory.mktemp("two-days")).days(2)
    log.hear(3)
    return log


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("script") / "verify.sh"
    path.write_bytes(shell_verifier())
    return path


def noticed(report: Report, mutant: Mutant) -> bool:
    return not report.ok or set(mutant.content) <= {*report.unauthenticated, *report.pending, *HARMLESS}


def test_every_flipped_byte_and_every_rearranged_file_is_noticed(two_days, tmp_path):
    patient, trust = Patient(tmp_path / "evidence", two_days.evidence), Trust.load(two_days.trust)
    missed, count = [], 0
    for mutant in (*flips(two_days.evidence), *rearranged(two_days.evidence)):
        patient.apply(mutant)
        if not noticed(verify(patient.root, trust), mutant):
            missed.append((mutant.what, mutant.name))
        patient.heal(mutant)
        count += 1

    assert [] == missed
    assert count > 5_000
    assert verify(patient.root, trust).ok


def test_the_shell_agrees_on_mutants_of_a_store(two_days, script, tmp_path):
    one_day = SmallLog(tmp_path / "one-day").days(1)
    one_day.hear(2)

    assert [] == disagreements(
        list(rearranged(one_day.evidence)), one_day.evidence, one_day.trust, script, tmp_path / "a"
    )
    assert [] == disagreements(
        list(flips(two_days.evidence, [11, -1])), two_days.evidence, two_days.trust, script, tmp_path / "flipped"
    )


def test_the_shell_agrees_on_mutants_of_a_package(two_days, script, tmp_path):
    package_folder = tmp_path / "package"
    Patient(package_folder / "evidence", two_days.evidence)
    two_days.keys.publish(package_folder / "trust")
    (package_folder / "report.csv").write_bytes(b"account,verdict\n1,pass\n")
    sign_sums(package_folder, two_days.keys.package)
    mutants = [
        mutant
        for mutant in (*rearranged(package_folder), *flips(package_folder, [0, 40, 80, 150, 222, 300, -2, -1]))
        if "/" not in mutant.name or mutant.name.endswith(("log/checkpoint", "entries/000.p/5", "log.vkey"))
    ]

    assert len(mutants) > 40
    assert [] == disagreements(mutants, package_folder, two_days.trust, script, tmp_path)


def disagreements(mutants: list[Mutant], original: Path, trust_folder: Path, script: Path, place: Path) -> list[str]:
    """What the two verifiers say differently: good or bad, the first bad file, or the files nobody vouches for."""
    trust = Trust.load(trust_folder)
    patients = [Patient(place / f"patient-{number}", original) for number in range(2)]

    def compare(job: tuple[Patient, list[Mutant]]) -> list[str]:
        patient, mine = job
        found = []
        for mutant in mine:
            patient.apply(mutant)
            expected, actual = spoken(verify(patient.root, trust)), shell(script, trust_folder, patient.root)
            if expected != actual:
                found.append(f"{mutant.name} {mutant.what}: {expected} but {actual}")
            patient.heal(mutant)
        return found

    with ThreadPoolExecutor(2) as pool:
        halves = [(each, mutants[at::2]) for at, each in enumerate(patients)]
        return [line for lines in pool.map(compare, halves) for line in lines]


def spoken(report: Report) -> tuple[int, set[str]]:
    if report.damage is not None:
        return 4, {f"BAD {report.first_bad}"}
    unauthenticated = {f"UNAUTHENTICATED {name}" for name in report.unauthenticated}
    return 0, unauthenticated | {f"PENDING {name}" for name in report.pending}


def shell(script: Path, trust: Path, folder: Path) -> tuple[int, set[str]]:
    done = subprocess.run(
        ["sh", str(script), "--trust", str(trust), str(folder)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "TMPDIR": os.environ.get("TMPDIR", "/tmp")},
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith(("BAD ", "UNAUTHENTICATED ", "PENDING "))]
    return done.returncode, {line.split(": ")[0] if line.startswith("BAD ") else line for line in lines}


def test_the_good_ones_are_good_for_both(two_days, four_days, script):
    for small in (two_days, four_days):
        assert spoken(verify(small.evidence, Trust.load(small.trust))) == (0, set())
        assert shell(script, small.trust, small.evidence) == (0, set())


def test_the_verifier_lies_where_the_import_contract_looks():
    assert "observant.evidence.verify" == package.__name__
    assert files(Path(package.__file__).parent)
