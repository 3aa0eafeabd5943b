import difflib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from observant.errors import InputError, StoreError, UsageError
from observant.evidence.log import Log
from observant.evidence.record import Draft
from observant.evidence.signers import Keys
from observant.evidence.store.local import LocalStore
from observant.evidence.sums import sign_sums
from observant.evidence.verifier_app import build_verifier, shell_verifier
from observant.evidence.verify import Trust, verify
from observant.reports.csv import Table
from observant.reports.package import Verifiers, entry_href, write_package
from observant.reports.tables import header_of
from reports.sample import END, day, result

GOLDEN = Path(__file__).parent / "golden"


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_package_is_as_reviewed(workshop):
    """Rewrite `golden/` with UPDATE_GOLDEN=1 and read the difference before it is committed."""
    write_package(**workshop.arguments())

    made = _files(workshop.target)
    if os.environ.get("UPDATE_GOLDEN"):
        for name, content in made.items():
            place = GOLDEN / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
    kept = _files(GOLDEN)
    assert sorted(kept) == sorted(made)
    for name, content in made.items():
        old, new = (one.decode(errors="replace").splitlines() for one in (kept[name], content))
        assert [] == list(difflib.unified_diff(old, new, name, name, lineterm="", n=0))
    assert kept == made


def test_the_zip_has_the_same_and_is_the_same_again(workshop):
    first = write_package(**workshop.arguments())
    content = first.archive.read_bytes()

    again = write_package(**workshop.arguments(), replace=True)

    assert (content, sha256(content).hexdigest()) == (again.archive.read_bytes(), again.archive_sha256)
    with zipfile.ZipFile(again.archive) as archive:
        names = [entry.filename for entry in archive.infolist()]
        assert {f"package-2026/{name}": body for name, body in _files(workshop.target).items()} == {
            name: archive.read(name) for name in names
        }
        assert sorted(names) == names
        assert {(1980, 1, 1, 0, 0, 0)} == {entry.date_time for entry in archive.infolist()}
        assert {0o100644, 0o100755} == {entry.external_attr >> 16 for entry in archive.infolist()}


def test_the_summary_counts(workshop):
    summary = write_package(**workshop.arguments())

    files = _files(workshop.target)
    assert (len(files), sum(map(len, files.values()))) == (summary.files, summary.bytes)
    assert ("populations/aws-root-mfa.csv", 1) in [(table.name, table.rows) for table in summary.tables]


def test_stock_tools_check_the_sums(workshop):
    write_package(**workshop.arguments())

    run = subprocess.run(
        ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=workshop.target, check=False
    )

    assert 0 == run.returncode


def test_working_files_of_the_store_stay_behind(workshop):
    write_package(**workshop.arguments())

    assert [] == list(workshop.target.rglob(".*"))


def test_the_copy_is_not_the_store(workshop):
    write_package(**workshop.arguments())

    (workshop.target / "evidence/log/checkpoint").write_text("changed")

    assert "example.com/evidence\n368\nroot\n" == (workshop.evidence / "log/checkpoint").read_text()


@pytest.mark.parametrize("step", ["sign", "build", "rows"])
def test_a_failure_leaves_nothing(workshop, step):
    def fails(*_):
        raise OSError("disk full")

    arguments = workshop.arguments()
    if step == "sign":
        arguments["sign"] = fails
    elif step == "build":
        arguments["verifiers"] = Verifiers(b"", fails)
    else:
        arguments["tables"] = [Table("populations/x.csv", header_of(result(), "x"), ("a",), map(fails, [1]))]

    with pytest.raises(OSError, match="disk full"):
        write_package(**arguments)

    assert [] == list(workshop.target.parent.iterdir())


def test_a_failure_leaves_the_earlier_package(workshop):
    write_package(**workshop.arguments())
    before = _files(workshop.target.parent)

    def fails(_):
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_package(**{**workshop.arguments(), "sign": fails}, replace=True)

    assert before == _files(workshop.target.parent)


def test_an_earlier_package_is_replaced_only_when_asked(workshop):
    write_package(**workshop.arguments())
    (workshop.target / "left.over").write_text("x")

    with pytest.raises(UsageError, match="a package already"):
        write_package(**workshop.arguments())
    write_package(**workshop.arguments(), replace=True)

    assert not (workshop.target / "left.over").exists()


@pytest.mark.parametrize("occupied", ["package-2026/thesis.txt", "package-2026", "package-2026.zip"])
def test_what_is_no_package_is_never_replaced(workshop, occupied):
    workshop.put(workshop.target.parent / occupied, "years of work")

    with pytest.raises(UsageError, match="not a package"):
        write_package(**workshop.arguments(), replace=True)

    assert "years of work" == (workshop.target.parent / occupied).read_text()


