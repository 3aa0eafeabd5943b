"""Recognising exports by what is in them, and whose account they describe."""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from observant.collect.files.moments import normalise, object_at, objects_at, read_moment, text_at
from observant.collect.files.strict import Loaded, values
from observant.collect.shapes.authorization import LISTS
from observant.collect.shapes.report import MalformedReport, ReportRow, rows_of
from observant.evidence.snapshot import Json

DETAILS = "get-account-authorization-details"
REPORT = "get-credential-report"
SUMMARY = "get-account-summary"
PASSWORD_POLICY = "get-account-password-policy"
VIRTUAL_MFA = "list-virtual-mfa-devices"
ALIASES = "list-account-aliases"
TRAILS = "describe-trails"
TRAIL_STATUS = "get-trail-status"
SELECTORS = "get-event-selectors"

_MARKS = {
    DETAILS: {"UserDetailList", "GroupDetailList", "RoleDetailList"},
    SUMMARY: {"SummaryMap"},
    PASSWORD_POLICY: {"PasswordPolicy"},
    VIRTUAL_MFA: {"VirtualMFADevices"},
    ALIASES: {"AccountAliases"},
    TRAILS: {"trailList"},
    TRAIL_STATUS: {"IsLogging"},
    SELECTORS: {"EventSelectors", "AdvancedEventSelectors"},
    REPORT: {"Content"},
}
"""Command -> names of which its output has at least one, and no other command's output has any."""

_ACCOUNT = re.compile(r"arn:(aws[a-z-]*):[a-z0-9-]+:[a-z0-9-]*:(\d{12}):.+", re.DOTALL)

_TELLING = frozenset[str]().union(*(marks for command, marks in _MARKS.items() if command != REPORT))
"""Names that no other file has by chance."""

_REPORT_START = "user,arn,"
_REPORT_TRACES = ("access_key_1_active", "mfa_active", "<root_account>")


@dataclass
class Export:
    """One recognised piece: a file, or one JSON value of a file that holds several."""

    command: str
    """The subcommand that makes it."""
    file: Loaded
    value: Json
    account: str = ""
    """Empty when the output does not say."""
    partition: str = "aws"
    moments: list[datetime] = field(default_factory=list)
    """Every moment in it: what it describes cannot be older than the latest."""
    generated: datetime | None = None
    rows: list[ReportRow] = field(default_factory=list)


def exports_of(file: Loaded) -> list[Export]:
    """The exports in a file; empty for one that is none. Raises InputError for one that is damaged or incomplete."""
    if file.text.startswith(_REPORT_START):
        return [_report(Export(REPORT, file, {}), file.text)]
    if file.path.suffix.lower() == ".csv":
        return _no_report(file)
    if file.path.suffix.lower() != ".json" and file.text.lstrip()[:1] not in ("{", "["):
        return []
    documents = list(_documents(file))
    if any(isinstance(value, dict) and _commands(value) for _, value in documents):
        return [_export(file, place, value) for place, value in documents]
    trace = next((name for name in sorted(_TELLING) if f'"{name}"' in file.text), None)
    if trace is not None:
        raise file.wrong("", f"holds {trace}, but not where the command's output has it", _KNOWN)
    return []


def _no_report(file: Loaded) -> list[Export]:
    trace = next((name for name in _REPORT_TRACES if name in file.text), None)
    if trace is not None:
        raise file.wrong("line 1", f"has {trace} of a credential report, but does not begin {_REPORT_START!r}", _AGAIN)
    return []


def _documents(file: Loaded) -> Iterator[tuple[str, Any]]:
    """The values of a file with their JSON paths; a list of pages counts as its pages."""
    for number, value in enumerate(values(file)):
        root = "$" if number == 0 else f"$ (value {number + 1})"
        if isinstance(value, list):
            yield from ((f"{root}[{index}]", each) for index, each in enumerate(value))
        else:
            yield root, value


_AGAIN = "run `aws iam get-credential-report` again and save its output unchanged"
_KNOWN = "hand in the output of `aws iam get-account-authorization-details` and the other commands of the guide"


def _commands(content: Json) -> list[str]:
    return [command for command, marks in _MARKS.items() if marks & content.keys()]


def _export(file: Loaded, place: str, value: object) -> Export:
    content = object_at(file, place, value)
    commands = _commands(content)
    if len(commands) != 1:
        problem = "not the output of a command we know" if not commands else f"looks like {' and '.join(commands)}"
        raise file.wrong(place, problem, _KNOWN)
    export = Export(commands[0], file, content)
    if export.command == REPORT:
        return _encoded_report(export, place)
    export.moments = normalise(file, place, content)
    _READERS[export.command](export, place)
    return export


def account_of(file: Loaded, place: str, arn: object) -> tuple[str, str]:
    """Partition and account number in an ARN. Raises InputError when it is none."""
    found = _ACCOUNT.fullmatch(text_at(file, place, arn))
    if found is None:
        raise file.wrong(place, f"{arn!r} is not an ARN of an account", "save the command's output unchanged")
    return found.group(1), found.group(2)


