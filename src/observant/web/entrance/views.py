"""Views of ours around those of allauth: tries are counted, doors that are not configured do not exist."""

from typing import Any

import requests
from allauth.account.forms import LoginForm
from allauth.account.views import LoginView, password_change
from allauth.socialaccount.providers.openid_connect import views as openid
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from observant.web.board import board
from observant.web.entrance.forms import TOO_MANY
from observant.web.entrance.single_sign_on import doors
from observant.web.limits import forget, may_try
from observant.web.pages.refusals import refused
from observant.web.visitors import account_of


class SignIn(LoginView):  # type: ignore[misc]
    """E-mail address and password. What is wrong is never said in detail: that would tell who has an account."""

    template_name = "sign_in.html"

    def post(self, request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:  # noqa: ANN401
        if may_try(_email(request), request.META.get("REMOTE_ADDR", "")):
            answer: HttpResponse = super().post(request, *arguments, **named)
            return answer
        shown = self.get_context_data(form=LoginForm(request=request), problem=TOO_MANY)
        refusal: HttpResponse = self.render_to_response(shown, status=429)
        return refusal

    def form_valid(self, form: Any) -> HttpResponse:  # noqa: ANN401
        forget(_email(self.request))
        answer: HttpResponse = super().form_valid(form)
        return answer

    def form_invalid(self, form: Any) -> HttpResponse:  # noqa: ANN401
        answer: HttpResponse = super().form_invalid(form)
        answer.status_code = 403
        return answer

    def get_context_data(self, **shown: Any) -> dict[str, Any]:  # noqa: ANN401
        around: dict[str, Any] = super().get_context_data(**shown)
        return {"problem": "", "doors": doors(board().workspace)} | around


sign_in = SignIn.as_view()


def _email(request: HttpRequest) -> str:
    return request.POST.get("login", "").strip().lower()[:200]


def password(request: HttpRequest) -> HttpResponseBase:
    """Change one's own password; other sessions of the account end. Who comes in by single sign-on has none."""
    account = account_of(request)
    if account is None or not account.has_usable_password():
        raise Http404
    answer: HttpResponseBase = password_change(request)
    return answer


def openid_login(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    return _asked(openid.login, request, provider_id)


def openid_callback(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    return _asked(openid.callback, request, provider_id)


def _asked(view: Any, request: HttpRequest, provider_id: str) -> HttpResponseBase:  # noqa: ANN401
    try:
        answer: HttpResponseBase = view(request, provider_id)
    except requests.RequestException:
        words = "Its server gave no answer that could be used. Try again, or sign in with a passkey or a password."
        return refused(request, 503, "The provider cannot be asked", words)
    return answer


def _saml(name: str, request: HttpRequest, organization_slug: str) -> HttpResponseBase:
    """A view of allauth's SAML, which needs the extra `saml`."""
    if not any(one.id == organization_slug for one in board().workspace.settings.web.saml):
        raise Http404
    from allauth.socialaccount.providers.saml import views

    answer: HttpResponseBase = getattr(views, name)(request, organization_slug=organization_slug)
    return answer


def saml_login(request: HttpRequest, organization_slug: str) -> HttpResponseBase:
    return _saml("login", request, organization_slug)


@csrf_exempt
def saml_acs(request: HttpRequest, organization_slug: str) -> HttpResponseBase:
    """Where the provider posts its answer. It comes from another site; its signature is what counts."""
    return _saml("acs", request, organization_slug)


def saml_finish(request: HttpRequest, organization_slug: str) -> HttpResponseBase:
    return _saml("finish_acs", request, organization_slug)


def saml_metadata(request: HttpRequest, organization_slug: str) -> HttpResponseBase:
    return _saml("metadata", request, organization_slug)


def saml_sign_out(request: HttpRequest, organization_slug: str) -> HttpResponseBase:  # noqa: ARG001
    """Single logout is not served: its requests need no signature. The name is here because metadata want it."""
    raise Http404
