"""Signing in the browser: a reviewer's passkeys, and the table that one of them signs."""

import base64
import binascii
import secrets

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from observant.app.reviews.passkey_signing import Answer, lay_ready, sign_with_passkey
from observant.app.reviews.passkeys import Made, Passkey, enrol, passkeys, withdraw
from observant.app.reviews.signing import ENDINGS
from observant.app.reviews.state import State
from observant.errors import UsageError
from observant.reports.signed_table import read_signed
from observant.reviews.campaign import Signed
from observant.web.board import board
from observant.web.pages.campaigns import acting
from observant.web.pages.refusals import refused
from observant.web.rendering import address, page
from observant.web.visitors import Visitor, account_of, visitor_of

_KEPT = "passkey-challenge"
_LONGEST = 20_000
"""Characters of a part of a browser's answer."""


def own_passkeys(request: HttpRequest) -> HttpResponse:
    """GET lists the passkeys of whoever is signed in, POST enrols one."""
    own = _reviewer(request)
    if request.method != "POST":
        return _passkeys(request, own, "")
    challenge = request.session.pop(_KEPT, "")
    if not challenge:
        return _passkeys(request, own, "This request was answered already. Repeat it here.")
    try:
        made = Made(
            request.POST.get("credential", "")[:_LONGEST],
            _bytes(request, "public"),
            _bytes(request, "data"),
            _bytes(request, "client"),
        )
        with board().recording() as workspace:
            enrol(workspace, own, made, challenge, site_of(request), acting(request), board().real)
    except UsageError as problem:
        return _passkeys(request, own, str(problem))
    return redirect("passkeys")


def withdraw_passkey(request: HttpRequest) -> HttpResponse:
    own = _reviewer(request)
    try:
        with board().recording() as workspace:
            withdraw(workspace, own, request.POST.get("credential", ""), acting(request), board().real)
    except UsageError as problem:
        return _passkeys(request, own, str(problem))
    return redirect("passkeys")


def ready(request: HttpRequest, name: str) -> HttpResponse:
    """Lay the table ready, and show what would be signed."""
    own = _reviewer(request)
    try:
        with board().recording() as workspace:
            laid = lay_ready(workspace, name, own, site_of(request), board().real)
    except UsageError as problem:
        return refused(request, 422, "This cannot be signed now", str(problem))
    return page(
        request,
        "sign.html",
        campaign=board().state(name).campaign,
        own=own,
        laid=laid,
        site=site_of(request),
        demo=board().now.status.demo,
    )


def sign(request: HttpRequest, name: str) -> HttpResponse:
    own = _reviewer(request)
    try:
        answer = Answer(
            request.POST.get("credential", "")[:_LONGEST],
            *(_bytes(request, part) for part in ("data", "client", "signature")),
        )
        sha256 = request.POST.get("sha256", "")
        with board().recording() as workspace:
            sign_with_passkey(workspace, name, own, sha256, answer, site_of(request), board().real)
    except UsageError as problem:
        return refused(request, 422, "Nothing was signed", str(problem))
    return redirect(address("review-signed", name, own))


def signed(request: HttpRequest, name: str, reviewer: str) -> HttpResponse:
    """What a reviewer signed, to read."""
    found = _signed(request, name, reviewer)
    content = board().with_log(lambda judged: judged.log.file(found.artifact))
    try:
        table = read_signed(content)
    except ValueError:
        words = "What was signed is no table of an access review. The file and its signature can be downloaded."
        return refused(request, 422, "This cannot be shown", words)
    return page(
        request,
        "signed.html",
        campaign=name,
        reviewer=reviewer,
        found=found,
        table=table,
        record=board().state(name).campaign.signed_records[reviewer],
        ending=ENDINGS[found.format],
        demo=table.demo,
    )


def signed_file(request: HttpRequest, name: str, reviewer: str, part: str) -> HttpResponse:
    """The table byte for byte, or the signature over it."""
    found = _signed(request, name, reviewer)
    if part not in ("table", "signature"):
        raise Http404
    sha256 = found.artifact if part == "table" else found.signature
    content = board().with_log(lambda judged: judged.log.file(sha256))
    called = f"{reviewer}.csv" + ("" if part == "table" else ENDINGS[found.format])
    return HttpResponse(
        content,
        content_type="text/csv; charset=utf-8" if part == "table" else "application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{called}"'},
    )


def usable_passkeys(reviewer: str, site: str) -> list[Passkey]:
    """Those of a reviewer that answer at this address."""
    known = board().with_log(lambda judged: passkeys(judged.evaluation.inventory)).get(reviewer, [])
    return [one for one in known if one.enrolment.key.split(" ")[1] == site]


def site_of(request: HttpRequest) -> str:
    """The name of this site, which passkeys are bound to: the host that is served, and no other is."""
    return request.get_host().rpartition(":")[0] or request.get_host()


def _signed(request: HttpRequest, name: str, reviewer: str) -> Signed:
    """What the log has of it, for those who may see it: a reviewer sees their own, an auditor that of their period."""
    from observant.web.pages.reviews import visible

    if name not in [one.campaign for one in visible(request)]:
        raise Http404
    account = account_of(request)
    if visitor_of(request) is Visitor.REVIEWER and account and account.reviewer != reviewer:
        raise Http404
    state: State = board().state(name)
    if reviewer not in state.campaign.signed:
        raise Http404
    return state.campaign.signed[reviewer]


def _passkeys(request: HttpRequest, own: str, problem: str) -> HttpResponse:
    request.session[_KEPT] = secrets.token_urlsafe(32)
    return page(
        request,
        "passkeys.html",
        code=422 if problem else 200,
        own=own,
        known=board().with_log(lambda judged: passkeys(judged.evaluation.inventory)).get(own, []),
        challenge=request.session[_KEPT],
        site=site_of(request),
        problem=problem,
        demo=board().now.status.demo,
    )


def _reviewer(request: HttpRequest) -> str:
    account = account_of(request)
    if account is None or not account.reviewer:
        raise Http404
    return account.reviewer


def _bytes(request: HttpRequest, part: str) -> bytes:
    """Raises UsageError for what is no base64."""
    try:
        return base64.b64decode(request.POST.get(part, "")[:_LONGEST], validate=True)
    except (binascii.Error, ValueError):
        raise UsageError(f"the browser's answer is malformed: {part}", "load the page again, and repeat it") from None