def _one_account(export: Export, place: str, arn: object) -> None:
    export.partition, account = account_of(export.file, place, arn)
    if export.account not in ("", account):
        problem = f"belongs to account {account}, the rest of the file to {export.account}"
        raise export.file.wrong(place, problem, "hand in one file for each account")
    export.account = account


def _details(export: Export, place: str) -> None:
    for name in LISTS:
        listed = objects_at(export.file, f"{place}.{name}", export.value.setdefault(name, []))
        for index, detail in enumerate(listed):
            at = f"{place}.{name}[{index}].Arn"
            if ":iam::aws:" in text_at(export.file, at, detail.get("Arn")):
                continue
            _one_account(export, at, detail["Arn"])
            text_at(export.file, f"{place}.{name}[{index}].CreateDate", detail.get("CreateDate"))


def _summary(export: Export, place: str) -> None:
    counts = object_at(export.file, f"{place}.SummaryMap", export.value["SummaryMap"])
    for name, count in counts.items():
        if not isinstance(count, int) or isinstance(count, bool):
            raise export.file.wrong(f"{place}.SummaryMap.{name}", "a count belongs here", "save the output unchanged")


def _password_policy(export: Export, place: str) -> None:
    object_at(export.file, f"{place}.PasswordPolicy", export.value["PasswordPolicy"])


def _aliases(export: Export, place: str) -> None:
    if not isinstance(export.value["AccountAliases"], list):
        raise export.file.wrong(f"{place}.AccountAliases", "a list belongs here", "save the output unchanged")


def _virtual_mfa(export: Export, place: str) -> None:
    at = f"{place}.VirtualMFADevices"
    for index, device in enumerate(objects_at(export.file, at, export.value["VirtualMFADevices"])):
        _one_account(export, f"{at}[{index}].SerialNumber", device.get("SerialNumber"))


def _trails(export: Export, place: str) -> None:
    for index, trail in enumerate(objects_at(export.file, f"{place}.trailList", export.value["trailList"])):
        at = f"{place}.trailList[{index}].TrailARN"
        account_of(export.file, at, trail.get("TrailARN"))
        if trail.get("IsOrganizationTrail") is not True:  # that one belongs to the management account
            _one_account(export, at, trail["TrailARN"])


def _status(export: Export, place: str) -> None:
    if not isinstance(export.value["IsLogging"], bool):
        raise export.file.wrong(f"{place}.IsLogging", "true or false belongs here", "save the output unchanged")


def _selectors(export: Export, place: str) -> None:
    account_of(export.file, f"{place}.TrailARN", export.value.get("TrailARN"))


_READERS = {
    DETAILS: _details,
    SUMMARY: _summary,
    PASSWORD_POLICY: _password_policy,
    ALIASES: _aliases,
    VIRTUAL_MFA: _virtual_mfa,
    TRAILS: _trails,
    TRAIL_STATUS: _status,
    SELECTORS: _selectors,
}


def _encoded_report(export: Export, place: str) -> Export:
    written = text_at(export.file, f"{place}.Content", export.value["Content"])
    try:
        content = base64.b64decode(written, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        remedy = "save the output of `aws iam get-credential-report` unchanged"
        raise export.file.wrong(f"{place}.Content", f"is not base64 of a report: {error}", remedy) from error
    if "GeneratedTime" in export.value:
        export.generated = read_moment(export.file, f"{place}.GeneratedTime", export.value["GeneratedTime"])
    return _report(export, content)


def _report(export: Export, content: str) -> Export:
    try:
        export.rows = rows_of(content)
    except MalformedReport as error:
        raise export.file.wrong(f"line {error.line}", error.problem, _AGAIN) from error
    if export.rows and not _whole(export.rows[-1]):
        raise export.file.wrong(f"line {export.rows[-1].line}", "the last cell is cut off", "run the export again")
    for row in export.rows:
        _one_account(export, f"line {row.line}", row.cells["arn"])
        export.moments += _cell_moments(export.file, row)
    return export


_LAST_COLUMN = "cert_2_last_rotated"
_LAST_CELL = re.compile(r"N/A|not_supported|no_information|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\+00:00|Z)")


def _whole(row: ReportRow) -> bool:
    """A report cut within its last cell still has the right number of cells."""
    return _LAST_CELL.fullmatch(row.cells.get(_LAST_COLUMN, "N/A")) is not None


_NEXT = frozenset({"password_next_rotation"})


def _cell_moments(file: Loaded, row: ReportRow) -> Iterator[datetime]:
    for name, cell in row.cells.items():
        if cell[:4].isdigit() and cell[4:5] == "-" and name not in _NEXT and name not in ("user", "arn"):
            yield read_moment(file, f"line {row.line}, {name}", cell)
