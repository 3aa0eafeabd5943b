"""What is read of one account, and what happens when something cannot be read."""

import json
from datetime import timedelta

import pytest

from collect.conftest import furnish, gaps, named
from observant.collect.aws import COLLECTIONS, AwsSession, collect_account
from observant.collect.aws.collector import PARTS
from observant.errors import UsageError
from observant.evidence.snapshot import Reconciliation
from observant_clouds.aws import Key, cloud, server, statement

ROOT = "arn:aws:iam::111122223333:root"


def configuration(snapshot, name, urn):
    return next(each.configuration for each in named(snapshot, name).entities if each.urn == urn)


def test_everything_is_read_and_reconciled(aws, company, session):
    snapshot = collect_account(session, aws.now)

    assert {} == gaps(snapshot)
    assert list(COLLECTIONS) == [each.name for each in snapshot.collections]
    assert ("aws:111122223333", "api") == (snapshot.scope, snapshot.origin)
    assert [Reconciliation("GetAccountSummary Users", 3, 3)] == named(snapshot, "iam.users").reconciled
    assert [Reconciliation("GetAccountSummary Policies", 1, 1)] == named(snapshot, "iam.policies").reconciled
    assert 2 == len(named(snapshot, "iam.policies").entities)
    assert all(one.expected == one.actual for each in snapshot.collections for one in each.reconciled)


def test_progress_names_each_collection(aws, company, session):
    told = []
    collect_account(session, aws.now, told.append)

    assert "iam.users: 3" in told
    assert len(COLLECTIONS) == len(told)


def test_policy_documents_stay_the_text_that_was_written(aws, session):
    written = (
        '{ "Version":"2012-10-17",\n "Statement" : {"Effect":"Allow","Action":"s3:*","Resource":"*"}, "x%41":"ü" }'
    )
    arn = aws.account().policy("single", written)
    aws.account().role("r", trust=written, inline={"same": written})

    snapshot = collect_account(session, aws.now)
    role = configuration(snapshot, "iam.roles", "arn:aws:iam::111122223333:role/r")

    assert written == configuration(snapshot, "iam.policies", arn)["PolicyVersionList"][0]["Document"]
    assert (written, written) == (role["AssumeRolePolicyDocument"], role["RolePolicyList"][0]["PolicyDocument"])


def test_all_versions_of_a_policy_are_kept(aws, company, session):
    arn = company.arn("policy/everything")
    company.edit_policy(arn, statement("s3:*"))

    versions = configuration(collect_account(session, aws.now), "iam.policies", arn)["PolicyVersionList"]

    assert [("v1", False), ("v2", True)] == [(one["VersionId"], one["IsDefaultVersion"]) for one in versions]


def test_use_alone_changes_no_configuration(aws, company, session):
    before = collect_account(session, aws.now)
    aws.shift(days=1)
    company.sign_in("ada")
    company.use_key("robot")
    company.use_role("deploy")
    after = collect_account(session, aws.now)

    assert [[(e.urn, e.configuration) for e in c.entities] for c in before.collections] == [
        [(e.urn, e.configuration) for e in c.entities] for c in after.collections
    ]
    for changed in ("iam.roles", "iam.credential_report", "iam.credential_report_meta", "cloudtrail.trail_status"):
        assert [e.usage for e in named(before, changed).entities] != [e.usage for e in named(after, changed).entities]


def test_names_with_commas_and_other_scripts_survive(aws, session):
    aws.account().user("o'neil,=+@ünï_漢", mfa="virtual", password=True)

    snapshot = collect_account(session, aws.now)
    arn = "arn:aws:iam::111122223333:user/o'neil,=+@ünï_漢"

    assert [arn] == [each.urn for each in named(snapshot, "iam.users").entities]
    assert "true" == configuration(snapshot, "iam.credential_report", arn)["mfa_active"]
    assert {} == gaps(snapshot)


