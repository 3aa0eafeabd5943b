import pytest

from observant.collect.aws.session import AwsSession, as_text
from observant.collect.aws.unread import Unread, reason_of
from observant.errors import ConfigurationError
from observant.evidence.snapshot import GapReason


@pytest.mark.parametrize(
    "sent",
    [
        "2026-01-02T03:04:05Z",
        "2026-01-02T03:04:05.678Z",
        "2026-01-02T05:04:05+02:00",
        1767323045,
        1767323045.678,
        "Fri, 02 Jan 2026 03:04:05 GMT",
    ],
)
def test_timestamps_have_one_form(sent):
    assert "2026-01-02T03:04:05Z" == as_text(sent)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("AccessDenied", GapReason.DENIED),
        ("AccessDeniedException", GapReason.DENIED),
        ("UnauthorizedOperation", GapReason.DENIED),
        ("Throttling", GapReason.THROTTLED),
        ("TooManyRequestsException", GapReason.THROTTLED),
        ("ServiceFailure", GapReason.FAILED),
        ("ExpiredToken", GapReason.FAILED),
    ],
)
def test_codes_become_reasons(code, reason):
    assert reason == reason_of(code)


def test_a_refusal_keeps_the_words_of_the_provider(aws, session):
    aws.traffic.fault("iam:GetAccountSummary", message="explicit deny in\n a service control policy " + "x" * 900)

    with pytest.raises(Unread) as caught:
        session.call("iam", "GetAccountSummary")

    assert caught.value.detail.startswith("iam:GetAccountSummary: AccessDenied: explicit deny in a service control")
    assert 500 == len(caught.value.detail)
    assert (403, "AccessDenied") == (session.requests[0].status, session.requests[0].error)


def test_persistent_throttling_is_called_that(aws, session, monkeypatch):
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    monkeypatch.setattr("botocore.retries.bucket.TokenBucket.acquire", lambda *_, **__: True)
    aws.traffic.fault("iam:GetAccountSummary", "Throttling", 400)

    with pytest.raises(Unread) as caught:
        session.call("iam", "GetAccountSummary")

    assert GapReason.THROTTLED == caught.value.reason
    assert 9 == session.requests[0].retries


def test_a_profile_that_is_not_there(monkeypatch, tmp_path):
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))

    with pytest.raises(ConfigurationError, match="auditor"):
        AwsSession.open(profile="auditor")


def test_no_credentials_at_all_is_not_a_crash(monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    with pytest.raises(Unread, match="NoCredentialsError"):
        AwsSession.open().call("sts", "GetCallerIdentity")
