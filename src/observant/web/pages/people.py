"""People and identities: everybody of the people list, one person with all accounts, and accounts of nobody."""

from datetime import datetime

import msgspec
from django.http import Http404, HttpRequest, HttpResponse

from observant.period.evaluate import naive, utc
from observant.web.board import board
from observant.web.keyset import place_of
from observant.web.periods import reading_of
from observant.web.rendering import page

PAGE = 50
_LONGEST = 200

# What somebody has: IAM users by the declared links, Entra and Identity Center by the e-mail address.
_HELD = """
SELECT who.scope AS person_scope, who.member AS person, held.scope, held.member, held.label, 'IAM user' AS what,
       held.working AS works, held.valid_from, held.valid_to
FROM people_person AS who JOIN aws_identity AS held ON held.person_scope = who.scope AND held.person = who.member
WHERE held.kind = 'person' AND who.valid_from <= $at AND who.valid_to > $at
UNION ALL
SELECT who.scope, who.member, held.scope, held.member, coalesce(held.upn, held.label, held.member),
       CASE held.user_type WHEN 'Guest' THEN 'Entra guest' ELSE 'Entra account' END, held.enabled, held.valid_from,
       held.valid_to
FROM people_person AS who JOIN entra_user AS held ON lower(held.upn) = lower(who.email)
WHERE who.valid_from <= $at AND who.valid_to > $at
UNION ALL
SELECT who.scope, who.member, held.scope, held.member, coalesce(held.user_name, held.member),
       'Identity Center user', held.enabled, held.valid_from, held.valid_to
FROM people_person AS who JOIN organization_person AS held ON lower(held.email) = lower(who.email)
WHERE who.valid_from <= $at AND who.valid_to > $at
"""
_PEOPLE = f"""
WITH held AS ({_HELD})
SELECT who.label, who.scope, who.member, coalesce(who.email, ''), who.ends_at,
       coalesce(boss.label, who.manager, ''), coalesce(who.department, ''),
       count(DISTINCT held.member) FILTER (held.valid_from <= $at AND held.valid_to > $at),
       count(DISTINCT held.member) FILTER (held.valid_from <= $at AND held.valid_to > $at AND held.works)
FROM people_person AS who
LEFT JOIN people_person AS boss ON boss.scope = who.scope AND boss.member = who.manager
 AND boss.valid_from <= $at AND boss.valid_to > $at
LEFT JOIN held ON held.person_scope = who.scope AND held.person = who.member
WHERE who.valid_from <= $at AND who.valid_to > $at AND (who.label, who.scope, who.member) > ($label, $scope, $member)
  AND (contains(lower(who.label), $wanted) OR contains(lower(coalesce(who.email, '')), $wanted))
GROUP BY ALL ORDER BY who.label, who.scope, who.member LIMIT $most
"""  # noqa: S608 (our own text)
_ONE = """
SELECT label, coalesce(email, ''), starts_at, ends_at, coalesce(manager, ''), coalesce(department, ''), valid_from,
       valid_to FROM people_person
WHERE scope = $scope AND member = $member ORDER BY valid_from DESC
"""
_UNLINKED = """
SELECT label, scope, member, kind, rule, working FROM aws_identity
WHERE kind IN ('unlinked', 'shared') AND valid_from <= $at AND valid_to > $at
  AND (label, scope, member) > ($label, $scope, $member)
ORDER BY label, scope, member LIMIT $most
"""


class Account(msgspec.Struct, frozen=True):
    """One account of a person, over the time in which it was seen."""

    scope: str
    member: str
    label: str
    what: str
    works: bool | None
    since: datetime
    until: datetime | None
    """None while it is there."""


def people(request: HttpRequest) -> HttpResponse:
    """`?find=…`: everybody, by name; `?show=unlinked`: IAM users whom no rule links to one person."""
    reading = reading_of(request)
    unlinked = request.GET.get("show", "") == "unlinked"
    wanted = request.GET.get("find", "").strip()[:_LONGEST]
    label, scope, member = place_of(request, 3)
    given = {"label": label, "scope": scope, "member": member, "most": PAGE + 1, "at": _at(reading.result.through)}
    rows = board().query(_UNLINKED, given) if unlinked else board().query(_PEOPLE, given | {"wanted": wanted.lower()})
    return page(
        request,
        "people.html",
        reading=reading,
        result=reading.result,
        found=rows[:PAGE],
        following=rows[PAGE - 1][:3] if len(rows) > PAGE else None,
        unlinked=unlinked,
        wanted=wanted,
    )


def person(request: HttpRequest) -> HttpResponse:
    """`?scope=…&member=…`: who it is, all accounts, and what was found about them."""
    reading = reading_of(request)
    scope, member = request.GET.get("scope", ""), request.GET.get("member", "")
    versions = board().query(_ONE, {"scope": scope, "member": member})
    if not versions:
        raise Http404
    at = _at(reading.result.through)
    known = board().query(
        f"SELECT scope, member, label, what, works, valid_from, valid_to FROM ({_HELD}) "  # noqa: S608 (our own text)
        "WHERE person_scope = $scope AND person = $member ORDER BY what, label, scope, member, valid_from",
        {"scope": scope, "member": member, "at": at},
    )
    accounts = _joined(known)
    names = {(one.scope, one.member) for one in accounts}
    exceptions = [(key, one) for key, one in reading.exceptions.items() if (one.scope, one.member) in names]
    return page(
        request,
        "person.html",
        reading=reading,
        result=reading.result,
        versions=versions,
        scope=scope,
        member=member,
        accounts=accounts,
        exceptions=exceptions[:PAGE],
    )


def _joined(rows: list[tuple[object, ...]]) -> list[Account]:
    """Row versions that follow on each other and say the same are one stretch."""
    found: list[Account] = []
    for scope, member, label, what, works, start, end in rows:
        assert isinstance(start, datetime)
        assert isinstance(end, datetime)
        until = None if end.year >= 9999 else utc(end)
        last = found[-1] if found else None
        same = last is not None and (last.scope, last.member, last.what, last.works) == (scope, member, what, works)
        if last is not None and same and last.until == utc(start):
            found[-1] = msgspec.structs.replace(last, until=until, label=str(label))
        else:
            works = works if isinstance(works, bool) else None
            found.append(Account(str(scope), str(member), str(label), str(what), works, utc(start), until))
    return found


def _at(through: datetime) -> datetime:
    return naive(through)
