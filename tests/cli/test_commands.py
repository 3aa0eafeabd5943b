"""Every command on a small workspace: what people read, exact JSON, CSV, exit codes."""

import csv
import io
import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from cli.conftest import ACCOUNT, SECRET, Observant
from observant.app.evaluate import CheckedNow, Forecasts, Gaps
from observant.app.status import Status
from observant.app.verify import Verified
from observant.checks.registry import CHECKS, collections_of
from observant.cli.program import run
from observant.period.conclusion import PeriodResult
from observant_clouds.aws import Cloud

READING = [
    ("status",),
    ("check",),
    ("gaps",),
    ("forecast",),
    ("period", "--from", "2026-01-01", "--to", "2026-03-31"),
    ("catalogue",),
    ("doctor", "--offline"),
]


def rows(out: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(out, newline="")))


def test_init_makes_a_workspace_that_only_its_owner_can_sign_for(workspace: Path) -> None:
    names = {each.name for each in workspace.iterdir()}

    assert {"observant.toml", "commitments.yaml", "controls.yaml", "evidence", "keys", "trust", "schemas"} <= names
    assert {0o600} == {stat.S_IMODE(key.stat().st_mode) for key in (workspace / "keys").iterdir()}
    assert "/keys/" in (workspace / ".gitignore").read_text().splitlines()
    assert not [each for each in workspace.parent.iterdir() if each.name.startswith(".observant-init")]


def test_init_prints_the_fingerprint_that_the_guide_recomputes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import hashlib

    assert 0 == run(["init", str(tmp_path / "new"), "--origin", "example.com/log", "--json"])
    made = json.loads(capsys.readouterr().out)
    written = (tmp_path / "new/trust/log.vkey").read_text().strip()

    assert "example.com/log" == made["origin"]
    assert written == made["vkey"]
    assert hashlib.sha256(written.encode()).hexdigest() == made["fingerprint"]


def test_init_a_second_time_changes_nothing(observant: Observant, workspace: Path) -> None:
    before = {path: path.read_bytes() for path in workspace.rglob("*") if path.is_file()}

    code, _, told = observant("init")

    assert 2 == code
    assert "is a workspace already; nothing was changed" in told
    assert before == {path: path.read_bytes() for path in workspace.rglob("*") if path.is_file()}


def test_init_refuses_a_folder_with_something_in_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.txt").write_text("mine")

    assert 2 == run(["init", str(tmp_path)])
    assert "is not empty: it has thesis.txt" in capsys.readouterr().err
    assert ["thesis.txt"] == [each.name for each in tmp_path.iterdir()]


def test_init_fills_an_empty_folder_in_place(tmp_path: Path) -> None:
    before = tmp_path.stat().st_ino

    assert 0 == run(["init", str(tmp_path)])
    assert before == tmp_path.stat().st_ino
    assert (tmp_path / "observant.toml").exists()


def test_init_that_fails_leaves_nothing(tmp_path: Path) -> None:
    assert 2 == run(["init", str(tmp_path / "new"), "--origin", "not a name"])
    assert [] == list(tmp_path.iterdir())


def test_collect_records_the_snapshot_and_the_run(observant: Observant) -> None:
    code, out, _ = observant("collect", "--json")
    result = json.loads(out)

    assert 0 == code
    assert [f"aws:{ACCOUNT}"] == [one["scope"] for one in result["scopes"]]
    assert [] == result["scopes"][0]["gaps"]
    assert result["run"] == result["size"] - 1


def test_collect_ends_with_3_and_names_what_was_denied(observant: Observant, aws: Cloud) -> None:
    aws.traffic.fault("iam:GetAccountPasswordPolicy")

    code, out, _ = observant("collect")

    assert 3 == code
    assert "iam.password_policy" in out
    assert "denied" in out


def test_a_denied_report_makes_exactly_what_needs_it_unknown(observant: Observant, aws: Cloud) -> None:
    def judged() -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for one in json.loads(observant("check", "--json")[1])["verdicts"]:
            found.setdefault(one["check"], set()).add(one["verdict"])
        return found

    aws.traffic.fault("iam:GetCredentialReport", times=1)
    denied, blind = observant("collect")[0], judged()
    read, seeing = observant("collect")[0], judged()
    reads = {name for name, check in CHECKS.items() if "iam.credential_report" in collections_of(check)}
    needs = {name for name in reads & seeing.keys() if CHECKS[name].source == "aws"}  # nobody read a people export

    assert (3, 0) == (denied, read)
    assert all({"unknown"} == blind[name] for name in needs)
    assert any({"unknown"} != seeing[name] for name in needs)
    others = {name for name in seeing if name.startswith("aws-") and name not in reads}
    assert len(others) > 5
    assert {name: seeing[name] for name in others} == {name: blind[name] for name in others}


