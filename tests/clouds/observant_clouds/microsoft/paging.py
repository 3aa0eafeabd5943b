"""Pages of a list, behind tokens that mean nothing to the caller and that expire."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from observant_clouds.microsoft.message import Refusal, Request
from observant_clouds.microsoft.state import Json

_REMEMBERED = 500


@dataclass
class _Place:
    rows: list[Json]
    start: int


class Pages:
    """What is still to come of lists that were asked for; a list stays as it was when its first page was answered."""

    def __init__(self) -> None:
        self._places: OrderedDict[str, _Place] = OrderedDict()
        self._made = 0
        self.largest: int | None = None
        """Never answer more than so many items at once, whatever is asked for."""

    def expire(self) -> None:
        """Every token given out so far is too old."""
        self._places.clear()

    def page(
        self, token: str | None, rows: Callable[[], list[Json]], size: int, expired: Refusal
    ) -> tuple[list[Json], str | None]:
        """One page and the token of the next. Raises `expired` for a token that is not known (any more)."""
        if self.largest is not None:
            size = min(size, self.largest)
        place = _Place(rows(), 0) if token is None else self._places.get(token)
        if place is None:
            raise expired
        end = place.start + size
        following = self.remember(place.rows, end) if end < len(place.rows) else None
        return place.rows[place.start : end], following

    def remember(self, rows: list[Json], start: int) -> str:
        """A token for the page that begins at `start`."""
        self._made += 1
        token = hashlib.sha256(f"{self._made}/{len(rows)}/{start}".encode()).hexdigest()[:40]
        self._places[token] = _Place(rows, start)
        while len(self._places) > _REMEMBERED:
            self._places.popitem(last=False)
        return token


def link(request: Request, parameter: str, token: str) -> str:
    """The address of the next page: the same request with a token."""
    query = {name: value for name, value in request.query.items() if name.lower() != parameter.lower()}
    return f"{request.origin}{request.path}?{urlencode({**query, parameter: token}, safe='$(),:/')}"
