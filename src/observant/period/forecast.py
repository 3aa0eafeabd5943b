"""What will fail, and which evidence falls due, if nothing changes: the same verdict intervals, read past `as_of`."""

from datetime import timedelta

from observant.model.interval import Interval
from observant.model.verdict import Verdict
from observant.period.conclusion import Forecast
from observant.period.evaluate import Evaluation


def forecast(evaluation: Evaluation, ahead: timedelta) -> list[Forecast]:
    """Every fail interval that begins after `as_of` and no later than `ahead` from it, soonest first."""
    within = Interval(evaluation.as_of, evaluation.as_of + ahead)
    return sorted(
        (
            Forecast(
                at=one.interval.start,
                check=one.check,
                scope=one.scope,
                member=one.member,
                label=one.label,
                what=one.because,
            )
            for one in evaluation.standing(within, {Verdict.FAIL})
            if one.interval.start > evaluation.as_of
        ),
        key=lambda one: (one.at, one.check, one.scope, one.member),
    )
