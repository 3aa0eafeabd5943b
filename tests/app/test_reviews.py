"""An access review from the frozen population to the proof that what was decided was done."""

import subprocess
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from observant.app.collection import collect
from observant.app.create import create_workspace
from observant.app.evaluate import judged
from observant.app.opening import keys_of
from observant.app.reviews.deciding import Judgement, decide, hand_over
from observant.app.reviews.drafts import Drafts
from observant.app.reviews.elsewhere import Request as Foreign
from observant.app.reviews.elsewhere import elsewhere, import_review
from observant.app.reviews.listing import listed, statuses
from observant.app.reviews.opening import OpenedReview, Request, open_review
from observant.app.reviews.reminding import remind
from observant.app.reviews.signing import close, sign
from observant.app.reviews.ssh import ssh_signer
from observant.app.reviews.state import reviewing
from observant.app.reviews.worksheet import read_worksheet, write_worksheet
from observant.app.workspace import Workspace
from observant.collect.aws import AwsSession, collect_account
from observant.errors import InputError, UsageError
from observant.evidence.log import Draft, Log
from observant.evidence.snapshot import Snapshot
from observant.evidence.store.local import LocalStore
from observant.evidence.verify import Trust, verify
from observant.model.interval import Interval
from observant.model.verdict import Verdict
from observant.reports.cells import original
from observant.reports.xlsx import read_sheet, write_sheet
from observant.reviews.decision import Choice
from observant_clouds.aws import Account, Key, cloud, statement
from worlds.workbench import without

START = datetime(2026, 1, 5, 6, tzinfo=UTC)


def key(folder: Path, name: str, kind: str = "ed25519") -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", folder / name, "-C", name], check=True)
    return folder / name


class Office:
    """A workspace, the account it reads, and a clock."""

    def __init__(self, root: Path, account: Account, take: object) -> None:
        self.root, self.account, self._take = root, account, take
        self.now = START
        self.keys = root.parent
        create_workspace(root, "Example", "", self.clock)
        self.workspace = Workspace.open(root)
        self.reviewers()

    def clock(self) -> datetime:
        return self.now

    def reviewers(self, escalation: str = "bo") -> None:
        public = {name: (self.keys / f"{name}.pub").read_text().strip() for name in ("ada", "bo")}
        (self.root / "reviewers.yaml").write_text(
            f"""
reviewers:
  - name: ada
    email: ada@example.com
    identities: ["ada", "access key * of ada"]
    keys: ["{public["ada"]}"]
  - name: bo
    email: bo@example.com
    identities: ["bo"]
    keys: ["{public["bo"]}"]
rules:
  - reviewer: ada
escalation: {escalation}
"""
        )

    def collect(self, *hidden: str) -> None:
        def source(tell: object) -> list[Snapshot]:
            taken = self._take()  # type: ignore[operator]
            return [without(taken, hidden)]

        collect(self.workspace, lambda tell: iter(source(tell)), "person", self.clock, lambda line: None)

    def days_later(self, days: float) -> None:
        self.now += timedelta(days=days)

    def open(self, campaign: str = "2026-q1", **more: object) -> OpenedReview:
        return open_review(self.workspace, Request(campaign, "First quarter", "chris", **more), self.clock)  # type: ignore[arg-type]

    def keep_all(self, campaign: str = "2026-q1") -> None:
        for name in ("ada", "bo"):
            for one in listed(self.workspace, campaign, name, self.clock, undecided=True):
                self.days_later(1 / 86400)
                decide(self.workspace, campaign, name, [one.id], Judgement(Choice.KEEP), self.clock)

    def sign_all(self, campaign: str = "2026-q1") -> None:
        for name in ("ada", "bo"):
            sign(self.workspace, campaign, name, ssh_signer(self.keys / name), self.clock)

    def item(self, label: str, campaign: str = "2026-q1") -> str:
        found = listed(self.workspace, campaign, "", self.clock, undecided=False)
        return next(one.id for one in found if one.item.label == label)

    def verdicts(self, check: str, days: float = 0) -> set[Verdict]:
        with judged(self.workspace, self.clock) as judgement:
            span = Interval(self.now - timedelta(days=days), self.now + timedelta(seconds=1))
            return {one.verdict for one in judgement.evaluation.standing(span, set(Verdict), check)}


