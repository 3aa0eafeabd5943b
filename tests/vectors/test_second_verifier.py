"""The second verifier shares no code with the first and must come to the same answer."""

import importlib.util
from pathlib import Path

from evidence.damage import Patient, flips, rearranged
from observant.evidence.verify import Trust, verify

_SPEC = importlib.util.spec_from_file_location("second_verifier", Path(__file__).with_name("second_verifier.py"))
second = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(second)


def test_they_agree_on_good_and_bad(four_days, tmp_path):
    patient, trust = Patient(tmp_path / "evidence", four_days.evidence), Trust.load(four_days.trust)
    vkeys = [str(trust.log[0]), str(trust.statement[0])]
    assert ("good: 9 entries", 0) == second.main([str(patient.root), *vkeys])

    disagreed = []
    for mutant in (*rearranged(patient.root), *flips(patient.root, [3, 50, 97, -4, -1])):
        patient.apply(mutant)
        report, (said, code) = verify(patient.root, trust), second.main([str(patient.root), *vkeys])
        extra = [line.removeprefix("unauthenticated ") for line in said.splitlines()[1:]]
        if (report.ok, report.unauthenticated) != (code == 0, extra) and not (code and not report.ok):
            disagreed.append((mutant.what, mutant.name, str(report.damage), said))
        patient.heal(mutant)

    assert [] == disagreed


def test_it_imports_nothing_of_ours():
    assert "observant" not in Path(second.__file__).read_text()
