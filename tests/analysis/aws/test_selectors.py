"""Which events selectors record, by what they say: the traps of both kinds."""

import json

import pytest

from observant.analysis.aws.selectors import management, objects, records_all

BUCKET = "arn:aws:s3:::payroll"
READ, WRITE = objects(BUCKET, read=True), objects(BUCKET, read=False)


def classic(values, kind="All", **more):
    resources = [{"Type": "AWS::S3::Object", "Values": values}]
    return json.dumps({"EventSelectors": [{"ReadWriteType": kind, "DataResources": resources, **more}]})


def advanced(*fields):
    return json.dumps({"AdvancedEventSelectors": [{"FieldSelectors": list(fields)}]})


def field(name, operator="Equals", *values):
    return {"Field": name, operator: list(values)}


DATA = (field("eventCategory", "Equals", "Data"), field("resources.type", "Equals", "AWS::S3::Object"))


@pytest.mark.parametrize(
    ("values", "recorded"),
    [
        (["arn:aws:s3"], True),
        (["arn:aws:s3:::"], True),
        ([f"{BUCKET}/"], True),
        ([f"{BUCKET}/2024/"], False),
        (["arn:aws:s3:::payroll-archive/"], False),
        (["arn:aws:lambda"], False),
        ([], False),
    ],
)
def test_classic_selectors_name_beginnings(values, recorded):
    assert recorded is records_all(classic(values), READ)


def test_classic_selectors_may_take_one_side_only():
    assert (True, False) == (
        records_all(classic(["arn:aws:s3"], "WriteOnly"), WRITE),
        records_all(classic(["arn:aws:s3"], "WriteOnly"), READ),
    )


@pytest.mark.parametrize(
    ("more", "recorded"),
    [
        ((), True),
        ((field("resources.ARN", "StartsWith", f"{BUCKET}/"),), True),
        ((field("resources.ARN", "StartsWith", "arn:aws:s3:::pay"),), True),
        ((field("resources.ARN", "StartsWith", f"{BUCKET}/2024/"),), False),
        ((field("resources.ARN", "Equals", f"{BUCKET}/one-object"),), False),
        ((field("resources.ARN", "NotStartsWith", "arn:aws:s3:::trail/"),), True),
        ((field("resources.ARN", "NotStartsWith", f"{BUCKET}/tmp/"),), False),
        ((field("resources.ARN", "NotStartsWith", "arn:aws:s3:::"),), False),
        ((field("readOnly", "Equals", "true"),), True),
        ((field("readOnly", "Equals", "false"),), False),
        ((field("eventName", "Equals", "GetObject"),), False),  # HeadObject reads too
        ((field("userIdentity.arn", "NotStartsWith", "arn:aws:sts::1:assumed-role/etl"),), False),
        (({"Field": "resources.ARN"},), False),
    ],
)
def test_advanced_selectors_narrow_with_every_field(more, recorded):
    assert recorded is records_all(advanced(*DATA, *more), READ)


def test_management_events_of_a_service_that_is_left_out():
    left_out = advanced(
        field("eventCategory", "Equals", "Management"), field("eventSource", "NotEquals", "kms.amazonaws.com")
    )
    without_kms = json.dumps(
        {"EventSelectors": [{"IncludeManagementEvents": True, "ExcludeManagementEventSources": ["kms.amazonaws.com"]}]}
    )

    for selectors in (left_out, without_kms):
        assert records_all(selectors, management(read=True)) is False
        assert records_all(selectors, management(read=True, source="iam.amazonaws.com")) is True


def test_what_was_not_shown_is_not_known():
    assert records_all(None, READ) is None
    assert records_all("{}", READ) is None
