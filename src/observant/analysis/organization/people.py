"""Who reaches which account through Identity Center: assignments expanded to the people in their groups.

One row for each way: somebody who is in two groups with the same permission set in an account has two. The identity
store has no groups in groups.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

import duckdb

from observant.analysis.derivation import Derivation, DerivedTable
from observant.analysis.kleene import Kleene, either
from observant.analysis.slices import Answer, Version, shape, store, versions

ACCESS = "organization_person_access"
SET = "organization_permission_set"
_TABLES = {
    "organization_assignment": ("account", "permission_set", "principal", "principal_kind"),
    SET: ("name",),
    f"{SET}_policy": ("permission_set", "policy_kind", "policy", "document"),
    "organization_managed_policy": ("document",),
    "organization_membership": ("group_id", "person"),
    "organization_group": ("name",),
    "organization_person": ("user_name", "enabled"),
}

Read = dict[str, tuple[Kleene, str]]
"""Document -> whether it allows everything, and why."""


class Way(NamedTuple):
    """One assignment, or one membership of the group that it is given to. `person` is None where nobody was shown."""

    parts: tuple[Version, ...]
    person: str | None
    group: str | None


class Center:
    """One organization's Identity Center over time, by what its rows are looked up with."""

    def __init__(self, given: list[Version], read: Read) -> None:
        self.read = read
        self._of: dict[tuple[str, str], list[Version]] = defaultdict(list)
        by = {f"{SET}_policy": "permission_set", "organization_membership": "group_id"}
        for one in given:
            self._of[one.table, str(one.values[by[one.table]] if one.table in by else one.member)].append(one)
        self.assignments = [one for one in given if one.table == "organization_assignment"]

    def of(self, table: str, key: object) -> list[Version]:
        return self._of.get((table, str(key)), [])

    def at(self, table: str, key: object, moment: datetime) -> Version | None:
        return next((one for one in self.of(table, key) if _holds(one, moment)), None)

    def ways(self, assignment: Version) -> Iterator[Way]:
        principal = assignment.values["principal"]
        if assignment.values["principal_kind"] != "group":
            yield Way((assignment,), None if principal is None else str(principal), None)
            return
        for one in self.of("organization_membership", principal):
            person = one.values["person"]
            yield Way((assignment, one), None if person is None else str(person), str(principal))

    def cuts(self, way: Way) -> list[datetime]:
        """Moments at which something about this way may change, from its beginning to its end."""
        start, end = max(one.valid_from for one in way.parts), min(one.valid_to for one in way.parts)
        named = way.parts[0].values["permission_set"]
        policies = self.of(f"{SET}_policy", named)
        about = [*policies, *self.of(SET, named), *self.of("organization_person", way.person)]
        about += self.of("organization_group", way.group)
        about += [one for policy in policies for one in self.of("organization_managed_policy", policy.values["policy"])]
        within = {at for one in about for at in (one.valid_from, one.valid_to) if start < at < end}
        return sorted({start, end, *within}) if start < end else []

    def administrator(self, named: object, moment: datetime) -> tuple[Kleene, str]:
        """Whether a permission set gives everything by one of its policies, as far as they are read here."""
        answers: list[tuple[Kleene, str]] = []
        for one in self.of(f"{SET}_policy", named):
            kind, policy, document = (one.values[name] for name in ("policy_kind", "policy", "document"))
            if not _holds(one, moment) or kind not in ("managed", "inline"):
                continue
            if kind == "managed" and policy is not None:
                held = self.at("organization_managed_policy", policy, moment)
                document = held.values["document"] if held else None
            answer, because = self.read.get(str(document), (None, "")) if document is not None else (None, "")
            answers.append((answer, because if answer else f"its {kind} policies were not all shown"))
        found = either(answer for answer, _ in answers)
        return found, "" if found is False else "; ".join(dict.fromkeys(why for one, why in answers if one is found))


def _holds(one: Version, moment: datetime) -> bool:
    return one.valid_from <= moment < one.valid_to


def expanded(scope: str, center: Center) -> Iterator[Answer]:
    """Every way of every assignment, cut where anything about it changed."""
    for assignment in center.assignments:
        for way in center.ways(assignment):
            for start, end in pairwise(center.cuts(way)):
                yield _answer(scope, center, way, start, end)


def _answer(scope: str, center: Center, way: Way, start: datetime, end: datetime) -> Answer:
    assignment = way.parts[0].values
    permission_set = center.at(SET, assignment["permission_set"], start)
    person = center.at("organization_person", way.person, start)
    group = center.at("organization_group", way.group, start) if way.group else None
    administrator, why = center.administrator(assignment["permission_set"], start)
    name = permission_set.values["name"] if permission_set else None
    who = person.values["user_name"] if person else None
    via = f"group {group.values['name'] if group else way.group}" if way.group else "by name"
    if way.person is None:
        shown, because = "nobody knows who", "who it is was not shown"
    elif person is None:
        shown, because = f"user {way.person}", "the user is not in the identity store"
    else:
        shown, because = str(who or way.person), f"through {via}" if way.group else "assigned by name"
    begun = [one.earliest for one in (*way.parts, permission_set, person) if one and one.valid_from == start]
    return Answer(
        scope=scope,
        member=" ".join(one.member for one in way.parts),
        label=f"{shown} with {name or 'a permission set'} in account {assignment['account']}, {via}",
        valid_from=start,
        valid_to=end,
        earliest=max(begun, default=start),
        record=max(one.record for one in way.parts),
        values=(
            way.person,
            who,
            person.values["enabled"] if person else None,
            assignment["account"],
            assignment["permission_set"],
            name,
            via,
            administrator,
            f"{because}; {why}" if why else because,
        ),
    )


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    rows = connection.execute("SELECT document, unrestricted, because FROM aws_document").fetchall()
    read: Read = {document: (unrestricted, because or "") for document, unrestricted, because in rows}
    found = (
        answer
        for scope, given in versions(connection, _TABLES).items()
        for answer in expanded(scope, Center(given, read))
    )
    store(connection, ACCESS, _COLUMNS, found)


_COLUMNS = shape(
    person="VARCHAR",
    person_name="VARCHAR",
    enabled="BOOLEAN",
    account="VARCHAR",
    permission_set="VARCHAR",
    permission_set_name="VARCHAR",
    via="VARCHAR",
    administrator="BOOLEAN",
    because="VARCHAR",
)

PERSON_ACCESS = Derivation(
    (
        DerivedTable(
            ACCESS,
            "Who reaches which account with which permission set of Identity Center, one row for each way: a group of "
            "the identity store, or an assignment by name. `person` is NULL where the people were not shown; "
            "`person_name` is NULL also for a user who is not in the identity store. `administrator`: an AWS managed "
            "or inline policy of the permission set allows everything; customer managed policies are each account's.",
            _COLUMNS,
            frozenset(
                {
                    "sso.assignments",
                    "sso.permission_sets",
                    "sso.managed_policies",
                    "identitystore.memberships",
                    "identitystore.users",
                    "identitystore.groups",
                }
            ),
        ),
    ),
    _derive,
)
