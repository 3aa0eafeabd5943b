"""The tables made from exports of people."""

from collections.abc import Iterator

import msgspec

from observant.evidence.snapshot import Json
from observant.inventory.table import Reading, Row, Table, text_of, time_of


def _person(urn: str, person: Json) -> Iterator[Row]:
    yield Row(
        member=urn,
        label=text_of(person.get("name")) or urn,
        values=(
            text_of(person.get("email")),
            time_of(person.get("start")),
            time_of(person.get("end")),
            text_of(person.get("manager")),
            text_of(person.get("department")),
            time_of(person.get("department_since")),
            time_of(person.get("earlier_end")),
        ),
    )


PERSON = Table(
    name="people_person",
    about=(
        "People as the HR system has them. `starts_at` is the beginning of the first day and `ends_at` the end of the "
        "last one, where the company is; `ends_at` is NULL for who has no last day. `department_since` is when they "
        "came into their department, and `earlier_end` the end of an earlier employment, where the export says so."
    ),
    columns={
        "email": "VARCHAR",
        "starts_at": "TIMESTAMP",
        "ends_at": "TIMESTAMP",
        "manager": "VARCHAR",
        "department": "VARCHAR",
        "department_since": "TIMESTAMP",
        "earlier_end": "TIMESTAMP",
    },
    readings=(Reading("people.persons", "configuration", _person),),
)


def _account(urn: str, account: Json) -> Iterator[Row]:
    fields = ("account", "scope", "kind", "owner", "reason")
    yield Row(urn, text_of(account.get("account")) or urn, tuple(text_of(account.get(field)) for field in fields))


ACCOUNT = Table(
    name="people_account",
    about="Accounts that are declared: whose they are, or that they are shared, of a service, or for emergencies.",
    columns={
        "account": "VARCHAR",
        "account_scope": "VARCHAR",
        "kind": "VARCHAR",
        "owner": "VARCHAR",
        "reason": "VARCHAR",
    },
    readings=(Reading("people.accounts", "configuration", _account),),
)


def _rules(urn: str, rules: Json) -> Iterator[Row]:
    yield Row(urn, "rules", (msgspec.json.encode(rules, order="sorted").decode(),))


RULES = Table(
    name="people_rules",
    about="How accounts are linked to people, and which days are worked.",
    columns={"rules": "VARCHAR"},
    readings=(Reading("people.rules", "configuration", _rules),),
)

TABLES = (PERSON, ACCOUNT, RULES)
