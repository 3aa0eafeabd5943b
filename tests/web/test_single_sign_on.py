"""Single sign-on with real providers on the loopback interface: who is not invited does not come in."""

import base64
import contextlib
import os
import socket
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

import httpx2
import pytest

from observant.app.settings import FILE, Settings, parse_settings
from observant.app.workspace import Workspace
from observant.errors import ConfigurationError, UsageError
from web.conftest import URL, Site

ENTITY = "https://idp.example.com"
OIDC = """
[[web.oidc]]
id = "example"
name = "Example sign-on"
server = "{server}"
client_id = "observant"
client_secret = "{secret}"
vouches_for_emails = {vouches}
"""
SAML = f"""
[[web.saml]]
id = "example-saml"
name = "Example SAML"
entity_id = "{ENTITY}"
sign_in_url = "https://idp.example.com/sso"
certificate = "trust/sign-on.pem"
vouches_for_emails = true
"""


def settings(site: Site, block: str) -> Settings:
    return parse_settings((site.root / FILE).read_bytes() + block.encode())


@contextlib.contextmanager
def configured(site: Site, block: str) -> Iterator[None]:
    """The running app, as if observant.toml had this block at its start."""
    from django.test import override_settings

    from observant.web import board
    from observant.web.entrance.single_sign_on import providers_of

    workspace, kept = Workspace(site.root, settings(site, block)), board.board().workspace
    board.board().workspace = workspace
    try:
        with override_settings(SOCIALACCOUNT_PROVIDERS=providers_of(workspace)):
            yield
    finally:
        board.board().workspace = kept


def invite(email: str, role: str = "compliance") -> None:
    from observant.web import invitations

    invitations.invite(role, email, "", None)


@pytest.fixture(autouse=True)
def _leave(site: Site) -> Iterator[None]:
    yield
    from allauth.socialaccount.models import SocialAccount

    SocialAccount.objects.all().delete()


# --- OpenID Connect ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """A provider in a process of its own: what it warns about is not our matter."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        server = f"http://localhost:{port}"
        try:
            _wait_for(f"{server}/.well-known/openid-configuration")
            yield server
        finally:
            running.terminate()


def _wait_for(address: str) -> None:
    for _ in range(600):
        with contextlib.suppress(httpx2.TransportError):
            httpx2.get(address)
            return
        time.sleep(0.1)
    pytest.fail(f"nobody answers at {address}")


