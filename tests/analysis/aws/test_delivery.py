"""Silence of trails over time: what two snapshots in a row say, and what they do not."""

from datetime import UTC, datetime, timedelta

from observant.collect.aws import AwsSession, collect_account
from observant.model.interval import Interval
from observant.model.verdict import Verdict
from observant_clouds.aws import cloud
from worlds.workbench import Workbench, policy

START = datetime(2025, 6, 2, 6, tzinfo=UTC)

TRAILS = {
    "steady": ((-0.5, 23.5, 47.5), []),
    "silent-for-a-day": ((-0.5, -0.5, 47.5), [(0.5, 48)]),  # known once the second snapshot shows the same
    "silent-since-20": ((-0.5, 20, 47.5), [(21, 48)]),
    "silent-at-first": ((-3, 23.5, 47.5), [(0, 24)]),
    "stopped-meanwhile": ((-0.5, -0.5, 47.5), []),
}
"""Name -> (hour of the last delivery that each daily snapshot shows, hours in which it fails); one hour is promised."""


def test_silence_is_what_two_snapshots_in_a_row_show(tmp_path):
    bench = Workbench(tmp_path, START)
    with cloud(start=START) as running:
        account, session = running.account(), AwsSession(running.session())
        account.bucket("trail")
        for name in TRAILS:
            account.trail(name, "trail", started=90)
        for number in range(3):
            running.move_to(START + timedelta(days=number))
            (account.start_trail if number == 2 else account.stop_trail)("stopped-meanwhile")
            for name, (deliveries, _) in TRAILS.items():
                account.deliver(name, START + timedelta(hours=deliveries[number]))
            bench.record(collect_account(session, running.now))
    evaluation = bench.evaluate(policy(START.date()))

    failed = evaluation.standing(Interval(START, evaluation.as_of), {Verdict.FAIL}, "aws-trail-delivery")

    expected = {f"trail {name}": hours for name, (_, hours) in TRAILS.items() if hours}
    assert expected == {one.label: [(_hour(one.interval.start), _hour(one.interval.end))] for one in failed}


def _hour(at: datetime) -> float:
    return (at - START) / timedelta(hours=1)
