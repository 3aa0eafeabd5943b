"""A small period made by hand: one control of every conclusion, with the cases that reports get wrong."""

from datetime import UTC, date, datetime, timedelta

from observant.model.interval import Interval
from observant.model.verdict import Conclusion, Verdict
from observant.period.conclusion import (
    CheckResult,
    CollectionCoverage,
    ControlException,
    ControlResult,
    EvidenceGap,
    EvidencePointer,
    Occurrence,
    PeriodResult,
    Provenance,
)

HOSTILE = "<script>alert(\"x\")</script>\u202egnp.exe\n# rows: 0,=cmd|'/c calc'!A0"
PROD, DEV = "aws:111122223333", "aws:444455556666"
START = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2027, 1, 1, tzinfo=UTC)
ROOT = "3f" * 32


def day(number: int, hour: int = 0) -> datetime:
    """The start of the day with this number in the year 2026, counted from 0."""
    return START + timedelta(days=number, hours=hour)


def timeline(*changes: tuple[int, Verdict], until: datetime = END) -> list[tuple[Interval, Verdict]]:
    """Verdicts that hold from a day on until the next one begins."""
    starts = [day(number) for number, _ in changes]
    return [
        (Interval(start, end), verdict)
        for start, end, (_, verdict) in zip(starts, [*starts[1:], until], changes, strict=True)
    ]


def rotation() -> CheckResult:
    keys = [
        ("AKIAEXAMPLE000000001", "AKIAEXAMPLE000000001 of ci-deploy", 40, day(75), False),
        ("AKIAEXAMPLE000000002", f"AKIAEXAMPLE000000002 of {HOSTILE}", 0, None, True),
    ]
    exceptions = [
        ControlException(
            check="aws-access-key-rotation",
            scope=PROD,
            member=member,
            label=label,
            start=day(start),
            end=end,
            cause="older than the written policy allows",
            first_evidence=EvidencePointer(12, day(start, 3)),
            last_evidence=EvidencePointer(300, day(74, 3)) if end else None,
            began_before_period=before,
        )
        for member, label, start, end, before in keys
    ]
    return CheckResult(
        check="aws-access-key-rotation",
        title="Access keys are rotated on the documented schedule",
        criteria=["CC6.1"],
        commitments=["Access control policy 4.2 (from 2025-06-01): access keys are rotated every 90 days"],
        population=14,
        failed_members=2,
        member_time={
            "pass": timedelta(days=4610),
            "fail": timedelta(days=400),
            "unknown": timedelta(days=20, hours=6),
            "not_applicable": timedelta(days=80),
        },
        exceptions=exceptions,
        gaps=[
            EvidenceGap(
                "aws-access-key-rotation",
                DEV,
                "",
                "every one of the access keys",
                day(200),
                day(210, 6),
                "nothing was read for longer than documented: iam.users denied (AccessDenied)",
            )
        ],
        timeline=timeline((0, Verdict.FAIL)),
        source_read=True,
        conclusion=Conclusion.EXCEPTIONS,
        why="2 exceptions of 2 of 14 access keys; unknown in 1 stretches of time",
    )


def root_mfa() -> CheckResult:
    return CheckResult(
        check="aws-root-mfa",
        title="The root user signs in with MFA",
        criteria=["CC6.1", "CC6.6"],
        commitments=[],
        population=2,
        failed_members=0,
        member_time={"pass": timedelta(days=730)},
        exceptions=[],
        gaps=[],
        timeline=timeline((0, Verdict.PASS)),
        source_read=True,
        conclusion=Conclusion.EFFECTIVE,
        why="held for all of 2 accounts in all of the time",
    )


