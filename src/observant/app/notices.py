"""What there is to tell now: exceptions, evidence that is late, reviews that are due, what will fail, runs that failed.

Each notice has a key that stays the same while its cause lasts. What was told to whom is a record, so nothing is told
twice, and what could not be sent is told the next time.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import msgspec

from observant.app.evaluate import Judged, period_so_far
from observant.app.recording import last_run
from observant.app.risks import register_in
from observant.checks.registry import CHECKS
from observant.model.time import text
from observant.model.verdict import Verdict
from observant.period.assess import assess
from observant.period.forecast import forecast
from observant.reports.cells import one_line

_REVIEWS = "access-review-cadence"
"""The check that fails when a review is late: before that it is due."""


class Notice(msgspec.Struct, frozen=True):
    """One thing to tell."""

    kind: str
    key: str
    text: str
    """One line."""


def notices(judged: Judged, ahead: timedelta) -> list[Notice]:
    """Everything that could be told as of now, whoever was told what."""
    found = [*_exceptions(judged), *_overdue(judged), *_coming(judged, ahead), *_risks(judged, ahead), *_runs(judged)]
    return list({one.key: one for one in found}.values())


def _notice(kind: str, *parts: object, said: str) -> Notice:
    return Notice(kind, " ".join([kind, *map(str, parts)]), one_line(said.replace("\n", " ")))


def _exceptions(judged: Judged) -> Iterator[Notice]:
    for one in judged.evaluation.now():
        if one.verdict is Verdict.FAIL:
            start = one.interval.start
            said = f"{CHECKS[one.check].title}: not so for {one.label} ({one.scope}) since {text(start)}. {one.because}"
            yield _notice("exception", one.check, one.scope, one.member, text(start), said=said)


def _overdue(judged: Judged) -> Iterator[Notice]:
    for scope, last in judged.evaluation.stale().items():
        said = f"nothing was read of {scope} since {text(last)}: the next snapshot is late"
        yield _notice("evidence-overdue", scope, text(last), said=said)
    evaluation = judged.evaluation
    result = assess(evaluation, judged.controls, period_so_far(evaluation), judged.provenance)
    for control in result.controls:
        for one in control.occurrences_missing:
            if one.due_by <= evaluation.as_of:
                said = f"{one.what} of {one.scope or 'everything'} was due by {text(one.due_by)}: {one.reason}"
                yield _notice("evidence-overdue", one.what, one.scope, text(one.due_by), said=said)


def _coming(judged: Judged, ahead: timedelta) -> Iterator[Notice]:
    for one in forecast(judged.evaluation, ahead):
        kind = "review-due" if one.check == _REVIEWS else "forecast"
        said = f"on {text(one.at)}: {one.label} ({one.scope}). {one.what}"
        yield _notice(kind, one.check, one.scope, one.member, text(one.at), said=said)


def _risks(judged: Judged, ahead: timedelta) -> Iterator[Notice]:
    """Risks that are to be assessed again, and acceptances that end."""
    register, now = register_in(judged.evaluation.connection), judged.evaluation.as_of
    for risk in register.risks.values():
        if risk.closed:
            continue
        if risk.review_by is not None and _end_of(risk.review_by) <= now + ahead:
            said = f"risk {risk.id} ({risk.title}) of {risk.owner} is to be assessed by {risk.review_by}"
            yield _notice("review-due", risk.id, risk.review_by, said=said)
        held = register.accepted(risk.id, now)
        if held is not None and held.ends <= now + ahead:
            said = f"the acceptance of risk {risk.id} ({risk.title}) ends with {held.acceptance.until}"
            yield _notice("review-due", risk.id, "acceptance", held.record, said=said)


def _end_of(day: Any) -> datetime:  # noqa: ANN401 (a date)
    return datetime.combine(day, time(), UTC) + timedelta(days=1)


def _runs(judged: Judged) -> Iterator[Notice]:
    run = last_run(judged.log)
    if run is None or run.predicate.get("complete", True):
        return
    gaps = [
        f"{scope} {collection} ({reason})"
        for scope, missing in run.predicate.get("scopes", {}).items()
        for collection, reason in missing.items()
    ]
    failures = [f"{one['source']}: {one['why']}" for one in run.predicate.get("failures", [])]
    told = [*failures, *gaps]
    more = f", and {len(told) - 5} more" if len(told) > 5 else ""
    said = f"the run of {text(run.effective)} did not read everything: {'; '.join(told[:5]) or 'a log file'}{more}"
    yield _notice("collection-failed", run.index, said=said)
