"""Exports in a folder: what the command line would have saved, read back."""

import base64
import json
from datetime import UTC, datetime

import pytest

from collect.conftest import gaps, named
from observant.collect.aws import COLLECTIONS, collect_account
from observant.collect.files import read_folder
from observant.collect.files.commands import SOURCES
from observant.errors import InputError
from observant.evidence.snapshot import IGNORED
from observant_clouds.aws import Key

COMMANDS = {
    "authorization-details": ("iam", "get_account_authorization_details", {}),
    "account-summary": ("iam", "get_account_summary", {}),
    "password-policy": ("iam", "get_account_password_policy", {}),
    "account-aliases": ("iam", "list_account_aliases", {}),
    "virtual-mfa-devices": ("iam", "list_virtual_mfa_devices", {}),
    "credential-report": ("iam", "get_credential_report", {}),
    "trails": ("cloudtrail", "describe_trails", {}),
    "trail-status-main": ("cloudtrail", "get_trail_status", {"Name": "main"}),
    "event-selectors-main": ("cloudtrail", "get_event_selectors", {"TrailName": "main"}),
}

READ_LATER = datetime(2026, 2, 1, tzinfo=UTC)


def printed(value):
    """As the command line prints what JSON has no form for."""
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value.isoformat()


def export(aws, folder, account="111122223333", leave_out=()):
    """Save what the AWS command line would answer, one file for each command."""
    folder.mkdir(exist_ok=True)
    session = aws.session(account)
    iam = session.create_client("iam")
    while iam.generate_credential_report()["State"] != "COMPLETE":
        pass
    for name, (service, operation, parameters) in COMMANDS.items():
        if name in leave_out:
            continue
        answer = getattr(session.create_client(service), operation)(**parameters)
        answer.pop("ResponseMetadata")
        (folder / f"{name}.json").write_text(json.dumps(answer, default=printed, indent=2))
    return folder


def read(folder, taken_at=None):
    (snapshot,) = read_folder(folder, lambda: READ_LATER, "ada@laptop", taken_at)
    return snapshot


def parsed(value):
    """Documents as objects, whether they came as text or as objects."""
    if isinstance(value, dict):
        return {key: parsed(each) for key, each in value.items()}
    if isinstance(value, list):
        return [parsed(each) for each in value]
    return json.loads(value) if isinstance(value, str) and value.startswith("{") else value


@pytest.fixture
def exports(aws, company, tmp_path):
    return export(aws, tmp_path / "exports")


def edit(path, change):
    value = json.loads(path.read_text())
    change(value)
    path.write_text(json.dumps(value))


def test_exports_say_what_the_api_said(aws, company, session, exports):
    live, offline = collect_account(session, aws.now), read(exports)

    assert dict.fromkeys((name for name, command in SOURCES.items() if not command), "not_attempted") == gaps(offline)
    for name in set(COLLECTIONS) - gaps(offline).keys():
        assert [(e.urn, parsed(e.configuration), e.usage) for e in named(live, name).entities] == [
            (e.urn, parsed(e.configuration), e.usage) for e in named(offline, name).entities
        ]
    assert named(live, "iam.users").reconciled == named(offline, "iam.users").reconciled


def test_who_handed_in_what(aws, exports):
    snapshot = read(exports)
    logged = {request.parameters["file"]: request for request in snapshot.requests}

    assert ("files", "ada@laptop", "aws:111122223333") == (snapshot.origin, snapshot.supplied_by, snapshot.scope)
    assert {f"{name}.json" for name in COMMANDS} == set(logged)
    report = logged["credential-report.json"]
    assert "file:get-credential-report" == report.operation
    assert ("GeneratedTime of the credential report", 64) == (report.parameters["time_from"], len(report.body_sha256))
    assert aws.now() == snapshot.started


def test_every_collection_is_accounted_for():
    assert set(COLLECTIONS) == set(SOURCES)


def test_missing_exports_are_gaps_that_name_the_command(aws, company, tmp_path):
    folder = export(aws, tmp_path / "x", leave_out=("password-policy", "credential-report"))
    snapshot = read(folder)

    assert (
        "aws iam get-account-password-policy > password-policy.json"
        in named(snapshot, "iam.password_policy").gap.detail
    )
    assert "not_attempted" == gaps(snapshot)["iam.credential_report"]


