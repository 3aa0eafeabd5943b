"""Making an account with an invitation."""

from allauth.account.internal.flows.login import record_authentication
from django.contrib.auth import login
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from observant.web.entrance.forms import LONGEST
from observant.web.invitations import accept, invitation_of
from observant.web.pages.refusals import refused
from observant.web.rendering import page
from observant.web.state.models import Account


def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """Make an account with an invitation."""
    invitation = invitation_of(token)
    if invitation is None:
        words = (
            "It was used, or it has expired. Ask whoever invited you for a new one; `observant serve` prints the first."
        )
        return refused(request, 404, "This link is no longer valid", words)
    if request.method != "POST":
        return page(request, "welcome.html", problems=[], invitation=invitation, email=invitation.email, name="")
    email = (invitation.email or request.POST.get("email", "")).strip().lower()[:LONGEST]
    name = request.POST.get("name", "").strip()[:LONGEST]
    password = request.POST.get("password", "")
    problems = _problems(email, name, password, request.POST.get("again", ""))
    account = None if problems else accept(token, email, name, password)
    if account is None:
        problems = problems or ["There is an account of this e-mail address already."]
        return page(request, "welcome.html", code=422, problems=problems, invitation=invitation, email=email, name=name)
    login(request, account)  # begins a new session: one that somebody planted before is worth nothing
    record_authentication(request, account, "password")
    return redirect("mfa_index")


def _problems(email: str, name: str, password: str, again: str) -> list[str]:
    problems = [] if name else ["Say your name: it stands in the list of visits."]
    try:
        validate_email(email)
    except ValidationError:
        problems.append("This is no e-mail address.")
    if password != again:
        problems.append("The two passwords differ.")
    if len(password) > LONGEST:
        problems.append(f"A password has at most {LONGEST} characters.")
    try:
        validate_password(password, Account(email=email, name=name))
    except ValidationError as problem:
        problems += problem.messages
    return problems