@pytest.fixture
def openid(site: Site, provider: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("OBSERVANT_TEST_SECRET", "s3cret")
    with configured(site, OIDC.format(server=provider, secret="env:OBSERVANT_TEST_SECRET", vouches="false")):
        yield provider


def arrive(site: Site, provider: str, subject: str, **claims: Any) -> tuple[Any, Any]:
    """A client that went to the provider and came back, and the answer it got then."""
    client = site.visitor("anonymous")
    away = client.get("/sign-in/oidc/example?process=login").headers["Location"]
    assert away.startswith(f"{provider}/oauth2/authorize?")
    with httpx2.Client() as other:
        other.put(f"{provider}/users/{subject}", json=claims)
        back = other.post(away, data={"sub": subject}).headers["Location"]
    assert back.startswith(f"{URL}/sign-in/oidc/example/callback?")
    return client, client.get(back.removeprefix(URL))


def test_an_invited_person_comes_in_with_the_role_of_the_invitation_and_needs_no_factor_here(
    site: Site, openid: str
) -> None:
    from observant.web.state.models import Account, Invitation

    invite("invited@example.com", "reviewer")
    client, answer = arrive(
        site, openid, "u-1", email="Invited@example.com", email_verified=True, name="In Vited", role="admin"
    )

    assert (302, "/") == (answer.status_code, answer.headers["Location"])
    assert "/reviews" == client.get("/").headers["Location"]
    assert 403 == client.get("/accounts").status_code
    account = Account.objects.get(email="invited@example.com")
    assert ("reviewer", "In Vited", False) == (account.role, account.name, account.has_usable_password())
    assert Invitation.objects.get(email="invited@example.com").used

    again, _ = arrive(site, openid, "u-1", email="other@example.com", email_verified=False)
    assert "/reviews" == again.get("/").headers["Location"]  # known by the provider's own name for them


def test_an_unknown_person_gets_no_account_and_no_page(site: Site, openid: str) -> None:
    from observant.web.state.models import Account

    before = Account.objects.count()
    client, answer = arrive(site, openid, "u-2", email="unknown@example.com", email_verified=True)

    assert 403 == answer.status_code
    assert "Nobody of that address is invited" in answer.content.decode()
    assert "/sign-in" == client.get("/readiness").headers["Location"]
    assert before == Account.objects.count()


@pytest.mark.parametrize("claims", [{}, {"email_verified": False}])
def test_an_address_that_the_provider_does_not_prove_opens_nobodys_account(
    site: Site, openid: str, claims: dict[str, Any]
) -> None:
    client, answer = arrive(site, openid, f"u-3{len(claims)}", email="admin@example.com", **claims)

    assert 403 == answer.status_code
    assert "vouches_for_emails" in answer.content.decode()
    assert "/sign-in" == client.get("/readiness").headers["Location"]


def test_an_account_with_a_factor_here_is_asked_for_it_after_the_provider_too(site: Site, openid: str) -> None:
    client, answer = arrive(site, openid, "u-4", email="compliance@example.com", email_verified=True)

    assert "/sign-in/factor" == answer.headers["Location"]
    assert "/sign-in" == client.get("/readiness").headers["Location"]


def test_a_closed_account_stays_closed(site: Site, openid: str) -> None:
    from observant.web.state.models import Account

    invite("closed@example.com")
    arrive(site, openid, "u-5", email="closed@example.com", email_verified=True)
    Account.objects.filter(email="closed@example.com").update(is_active=False)

    client, answer = arrive(site, openid, "u-5", email="closed@example.com", email_verified=True)

    assert "/sign-in/closed" == answer.headers["Location"]
    assert "/sign-in" == client.get("/readiness").headers["Location"]


def test_an_answer_for_another_session_is_worth_nothing(site: Site, openid: str) -> None:
    invite("planted@example.com")
    client = site.visitor("anonymous")
    away = client.get("/sign-in/oidc/example?process=login").headers["Location"]
    with httpx2.Client() as other:
        other.put(f"{openid}/users/u-6", json={"email": "planted@example.com", "email_verified": True})
        back = other.post(away, data={"sub": "u-6"}).headers["Location"]

    victim = site.visitor("anonymous")
    assert 401 == victim.get(back.removeprefix(URL)).status_code
    assert "/sign-in" == victim.get("/readiness").headers["Location"]


def test_nobody_connects_an_account_to_a_provider_by_a_link(site: Site, openid: str) -> None:
    client = site.visitor("compliance")
    away = client.get("/sign-in/oidc/example?process=connect").headers["Location"]
    with httpx2.Client() as other:
        back = other.post(away, data={"sub": "u-7"}).headers["Location"]

    assert 403 == client.get(back.removeprefix(URL)).status_code


def test_the_sign_in_page_shows_the_door_and_a_provider_that_is_down_is_said_to_be(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBSERVANT_TEST_SECRET", "s3cret")
    block = OIDC.format(server="http://localhost:9", secret="env:OBSERVANT_TEST_SECRET", vouches="false")
    with configured(site, block):
        assert "Sign in with Example sign-on" in site.visitor("anonymous").get("/sign-in").content.decode()
        answer = site.visitor("anonymous").get("/sign-in/oidc/example?process=login")

    assert 503 == answer.status_code
    assert "s3cret" not in answer.content.decode()


# --- SAML -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def keys(site: Site) -> tuple[str, str]:
    """PEM of the provider's key and certificate; the certificate lies where observant.toml says."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "idp.example.com")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
    ).sign(key, hashes.SHA256())
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    (site.root / "trust" / "sign-on.pem").write_text(pem)
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode()
    return private, pem


def assertion(request_id: str, email: str, keys: tuple[str, str] | None) -> str:
    """What an identity provider posts, in base64; signed with `keys`, or not at all."""
    from onelogin.saml2.utils import OneLogin_Saml2_Utils

    now = datetime.now(UTC)
    stamp, soon = now.strftime("%Y-%m-%dT%H:%M:%SZ"), (now + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    here, audience = f"{URL}/sign-in/saml/example-saml/acs", f"{URL}/sign-in/saml/example-saml/metadata"
    said = f"""<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a" Version="2.0"
IssueInstant="{stamp}"><saml:Issuer>{ENTITY}</saml:Issuer><saml:Subject>
<saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">{escape(email)}</saml:NameID>
<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
<saml:SubjectConfirmationData NotOnOrAfter="{soon}" Recipient="{here}" InResponseTo="{request_id}"/>
</saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{stamp}" NotOnOrAfter="{soon}">
<saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>
<saml:AuthnStatement AuthnInstant="{stamp}" SessionIndex="_s"><saml:AuthnContext>
<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified</saml:AuthnContextClassRef>
</saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement><saml:Attribute Name="mail">
<saml:AttributeValue>{escape(email)}</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion>"""
    if keys:
        said = OneLogin_Saml2_Utils.add_sign(said, *keys).decode()
    answer = f"""<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r" Version="2.0"
IssueInstant="{stamp}" Destination="{here}" InResponseTo="{request_id}">
<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">{ENTITY}</saml:Issuer>
<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
{said}</samlp:Response>"""
    return base64.b64encode(answer.encode()).decode()


def arrive_by_saml(site: Site, email: str, keys: tuple[str, str] | None, request_id: str = "") -> tuple[Any, Any]:
    client = site.visitor("anonymous")
    away = urlsplit(client.get("/sign-in/saml/example-saml?process=login").headers["Location"])
    assert "https://idp.example.com/sso" == f"{away.scheme}://{away.netloc}{away.path}"
    asked = zlib.decompress(base64.b64decode(parse_qs(away.query)["SAMLRequest"][0]), -15).decode()
    own = asked.partition('ID="')[2].partition('"')[0]
    sent = client.post("/sign-in/saml/example-saml/acs", {"SAMLResponse": assertion(request_id or own, email, keys)})
    assert "/sign-in/saml/example-saml/acs/finish" == sent.headers["Location"]
    return client, client.get(sent.headers["Location"])


@pytest.fixture
def saml(site: Site, keys: tuple[str, str]) -> Iterator[tuple[str, str]]:
    pytest.importorskip("onelogin", reason="SAML needs the extra saml")
    with configured(site, SAML):
        yield keys


def test_an_invited_person_comes_in_by_saml(site: Site, saml: tuple[str, str]) -> None:
    invite("saml@example.com")
    client, answer = arrive_by_saml(site, "saml@example.com", saml)

    assert (302, "/") == (answer.status_code, answer.headers["Location"])
    assert 200 == client.get("/readiness").status_code


def test_an_unknown_person_an_unsigned_or_foreign_assertion_and_one_for_another_request_open_nothing(
    site: Site, saml: tuple[str, str]
) -> None:
    invite("saml2@example.com")
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    other = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    cases = [
        arrive_by_saml(site, "nobody@example.com", saml),
        arrive_by_saml(site, "saml2@example.com", None),
        arrive_by_saml(site, "saml2@example.com", (other.decode(), saml[1])),
        arrive_by_saml(site, "saml2@example.com", saml, request_id="ONELOGIN_another"),
    ]

    assert [403, 401, 401, 403] == [answer.status_code for _, answer in cases]
    for client, _ in cases:
        assert "/sign-in" == client.get("/readiness").headers["Location"]


def test_our_metadata_name_where_answers_go(site: Site, saml: tuple[str, str]) -> None:
    told = site.visitor("anonymous").get("/sign-in/saml/example-saml/metadata")

    assert "text/xml" == told["Content-Type"]
    assert f"{URL}/sign-in/saml/example-saml/acs" in told.content.decode()


# --- Settings ---------------------------------------------------------------------------------------------------------


def test_a_secret_is_read_from_a_file_that_not_everybody_can_read(site: Site, tmp_path: Path) -> None:
    from observant.web.entrance.single_sign_on import providers_of

    file = tmp_path / "secret"
    workspace = Workspace(
        site.root, settings(site, OIDC.format(server="https://x.example", secret=f"file:{file}", vouches="true"))
    )
    with pytest.raises(UsageError, match="is missing"):
        providers_of(workspace)
    file.write_text("s3cret\n")
    file.chmod(0o644)
    with pytest.raises(UsageError, match="read by everybody"):
        providers_of(workspace)
    file.chmod(0o600)

    (app,) = providers_of(workspace)["openid_connect"]["APPS"]
    assert ("s3cret", True) == (app["secret"], app["settings"]["verified_email"])


@pytest.mark.parametrize(
    ("block", "said"),
    [
        (OIDC.format(server="https://x.example", secret="s3cret", vouches="false"), "a secret has no place"),
        (OIDC.format(server="http://x.example", secret="env:X", vouches="false"), "not an https address"),
        (OIDC.format(server="https://x.example", secret="env:X", vouches='"yes"'), "vouches_for_emails"),
        (OIDC.format(server="https://x.example", secret="env:X", vouches="false") * 2, "two providers have one id"),
        ('[web]\ndatabase = "postgresql://o:secret@db/observant"\n', "a password has no place"),
        ('[web]\ndatabase = "mysql://db/observant"\n', "no kind of database"),
        ('[web]\ndatabase = "postgresql://db/observant?options=x"\n', "options is no option"),
    ],
)
def test_what_does_not_belong_into_the_file_is_refused_with_its_line(site: Site, block: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        settings(site, "\n" + block)


def test_a_secret_that_the_environment_lacks_is_named(site: Site) -> None:
    from observant.web.entrance.single_sign_on import secret_at

    assert "OBSERVANT_NO_SUCH" not in os.environ
    with pytest.raises(UsageError, match="OBSERVANT_NO_SUCH"):
        secret_at(Workspace.open(site.root), "env:OBSERVANT_NO_SUCH")