def test_the_root_user_without_mfa_and_with_a_key(aws, session):
    aws.account().root(mfa=False, keys=[Key(700, 1)])

    snapshot = collect_account(session, aws.now)

    assert ("false", "true") == tuple(
        configuration(snapshot, "iam.credential_report", ROOT)[cell] for cell in ("mfa_active", "access_key_1_active")
    )
    assert 0 == configuration(snapshot, "iam.account_summary", ROOT)["AccountMFAEnabled"]


def test_no_password_policy_is_an_answer(aws, session):
    snapshot = collect_account(session, aws.now)

    assert {"PolicyExists": False} == configuration(snapshot, "iam.password_policy", ROOT)


def test_trails_of_one_other_region_are_found(aws, company, session):
    company.trail("europe", "trail-logs", region="eu-west-1", multi_region=False, logging=False)

    snapshot = collect_account(session, aws.now)
    arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/europe"

    assert [Reconciliation("ListTrails", 2, 2)] == named(snapshot, "cloudtrail.trails").reconciled
    assert configuration(snapshot, "cloudtrail.trail_status", arn)["IsLogging"] is False


def test_what_a_trail_bucket_keeps(aws, company, session):
    bucket = configuration(collect_account(session, aws.now), "s3.trail_buckets", "arn:aws:s3:::trail-logs")

    assert {"Status": "Enabled"} == bucket["Versioning"]
    assert [{"Days": 400}] == [rule["Expiration"] for rule in bucket["LifecycleRules"]]
    assert "s3:GetBucketAcl" in bucket["Policy"]
    assert bucket["ObjectLock"] is None


def test_a_bucket_of_another_account_is_not_read_here(aws, company, session):
    aws.account("444455556666").bucket("archive")
    company.find_trail("main").bucket_name = "archive"

    snapshot = collect_account(session, aws.now)

    assert {"Name": "archive", "OwnedByThisAccount": False, "Exists": True} == configuration(
        snapshot, "s3.trail_buckets", "arn:aws:s3:::archive"
    )


def test_a_deleted_bucket_is_an_answer(aws, company, session):
    aws.traffic.fault("s3:GetBucketVersioning", "NoSuchBucket", 404)

    bucket = configuration(collect_account(session, aws.now), "s3.trail_buckets", "arn:aws:s3:::trail-logs")

    assert (False, True) == (bucket["Exists"], bucket["OwnedByThisAccount"])


# --- refusals ----------------------------------------------------------------------------------------------------


def test_a_denied_report_is_exactly_that_gap(aws, company, session):
    whole = collect_account(session, aws.now)
    aws.traffic.fault("iam:GetCredentialReport")
    snapshot = collect_account(session, aws.now)

    assert {
        "iam.credential_report": "denied",
        "iam.credential_report_meta": "denied",
        "iam.mfa_devices": "not_attempted",  # whom to ask for stands in the report
    } == gaps(snapshot)
    assert (
        "AccessDenied: User is not authorized to perform: iam:GetCredentialReport"
        in named(snapshot, "iam.credential_report").gap.detail
    )
    assert [one for one in whole.collections if one.name not in gaps(snapshot)] == [
        one for one in snapshot.collections if one.name not in gaps(snapshot)
    ]


OPERATIONS = sorted({operation for part in PARTS for operation in part.declaration.operations})


def service_of(operation):
    services = {
        "cloudtrail": ("Trail", "EventSelectors", "EventDataStore", "PublicKeys"),
        "accessanalyzer": ("Analyzers", "FindingsV2"),
        "s3": ("Bucket", "PublicAccessBlock", "ObjectLock"),
        "ec2": ("DescribeRegions",),
        "logs": ("LogGroups",),
    }
    return next((name for name, parts in services.items() if any(part in operation for part in parts)), "iam")


