"""The single-file verifier: everything it needs, nothing else, always the same bytes."""

import shutil
import subprocess
import sys
import zipfile

from observant.evidence.sums import sign_sums
from observant.evidence.verifier_app import build_verifier, verifier_bytes


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Isolated, and from an empty place: nothing of ours can be imported from elsewhere."""
    block = "sys.modules.update(dict.fromkeys(['msgspec', 'rfc8785', 'rfc3161_client', 'observant.model']))"
    run = "sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    start = f"import runpy, sys; {block}; {run}"
    command = [sys.executable, "-I", "-c", start, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")


def test_it_verifies_a_store_and_a_package(four_days, tmp_path):
    app = build_verifier(tmp_path / "verify.pyz")
    good = run(app, "--trust", four_days.trust, four_days.evidence)
    package = tmp_path / "package"
    shutil.copytree(four_days.evidence, package / "evidence")
    shutil.copytree(four_days.trust, package / "trust")
    build_verifier(package / "verify.pyz")
    sign_sums(package, four_days.keys.package)
    from_package = run(package / "verify.pyz", package)
    (package / "trust" / "extra").write_bytes(b"")
    (package / "evidence" / "extra").write_bytes(b"")
    with_extra = run(app, "--trust", four_days.trust, package)
    (package / "verify.pyz").write_bytes(b"")
    bad = run(app, "--trust", four_days.trust, package)

    assert (0, "OK 9 entries") == (good.returncode, good.stdout[:12]), good.stderr
    assert 0 == from_package.returncode
    assert from_package.stdout.startswith("WARNING the keys came from the package itself")
    assert ["UNAUTHENTICATED evidence/extra", "UNAUTHENTICATED trust/extra"] == with_extra.stdout.splitlines()[:2]
    assert (4, "BAD ChangedBytes verify.pyz") == (bad.returncode, bad.stdout.partition(":")[0])
    assert 2 == run(app, "--trust", tmp_path, package).returncode == run(app, "--nonsense").returncode


def test_the_same_source_gives_the_same_bytes(tmp_path):
    assert verifier_bytes() == build_verifier(tmp_path / "verify.pyz").read_bytes()


def test_it_holds_no_more_than_verification_needs(tmp_path):
    names = zipfile.ZipFile(build_verifier(tmp_path / "verify.pyz")).namelist()

    assert "observant/evidence/verify/tree.py" in names
    assert not [name for name in names if "store" in name or "log.py" in name or "model" in name]
