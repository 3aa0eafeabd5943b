"""Who calls: a certificate, a federated or managed identity, or a secret from the environment.

azure-identity does the exchange. It is imported when a token is first needed, as the import takes a fifth of a second.
"""

import base64
import json
import os
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from observant.collect.microsoft.clouds import CLOUDS
from observant.collect.unread import Unread
from observant.errors import UsageError
from observant.evidence.snapshot import GapReason, Json

SECRET_VARIABLE = "AZURE_CLIENT_SECRET"
PASSWORD_VARIABLE = "AZURE_CLIENT_CERTIFICATE_PASSWORD"

KINDS = ("certificate", "workload", "managed", "secret")
"""`secret` is read from the environment and from nowhere else: no file of the workspace may hold one."""


class Token(NamedTuple):
    text: str
    expires: float
    """Seconds since 1970."""


Tokens = Callable[[str, str], Token]
"""(scope, claims that the service challenged for, or empty) -> a token. Raises Unread when none is given."""


class Identity(msgspec.Struct, frozen=True):
    """How to become the caller in one tenant. Holds no secret."""

    tenant: str
    kind: str
    client_id: str = ""
    cloud: str = "global"
    certificate: str = ""
    """Path of a PEM or PKCS#12 file with the private key."""


def tokens_of(identity: Identity) -> Tokens:
    """Where the identity's tokens come from. Raises UsageError for what is missing on this machine."""
    from azure.core.exceptions import AzureError, ClientAuthenticationError

    credential = _credential(identity)

    def token(scope: str, claims: str) -> Token:
        try:
            given = credential.get_token(scope, claims=claims or None, enable_cae=True)
        except (AzureError, ValueError) as error:
            code = type(error).__name__
            reason = GapReason.DENIED if isinstance(error, ClientAuthenticationError) else GapReason.FAILED
            raise Unread(reason, f"login: {code}: {getattr(error, 'message', error)}", code) from error
        return Token(given.token, float(given.expires_on))

    return token


def _credential(identity: Identity) -> Any:  # noqa: ANN401 (one of azure-identity's, which share no base)
    from azure import identity as azure

    common: dict[str, Any] = {"authority": CLOUDS[identity.cloud].login}
    match identity.kind:
        case "certificate":
            return _with_certificate(identity, common)
        case "workload":
            try:
                return azure.WorkloadIdentityCredential(
                    tenant_id=identity.tenant, client_id=identity.client_id or None, **common
                )
            except ValueError as problem:
                raise UsageError(
                    f"no workload identity here: {problem}", "run where the federated token is mounted"
                ) from problem
        case "managed":
            return azure.ManagedIdentityCredential(client_id=identity.client_id or None)
        case _:
            secret = os.environ.get(SECRET_VARIABLE)
            if not secret:
                raise UsageError(
                    f"the environment has no {SECRET_VARIABLE}",
                    "set it for this command, or name a certificate, which is safer",
                )
            return azure.ClientSecretCredential(identity.tenant, identity.client_id, secret, **common)


def _with_certificate(identity: Identity, common: dict[str, Any]) -> Any:  # noqa: ANN401
    from azure.identity import CertificateCredential

    try:
        return CertificateCredential(
            identity.tenant,
            identity.client_id,
            identity.certificate,
            password=os.environ.get(PASSWORD_VARIABLE),
            **common,
        )
    except (OSError, ValueError) as problem:
        raise UsageError(
            f"the certificate {identity.certificate} cannot be used: {problem}",
            f"name a PEM or PKCS#12 file with its private key; its password goes into {PASSWORD_VARIABLE}",
        ) from problem


def claims_of(token: str) -> Json:
    """What a token says about its holder; empty when it is not one that can be read. Nothing is decided by it alone."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        read = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}
