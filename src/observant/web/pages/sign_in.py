"""Signing in and out, and making an account with an invitation."""

from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from observant.web.invitations import accept, invitation_of
from observant.web.limits import forget, may_try
from observant.web.pages.refusals import refused
from observant.web.rendering import page
from observant.web.state.models import Account
from observant.web.visitors import account_of

_LONGEST = 200
"""Characters of a password: hashing is made to be slow."""


def sign_in(request: HttpRequest) -> HttpResponse:
    """GET shows the form. What is wrong is never said in detail: that would tell who has an account."""
    if request.method != "POST":
        return redirect("home") if account_of(request) else page(request, "sign_in.html", problem="", email="")
    email = request.POST.get("email", "").strip().lower()[:_LONGEST]
    if not may_try(email, request.META.get("REMOTE_ADDR", "")):
        problem = "Too many attempts. Wait a quarter of an hour, then try again."
        return page(request, "sign_in.html", code=429, problem=problem, email=email)
    password = request.POST.get("password", "")[:_LONGEST]
    account = authenticate(request, username=email, password=password)
    if account is None:
        problem = "E-mail address and password do not belong together."
        return page(request, "sign_in.html", code=403, problem=problem, email=email)
    forget(email)
    login(request, account)  # begins a new session: one that somebody planted before is worth nothing
    return redirect("home")


def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign-in")


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
    email = (invitation.email or request.POST.get("email", "")).strip().lower()[:_LONGEST]
    name = request.POST.get("name", "").strip()[:_LONGEST]
    password = request.POST.get("password", "")
    problems = _problems(email, name, password, request.POST.get("again", ""))
    account = None if problems else accept(token, email, name, password)
    if account is None:
        problems = problems or ["There is an account of this e-mail address already."]
        return page(request, "welcome.html", code=422, problems=problems, invitation=invitation, email=email, name=name)
    login(request, account)
    return redirect("home")


def _problems(email: str, name: str, password: str, again: str) -> list[str]:
    problems = [] if name else ["Say your name: it stands in the list of visits."]
    try:
        validate_email(email)
    except ValidationError:
        problems.append("This is no e-mail address.")
    if password != again:
        problems.append("The two passwords differ.")
    if len(password) > _LONGEST:
        problems.append(f"A password has at most {_LONGEST} characters.")
    try:
        validate_password(password, Account(email=email, name=name))
    except ValidationError as problem:
        problems += problem.messages
    return problems