def test_pages_in_several_files_in_one_file_and_in_a_list(aws, company, session, exports, tmp_path):
    whole = read(exports)
    (exports / "authorization-details.json").unlink()
    pages = []
    marker = {}
    while True:
        page = aws.session().create_client("iam").get_account_authorization_details(MaxItems=2, **marker)
        page.pop("ResponseMetadata")
        pages.append(json.dumps(page, default=printed))
        if not page["IsTruncated"]:
            break
        marker = {"Marker": page["Marker"]}

    for content in ("\n".join(pages), f"[{','.join(pages)}]"):
        (exports / "pages.json").write_text(content)
        assert whole.collections == read(exports).collections
    (exports / "pages.json").unlink()
    for number, page in enumerate(pages):
        (exports / f"page-{number}.json").write_text(page)
    assert whole.collections == read(exports).collections

    (exports / f"page-{len(pages) - 1}.json").unlink()
    assert (
        dict.fromkeys(("iam.users", "iam.groups", "iam.roles", "iam.policies"), "truncated").items()
        <= gaps(read(exports)).items()
    )


def test_a_bare_csv_is_a_report_without_its_time(aws, company, exports):
    path = exports / "credential-report.json"
    (exports / "report.csv").write_bytes(base64.b64decode(json.loads(path.read_text())["Content"]))
    path.unlink()

    snapshot = read(exports)

    assert 4 == len(named(snapshot, "iam.credential_report").entities)
    assert "does not say when" in named(snapshot, "iam.credential_report_meta").gap.detail


def test_several_accounts_side_by_side(aws, company, tmp_path):
    furnish_other(aws)
    for account in ("111122223333", "444455556666"):
        export(aws, tmp_path / account, account, leave_out=() if account == "111122223333" else OF_TRAILS)

    snapshots = read_folder(tmp_path, lambda: READ_LATER, "ada")

    assert ["aws:111122223333", "aws:444455556666"] == [snapshot.scope for snapshot in snapshots]
    assert [3, 1] == [len(named(snapshot, "iam.users").entities) for snapshot in snapshots]


OF_TRAILS = ("trails", "trail-status-main", "event-selectors-main")


def furnish_other(aws):
    other = aws.account("444455556666")
    other.user("only", mfa="virtual")
    other.password_policy()


def test_an_export_that_could_be_of_either_account_is_refused(aws, company, tmp_path):
    furnish_other(aws)
    folder = export(aws, tmp_path / "x")
    other = export(aws, tmp_path / "y", "444455556666", leave_out=OF_TRAILS)
    (other / "credential-report.json").rename(folder / "other-report.json")

    with pytest.raises(InputError, match="may belong to any of the accounts 111122223333, 444455556666"):
        read_folder(folder, lambda: READ_LATER, "ada")


def test_a_dates_form_of_the_command_line_does_not_matter(aws, company, exports):
    whole = read(exports)
    path = exports / "authorization-details.json"
    path.write_text(path.read_text().replace("T06:00:00+00:00", " 06:00:00+00:00"))

    assert whole.collections == read(exports).collections


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_what_windows_saves_is_read(aws, company, exports, encoding):
    whole = read(exports)
    for path in exports.iterdir():
        path.write_bytes(path.read_text().encode(encoding))

    assert whole.collections == read(exports).collections


def test_formulas_in_cells_are_data(aws, exports, company, tmp_path):
    content = base64.b64decode(json.loads((exports / "credential-report.json").read_text())["Content"]).decode()
    (exports / "credential-report.json").unlink()
    name = '=HYPERLINK("http://x")'
    row = content.splitlines()[2].replace("ada", '"=HYPERLINK(""http://x"")"', 1)
    (exports / "report.csv").write_text("\n".join([*content.splitlines()[:2], row, *content.splitlines()[3:]]))

    users = [each.configuration["user"] for each in named(read(exports), "iam.credential_report").entities]

    assert name in users


# --- time --------------------------------------------------------------------------------------------------------


def test_without_a_report_the_latest_moment_counts(aws, company, tmp_path):
    company.use_role("deploy", 0.5)
    folder = export(aws, tmp_path / "x", leave_out=("credential-report", *OF_TRAILS))

    assert datetime(2025, 12, 31, 18, tzinfo=UTC) == read(folder).started


def test_the_supplier_may_state_the_time(aws, exports):
    snapshot = read(exports, datetime(2026, 1, 1, 7, tzinfo=UTC))

    assert datetime(2026, 1, 1, 7, tzinfo=UTC) == snapshot.started
    assert {"stated by the supplier"} == {request.parameters["time_from"] for request in snapshot.requests}