def test_a_private_key_does_not_leave(workshop):
    workshop.put(workshop.trust / "log.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")

    with pytest.raises(UsageError, match="private key"):
        write_package(**workshop.arguments())


def test_a_link_is_refused(workshop):
    (workshop.evidence / "objects/out").symlink_to("/etc")

    with pytest.raises(InputError, match="objects/out"):
        write_package(**workshop.arguments())


def test_a_log_that_grows_meanwhile_is_refused(workshop, monkeypatch):
    plain = shutil.copyfile

    def copy(source, target):
        plain(source, target)
        (workshop.evidence / "log/checkpoint").write_text("another")

    monkeypatch.setattr("observant.reports.package.shutil.copyfile", copy)

    with pytest.raises(StoreError, match="grew"):
        write_package(**workshop.arguments())


def test_a_workspace_without_a_log_is_told_so(workshop):
    (workshop.evidence / "log/checkpoint").unlink()

    with pytest.raises(UsageError, match="collect evidence first"):
        write_package(**workshop.arguments())


@pytest.mark.parametrize(
    "name", ["../x.csv", "/x.csv", "a/../../x.csv", ".x.csv", "a//b.csv", "a\\b.csv", "a\nb.csv", ""]
)
def test_no_table_leads_out_of_the_package(workshop, name):
    table = Table(name, header_of(result(), "x"), ("a",), [])

    with pytest.raises(ValueError, match="no name for a file"):
        write_package(**{**workshop.arguments(), "tables": [table]})


def test_no_table_takes_the_place_of_another(workshop):
    table = Table("controls.csv", header_of(result(), "x"), ("a",), [])

    with pytest.raises(ValueError, match=r"controls\.csv is twice"):
        write_package(**{**workshop.arguments(), "tables": [table]})


def test_signing_must_sign(workshop):
    with pytest.raises(ValueError, match="no SHA256SUMS"):
        write_package(**{**workshop.arguments(), "sign": lambda _: None})


def test_entries_are_found_also_when_the_log_grew(tmp_path):
    (tmp_path / "evidence/log/tile/entries/001.p").mkdir(parents=True)
    (tmp_path / "evidence/log/tile/entries/000").touch()
    (tmp_path / "evidence/log/tile/entries/001.p/112").touch()

    assert "evidence/log/tile/entries/000#entry=255" == entry_href(tmp_path, 255, 300)
    assert "evidence/log/tile/entries/001.p/112#entry=256" == entry_href(tmp_path, 256, 300)
    assert "evidence/log/tile/entries/002.p/5#entry=512" == entry_href(tmp_path, 512, 517)


def test_both_verifiers_accept_a_package_with_a_real_log(tmp_path):
    keys = Keys.create(tmp_path / "keys", "example.com/evidence")
    keys.publish(tmp_path / "trust")
    log = Log.create(LocalStore(tmp_path / "evidence"), keys, "example.com/evidence", lambda: day(0))
    log.append([Draft("anchor-note", "", day(0), {"number": number}) for number in range(3)])

    write_package(
        tmp_path / "package",
        result(),
        [],
        tmp_path / "evidence",
        tmp_path / "trust",
        lambda folder: sign_sums(folder, keys.package),
        verifiers=Verifiers(shell_verifier(), build_verifier),
        pages={},
    )

    report = verify(tmp_path / "package", Trust.load(tmp_path / "trust"))
    assert (None, [], log.size) == (report.damage, report.unauthenticated, report.entries)
    for command in (["sh", "verify.sh"], ["python3", "verify.pyz"]):
        if command[0] == "python3":
            command[0] = sys.executable
        run = subprocess.run(
            [*command, "--trust", tmp_path / "trust", "."], cwd=tmp_path / "package", capture_output=True
        )
        assert (0, b"") == (run.returncode, run.stderr), run.stdout


def test_period_json_says_what_the_result_says(workshop):
    write_package(**workshop.arguments())

    read = json.loads((workshop.target / "period.json").read_text())
    assert ("2026-01-01", "2026-12-31") == (read["first"], read["last"])
    assert 4 == len(read["controls"])


def test_a_period_that_runs_says_so_everywhere(workshop):
    running = msgspec.structs.replace(result(), through=END - timedelta(days=60))

    write_package(**{**workshop.arguments(), "result": running})

    for name in ("README.txt", "report.html", "controls.csv"):
        assert "judged up to" in (workshop.target / name).read_text().lower().replace("\n", " "), name
