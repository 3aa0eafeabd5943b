"""Single sign-on: providers by what observant.toml says, and who may come in through them.

A provider says who somebody is, never what they may: roles stand in our accounts alone. Whom it sends and we did not
invite gets no access.
"""

import importlib.util
import os
import stat
from typing import Any

import msgspec
from allauth.core.exceptions import ImmediateHttpResponse
from django.http import HttpRequest
from django.urls import reverse

from observant.app.web_settings import OpenId, Saml
from observant.app.workspace import Workspace
from observant.errors import UsageError

_Provider = dict[str, Any]


class Door(msgspec.Struct, frozen=True):
    """A way in that the sign-in page shows."""

    name: str
    address: str


def doors(workspace: Workspace) -> list[Door]:
    """One for each provider."""
    web = workspace.settings.web
    return [
        *(Door(one.name, reverse("openid_connect_login", args=[one.id])) for one in web.oidc),
        *(Door(one.name, reverse("saml_login", args=[one.id])) for one in web.saml),
    ]


def providers_of(workspace: Workspace) -> dict[str, Any]:
    """Settings of allauth. Raises UsageError when a secret or a certificate is not where the file says."""
    web = workspace.settings.web
    made: dict[str, Any] = {}
    if web.oidc:
        made["openid_connect"] = {"APPS": [_openid(workspace, one) for one in web.oidc], "OAUTH_PKCE_ENABLED": True}
    if web.saml:
        if importlib.util.find_spec("onelogin") is None:
            raise UsageError("[[web.saml]] needs python3-saml", "install observant with its saml extra")
        made["saml"] = {"APPS": [_saml(workspace, one) for one in web.saml]}
    return made


def _openid(workspace: Workspace, one: OpenId) -> _Provider:
    return {
        "provider_id": one.id,
        "name": one.name,
        "client_id": one.client_id,
        "secret": secret_at(workspace, one.client_secret),
        "settings": {"server_url": one.server, "verified_email": one.vouches_for_emails},
    }


def _saml(workspace: Workspace, one: Saml) -> _Provider:
    file = workspace.root / one.certificate
    if not file.is_file():
        raise UsageError(f"{file} is missing", "put the certificate of the SAML provider there, as PEM")
    return {
        "provider_id": one.id,
        "name": one.name,
        "client_id": one.id,
        "settings": {
            "verified_email": one.vouches_for_emails,
            "idp": {"entity_id": one.entity_id, "sso_url": one.sign_in_url, "x509cert": file.read_text()},
            "advanced": {"strict": True, "want_assertion_signed": True, "reject_idp_initiated_sso": True},
        },
    }


def secret_at(workspace: Workspace, place: str) -> str:
    """The secret at `env:NAME` or `file:PATH`. Raises UsageError when there is none, or everybody can read it."""
    kind, _, name = place.partition(":")
    if kind == "env":
        found = os.environ.get(name, "")
        if not found:
            raise UsageError(f"the environment has no {name}", "observant.toml names it as a secret: set it")
        return found
    file = workspace.root / name
    if not file.is_file():
        raise UsageError(f"{file} is missing", "observant.toml names it as a secret: put it there, readable by you")
    if stat.S_IMODE(file.stat().st_mode) & 0o007:
        raise UsageError(f"{file} can be read by everybody", f"chmod 600 {file}")
    return file.read_text().strip()


def admit(request: HttpRequest, login: Any) -> None:  # noqa: ANN401 (allauth's SocialLogin)
    """Whom the provider sent gets the account that is theirs, or that they were invited to.

    Raises ImmediateHttpResponse with a page that says why not.
    """
    from observant.web.invitations import accept_proven
    from observant.web.state.models import Account

    if login.state.get("process") != "login":
        raise _refused(request, "Nothing was done", "An account cannot be connected to a provider this way.")
    if login.is_existing:
        return
    proven = [one.email.strip().lower() for one in login.email_addresses if one.verified]
    if not proven:
        words = (
            "The provider does not say that your e-mail address was verified, so it does not prove that an account "
            "here is yours. Whoever runs Observant can trust its addresses with `vouches_for_emails`."
        )
        raise _refused(request, "Not let in", words)
    account = Account.objects.filter(email__in=proven).first() or accept_proven(proven, _name(login))
    if account is None:
        words = f"The provider says that you are {proven[0]}. Nobody of that address is invited: ask an administrator."
        raise _refused(request, "Not invited", words)
    login.connect(request, account)


def _name(login: Any) -> str:  # noqa: ANN401
    data = login.account.get_provider_account().get_user_data() or {}
    return str(data.get("name") or "")[:200]


def _refused(request: HttpRequest, title: str, words: str) -> ImmediateHttpResponse:
    from observant.web.pages.refusals import refused

    return ImmediateHttpResponse(refused(request, 403, title, words))
