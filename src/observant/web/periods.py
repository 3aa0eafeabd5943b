"""Which period a page is about: an auditor's own, or the one that was chosen last."""

from datetime import date

from django.http import HttpRequest

from observant.errors import UsageError
from observant.model.period import Period
from observant.web.board import board
from observant.web.reading import Reading
from observant.web.visitors import account_of

_KEPT = "period"
_LONGEST = 366 * 10
"""Days: more is a mistake in the address."""


def period_of(request: HttpRequest) -> Period:
    """The period of this request. `?from=…&to=…` chooses one for the session; never for an auditor."""
    account = account_of(request)
    if account and account.role == "auditor":
        assert account.first is not None
        assert account.last is not None
        return Period(account.first, account.last)
    chosen = _period(request.GET.get("from", ""), request.GET.get("to", ""))
    if chosen is not None:
        request.session[_KEPT] = [chosen.first.isoformat(), chosen.last.isoformat()]
        return chosen
    return _period(*request.session.get(_KEPT, ["", ""])) or board().now.period


def reading_of(request: HttpRequest) -> Reading:
    """Every control over the period of this request. Raises UsageError when none of it has passed."""
    period = period_of(request)
    try:
        return board().reading(period)
    except UsageError:
        if request.session.pop(_KEPT, None) is None:
            raise
        return board().reading(board().now.period)


def _period(first: str, last: str) -> Period | None:
    try:
        period = Period(date.fromisoformat(first), date.fromisoformat(last))
    except ValueError:
        return None
    return period if 0 < period.days <= _LONGEST else None
