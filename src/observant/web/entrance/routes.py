"""The addresses of the way in. Names are those that allauth asks for; its own lists of addresses are not used."""

from allauth.account import views as account
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount import views as social
from django.urls import reverse_lazy

from observant.web.access import Route
from observant.web.entrance import script, views
from observant.web.visitors import ANYBODY, PRESENT, SIGNED_IN

_OPENID, _SAML = "sign-in/oidc/<slug:provider_id>", "sign-in/saml/<slug:organization_slug>"
_OWN = "second-factor"

add_passkey = passkeys.AddWebAuthnView.as_view()
remove_passkey = passkeys.RemoveWebAuthnView.as_view(success_url=reverse_lazy("mfa_index"))

ENTRANCE = (
    Route("script", "script/<slug:name>.js", script.script, reads=ANYBODY),
    Route("account_login", "sign-in", views.sign_in, reads=ANYBODY, writes=ANYBODY, scripted=True),
    Route("mfa_login_webauthn", "sign-in/passkey", passkeys.login_webauthn, reads=ANYBODY, writes=ANYBODY),
    Route("mfa_authenticate", "sign-in/factor", factors.authenticate, reads=ANYBODY, writes=ANYBODY, scripted=True),
    Route("account_inactive", "sign-in/closed", account.account_inactive, reads=ANYBODY),
    Route("account_logout", "sign-out", account.logout, writes=ANYBODY),
    Route("account_reauthenticate", "confirm", account.reauthenticate, reads=PRESENT, writes=PRESENT),
    Route("mfa_reauthenticate", "confirm/code", factors.reauthenticate, reads=PRESENT, writes=PRESENT),
    Route(
        "mfa_reauthenticate_webauthn",
        "confirm/passkey",
        passkeys.reauthenticate_webauthn,
        reads=PRESENT,
        writes=PRESENT,
        scripted=True,
    ),
    Route("account_change_password", "password", views.password, reads=SIGNED_IN, writes=SIGNED_IN),
    Route("mfa_index", _OWN, factors.index, reads=PRESENT),
    Route("mfa_activate_totp", f"{_OWN}/app", totp.activate_totp, reads=PRESENT, writes=PRESENT),
    Route("mfa_deactivate_totp", f"{_OWN}/app/remove", totp.deactivate_totp, reads=PRESENT, writes=PRESENT),
    Route("mfa_add_webauthn", f"{_OWN}/passkey", add_passkey, reads=PRESENT, writes=PRESENT, scripted=True),
    Route("mfa_remove_webauthn", f"{_OWN}/passkey/<int:pk>/remove", remove_passkey, reads=PRESENT, writes=PRESENT),
    Route("mfa_view_recovery_codes", f"{_OWN}/codes", recovery.view_recovery_codes, reads=PRESENT),
    Route(
        "mfa_generate_recovery_codes",
        f"{_OWN}/codes/new",
        recovery.generate_recovery_codes,
        reads=PRESENT,
        writes=PRESENT,
    ),
    Route("openid_connect_login", _OPENID, views.openid_login, reads=ANYBODY),
    Route("openid_connect_callback", f"{_OPENID}/callback", views.openid_callback, reads=ANYBODY),
    Route("socialaccount_login_cancelled", "sign-in/cancelled", social.login_cancelled, reads=ANYBODY),
    Route("saml_login", _SAML, views.saml_login, reads=ANYBODY),
    Route("saml_acs", f"{_SAML}/acs", views.saml_acs, writes=ANYBODY),
    Route("saml_finish_acs", f"{_SAML}/acs/finish", views.saml_finish, reads=ANYBODY),
    Route("saml_metadata", f"{_SAML}/metadata", views.saml_metadata, reads=ANYBODY),
    Route("saml_sls", f"{_SAML}/sign-out", views.saml_sign_out, reads=ANYBODY),
)
