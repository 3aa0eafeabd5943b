"""Access Analyzer and the keys of digest files: what is read, and what a refusal becomes."""

import base64

from collect.conftest import gaps, named
from observant.collect.aws import collect_account
from observant_clouds.aws import lake


def findings(snapshot):
    return named(snapshot, "accessanalyzer.findings").entities


def test_open_findings_of_every_page_are_read_and_moving_times_are_usage(aws, company, session):
    analyzer = company.analyzer("outside", created=100)
    gone = [company.finding(analyzer, f"arn:aws:s3:::bucket-{number}", created=3) for number in range(130)][7]
    company.archive(analyzer, gone)

    found = findings(collect_account(session, aws.now))

    assert (129, True) == (len(found), all(gone not in one.urn for one in found))
    assert {"analyzedAt", "updatedAt"} == set(found[0].usage)
    assert {"2025-12-29T06:00:00Z"} == {one.configuration["createdAt"] for one in found}
    assert 2 == aws.traffic.requests["accessanalyzer:ListFindingsV2"]


def test_every_region_with_a_trail_is_asked_and_no_user(aws, company, session):
    company.trail("second", "trail-logs", region="eu-west-1")
    company.analyzer("unused", "ACCOUNT_UNUSED_ACCESS", region="eu-west-1")

    found = {one.urn for one in named(collect_account(session, aws.now), "accessanalyzer.analyzers").entities}

    assert {
        "us-east-1#asked",
        "eu-west-1#asked",
        company.arn("analyzer/unused", "access-analyzer", "eu-west-1"),
    } == found
    assert 0 == aws.traffic.requests["iam:GenerateServiceLastAccessedDetails"]


def test_refused_everywhere_is_a_gap(aws, company, session):
    aws.traffic.fault("accessanalyzer:ListAnalyzers", code="AccessDeniedException")

    told = gaps(collect_account(session, aws.now))

    assert {"accessanalyzer.analyzers": "denied", "accessanalyzer.findings": "not_attempted"} == told


def test_findings_that_are_refused_stand_for_all_of_their_analyzer(aws, company, session):
    analyzer = company.analyzer("outside")
    company.finding(analyzer, "arn:aws:s3:::bucket")
    company.finding(company.analyzer("unused", "ACCOUNT_UNUSED_ACCESS"), company.arn("role/deploy"), "UnusedIAMRole")
    aws.traffic.fault("accessanalyzer:ListFindingsV2", code="AccessDeniedException", containing="outside")

    found = {one.urn: one.configuration for one in findings(collect_account(session, aws.now))}

    assert 2 == len(found)
    assert "denied" == found[f"{analyzer}#every"]["Unread"]["reason"]


def test_public_keys_of_regions_with_validated_trails_are_kept(aws, company, session):
    company.trail("careless", "trail-logs", region="eu-west-1", validation=False)
    for region in ("us-east-1", "eu-west-1"):
        key = base64.b64encode(b"der of " + region.encode()).decode()
        lake.PUBLIC_KEYS[region] = [{"Value": key, "Fingerprint": f"print-{region}", "ValidityStartTime": 1767247200}]

    (found,) = named(collect_account(session, aws.now), "cloudtrail.public_keys").entities

    assert "us-east-1 print-us-east-1" == found.urn
    assert (b"der of us-east-1", "2026-01-01T06:00:00Z") == (
        base64.b64decode(found.configuration["Value"]),
        found.configuration["ValidityStartTime"],
    )
