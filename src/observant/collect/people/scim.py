"""People from a SCIM 2.0 service (RFC 7643, RFC 7644): every user, page after page, as rows like those of an export.

A column is the path of an attribute: `userName`, `name.formatted`, `emails` (the primary one), `enterprise.department`
for the enterprise extension, or the full URN of any other. A user who is not active and has no last day is left out:
who vanishes has left.
"""

import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import httpx2
import msgspec

from observant.collect.unread import Unread
from observant.evidence.snapshot import GapReason, Json, Request

_ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
_PAGE = 200
_LARGEST_PAGE = 64 << 20
_MOST = 2_000_000
_TRIES = 4
_LONGEST_WAIT = 60.0

Row = tuple[int, dict[str, str]]


def client_of(token: str, transport: httpx2.BaseTransport | None = None) -> httpx2.Client:
    """A client that sends the token to one service only: it follows no redirects."""
    headers = {"Accept": "application/scim+json", "Authorization": f"Bearer {token}"}
    return httpx2.Client(
        headers=headers, timeout=httpx2.Timeout(60, connect=10), transport=transport, follow_redirects=False
    )


def scim_rows(
    base: str, client: httpx2.Client, requests: list[Request], sleep: Callable[[float], None] = time.sleep
) -> Iterator[Row]:
    """Every user. Raises Unread for a refusal, and when fewer came than the service counts."""
    found, seen = list[Json](), set[str]()
    while True:
        page = _page(base, client, len(found) + 1, requests, sleep)
        users, total = page.get("Resources") or [], page.get("totalResults")
        if not isinstance(users, list) or not isinstance(total, int) or total > _MOST:
            raise Unread(GapReason.FAILED, "the answer is no list of users with a number of results")
        fresh = [one for one in users if isinstance(one, dict) and str(one.get("id")) not in seen]
        seen |= {str(one.get("id")) for one in fresh}
        found += fresh
        if len(found) >= total or not fresh:
            break
    if len(found) != total:
        raise Unread(GapReason.TRUNCATED, f"the service counts {total} users and gave {len(found)}")
    rows = [flat(one) for one in found if one.get("active") is not False]
    columns = {column for row in rows for column in row}
    for number, row in enumerate(rows, start=1):
        yield number, {column: row.get(column, "") for column in columns}


def _page(
    base: str, client: httpx2.Client, start: int, requests: list[Request], sleep: Callable[[float], None]
) -> Json:
    wanted = {"startIndex": start, "count": _PAGE}
    for attempt in range(_TRIES):
        try:
            answer = client.get(f"{base.rstrip('/')}/Users", params=wanted)
        except httpx2.HTTPError as error:
            requests.append(Request("scim:ListUsers", wanted, 0, retries=attempt, error=type(error).__name__))
            raise Unread(GapReason.FAILED, f"no answer of {urlsplit(base).hostname}: {type(error).__name__}") from error
        requests.append(_logged(wanted, answer, attempt))
        if answer.status_code != 429 or attempt == _TRIES - 1:
            return _read(answer)
        sleep(_wait(answer.headers.get("Retry-After", ""), attempt))
    raise AssertionError("the last try returns or raises")


def _logged(wanted: Json, answer: httpx2.Response, attempt: int) -> Request:
    digest, date = sha256(answer.content).hexdigest(), answer.headers.get("Date", "")
    return Request("scim:ListUsers", wanted, answer.status_code, "", date, digest, attempt)


def _wait(said: str, attempt: int) -> float:
    return min(float(said) if said.isdigit() else 2.0**attempt, _LONGEST_WAIT)


def _read(answer: httpx2.Response) -> Json:
    if answer.status_code != 200:
        reason = {401: GapReason.DENIED, 403: GapReason.DENIED, 429: GapReason.THROTTLED}
        raise Unread(reason.get(answer.status_code, GapReason.FAILED), f"HTTP {answer.status_code}")
    if len(answer.content) > _LARGEST_PAGE:
        raise Unread(GapReason.FAILED, f"a page is larger than {_LARGEST_PAGE} bytes")
    try:
        read = msgspec.json.decode(answer.content)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Unread(GapReason.FAILED, f"the answer is not JSON: {error}") from error
    if not isinstance(read, dict):
        raise Unread(GapReason.FAILED, "the answer is no object")
    return read


def flat(user: Json) -> dict[str, str]:
    """Attributes by path; of several values the primary one, else the first."""
    row: dict[str, str] = {}
    for name, value in user.items():
        place = "enterprise" if name == _ENTERPRISE else name
        _put(row, place, value, ":" if name.startswith("urn:") and place == name else ".")
    return row


def _put(row: dict[str, str], place: str, value: Any, sign: str) -> None:  # noqa: ANN401
    if isinstance(value, dict):
        for name, inner in value.items():
            _put(row, f"{place}{sign}{name}", inner, ".")
    elif isinstance(value, list):
        listed = [one for one in value if isinstance(one, dict) and one.get("value") is not None]
        chosen = next((one for one in listed if one.get("primary") is True), listed[0] if listed else None)
        if chosen is not None:
            row[place] = str(chosen["value"])
    elif value is not None:
        row[place] = ("true" if value else "false") if isinstance(value, bool) else str(value)
