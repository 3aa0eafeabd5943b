"""Accounts of a tenant and the people behind them, over three days: who left, moved, came back, and what they kept."""

import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from observant.collect.people import read_people
from observant.evidence.snapshot import Snapshot
from observant.model.interval import Interval
from observant.model.verdict import Verdict
from observant.period.evaluate import Evaluation
from worlds.directory import Directory
from worlds.judging import START, of
from worlds.people import mapping
from worlds.workbench import Workbench, policy

DAYS = [START + timedelta(days=number) for number in range(4)]
DISABLED = "2025-06-03T20:30:00Z"
HR = [
    ["1", "Ana", "ana@example.com", "2020-01-01", "2025-06-02", ""],
    ["2", "Ben", "ben@example.com", "2025-06-04", "", "", "2025-06-04", "2025-06-02"],
    ["3", "Cleo", "cleo@example.com", "2020-01-01", "", ""],
    ["4", "Dee", "dee@partner.example", "2020-01-01", "2025-06-02", ""],
]
"""Ana and Dee, a guest, left on 2 June. Ben left then, too, and comes back to another department on the 4th."""


def people(day: int) -> Snapshot:
    with tempfile.TemporaryDirectory() as folder:
        written = mapping(Path(folder), HR, [], zone="UTC", links=["email"])
        return read_people(written, lambda: DAYS[day], "ana@host")


def secret(name: str) -> dict[str, str]:
    return {"keyId": name, "startDateTime": "2025-01-01T00:00:00Z", "endDateTime": "2026-01-01T00:00:00Z"}


def application(tenant: Directory, *secrets: str, owners: tuple[str, ...] = ("ana",)) -> None:
    owned = [{"id": owner, "type": "user"} for owner in owners]
    keys = [secret(name) for name in secrets]
    tenant.keep("entra.applications", "shop", {"displayName": "shop", "passwordCredentials": keys, "owners": owned})


def changes(tenant: Directory, day: int) -> None:
    if day == 0:
        for name in ("ana", "ben", "cleo"):
            tenant.user(name, mail=f"{name}@example.com")
        guest = {"userType": "Guest", "creationType": "Invitation", "mail": None}
        tenant.user("dee", **guest, userPrincipalName="dee_partner.example#EXT#@example.com")
        application(tenant, "old")
        tenant.group("builders", "ben", "cleo")
    if day == 1:
        tenant.group("drivers", "ben")
    if day == 2:
        tenant.user("ana", mail="ana@example.com", accountEnabled=False)
        event = {"activityDisplayName": "Disable account", "category": "UserManagement", "result": "success"}
        target = {"id": "ana", "type": "User", "userPrincipalName": "ana@example.com"}
        tenant.keep(
            "entra.directory_audits", "e1", {**event, "activityDateTime": DISABLED, "targetResources": [target]}
        )
        application(tenant, "old", owners=())
        tenant.drop("entra.users", "dee")
    if day == 3:
        application(tenant, "new", owners=())


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    tenant, bench = Directory(), Workbench(tmp_path_factory.mktemp("people"), START)
    for day, at in enumerate(DAYS):
        changes(tenant, day)
        bench.record(tenant.read(at, of("entra")), people(day))
    promised = {"leaver_removal": {"within": "12 hours"}, "mover_access": {"within": "1 day", "common": ["group all"]}}
    return bench.evaluate(policy(START.date() - timedelta(days=9), **promised))


def spans(found: Evaluation, check: str, label: str, verdict: Verdict = Verdict.FAIL) -> list[tuple[str, str]]:
    within = Interval(DAYS[0], DAYS[-1] + timedelta(hours=1))
    return [
        (f"{one.interval.start:%d %H:%M}", f"{one.interval.end:%d %H:%M}" if one.interval.end < within.end else "still")
        for one in found.standing(within, {verdict}, check)
        if one.label.startswith(label)
    ]


def test_an_account_ends_at_the_second_that_the_log_tells_and_a_secret_when_it_is_gone(found):
    # Twelve hours after her last day until the secret that she owned is replaced.
    assert [("03 12:00", "05 06:00")] == spans(found, "people-leaver-entra", "Ana")
    worked = found.query(
        "SELECT valid_to FROM entra_identity WHERE member = 'ana' AND working ORDER BY valid_to DESC LIMIT 1"
    )
    assert [(datetime.fromisoformat(DISABLED).replace(tzinfo=None),)] == worked
    (why,) = {one.because for one in found.standing(Interval(DAYS[2], DAYS[3]), {Verdict.FAIL}, "people-leaver-entra")}
    assert "secret old of shop, as its owner" in why


def test_a_guest_is_known_by_the_address_they_were_invited_by(found):
    assert [("03 12:00", "04 06:00")] == spans(found, "people-leaver-entra", "Dee")
    assert [("person", "by email")] == found.query(
        "SELECT DISTINCT kind, rule FROM entra_identity WHERE member = 'dee' AND kind <> 'unlinked'"
    )


def test_what_was_there_before_a_move_or_a_return_is_kept_or_given_anew(found):
    # The first reading shows the group already: it may have been given at any time before the fourth, so it was.
    assert [("05 00:00", "still")] == spans(found, "people-mover-entra", "Ben: group builders")
    assert [("05 00:00", "still")] == spans(found, "people-mover-entra", "Ben: group drivers")
    assert [("04 00:00", "still")] == spans(found, "people-rehire-entra", "Ben: group builders")
    assert [] == spans(found, "people-rehire-entra", "Cleo")
    # Seen first on the third: after the earlier end on the second at midnight, or before it. Nobody knows.
    assert [] == spans(found, "people-rehire-entra", "Ben: group drivers", Verdict.PASS)


def test_who_stands_behind_no_account_and_who_is_unlinked(found):
    assert [] == spans(found, "entra-account-owner", "ana")
    assert [] == spans(found, "people-early-entra", "Cleo")
    # He is to start on the fourth, and his account works all the time before.
    assert [("02 06:00", "04 00:00")] == spans(found, "people-early-entra", "Ben")