def test_nobody_may_back_date(aws, exports):
    with pytest.raises(InputError, match="knows of 2026-01-01T06:00:00Z, so it is not of 2025-12-31T00:00:00Z"):
        read(exports, datetime(2025, 12, 31, tzinfo=UTC))


def test_nobody_may_date_ahead(aws, exports):
    with pytest.raises(InputError, match="which is yet to come"):
        read(exports, datetime(2026, 3, 1, tzinfo=UTC))


# --- files that are wrong ----------------------------------------------------------------------------------------


def test_a_filtered_export_is_not_whole(aws, company, exports):
    edit(exports / "authorization-details.json", lambda value: value.update(GroupDetailList=[], Policies=[]))
    (exports / "account-summary.json").unlink()

    snapshot = read(exports)

    assert {"iam.groups": "truncated", "iam.policies": "truncated"}.items() <= gaps(snapshot).items()
    assert "is a member of admins, which is not listed" in named(snapshot, "iam.groups").gap.detail


def test_fewer_than_the_summary_counts_is_a_gap(aws, company, exports):
    edit(exports / "authorization-details.json", lambda value: value["UserDetailList"].pop())

    assert "listed 2, GetAccountSummary Users counts 3" == named(read(exports), "iam.users").gap.detail


def refused(exports, match):
    with pytest.raises(InputError, match=match) as caught:
        read_folder(exports, lambda: READ_LATER, "ada")
    assert caught.value.remedy
    return caught.value


def test_a_cut_off_file(exports):
    path = exports / "authorization-details.json"
    path.write_text(path.read_text()[:2000])

    assert "cut off" in refused(exports, r"authorization-details.json: line \d+ column \d+").remedy


def test_a_report_cut_in_its_last_cell(exports):
    path = exports / "credential-report.json"
    content = base64.b64decode(json.loads(path.read_text())["Content"]).decode()
    path.unlink()
    (exports / "report.csv").write_text(content[:-1])

    refused(exports, "report.csv: line 5: the last cell is cut off")


def test_the_same_file_twice(exports):
    (exports / "copy.json").write_bytes((exports / "account-summary.json").read_bytes())

    refused(exports, "copy.json: is the same file as .*account-summary.json")


def test_two_exports_of_the_same_command(exports):
    edited = exports / "newer.json"
    edited.write_bytes((exports / "account-summary.json").read_bytes())
    edit(edited, lambda value: value["SummaryMap"].update(Users=4))

    refused(exports, "newer.json: a second get-account-summary of 111122223333 beside")


def test_two_complete_exports(exports):
    edited = exports / "newer.json"
    edited.write_bytes((exports / "authorization-details.json").read_bytes())
    edit(edited, lambda value: value["UserDetailList"].pop())

    refused(exports, "newer.json: a second complete export beside")


def test_a_file_of_two_accounts(exports):
    def foreign(value):
        value["RoleDetailList"][0]["Arn"] = "arn:aws:iam::999999999999:role/deploy"

    edit(exports / "authorization-details.json", foreign)

    refused(exports, r"\$\.RoleDetailList\[0\]\.Arn: belongs to account 999999999999")


@pytest.mark.parametrize(
    ("field", "value", "place"),
    [
        ("Arn", None, r"\$\.UserDetailList\[1\]\.Arn: text belongs here"),
        ("Arn", "bob", r"\$\.UserDetailList\[1\]\.Arn: 'bob' is not an ARN"),
        ("CreateDate", "yesterday", r"\$\.UserDetailList\[1\]\.CreateDate: 'yesterday' is not a moment"),
        ("CreateDate", "2026-01-01 10:00:00", r"\$\.UserDetailList\[1\]\.CreateDate: .* with a time zone"),
        ("CreateDate", 10**18, "too large"),
    ],
)
def test_a_wrong_value_is_named_by_its_path(exports, field, value, place):
    edit(exports / "authorization-details.json", lambda whole: whole["UserDetailList"][1].update({field: value}))

    refused(exports, place)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "is empty"),
        ('{"SummaryMap": {"Users": NaN}}', "NaN is not JSON"),
        ('{"SummaryMap": {"Users": 1e999}}', "too large"),
        ('{"SummaryMap": {"Users": 90071992547409930}}', "too large to be exact"),
        ('{"SummaryMap": {"Users": "3"}}', r"\$\.SummaryMap\.Users: a count belongs here"),
        ('{"SummaryMap": {"Users": 3, "Users": 4}}', "'Users' stands twice"),
        ('{"SummaryMap": {"\\ud800": 3}}', "half of a surrogate pair"),
        ('{"SummaryMap": []}', r"\$\.SummaryMap: an object belongs here"),
        ("[" * 100_000, "nested too deeply|line 1"),
        ('{"SummaryMap": ' + '{"a":' * 200 + "1" + "}" * 200 + "}", "nested deeper than 100 levels"),
        ('{"Answer": {"UserDetailList": []}}', "holds UserDetailList, but not where"),
        ('[{"SummaryMap": {}}, 3]', "an object belongs here"),
        ('{"SummaryMap": {}} {"Users": []}', "not the output of a command we know"),
        ('{"SummaryMap": {}, "trailList": []}', "looks like"),
        ("An error occurred (AccessDenied)", "line 1 column 1"),
        ('{"Content": "???", "ReportFormat": "text/csv"}', "is not base64"),
        (b"\xff\xfe\x00", "is not text"),
    ],
)
def test_hostile_and_broken_files(exports, content, problem):
    path = exports / "extra.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())

    refused(exports, f"extra.json.*({problem})")


