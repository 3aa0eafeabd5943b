"""The credential report: passwords, keys and MFA of all users and of the root user, in two calls.

AWS makes the report on request and answers with the same one for four hours, so it is ordered first and fetched last.
"""

from collections.abc import Iterator

from observant.collect.aws.part import Declaration, Part, Reading
from observant.collect.aws.unread import Unread
from observant.collect.shapes.report import (
    META,
    REPORT,
    MalformedReport,
    meta,
    report,
    rows_of,
)
from observant.evidence.snapshot import Collection, GapReason, Json
from observant.model.time import moment

PAUSES = (1.0, 2.0, 3.0, *[5.0] * 30)
"""Seconds between polls: over two and a half minutes, which large accounts need."""


def order(reading: Reading) -> None:
    """Ask AWS to make the report. A refusal is kept: somebody else may have ordered it within the last four hours."""
    try:
        reading.call("iam", "GenerateCredentialReport")
    except Unread as unread:
        reading.notes["order refused"] = unread


def _fetch(reading: Reading) -> Json:
    ordered_again = False
    for pause in (*PAUSES, None):
        try:
            return reading.call("iam", "GetCredentialReport")
        except Unread as unread:
            if unread.code in ("ReportNotPresent", "ReportExpired") and not ordered_again:
                _order_again(reading, unread)
                ordered_again = True
            elif unread.code != "ReportInProgress":
                raise
        if pause is not None:
            reading.session.pause(pause)
    waited = round(sum(PAUSES))
    raise Unread(GapReason.FAILED, f"iam:GetCredentialReport: ReportInProgress: not ready after {waited} s")


def _order_again(reading: Reading, absent: Unread) -> None:
    refused = reading.notes.get("order refused")
    if isinstance(refused, Unread):
        raise Unread(refused.reason, f"{refused.detail}; {absent.detail}", refused.code)
    reading.call("iam", "GenerateCredentialReport")


def _read(reading: Reading) -> Iterator[Collection]:
    answer = _fetch(reading)
    generated = moment(answer["GeneratedTime"])
    age = int((reading.clock() - generated).total_seconds())
    reading.session.note(generated_time=answer["GeneratedTime"], age_seconds=age)
    try:
        rows = rows_of(answer["Content"].decode())
    except (MalformedReport, UnicodeDecodeError) as error:
        raise Unread(GapReason.FAILED, f"iam:GetCredentialReport: {error}") from error
    yield report(rows, generated, reading.counts, reading.found["iam.users"])
    yield meta(reading.account, generated)


CREDENTIAL_REPORT = Part(
    Declaration(
        (REPORT, META),
        {
            "GenerateCredentialReport": ("iam:GenerateCredentialReport",),
            "GetCredentialReport": ("iam:GetCredentialReport",),
        },
    ),
    _read,
)
