"""The trail of visits: kept in the database while they wait, then in records of the log.

A visit that waits can be deleted by whoever administers the database; one that is recorded cannot be, unnoticed. They
wait for minutes, or for as long as the server looks back (`--as-of`), cannot write the log, or is down.
"""

import logging
import threading
from datetime import timedelta

from django.db import connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from observant.app.visits import Visited, record_visits
from observant.errors import ObservantError
from observant.web.board import Board
from observant.web.state.models import Account, Visit
from observant.web.visitors import Visitor

LONGEST_WAIT = timedelta(minutes=10)
MOST_WAITING = 500
MOST_AT_ONCE = 5000
"""In one record; the rest follows in the next."""
LOOKS = 30
"""Seconds between two looks at what waits."""
_TRIED = "account_login"

_log = logging.getLogger("observant.web.trail")


def remember(
    request: HttpRequest, route: str, *, way_in: bool, before: tuple[Visitor, Account | None], answer: HttpResponseBase
) -> None:
    """Keep what is part of the trail: every action of everybody, every look of an auditor, every sign-in.

    `way_in`: the route is open to everybody. Its query is left out, for codes of single sign-on stand there.
    """
    visitor, account = before
    acted = request.method == "POST"
    now = _present(request)
    came_in = account is None and now is not None
    looked = visitor is Visitor.AUDITOR and not way_in
    account = account or now or (_tried(request) if acted and route == _TRIED else None)
    if account is None or answer.status_code == 429 or not (acted or came_in or looked):
        return
    Visit.objects.create(
        account=account,
        role=account.role,
        method=request.method or "",
        route=route,
        path=(_without_token(request.path) if way_in else request.get_full_path())[:500],
        status=answer.status_code,
    )


def _present(request: HttpRequest) -> Account | None:
    user: object = request.user
    return user if isinstance(user, Account) else None


def _tried(request: HttpRequest) -> Account | None:
    """Whose password was typed wrong. What is nobody's address is not kept: it may be a password."""
    return Account.objects.filter(email=request.POST.get("login", "").strip().lower()[:200]).first()


def _without_token(path: str) -> str:
    return "/welcome/…" if path.startswith("/welcome/") else path


def record_waiting(board: Board) -> int:
    """Record all that waits; returns how many. Raises ObservantError when the log cannot be written now."""
    waiting = list(Visit.objects.filter(record__isnull=True).select_related("account").order_by("pk")[:MOST_AT_ONCE])
    if not waiting or not board.judges_now:
        return 0
    visited = [
        Visited(one.key, one.at, one.account.email, one.role, one.method, one.route, one.path, one.status)
        for one in waiting
    ]
    with board.adding_visits():
        index = record_visits(board.workspace, visited, board.real)
        if index is not None:
            board.pass_over(index)
    Visit.objects.filter(pk__in=[one.pk for one in waiting]).update(record=index)
    return len(waiting)


class Keeper(threading.Thread):
    """Records what waits while the server runs, and once more at its end."""

    def __init__(self, board: Board) -> None:
        super().__init__(name="trail", daemon=True)
        self._board = board
        self._ended = threading.Event()

    def run(self) -> None:
        self._record()  # what a server before this one left
        while not self._ended.wait(LOOKS):
            if _is_due():
                self._record()
        self._record()
        connections.close_all()

    def end(self) -> None:
        """Record the rest and stop."""
        self._ended.set()
        self.join(60)

    def _record(self) -> None:
        try:
            record_waiting(self._board)
        except ObservantError as problem:
            _log.warning("visits wait to be recorded: %s", problem)


def _is_due() -> bool:
    waiting = Visit.objects.filter(record__isnull=True)
    oldest = waiting.order_by("pk").values_list("at", flat=True).first()
    return oldest is not None and (timezone.now() - oldest > LONGEST_WAIT or waiting.count() >= MOST_WAITING)
