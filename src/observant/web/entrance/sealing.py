"""Secrets of second factors lie encrypted in the database: who reads a backup of it cannot make codes.

The key comes from `web/secret.key`, which is not in the database. With another key nothing can be opened: authenticator
apps and recovery codes must be enrolled anew, passkeys are not touched.
"""

import base64
import secrets

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def seal(text: str, key: str) -> str:
    """Encrypted and authenticated with a key made from `key`."""
    return _box(key).encrypt(text.encode()).decode()


def unseal(sealed: str, key: str) -> str:
    """What was sealed; a secret that nobody knows where it was sealed with another key, so that no code ever fits."""
    try:
        return _box(key).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return base64.b32encode(secrets.token_bytes(20)).decode()


def _box(key: str) -> Fernet:
    made = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"observant second factors").derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(made))