@pytest.fixture
def office(tmp_path: Path):
    key(tmp_path, "ada")
    key(tmp_path, "bo")
    with cloud(start=START) as aws:
        account = aws.account()
        account.root(mfa=True)
        account.password_policy()
        account.bucket("trail")
        account.trail("main", "trail")
        reader = account.aws_policy("ReadOnlyAccess", statement(["s3:Get*"]))
        account.group("staff", policies=[reader])
        for name in ("ada", "bo", "chidi"):
            account.user(name, created=400, password=30, password_last_used=2, mfa="virtual", groups=["staff"])
        account.user("=cmd|' /C calc'!A0", created=90, keys=[Key(20, 1)], inline={"all": statement("*")})
        session = AwsSession(aws.session())
        made = Office(tmp_path / "workspace", account, lambda: collect_account(session, made.clock))
        made.collect()
        yield made


def test_a_review_from_the_population_to_the_proof(office: Office) -> None:
    opened = office.open()
    assert {"ada": opened.items - 1, "bo": 1} == opened.by_reviewer
    office.keep_all()
    office.days_later(1 / 24)
    decided = decide(
        office.workspace,
        opened.campaign,
        "ada",
        [office.item("chidi")],
        Judgement(Choice.REVOKE, "left", "HR-7"),
        office.clock,
    )
    assert 0 == decided.open
    office.sign_all()
    closed = close(office.workspace, opened.campaign, "chris", office.clock)
    assert (1, opened.items - 1) == (closed.actions, closed.counts["keep"])
    assert verify(office.workspace.store, Trust.load(office.workspace.trust)).ok

    office.days_later(1)
    office.collect()
    (status,) = statuses(office.workspace, "", office.clock)
    assert ["open"] == [one.outcome for one in status.actions]
    assert {Verdict.PASS} == office.verdicts("aws-review-actions")

    for _ in range(11):
        office.days_later(1)
        office.collect()
    assert Verdict.FAIL in office.verdicts("aws-review-actions")

    office.account.remove_user("chidi")
    office.days_later(1)
    office.collect()
    (status,) = statuses(office.workspace, "", office.clock)
    (action,) = status.actions
    assert ("done", office.now) == (action.outcome, action.done_at)
    assert 13.0 == action.days
    assert Verdict.FAIL not in office.verdicts("aws-review-actions")

    office.account.user("chidi", created=0, password=True)
    office.days_later(1)
    office.collect()
    (status,) = statuses(office.workspace, "", office.clock)
    assert "returned" == status.actions[0].outcome
    assert Verdict.FAIL in office.verdicts("aws-review-actions")


def test_the_artifact_is_verified_by_stock_tools_alone(office: Office, tmp_path: Path) -> None:
    opened = office.open()
    office.keep_all()
    office.sign_all()
    folder = office.root / "reviews" / opened.campaign
    allowed = tmp_path / "allowed"
    allowed.write_text(f"ada@example.com {(office.keys / 'ada.pub').read_text()}")
    command = ["ssh-keygen", "-Y", "verify", "-f", allowed, "-I", "ada@example.com", "-n", "observant-review", "-s"]

    content = (folder / "ada.csv").read_bytes()
    good = subprocess.run([*command, folder / "ada.csv.sig"], input=content, capture_output=True, check=False)
    bad = subprocess.run([*command, folder / "ada.csv.sig"], input=content + b" ", capture_output=True, check=False)

    assert (0, 255) == (good.returncode, bad.returncode)
    assert b"\"'=cmd|" in content
    assert f"sha256 {opened.population}".encode() in content


def test_an_unread_source_blocks_opening_unless_accepted(office: Office) -> None:
    office.days_later(1)
    office.collect("iam.groups")

    with pytest.raises(UsageError, match=r"iam\.groups .*AccessDenied"):
        office.open()
    office.open(accepted={"aws:111122223333 iam.groups": "groups hold no rights here"})
    office.keep_all()
    office.sign_all()

    content = (office.root / "reviews" / "2026-q1" / "ada.csv").read_text()
    assert "NOT READ: iam.groups of aws:111122223333" in content
    assert "accepted by chris: groups hold no rights here" in content


def test_nothing_is_signed_before_all_is_decided(office: Office) -> None:
    office.open()

    with pytest.raises(UsageError, match="are not decided"):
        sign(office.workspace, "2026-q1", "ada", ssh_signer(office.keys / "ada"), office.clock)
    office.keep_all()
    decide(office.workspace, "2026-q1", "ada", ["chidi"], Judgement(Choice.NOT_MINE, "no idea"), office.clock)
    with pytest.raises(UsageError, match="marked not mine"):
        sign(office.workspace, "2026-q1", "ada", ssh_signer(office.keys / "ada"), office.clock)
    with pytest.raises(UsageError, match="not signed yet: ada, bo"):
        close(office.workspace, "2026-q1", "chris", office.clock)


