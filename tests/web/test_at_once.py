"""People who do the same thing at the same moment; run on SQLite and, by test_postgresql, on PostgreSQL."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from web.conftest import PASSWORD, Site

T = TypeVar("T")
MANY = 8


def at_once(use: Callable[[int], T]) -> list[T]:
    """What `use` gives in as many threads as there are, begun together."""
    start = Barrier(MANY)

    def used(number: int) -> T:
        from django.db import connections

        try:
            start.wait(30)
            return use(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(used, range(MANY)))


def test_a_link_makes_one_account_however_many_use_it(site: Site) -> None:
    from observant.web import invitations
    from observant.web.state.models import Account

    token = invitations.invite("reviewer", "once@example.com", "", None)
    made = at_once(lambda number: invitations.accept(token, f"once{number}@example.com", "Once", PASSWORD))

    assert 1 == len([one for one in made if one])
    assert 1 == Account.objects.filter(name="Once").count()


def test_two_invitations_of_one_person_make_one_account(site: Site) -> None:
    from observant.web import invitations
    from observant.web.state.models import Account

    tokens = [invitations.invite("reviewer", "twice@example.com", "", None) for _ in range(MANY)]
    made = at_once(lambda number: invitations.accept(tokens[number], "twice@example.com", "Twice", PASSWORD))

    assert 1 == len([one for one in made if one])
    assert 1 == Account.objects.filter(email="twice@example.com").count()


def test_no_more_than_five_tries_are_let_through_at_once(site: Site) -> None:
    from observant.web.limits import PER_ACCOUNT, may_try

    allowed = at_once(lambda number: may_try("hurry@example.com", f"192.0.2.{number}"))

    assert sum(allowed) <= PER_ACCOUNT
    later = sum(may_try("hurry@example.com", "192.0.2.99") for _ in range(2 * PER_ACCOUNT))
    assert PER_ACCOUNT == sum(allowed) + later