def test_refused_credentials_leave_the_record_of_a_failed_run(observant: Observant, aws: Cloud) -> None:
    aws.traffic.fault("sts:GetCallerIdentity")

    code, out, _ = observant("collect", "--json")
    result = json.loads(out)

    assert 3 == code
    assert [] == result["scopes"]
    assert "does not accept the credentials" in result["failures"][0]["why"]
    assert result["run"] == result["size"] - 1


def test_run_due_collects_once_in_a_day(observant: Observant) -> None:
    first, second = observant("run", "--due", "--json"), observant("run", "--due", "--json")

    assert (0, True) == (first[0], json.loads(first[1])["due"])
    assert (0, False) == (second[0], json.loads(second[1])["due"])
    assert "2026-01-02T00:00:00Z" == json.loads(second[1])["next_due"]


def test_a_changed_policy_is_noted_and_then_recorded(observant: Observant, workspace: Path) -> None:
    observant("collect")
    file = workspace / "commitments.yaml"
    file.write_text(file.read_text().replace("max_age: 90 days", "max_age: 60 days"))

    assert "changed since they were last recorded (commitments)" in observant("status")[2]
    assert ["commitments"] == json.loads(observant("collect", "--json")[1])["policy"]
    assert "" == observant("status")[2]
    assert [] == json.loads(observant("collect", "--json")[1])["policy"]


def test_check_finds_the_old_key(observant: Observant) -> None:
    observant("collect")

    code, out, _ = observant("check", "aws-access-key-rotation", "--json", "--fail-on", "fail")
    result = json.loads(out)

    assert 1 == code
    assert ["fail"] == [one["verdict"] for one in result["verdicts"]]
    assert 1 == result["summary"][0]["failed"]


def test_check_ends_with_0_unless_asked(observant: Observant) -> None:
    observant("collect")

    assert 0 == observant("check", "aws-access-key-rotation")[0]
    assert 3 == observant("check")[0]  # nobody read a people export
    assert 1 == observant("check", "--fail-on", "unknown")[0]


@pytest.mark.parametrize(
    "words", [("check",), ("gaps",), ("forecast",), ("period", "--from", "2026-01-01", "--to", "2026-03-31")]
)
def test_without_evidence_nothing_is_known(words: tuple[str, ...], observant: Observant) -> None:
    code, out, told = observant(*words)

    assert 3 == code
    assert "nothing was ever collected" in told
    assert "operating effectively" not in out
    assert "pass" not in {one["verdict"] for one in json.loads(observant("check", "--json")[1])["verdicts"]}


def test_user_names_that_spreadsheets_would_run_are_harmless_in_csv(observant: Observant) -> None:
    observant("collect")

    cells = [cell for row in rows(observant("check", "--csv")[1]) for cell in row]

    assert "'=cmd" in cells
    assert not [cell for cell in cells if cell.startswith("=")]


def test_reading_commands_print_csv_and_text(observant: Observant) -> None:
    observant("collect")

    for words in READING:
        table, human = observant(*words, "--csv"), observant(*words)

        expected = 3 if words == ("check",) else 0  # nobody read a people export
        assert (expected, expected) == (table[0], human[0]), words
        assert 1 == len({len(line) for line in rows(table[1])}), words
        assert human[1].strip()
        assert not [each for each in human[1] if not each.isprintable() and each != "\n"], words
        assert SECRET not in "".join([*table[1:], *human[1:]]), words


def test_people_are_shown_some_of_each_and_told_of_the_rest(
    observant: Observant, monkeypatch: pytest.MonkeyPatch
) -> None:
    observant("collect")
    monkeypatch.setattr("observant.cli.commands.check._OF_EACH", 0)
    name = next(
        one["check"] for one in json.loads(observant("check", "--json")[1])["verdicts"] if one["verdict"] == "fail"
    )

    shown, named = observant("check"), observant("check", name)

    assert "more: `observant check NAME`" in shown[1]
    assert 3 == shown[0]
    assert f"{name} " in named[1].partition("\n\n")[2]


def test_json_is_the_whole_result(observant: Observant) -> None:
    """It can be read back into the types that the package documents, and nothing is lost."""
    observant("collect")
    answers = {
        ("check",): CheckedNow,
        ("gaps",): Gaps,
        ("forecast",): Forecasts,
        ("status",): Status,
        ("verify",): Verified,
        ("period", "--from", "2026-01-01", "--to", "2026-03-31"): PeriodResult,
    }
    for words, answer in answers.items():
        out = observant(*words, "--json")[1]

        read = msgspec.json.decode(out, type=answer)
        assert json.loads(out) == json.loads(msgspec.json.encode(read)), words


def test_no_secret_is_ever_printed_or_stored(observant: Observant, workspace: Path) -> None:
    for words in [("collect",), ("doctor",), ("run", "--due"), ("rebuild",)]:
        _, out, told = observant(*words)

        assert SECRET not in out + told, words
    assert not [path for path in workspace.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]