INSIDE = {
    *("ListEventDataStores", "GetEventDataStore", "DescribeLogGroups", "HeadBucket"),
    *("ListPublicKeys", "ListFindingsV2"),
}
"""What they could not read is said in its place: one region, store, group, bucket or analyzer."""


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one not in {*INSIDE, "GenerateCredentialReport"}])
def test_each_denied_operation_leaves_a_gap_and_all_else_is_read(aws, company, session, operation):
    aws.traffic.fault(f"{service_of(operation)}:{operation}")

    snapshot = collect_account(session, aws.now)
    own = {name for part in PARTS if operation in part.declaration.operations for name in part.declaration.collections}
    found = gaps(snapshot)
    denied = {name for name, reason in found.items() if reason == "denied"}

    assert denied
    assert denied <= own
    assert {"not_attempted"} >= {found[name] for name in found.keys() - denied}
    assert all(not one.entities for one in snapshot.collections if one.gap is not None)


def test_a_denied_order_does_not_matter_while_a_report_is_fresh(aws, company, session):
    collect_account(session, aws.now)
    aws.traffic.fault("iam:GenerateCredentialReport")

    assert {} == gaps(collect_account(session, aws.now))

    aws.shift(hours=5)

    assert "denied" == gaps(collect_account(session, aws.now))["iam.credential_report"]


def test_persistent_failures_are_told_from_throttling(aws, company, session, monkeypatch):
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    aws.traffic.fault("iam:ListAccountAliases", "ServiceFailure", 500)

    snapshot = collect_account(session, aws.now)

    assert {"iam.account_alias": "failed"} == gaps(snapshot)
    assert 9 == next(one.retries for one in snapshot.requests if one.operation == "iam:ListAccountAliases")


def test_a_server_error_that_passes_leaves_only_its_retries(aws, company, session, monkeypatch):
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    aws.traffic.fault("iam:GetAccountAuthorizationDetails", "ServiceFailure", 503, times=2)

    snapshot = collect_account(session, aws.now)
    request = next(one for one in snapshot.requests if one.operation == "iam:GetAccountAuthorizationDetails")

    assert {} == gaps(snapshot)
    assert (200, 2, "") == (request.status, request.retries, request.error)


def test_unaccepted_credentials_are_the_users_to_mend(aws, session):
    aws.traffic.fault("sts:GetCallerIdentity", "InvalidClientTokenId", 403)

    with pytest.raises(UsageError, match="get-caller-identity"):
        collect_account(session, aws.now)


# --- paging ------------------------------------------------------------------------------------------------------

LISTED = {"iam.users", "iam.groups", "iam.roles", "iam.policies"}


def test_a_lost_page_is_truncation(aws, company, session, monkeypatch):
    monkeypatch.setattr("observant.collect.aws.part.PAGE", 2)
    company.extra.lose_pages_after = 2

    found = gaps(collect_account(session, aws.now))

    assert dict.fromkeys(LISTED, "truncated").items() <= found.items()


def test_a_marker_that_comes_again_is_truncation(aws, company, session):
    company.extra.repeat_marker = True

    assert dict.fromkeys(LISTED, "truncated").items() <= gaps(collect_account(session, aws.now)).items()


def test_page_size_does_not_matter(aws, company, session, monkeypatch):
    whole = collect_account(session, aws.now)
    monkeypatch.setattr("observant.collect.aws.part.PAGE", 1)

    assert whole.collections == collect_account(session, aws.now).collections


def test_fewer_than_the_account_counts_is_truncation(aws, company, session):
    company.extra.summary["Users"] = 4

    snapshot = collect_account(session, aws.now)

    assert "listed 3, GetAccountSummary Users counts 4" == named(snapshot, "iam.users").gap.detail
    assert [] == named(snapshot, "iam.users").entities


# --- the credential report ---------------------------------------------------------------------------------------


