"""The token endpoint: client credentials in, a bearer token out; and what a service makes of one.

Tokens have the form and the claims of real ones, and a signature nobody but this endpoint could check.
"""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from urllib.parse import parse_qsl

from observant_clouds.microsoft.message import Answer, Refusal, Request
from observant_clouds.microsoft.state import Json
from observant_clouds.microsoft.tenant import Tenant

GRAPH, ARM = "https://graph.microsoft.com", "https://management.azure.com"
LIFETIME = timedelta(seconds=3599)
_AUDIENCES = {
    GRAPH: GRAPH,
    "00000003-0000-0000-c000-000000000000": GRAPH,
    ARM: ARM,
    "https://management.core.windows.net": ARM,
}
_SECRET = b"the test tenant signs with this, and nothing trusts it"


class Tokens:
    """Issues and checks tokens of one registered application."""

    def __init__(self, tenant: Tenant, permissions: set[str]) -> None:
        self.tenant = tenant
        self.permissions = permissions
        self.client_id = tenant.guid("app", "observant")
        self.client_secret = "the-test-tenants-client-secret"
        self.not_before = 0.0
        """Tokens issued earlier (seconds since 1970) are revoked: continuous access evaluation."""

    def revoke(self) -> None:
        """Every token issued until now is refused with a claims challenge."""
        self.not_before = self.tenant.now.timestamp() + 0.5

    def endpoint(self, request: Request, tenant: str) -> Answer:
        """`POST /{tenant}/oauth2/v2.0/token`."""
        asked = dict(parse_qsl(request.body.decode()))
        if tenant.lower() not in (self.tenant.tenant_id, self.tenant.domain):
            return _refused(400, "invalid_request", f"AADSTS90002: Tenant '{tenant}' not found.", 90002)
        if asked.get("grant_type") != "client_credentials":
            return _refused(400, "unsupported_grant_type", "AADSTS70003: The grant type is not supported.", 70003)
        if asked.get("client_id") != self.client_id:
            return _refused(400, "unauthorized_client", "AADSTS700016: Application not found in the directory.", 700016)
        asserted = asked.get("client_assertion_type") == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        if not (asserted and asked.get("client_assertion")) and asked.get("client_secret") != self.client_secret:
            return _refused(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.", 7000215)
        audience = _AUDIENCES.get(asked.get("scope", "").removesuffix("/.default").rstrip("/"))
        if audience is None:
            return _refused(400, "invalid_scope", "AADSTS70011: The provided value for scope is not valid.", 70011)
        token = self.issue(audience, revived="claims" in asked)
        seconds = int(LIFETIME.total_seconds())
        return Answer(
            200, {"token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": token}
        )

    def issue(self, audience: str = GRAPH, *, revived: bool = False) -> str:
        """A token for Graph or Resource Manager, valid from now. `revived`: asked for after a claims challenge."""
        now = self.tenant.now
        issued = max(now.timestamp(), self.not_before) if revived else now.timestamp()
        claims: Json = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{self.tenant.tenant_id}/",
            "iat": issued,
            "nbf": now.timestamp(),
            "exp": (now + LIFETIME).timestamp(),
            "appid": self.client_id,
            "idtyp": "app",
            "tid": self.tenant.tenant_id,
            "oid": self.tenant.guid("service principal", "observant"),
            **({"roles": sorted(self.permissions)} if audience == GRAPH else {}),
        }
        signed = f"{_encoded({'typ': 'JWT', 'alg': 'HS256'})}.{_encoded(claims)}"
        return f"{signed}.{_signature(signed)}"

    def claims(self, request: Request, audience: str) -> Json:
        """The claims of the request's token. Raises the 401 that the service answers."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _unauthorized("InvalidAuthenticationToken", "Access token is empty.")
        signed, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature, _signature(signed)):
            raise _unauthorized("InvalidAuthenticationToken", "Access token validation failure. Invalid signature.")
        claims: Json = json.loads(base64.urlsafe_b64decode(signed.split(".")[1] + "=="))
        if claims["aud"] != audience:
            raise _unauthorized("InvalidAuthenticationToken", "Access token validation failure. Invalid audience.")
        if claims["exp"] <= self.tenant.now.timestamp():
            raise _unauthorized("InvalidAuthenticationToken", "Lifetime validation failed, the token is expired.")
        if claims["iat"] < self.not_before:
            raise challenge(self.not_before)
        return claims


def challenge(not_before: float) -> Refusal:
    """The 401 of continuous access evaluation: ask for a token again, with these claims.

    https://learn.microsoft.com/entra/identity-platform/claims-challenge
    """
    wanted = json.dumps({"access_token": {"nbf": {"essential": True, "value": str(int(not_before))}}})
    value = base64.b64encode(wanted.encode()).decode()
    header = (
        'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", '
        f'error="insufficient_claims", claims="{value}"'
    )
    message = "Continuous access evaluation resulted in challenge with result: InteractionRequired"
    return Refusal(401, "InvalidAuthenticationToken", message, {"WWW-Authenticate": header})


def _unauthorized(code: str, message: str) -> Refusal:
    header = 'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"'
    return Refusal(401, code, message, {"WWW-Authenticate": header})


def _refused(status: int, error: str, description: str, number: int) -> Answer:
    return Answer(status, {"error": error, "error_description": description, "error_codes": [number]})


def _encoded(part: Json) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def _signature(signed: str) -> str:
    return base64.urlsafe_b64encode(hmac.digest(_SECRET, signed.encode(), hashlib.sha256)).decode().rstrip("=")
