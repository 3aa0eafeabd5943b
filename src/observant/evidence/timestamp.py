"""Time stamps (RFC 3161): an outside authority signs that a checkpoint existed at a time.

The reply is kept as it came, `anchors/<size>/<host>.tsr`; the next record binds it and every record behind it embeds
its digest, so each record lies between two tokens. When no authority answers, `anchors/<size>/failed.json` says so and
is bound in the same way: the run counts, its bracket is wider.
"""

import http.client
import re
import urllib.parse
import urllib.request
from collections.abc import Sequence

from rfc3161_client import TimestampRequestBuilder

from observant.evidence.canonical import canonical
from observant.evidence.store import Store
from observant.evidence.verify import token
from observant.model.time import Clock, text

_LARGEST_REPLY = 64 << 10


class TimestampAuthority:
    """Authorities by URL, asked in order until one answers."""

    def __init__(self, urls: Sequence[str], timeout: float = 10) -> None:
        self._urls, self._timeout = list(urls), timeout

    def anchor(self, store: Store, size: int, checkpoint: bytes, clock: Clock) -> None:
        """Store a token for the checkpoint of `size`, or a note that there is none; raises StoreError only."""
        problems = {}
        for url in self._urls:
            try:
                reply = self.stamp(url, checkpoint)
            except (ValueError, OSError, http.client.HTTPException) as problem:
                problems[url] = str(problem)
                continue
            store.put_if_absent(f"anchors/{size}/{_file_name(url)}.tsr", reply)
            return
        note = canonical({"at": text(clock()), "authorities": problems, "size": size})
        store.put_if_absent(f"anchors/{size}/failed.json", note)

    def stamp(self, url: str, message: bytes) -> bytes:
        """The reply of one authority for `message`, its digest and nonce checked, its signature not: `verify` does
        that against the certificates it trusts. Raises OSError, HTTPException or ValueError.
        """
        request = TimestampRequestBuilder().data(message).build()
        reply = self._post(url, request.as_bytes())
        read = token.read(reply)
        if read.imprint != request.message_imprint.message:
            raise ValueError("the token is for other content")
        if read.nonce != request.nonce:
            raise ValueError("the token answers another request")
        return reply

    def _post(self, url: str, request: bytes) -> bytes:
        if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
            raise ValueError("the address of an authority begins with http:// or https://")
        query = urllib.request.Request(url, request, {"Content-Type": "application/timestamp-query"})  # noqa: S310
        with urllib.request.urlopen(query, timeout=self._timeout) as answer:  # noqa: S310
            reply = answer.read(_LARGEST_REPLY + 1)
        if not isinstance(reply, bytes) or len(reply) > _LARGEST_REPLY:
            raise ValueError("the reply is too large for a token")
        return reply


def _file_name(url: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]", "-", urllib.parse.urlsplit(url).netloc).strip("-") or "authority"