def test_users_created_and_deleted_since_the_report_are_explained(aws, company, session):
    collect_account(session, aws.now)
    aws.shift(hours=1)
    company.user("new-1")
    company.user("new-2")
    company.remove_user("robot")

    snapshot = collect_account(session, aws.now)
    report = named(snapshot, "iam.credential_report")

    assert report.gap is None
    assert all(one.expected == one.actual for one in report.reconciled)
    assert "less 2 created and plus 1 deleted" in report.reconciled[1].source
    assert {"generated_time": "2026-01-01T06:00:00Z"} == named(snapshot, "iam.credential_report_meta").entities[0].usage
    logged = next(one for one in snapshot.requests if one.operation == "iam:GetCredentialReport")
    assert 3600 == logged.parameters["age_seconds"]


def test_a_user_missing_from_the_report_shows_in_the_reconciliation(aws, company, session):
    collect_account(session, aws.now)
    company.user("smuggled", created=50)

    compared = named(collect_account(session, aws.now), "iam.credential_report").reconciled[0]

    assert (4, 3) == (compared.expected, compared.actual)


def test_a_slow_report_is_waited_for(aws, company):
    waited = []
    company.extra.report_polls = 5
    session = AwsSession(aws.session(), pause=waited.append)

    assert {} == gaps(collect_account(session, aws.now))
    assert [1, 2, 3, 5] == waited


def test_a_report_that_never_comes_is_a_gap(aws, company, session):
    company.extra.report_available = False

    snapshot = collect_account(session, aws.now)

    assert "failed" == gaps(snapshot)["iam.credential_report"]
    assert "not ready after" in named(snapshot, "iam.credential_report").gap.detail


@pytest.mark.parametrize("code", ["ReportExpired", "ReportNotPresent"])
def test_a_report_gone_between_order_and_fetch_is_ordered_again(aws, company, session, code):
    aws.traffic.fault("iam:GetCredentialReport", code, 410, times=1)

    assert {} == gaps(collect_account(session, aws.now))
    assert 2 == aws.traffic.requests["iam:GenerateCredentialReport"]


def test_too_many_hardware_devices_are_not_asked_for(aws, session):
    for number in range(26):
        aws.account().user(f"user-{number}", mfa="hardware")

    snapshot = collect_account(session, aws.now)

    assert {"iam.mfa_devices": "not_attempted"} == gaps(snapshot)
    assert 0 == aws.traffic.requests["iam:ListMFADevices"]


# --- the request log ---------------------------------------------------------------------------------------------


def test_every_request_is_logged_and_declared(aws, company, session):
    snapshot = collect_account(session, aws.now)
    logged = [one.operation for one in snapshot.requests]

    assert sorted(aws.traffic.requests.elements()) == sorted(logged)
    assert {one.partition(":")[2] for one in logged} - {"GetCallerIdentity"} <= set(OPERATIONS)
    for one in snapshot.requests:
        assert 64 == len(one.body_sha256)
        assert one.request_id


def test_no_secret_is_kept(aws, company, session):
    seeds = [device.base32_string_seed for device in company.iam.virtual_mfa_devices.values()]
    secrets = [key.secret_access_key for key in company.iam.access_keys.values()]

    kept = repr(collect_account(session, aws.now))

    assert not [secret for secret in seeds + secrets + ["not-a-secret"] if secret in kept]


def test_a_session_is_reused_with_a_fresh_log(aws, company, session):
    first, second = collect_account(session, aws.now), collect_account(session, aws.now)

    assert first.collections == second.collections
    assert len(first.requests) == len(second.requests)