def test_a_signature_is_final_and_by_a_known_key(office: Office) -> None:
    office.open()
    office.keep_all()

    with pytest.raises(UsageError, match="not a key that the campaign knows"):
        sign(office.workspace, "2026-q1", "ada", ssh_signer(office.keys / "bo"), office.clock)
    office.sign_all()
    with pytest.raises(UsageError, match="has signed campaign"):
        sign(office.workspace, "2026-q1", "ada", ssh_signer(office.keys / "ada"), office.clock)
    with pytest.raises(UsageError, match="has signed already"):
        decide(office.workspace, "2026-q1", "ada", ["chidi"], Judgement(Choice.KEEP), office.clock)


def test_handing_over_never_gives_somebody_their_own(office: Office) -> None:
    office.open()

    with pytest.raises(UsageError, match="ada is ada's own access"):
        hand_over(office.workspace, "2026-q1", ["ada"], "ada", "bo", "busy", office.clock)
    assert 1 == hand_over(office.workspace, "2026-q1", ["chidi"], "bo", "ada", "his manager", office.clock)
    assert "bo" == next(
        one.reviewer
        for one in listed(office.workspace, "2026-q1", "", office.clock, undecided=True)
        if one.item.label == "chidi"
    )


def test_what_somebody_gained_is_shown_in_the_next_campaign(office: Office) -> None:
    office.open()
    office.keep_all()
    office.sign_all()
    close(office.workspace, "2026-q1", "chris", office.clock)
    office.account.put_inline("user", "chidi", "more", statement("iam:*"))
    office.days_later(90)
    office.collect()

    office.open("2026-q2")

    shown = {
        one.item.label: one.since_last_review
        for one in listed(office.workspace, "2026-q2", "", office.clock, undecided=True)
    }
    assert "unchanged" == shown["bo"]
    assert shown["chidi"].startswith("gained; ")
    assert "+ more: all of iam" in shown["chidi"]
    assert "+ is an administrator: writes an inline policy on itself" in shown["chidi"]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda text: text.replace('"chidi"', '"someone"', 1), "sort whole rows only"),
        (lambda text: text.replace('"decision"', '"verdict"', 1), "the column decision is missing"),
        (lambda text: text, "has no decision in it"),
        (lambda text: text.replace(',"","","","",""\r\n', ',"maybe","","","",""\r\n', 1), "write keep, revoke"),
        (lambda text: text.replace(',"","","","",""\r\n', ',"revoke","","","",""\r\n', 1), "needs a reason"),
        (lambda text: text + text.split("\r\n")[-2] + "\r\n", "stands twice"),
    ],
)
def test_a_wrong_worksheet_is_refused_whole(office: Office, tmp_path: Path, change: object, complaint: str) -> None:
    office.open()
    sheet = tmp_path / "ada.csv"
    write_worksheet(office.workspace, "2026-q1", "ada", sheet, office.clock)
    text = change(sheet.read_bytes().decode())  # type: ignore[operator]
    if "twice" in complaint:
        text = text.replace(',"","","","",""\r\n', ',"keep","","","",""\r\n')
    sheet.write_bytes(text.encode())

    with pytest.raises(InputError, match=complaint):
        read_worksheet(office.workspace, "2026-q1", "ada", sheet, office.clock)
    assert [] == Drafts(office.root, "2026-q1").read()


def test_a_worksheet_that_a_spreadsheet_saved_again(office: Office, tmp_path: Path) -> None:
    office.open()
    sheet = tmp_path / "ada.csv"
    count = write_worksheet(office.workspace, "2026-q1", "ada", sheet, office.clock)
    rows = sheet.read_bytes().decode().replace(',"","","","",""\r\n', ',"KEEP","","","",""\r\n')
    sheet.write_bytes(b"\xef\xbb\xbf" + rows.replace('","', '";"').replace("\r\n", "\n").encode())

    found = read_worksheet(office.workspace, "2026-q1", "ada", sheet, office.clock)

    assert (count, 0) == (found.decided, found.open)


