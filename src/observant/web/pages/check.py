"""A check: its catalogue page, its SQL, and every member with its last verdict."""

from django.http import Http404, HttpRequest, HttpResponse

from observant.checks.registry import CHECKS
from observant.model.verdict import Verdict
from observant.period.evaluate import naive, utc
from observant.web.board import board
from observant.web.keyset import place_of
from observant.web.periods import reading_of
from observant.web.prose import prose
from observant.web.reading import Reading
from observant.web.rendering import page

PAGE = 100

_MEMBERS = """
SELECT label, scope, member, arg_max(verdict, valid_from) AS verdict, max(valid_from) AS since FROM verdict
WHERE check_id = $check AND member <> '' AND valid_from < $end AND valid_to > $start
  AND (label, scope, member) > ($label, $scope, $member)
GROUP BY label, scope, member HAVING $verdict = '' OR arg_max(verdict, valid_from) = $verdict
ORDER BY label, scope, member LIMIT $most
"""


def check(request: HttpRequest, name: str) -> HttpResponse:
    if name not in CHECKS:
        raise Http404
    reading, wanted = reading_of(request), request.GET.get("verdict", "")
    if wanted not in set(Verdict):
        wanted = ""
    rows = _members(reading, name, wanted, place_of(request, 3))
    return page(
        request,
        "check_page.html",
        reading=reading,
        result=reading.result,
        check=CHECKS[name],
        page_text=prose(CHECKS[name].page.partition("\n")[2]),
        judged=reading.checks.get(name),
        controls=reading.shows.get(name, []),
        members=rows[:PAGE],
        wanted=wanted,
        following=rows[PAGE - 1][:3] if len(rows) > PAGE else None,
    )


def _members(reading: Reading, name: str, wanted: str, place: tuple[str, ...]) -> list[tuple[object, ...]]:
    """(label, scope, member, verdict, since) at the end of what was judged of the period, those after `place`."""
    label, scope, member = place
    rows = board().query(
        _MEMBERS,
        {
            "check": name,
            "start": naive(reading.within.start),
            "end": naive(reading.result.through),
            "label": label,
            "scope": scope,
            "member": member,
            "verdict": wanted,
            "most": PAGE + 1,
        },
    )
    return [(*row[:4], utc(row[4])) for row in rows]
