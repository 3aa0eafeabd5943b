"""The one script of the app, named by its digest: passkeys are a JavaScript interface of the browser.

It is what allauth ships (webauthn-json.js, webauthn.js, onload.js; MIT), a few lines that show errors, and the keys
and signatures of reviews. It is a file of our own origin; only pages whose route says so may load it.
"""

import hashlib
from functools import cache
from pathlib import Path

import allauth
from django.http import Http404, HttpRequest, HttpResponse

_ALLAUTH = Path(allauth.__file__).parent
_PARTS = (
    _ALLAUTH / "mfa/static/mfa/js/webauthn-json.js",
    _ALLAUTH / "mfa/static/mfa/js/webauthn.js",
    _ALLAUTH / "account/static/account/js/onload.js",
    Path(__file__).parents[1] / "templates" / "passkeys.js",
    Path(__file__).parents[1] / "templates" / "review.js",
)
_YEAR = 31_536_000


@cache
def content() -> str:
    return "\n;\n".join(part.read_text(encoding="utf-8") for part in _PARTS)


@cache
def digest() -> str:
    return hashlib.sha256(content().encode()).hexdigest()[:16]


def script(request: HttpRequest, name: str) -> HttpResponse:  # noqa: ARG001
    if name != digest():
        raise Http404
    return HttpResponse(
        content(),
        content_type="text/javascript; charset=utf-8",
        headers={"Cache-Control": f"public, max-age={_YEAR}, immutable"},
    )
