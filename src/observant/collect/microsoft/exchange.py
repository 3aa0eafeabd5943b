"""One request with its tries, and what the headers of its answer ask for."""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime

from observant.collect.microsoft.operation import Operation
from observant.evidence.snapshot import Json, Request

_CLAIMS = re.compile(r'claims="([^"]+)"')


@dataclass
class Exchange:
    """Mutable: each try replaces the answer of the one before. `status` 0 is no answer."""

    operation: Operation
    url: str
    about: Json
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: bytes | None = None
    """The body of a `POST`; a request without one is a `GET`."""
    requests: int = 1
    """How many this one stands for."""
    tries: int = 0
    waited: float = 0.0
    status: int = 0
    answered: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    renewed: bool = False
    claims: str = ""

    def line(self, error: str) -> Request:
        """What the request log says of it."""
        headers = self.answered
        return Request(
            operation=self.operation.name,
            parameters=self.about | ({"waited_seconds": round(self.waited, 1)} if self.waited else {}),
            status=self.status,
            request_id=headers.get("request-id") or headers.get("x-ms-request-id") or "",
            server_date=headers.get("date", ""),
            body_sha256=hashlib.sha256(self.body).hexdigest() if self.status else "",
            retries=max(0, self.tries - 1),
            error=error,
        )


def retry_after(headers: Mapping[str, str], at: datetime) -> float | None:
    """Seconds that the service asks for, in any of its spellings."""
    for name, unit in (("retry-after-ms", 0.001), ("x-ms-retry-after-ms", 0.001), ("retry-after", 1.0)):
        written = headers.get(name, "").strip()
        if written.isascii() and written.isdigit():
            return int(written) * unit
        if written and unit == 1.0:
            try:
                return max(0.0, (parsedate_to_datetime(written) - at).total_seconds())
            except (ValueError, TypeError, OverflowError):
                return None
    return None


def claims_asked_for(headers: Mapping[str, str]) -> str:
    """The claims of a `WWW-Authenticate` header, decoded; empty when it has none."""
    found = _CLAIMS.search(headers.get("www-authenticate", ""))
    if found is None:
        return ""
    try:
        return base64.urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
