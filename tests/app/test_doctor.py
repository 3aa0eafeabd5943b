"""What `doctor` makes of the provider's clock."""

from datetime import UTC, datetime, timedelta

import pytest

from observant.app.doctor import Outcome, _clock
from observant.evidence.snapshot import Request, Snapshot

START = datetime(2026, 11, 24, 19, 15, 40, tzinfo=UTC)


def snapshot(*dates: str) -> Snapshot:
    requests = [Request("iam:GetAccountSummary", {}, 200, server_date=date) for date in dates]
    return Snapshot("aws:111122223333", START, START + timedelta(seconds=5), "api", "someone", [], requests)


@pytest.mark.parametrize(
    ("date", "outcome"),
    [
        ("Tue, 24 Nov 2026 19:15:41 GMT", Outcome.OK),
        ("Tue, 24 Nov 2026 19:15:41 GMT, Tue, 24 Nov 2026 19:15:41 GMT", Outcome.OK),  # a proxy added its own
        ("Tue, 24 Nov 2026 19:15:41 -0000", Outcome.OK),
        ("Tue, 24 Nov 2026 19:35:41 GMT", Outcome.MISSING),
    ],
)
def test_the_providers_clock_is_compared(date: str, outcome: Outcome) -> None:
    assert [outcome] == [finding.outcome for finding in _clock(snapshot(date))]


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Tue, 99 Nov 2026 19:15:41 GMT", "Tue, 24 Nov 99999999999 19:15 GMT"]
)
def test_what_is_no_date_says_nothing_about_the_clock(date: str) -> None:
    assert [] == list(_clock(snapshot(date)))