def cadence() -> CheckResult:
    return CheckResult(
        check="evidence-cadence",
        title="Access configuration is recorded on the documented schedule",
        criteria=["CC7.2"],
        commitments=["Logging standard 2.1 (from 2025-06-01): every day"],
        population=2,
        failed_members=0,
        member_time={"pass": timedelta(days=719, hours=18), "unknown": timedelta(days=10, hours=6)},
        exceptions=[],
        gaps=[
            EvidenceGap(
                "evidence-cadence", DEV, "", "every one of the scopes", day(200), day(210, 6), "nothing was attempted"
            )
        ],
        timeline=timeline((0, Verdict.PASS), (200, Verdict.UNKNOWN), (210, Verdict.PASS)),
        source_read=True,
        conclusion=Conclusion.INSUFFICIENT,
        why="no exception seen, but unknown in 1 stretches of time",
    )


def result(*, demo: bool = True) -> PeriodResult:
    missing = [date(2026, 7, 20) + timedelta(days=number) for number in range(10)]
    lost = Occurrence("key_age_report_cadence", DEV, day(196), day(204), None, "iam.credential_report: denied")
    controls = [
        ControlResult(
            control="AC-01",
            title="Root users are protected",
            statement="The root user of every account has MFA.",
            owner="Ada Lovelace",
            criteria=["CC6.1", "CC6.6"],
            checks=[root_mfa()],
            timeline=root_mfa().timeline,
            days_covered=365,
            days_missing=[],
            occurrences_required=0,
            occurrences_missing=[],
            conclusion=Conclusion.EFFECTIVE,
            why="every check held for every member in all of the time",
        ),
        ControlResult(
            control="AC-02",
            title="Access keys are short-lived",
            statement="Access keys are rotated every 90 days; a dated key-age report is kept every week.",
            owner="Grace Hopper",
            criteria=["CC6.1"],
            checks=[rotation(), root_mfa()],
            timeline=rotation().timeline,
            days_covered=355,
            days_missing=missing,
            occurrences_required=104,
            occurrences_missing=[lost],
            conclusion=Conclusion.EXCEPTIONS,
            why="aws-access-key-rotation: 2 exceptions of 2 of 14 access keys; unknown in 1 stretches of time",
        ),
        ControlResult(
            control="AC-03",
            title="Access configuration is recorded daily",
            statement="Access configuration of every account is recorded every day.",
            owner="Katherine Johnson",
            criteria=["CC7.2"],
            checks=[cadence()],
            timeline=cadence().timeline,
            days_covered=355,
            days_missing=missing,
            occurrences_required=0,
            occurrences_missing=[],
            conclusion=Conclusion.INSUFFICIENT,
            why="evidence-cadence: no exception seen, but unknown in 1 stretches of time",
        ),
        ControlResult(
            control="AC-04",
            title="Leavers lose access",
            statement="Access of leavers is removed within one day.",
            owner="",
            criteria=["CC6.2"],
            checks=[],
            timeline=[],
            days_covered=365,
            days_missing=[],
            occurrences_required=0,
            occurrences_missing=[],
            conclusion=Conclusion.NOT_DESIGNED,
            why="no check shows this control",
        ),
    ]
    coverage = [
        CollectionCoverage(PROD, "iam.users", 365, 0, day(0, 3), day(364, 3), [], {}),
        CollectionCoverage(PROD, "iam.credential_report", 365, 0, day(0, 3), day(364, 3), [], {}),
        CollectionCoverage(DEV, "iam.users", 355, 6, day(0, 3), day(364, 3), missing, {"denied": 6}),
        CollectionCoverage(
            DEV, "iam.credential_report", 353, 8, day(0, 3), day(364, 3), [date(2026, 3, 1), *missing], {"denied": 8}
        ),
    ]
    return PeriodResult(
        first=date(2026, 1, 1),
        last=date(2026, 12, 31),
        through=END,
        scopes=[PROD, DEV],
        controls=controls,
        coverage=coverage,
        provenance=Provenance(
            origin="example.com/evidence",
            size=368,
            root=ROOT,
            tool="observant 0.1.0",
            as_of=datetime(2027, 1, 4, 9, 30, tzinfo=UTC),
            demo=demo,
        ),
    )