def test_rebuild_gives_the_same_verdicts(observant: Observant) -> None:
    observant("collect")
    before = json.loads(observant("check", "--json")[1])["verdicts"]

    assert 0 == observant("rebuild")[0]
    assert before == json.loads(observant("check", "--json")[1])["verdicts"]


def test_broken_tables_are_made_again(observant: Observant, workspace: Path) -> None:
    observant("collect")
    before = json.loads(observant("check", "--json")[1])["verdicts"]
    (workspace / "projection/inventory.duckdb").write_bytes(b"not a database")

    assert before == json.loads(observant("check", "--json")[1])["verdicts"]


def test_tables_that_another_command_has_open_are_left_alone(observant: Observant, workspace: Path) -> None:
    observant("status")
    holding = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", holding, workspace / "projection/inventory.duckdb"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()

        for words in ("status", "rebuild"):
            code, _, told = observant(words)

            assert 2 == code
            assert "another command has the tables" in told
        other.communicate(b"")
    assert 0 == observant("status")[0]


def test_a_mistake_in_the_policy_is_told_with_its_line(observant: Observant, workspace: Path) -> None:
    file = workspace / "commitments.yaml"
    line = 1 + file.read_text().splitlines().index("    max_age: 90 days")
    file.write_text(file.read_text().replace("max_age: 90 days", "max_age: ninety days"))

    code, _, told = observant("check")

    assert 2 == code
    assert f"commitments.yaml:{line}: max_age of access_key_max_age: 'ninety days' is not a duration" in told


def test_damage_ends_with_4(observant: Observant, workspace: Path) -> None:
    observant("collect")
    checkpoints = workspace / "evidence/log/checkpoints"
    newest = max(checkpoints.iterdir(), key=lambda one: int(one.name))
    newest.chmod(0o644)
    written = bytearray(newest.read_bytes())
    written[20] ^= 1
    newest.write_bytes(written)

    assert 4 == observant("check")[0]


def test_doctor_names_the_action_that_is_missing(observant: Observant, aws: Cloud) -> None:
    aws.traffic.fault("iam:GetAccountPasswordPolicy")

    code, out, _ = observant("doctor", "--json")
    missing = [one for one in json.loads(out) if one["outcome"] == "missing"]

    assert 3 == code
    assert ["allow iam:GetAccountPasswordPolicy to the reading role"] == [one["remedy"] for one in missing]


def test_doctor_says_that_the_policy_is_still_the_example(observant: Observant) -> None:
    assert "still the example" in observant("doctor", "--offline")[1]


def test_doctor_refuses_keys_that_others_can_read(observant: Observant, workspace: Path) -> None:
    (workspace / "keys/log.pem").chmod(0o644)

    code, out, _ = observant("doctor", "--offline")

    assert 2 == code
    assert "others can read this private key" in out


def test_an_interrupted_init_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("observant.app.create.record_policy", interrupted)

    assert 130 == run(["init", str(tmp_path / "new")])
    assert [] == os.listdir(tmp_path)  # noqa: PTH208 (hidden names, too)


@pytest.fixture
def exports(aws: Cloud, tmp_path: Path) -> Path:
    """What the commands of the README save."""
    folder = tmp_path / "exports"
    folder.mkdir()
    iam = aws.session(ACCOUNT).create_client("iam", region_name="us-east-1")
    details = iam.get_account_authorization_details()
    del details["ResponseMetadata"]
    (folder / "authorization-details.json").write_text(json.dumps(details, default=lambda moment: moment.isoformat()))
    iam.generate_credential_report()
    (folder / "credential-report.csv").write_bytes(iam.get_credential_report()["Content"])
    return folder


def test_exports_are_evidence_labelled_with_who_supplied_them(observant: Observant, exports: Path) -> None:
    words = ("collect", "--from", str(exports), "--supplied-by", "Ada Example", "--account", ACCOUNT, "--json")

    code, out, _ = observant(*words)
    (scope,) = json.loads(out)["scopes"]

    assert 3 == code, "only two of the exports were handed in"
    assert "Ada Example" == scope["supplied_by"]
    assert "aws iam get-account-password-policy" in str(scope["gaps"])
    assert 1 == observant("check", "aws-access-key-rotation", "--fail-on", "fail")[0]
    assert "Ada Example" in observant("status")[1]


def test_a_bad_export_is_told_with_its_place_and_nothing_is_recorded(observant: Observant, exports: Path) -> None:
    (exports / "authorization-details.json").write_text('{"UserDetailList": [')
    before = json.loads(observant("status", "--json")[1])["size"]

    code, _, told = observant("collect", "--from", str(exports))

    assert 2 == code
    assert "authorization-details.json" in told
    assert before == json.loads(observant("status", "--json")[1])["size"]


