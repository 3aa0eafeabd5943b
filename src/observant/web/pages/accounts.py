"""Accounts: who may sign in, invitations, and what was visited."""

from datetime import date

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from observant.model.period import Period
from observant.web.board import board
from observant.web.invitations import VALID, invite
from observant.web.rendering import page
from observant.web.state.models import ROLES, Account, Visit
from observant.web.visitors import account_of

PAGE = 100


def accounts(request: HttpRequest) -> HttpResponse:
    """GET lists; POST invites, and shows the link once."""
    if request.method != "POST":
        return _page(request, "", [])
    role, email = request.POST.get("role", ""), request.POST.get("email", "").strip().lower()
    reviewer = request.POST.get("reviewer", "").strip()
    period, problems = _period(request), []
    try:
        validate_email(email)
    except ValidationError:
        problems.append("This is no e-mail address.")
    if role not in dict(ROLES):
        problems.append("There is no such role.")
    if role == "auditor" and period is None:
        problems.append("An auditor needs the first and the last day of the period that they see.")
    if Account.objects.filter(email=email).exists():
        problems.append("There is an account of this e-mail address already.")
    if problems:
        return _page(request, "", problems)
    token = invite(role, email, reviewer, period if role == "auditor" else None)
    return _page(request, request.build_absolute_uri(reverse("welcome", args=[token])), [])


def switch(request: HttpRequest, number: int) -> HttpResponse:
    """Close an account, or open it again; nobody closes their own."""
    own = account_of(request)
    assert own is not None
    found = Account.objects.exclude(pk=own.pk).filter(pk=number).first()
    if found is not None:
        found.is_active = not found.is_active
        found.save()
    return redirect("accounts")


def reset(request: HttpRequest, number: int) -> HttpResponse:
    """Forget the factors of somebody who lost them: they enrol anew after their next sign-in. Never one's own."""
    own = account_of(request)
    assert own is not None
    Authenticator.objects.exclude(user=own).filter(user_id=number).delete()
    return redirect("accounts")


def visits(request: HttpRequest) -> HttpResponse:
    """Every action of everybody and every look of an auditor, newest first."""
    before = request.GET.get("before", "")
    listed = Visit.objects.select_related("account").order_by("-pk")
    if before.isdecimal() and len(before) < 19:
        listed = listed.filter(pk__lt=int(before))
    rows = list(listed[: PAGE + 1])
    following = rows[PAGE - 1].pk if len(rows) > PAGE else None
    return page(request, "visits.html", visits=rows[:PAGE], following=following)


def _page(request: HttpRequest, link: str, problems: list[str]) -> HttpResponse:
    return page(
        request,
        "accounts.html",
        code=422 if problems else 200,
        accounts=list(Account.objects.order_by("email")),
        factors=_factors(),
        roles=[name for name, _ in ROLES],
        period=board().now.period,
        link=link,
        days=VALID.days,
        problems=problems,
    )


_NAMES = {Authenticator.Type.WEBAUTHN: "passkey", Authenticator.Type.TOTP: "app"}


def _factors() -> dict[int, list[str]]:
    """Account -> kinds of second factors that it has, and single sign-on."""
    found: dict[int, set[str]] = {}
    for number, kind in Authenticator.objects.filter(type__in=_NAMES).values_list("user_id", "type"):
        found.setdefault(number, set()).add(_NAMES[kind])
    for number in SocialAccount.objects.values_list("user_id", flat=True):
        found.setdefault(number, set()).add("single sign-on")
    return {number: sorted(kinds) for number, kinds in found.items()}


def _period(request: HttpRequest) -> Period | None:
    try:
        first, last = (date.fromisoformat(request.POST.get(name, "")) for name in ("first", "last"))
    except ValueError:
        return None
    return Period(first, last) if first <= last else None