def test_an_interrupted_run_leaves_nothing_behind(aws, company, session):
    whole = collect_account(session, aws.now)

    def interrupt(line):
        if line.startswith("cloudtrail.trails"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        collect_account(session, aws.now, interrupt)

    assert whole.collections == collect_account(session.sibling(), aws.now).collections


# --- over the wire -----------------------------------------------------------------------------------------------


def wire(control, monkeypatch):
    for name, value in control.environment().items():
        monkeypatch.setenv(name, value)
    return AwsSession.open()


def test_throttling_loses_nothing(aws, monkeypatch):
    with server() as control:
        control.control("seed", {"users": 30})
        session = wire(control, monkeypatch)
        quiet = collect_account(session, aws.now)
        control.control("traffic", {"forget": True, "throttle": {"iam": {"rate": 8, "burst": 2}}})
        throttled = collect_account(session, aws.now)
        refused = control.control("stats")["refused"]

    assert refused > 0
    assert refused == sum(one.retries for one in throttled.requests)
    assert {} == gaps(throttled)
    listed = [one for one in quiet.collections if one.name != "cloudtrail.trail_status"]
    assert listed == [one for one in throttled.collections if one.name != "cloudtrail.trail_status"]


def test_an_unreachable_endpoint_is_named(aws, monkeypatch):
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(UsageError, match="EndpointConnectionError"):
        collect_account(AwsSession(aws.session()), aws.now)


def test_one_session_serves_day_after_day(aws, session):
    furnish(aws.account())
    for _ in range(30):
        aws.shift(days=1)
        last = collect_account(session, aws.now)

    assert timedelta(0) == last.finished - last.started
    assert {} == gaps(last)


def test_the_same_world_gives_the_same_snapshot():
    def take():
        with cloud() as running:
            furnish(running.account())
            snapshot = collect_account(AwsSession(running.session()), running.now)
            return json.dumps([[e.urn, e.configuration, e.usage] for c in snapshot.collections for e in c.entities])

    assert take() == take()


def test_the_rest_of_the_log_chain_is_read(aws, company, session):
    group = company.log_group("trail", retention=90)
    company.find_trail("main").cw_log_group_arn = group
    store = company.event_data_store("lake", region=session.region, retention=365)

    snapshot = collect_account(session, aws.now)

    assert {} == gaps(snapshot)
    assert 90 == configuration(snapshot, "logs.trail_log_groups", group.removesuffix(":*"))["retentionInDays"]
    found = configuration(snapshot, "cloudtrail.event_data_stores", store)
    assert (365, session.region) == (found["RetentionPeriod"], found["HomeRegion"])
    assert "eu-west-1" in {one.urn for one in named(snapshot, "ec2.regions").entities}


@pytest.mark.parametrize(("operation", "hidden"), [("ListEventDataStores", "#every"), ("GetEventDataStore", "lake")])
def test_a_hidden_event_data_store_says_so(aws, company, session, operation, hidden):
    company.event_data_store("lake")
    aws.traffic.fault(f"cloudtrail:{operation}", code="AccessDeniedException")

    found = named(collect_account(session, aws.now), "cloudtrail.event_data_stores").entities

    assert any(one.urn.endswith(hidden) for one in found)
    assert {"denied"} == {one.configuration["Unread"]["reason"] for one in found}


def test_a_log_group_of_another_account_is_not_read_here_and_a_hidden_one_says_so(aws, company, session):
    company.find_trail("main").cw_log_group_arn = "arn:aws:logs:us-east-1:444455556666:log-group:central:*"
    other = named(collect_account(session, aws.now), "logs.trail_log_groups").entities[0]
    company.find_trail("main").cw_log_group_arn = company.log_group("trail")
    aws.traffic.fault("cloudwatch-logs:DescribeLogGroups", code="AccessDeniedException")
    hidden = named(collect_account(session, aws.now), "logs.trail_log_groups").entities[0]

    assert other.configuration["OwnedByThisAccount"] is False
    assert "denied" == hidden.configuration["Unread"]["reason"]


def test_a_bucket_that_is_gone_is_told_from_one_of_somebody_else(aws, company, session):
    company.find_trail("main").bucket_name = "never-was"
    gone = configuration(collect_account(session, aws.now), "s3.trail_buckets", "arn:aws:s3:::never-was")
    aws.traffic.fault("s3:HeadBucket", "403", 403)
    foreign = configuration(collect_account(session, aws.now), "s3.trail_buckets", "arn:aws:s3:::never-was")

    assert (False, True) == (gone["Exists"], foreign["Exists"])
