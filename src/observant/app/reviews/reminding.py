"""`observant review reminders`: who has to do what about access reviews, soonest first. Sending is somebody else's."""

from datetime import datetime, timedelta

import msgspec

from observant.app.evaluate import Judged, forecast, judged
from observant.app.reviews.listing import CampaignStatus, statuses
from observant.app.reviews.reviewers import REVIEWERS_FILE, read_reviewers
from observant.app.workspace import Workspace
from observant.model.interval import Interval
from observant.model.time import FOREVER, Clock
from observant.model.verdict import Verdict

_CHECK = "access-review-cadence"
AHEAD = timedelta(days=30)
"""A review that falls due within this is announced: opening, deciding and signing take some days."""


class Reminder(msgspec.Struct, frozen=True):
    """One thing that somebody has to do."""

    who: str
    """A reviewer, or empty for whoever opens and closes reviews."""
    email: str
    about: str
    """The campaign, or the scopes that none covers yet."""
    what: str
    due: datetime
    late: bool


def reminders(
    unopened: list[Reminder], campaigns: list[CampaignStatus], people: dict[str, str], now: datetime
) -> list[Reminder]:
    """`unopened` is what `to_open` says; `people`: reviewer -> e-mail address."""
    found = [each for one in campaigns for each in _of_campaign(one, people, now)]
    running = {scope for one in campaigns if one.closed is None for scope in one.scopes}
    found += [one for one in unopened if one.about not in running]
    return sorted(found, key=lambda one: (one.due, one.who, one.about))


def _of_campaign(one: CampaignStatus, people: dict[str, str], now: datetime) -> list[Reminder]:
    found = []
    if one.closed is None:
        for each in one.reviewers:
            if each.signed is None:
                left = each.items - each.decided
                what = f"{left} of {each.items} items are not decided" if left else "everything is decided: sign it"
                email = people.get(each.reviewer, "")
                found.append(Reminder(each.reviewer, email, one.campaign, what, one.due, now > one.due))
        if all(each.signed is not None for each in one.reviewers):
            found.append(Reminder("", "", one.campaign, "everybody has signed: close it", one.due, now > one.due))
    for action in one.actions:
        if action.outcome != "done":
            what = f"{action.choice} {action.label}: the evidence still shows it"
            if action.outcome == "returned":
                what = f"{action.choice} {action.label}: it came back"
            due = action.due or FOREVER
            email = people.get(action.decided_by, "")
            found.append(Reminder(action.decided_by, email, one.campaign, what, due, now > due))
    return found


def to_open(judgement: Judged) -> list[Reminder]:
    """Scopes whose next review falls due soon, or fell due, whether a campaign is running or not."""
    soon, past = "no review is open, and the next one falls due", "no review is open, and the last one fell due"
    now = judgement.evaluation.as_of
    coming = [(one.scope, soon, one.at, False) for one in forecast(judgement, AHEAD).forecasts if one.check == _CHECK]
    missed = [
        (one.scope, past, one.interval.start, True)
        for one in judgement.evaluation.standing(Interval(now, now + timedelta(seconds=1)), {Verdict.FAIL}, _CHECK)
    ]
    return [Reminder("", "", scope, what, due, late) for scope, what, due, late in coming + missed]


def remind(workspace: Workspace, clock: Clock) -> list[Reminder]:
    """The answer of `observant review reminders`."""
    campaigns = statuses(workspace, "", clock)
    path = workspace.root / REVIEWERS_FILE
    people = {one.name: one.email for one in read_reviewers(path).people} if path.exists() else {}
    with judged(workspace, clock) as judgement:
        return reminders(to_open(judgement), campaigns, people, clock())