def test_an_account_that_was_not_handed_in_is_refused(observant: Observant, exports: Path) -> None:
    code, _, told = observant("collect", "--from", str(exports), "--account", "999999999999")

    assert 2 == code
    assert "holds no export of 999999999999" in told


def test_verify_proves_the_log_of_the_workspace(observant: Observant) -> None:
    observant("collect")

    code, out, _ = observant("verify", "--json")
    result = json.loads(out)

    assert 0 == code
    assert ("trust", json.loads(observant("status", "--json")[1])["root"]) == (result["keys_from"], result["root"])
    assert "Intact" in observant("verify")[1]


def test_verify_cautions_when_the_keys_came_from_inside(observant: Observant, workspace: Path) -> None:
    assert "not whose it is" in observant("verify", str(workspace / "evidence"))[1]


def test_verify_names_the_damaged_object_and_ends_with_4(observant: Observant, workspace: Path) -> None:
    observant("collect")
    (pack,) = (workspace / "evidence/objects/pack").iterdir()
    pack.chmod(0o644)
    pack.write_bytes(pack.read_bytes()[:-1])

    code, out, _ = observant("verify")

    assert 4 == code
    assert f"objects/pack/{pack.name}" in out


def test_verify_refuses_other_keys(observant: Observant, workspace: Path, tmp_path: Path) -> None:
    run(["init", str(tmp_path / "other"), "--origin", "example-ltd.example/access-evidence"])

    assert 4 == observant("verify", "--trust", str(tmp_path / "other/trust"))[0]


def test_verify_sees_a_day_without_a_run(observant: Observant, aws: Cloud) -> None:
    observant("collect")
    aws.move_to(datetime(2026, 1, 4, 6, tzinfo=UTC))
    observant("collect")

    missed = json.loads(observant("verify", "--json")[1])["missed"]

    assert ["2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"] == [one["start"] for one in missed]


def test_verify_of_something_else_says_so(observant: Observant, tmp_path: Path) -> None:
    (tmp_path / "letter.zip").write_text("Dear auditor,")

    assert 2 == observant("verify", str(tmp_path))[0]
    assert "is not a ZIP file" in observant("verify", str(tmp_path / "letter.zip"))[2]


def test_a_time_stamp_authority_that_does_not_answer_is_named_and_does_not_stop_a_run(
    observant: Observant, workspace: Path
) -> None:
    settings = workspace / "observant.toml"
    settings.write_text(settings.read_text().replace("urls = []\n", 'urls = ["http://127.0.0.1:9/"]\n'))

    findings = [one for one in json.loads(observant("doctor", "--json")[1]) if one["area"] == "time stamps"]

    assert [("http://127.0.0.1:9/", "warning")] == [(one["what"], one["outcome"]) for one in findings]
    assert 0 == observant("collect")[0]
    assert 0 == observant("verify")[0]


PACKAGE = ("package", "--from", "2026-01-01", "--to", "2026-01-31", "--out")


def test_a_package_is_verified_by_us_by_its_own_verifiers_and_by_stock_tools(
    observant: Observant, workspace: Path, tmp_path: Path
) -> None:
    observant("collect")
    out, trust = tmp_path / "package", workspace / "trust"

    code, told, _ = observant(*PACKAGE, str(out), "--zip", "--json")
    made = json.loads(told)

    assert 0 == code
    for path in (out, made["archive"]):
        assert 0 == observant("verify", str(path), "--trust", str(trust))[0]
    for verifier in (["sh", "verify.sh"], [sys.executable, "verify.pyz"]):
        done = subprocess.run([*verifier, "--trust", str(trust), "."], cwd=out, capture_output=True, check=False)

        assert 0 == done.returncode, done.stderr
    newest = json.loads(observant("verify", "--json")[1])
    assert made["record"] == newest["size"] - 1


def test_a_changed_package_ends_with_4(observant: Observant, workspace: Path, tmp_path: Path) -> None:
    observant("collect")
    observant(*PACKAGE, str(tmp_path / "package"))
    table = tmp_path / "package/exceptions.csv"
    table.write_bytes(table.read_bytes().replace(b"ada", b"eve"))

    code, out, _ = observant("verify", str(tmp_path / "package"), "--trust", str(workspace / "trust"))

    assert 4 == code
    assert "exceptions.csv" in out


def test_a_package_is_only_replaced_when_asked(observant: Observant, tmp_path: Path) -> None:
    observant("collect")
    out = str(tmp_path / "package")

    assert [0, 2, 0] == [observant(*PACKAGE, out, *more)[0] for more in ((), (), ("--replace",))]


def test_a_package_without_evidence_ends_with_3(observant: Observant, tmp_path: Path) -> None:
    assert 3 == observant(*PACKAGE, str(tmp_path / "package"))[0]