def test_a_review_signed_elsewhere_is_evidence_with_its_origin_and_date(office: Office, tmp_path: Path) -> None:
    document = tmp_path / "q4.pdf"
    document.write_bytes(b"%PDF signed in another system")
    subprocess.run(
        ["ssh-keygen", "-q", "-Y", "sign", "-f", office.keys / "ada", "-n", "observant-review", document],
        check=True,
        capture_output=True,
    )
    signature, account = document.with_name("q4.pdf.sig"), "aws:111122223333"
    effective = office.now - timedelta(days=20)
    given = Foreign("Q4", "GRC tool", "ada", [account], effective, document, signature, "chris")

    with pytest.raises(UsageError, match="no signature over"):
        import_review(office.workspace, msgspec.structs.replace(given, reviewer="bo"), office.clock)
    late = msgspec.structs.replace(given, effective=office.now + timedelta(days=1))
    with pytest.raises(UsageError, match="of the future"):
        import_review(office.workspace, late, office.clock)
    with pytest.raises(UsageError, match="no scope that was ever read"):
        import_review(office.workspace, msgspec.structs.replace(given, scopes=["aws:999999999999"]), office.clock)
    record = import_review(office.workspace, given, office.clock)

    with reviewing(office.workspace, office.clock) as (log, inventory):
        (found,) = elsewhere(inventory)
        kept = set(next(iter(log.records(record))).subjects.values())
    assert ("GRC tool", effective, office.now, record) == (found.origin, found.effective, found.recorded, found.record)
    assert "signed by a key that reviewers.yaml names" == found.proven
    assert {sha256(one.read_bytes()).hexdigest() for one in (document, signature)} <= kept
    assert verify(office.workspace.store, Trust.load(office.workspace.trust)).ok


def test_reminders_name_who_and_what(office: Office) -> None:
    office.open()
    assert [("ada", "2026-q1", False), ("bo", "2026-q1", False)] == [
        (one.who, one.about, one.late) for one in remind(office.workspace, office.clock)
    ]
    office.keep_all()
    office.days_later(15)
    assert {("everything is decided: sign it", "ada@example.com", True)} <= {
        (one.what, one.email, one.late) for one in remind(office.workspace, office.clock)
    }
    office.sign_all()
    assert ["everybody has signed: close it"] == [
        one.what for one in remind(office.workspace, office.clock) if one.about == "2026-q1"
    ]


def test_a_worksheet_for_spreadsheets_goes_out_and_comes_back(office: Office, tmp_path: Path) -> None:
    office.open()
    sheet = tmp_path / "ada.xlsx"
    count = write_worksheet(office.workspace, "2026-q1", "ada", sheet, office.clock)
    names, *rows = read_sheet(sheet)
    for row in rows:
        row[names.index("decision")] = "keep"
    filled = tmp_path / "filled.xlsx"
    write_sheet(filled, names, [list(map(original, row)) for row in rows], [], ("decision", ["keep"]))

    found = read_worksheet(office.workspace, "2026-q1", "ada", filled, office.clock)

    assert (count, 0) == (found.decided, found.open)
    rows[0][names.index("label")] = "somebody else"
    wrong = tmp_path / "wrong.xlsx"
    write_sheet(wrong, names, [list(map(original, row)) for row in rows], [], ("decision", ["keep"]))
    with pytest.raises(InputError, match="sort whole rows only"):
        read_worksheet(office.workspace, "2026-q1", "ada", wrong, office.clock)


def test_a_crash_while_drafting_loses_only_what_was_not_acknowledged(office: Office) -> None:
    office.open()
    decide(office.workspace, "2026-q1", "ada", ["chidi"], Judgement(Choice.KEEP), office.clock)
    path = Drafts(office.root, "2026-q1").path
    path.write_bytes(path.read_bytes() + b'{"type": "decided", "decis')

    assert 1 == len(Drafts(office.root, "2026-q1").decisions())


def test_a_forged_sign_off_is_found(office: Office, tmp_path: Path) -> None:
    """Somebody with all keys of the log, and none of the reviewer, signs for the reviewer."""
    office.open()
    office.keep_all()
    forger = key(tmp_path, "forger")
    artifact = tmp_path / "ada.csv"
    artifact.write_text("all is well\n")
    subprocess.run(["ssh-keygen", "-Y", "sign", "-f", forger, "-n", "observant-review", artifact], check=True)
    log = Log.open(LocalStore(office.workspace.store), office.clock, keys_of(office.workspace))
    names = {
        part: log.attach(path.read_bytes())
        for part, path in (("artifact", artifact), ("signature", tmp_path / "ada.csv.sig"))
    }
    files = {name: name.rpartition("/")[2] for name in names.values()}
    public = (office.keys / "ada.pub").read_text().rpartition(" ")[0]
    predicate = {
        "campaign": "2026-q1",
        "reviewer": "ada",
        "population": "",
        "format": "sshsig",
        "key": public,
        "counts": {},
        "actions": [],
        **{part: name.rpartition("/")[2] for part, name in names.items()},
    }
    log.append([Draft("review-signed", "", office.now, predicate, files)])

    report = verify(office.workspace.store, Trust.load(office.workspace.trust))

    assert names["signature"] == report.first_bad