def test_a_file_above_the_limit(exports, monkeypatch):
    monkeypatch.setattr("observant.collect.files.strict.MOST_BYTES", 1000)

    refused(exports, "larger than")


@pytest.mark.parametrize("content", ["user;arn;mfa_active\n", "arn,access_key_1_active\n", "x\n<root_account>,a\n"])
def test_a_report_that_somebody_edited_is_refused(exports, content):
    (exports / "report.csv").write_text(content)

    refused(exports, "report.csv: line 1: has .* of a credential report")


def test_what_is_no_export_is_ignored_and_named(exports):
    others = {
        "README": b"exported by ada",
        "people.csv": b"name,mail\n",
        "truth.json": b'{"arn:aws:iam::111122223333:policy/x#v1": ["admin"]}',
        "list.json": b'["a", 3]',
        "users.json": b'{"Users": []}',
        "screenshot.png": b"\x89PNG\r\n\xff\xfe",
        "empty": b"",
    }
    for name, content in others.items():
        (exports / name).write_bytes(content)
    (exports / ".DS_Store").write_bytes(b"\x00\x01")

    ignored = [one.parameters["file"] for one in read(exports).requests if one.operation == IGNORED]

    assert sorted(others) == sorted(ignored)


@pytest.mark.parametrize("target", [".", "nowhere", "link.json"])
def test_links_that_lead_to_no_file(exports, target):
    (exports / "link.json").symlink_to(target)

    refused(exports, "link.json: is a link")


def test_a_folder_of_other_files_names_them(tmp_path):
    (tmp_path / "people.csv").write_text("name,mail\n")

    refused(tmp_path, "holds no export among people.csv")


def test_no_folder_and_an_empty_one(tmp_path):
    refused(tmp_path / "nowhere", "is not a folder")
    refused(tmp_path, "holds no export")


def test_exports_that_name_no_account(exports, tmp_path):
    (tmp_path / "alone").mkdir()
    (exports / "account-summary.json").rename(tmp_path / "alone" / "account-summary.json")

    refused(tmp_path / "alone", "no export names its account")


# --- trails ------------------------------------------------------------------------------------------------------


def test_a_status_is_matched_with_its_trail_by_file_name(aws, company, exports):
    company.trail("main-eu", "trail-logs")
    export(aws, exports)
    client = aws.session().create_client("cloudtrail")
    for name, answer in {
        "trail-status-main-eu": client.get_trail_status(Name="main-eu"),
        "event-selectors-2": client.get_event_selectors(TrailName="main-eu"),
    }.items():
        answer.pop("ResponseMetadata")
        (exports / f"{name}.json").write_text(json.dumps({**answer, "Note": name}, default=printed))

    snapshot = read(exports)

    assert 2 == len(named(snapshot, "cloudtrail.trail_status").entities)
    assert 2 == len(named(snapshot, "cloudtrail.event_selectors").entities)

    (exports / "event-selectors-2.json").unlink()
    assert "trail/main-eu" in named(read(exports), "cloudtrail.event_selectors").gap.detail

    (exports / "trail-status-main-eu.json").rename(exports / "status.json")
    refused(exports, "status.json: does not say which trail it is about")


def test_root_keys_are_in_the_report(aws, company, tmp_path):
    company.root(keys=[Key(700, 1)], mfa=False)
    snapshot = read(export(aws, tmp_path / "x"))

    root = named(snapshot, "iam.credential_report").entities[0]

    assert ("arn:aws:iam::111122223333:root", "true") == (root.urn, root.configuration["access_key_1_active"])
