"""One tenant as it stands, changed row version by row version, and what the kernel needs to know of it at a moment."""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import duckdb
import msgspec

from observant.analysis.conditional_access.grants import Strengths
from observant.analysis.conditional_access.groups import Group, Groups
from observant.analysis.conditional_access.holders import Held, Holders
from observant.analysis.conditional_access.inputs import MANY, STATEMENTS, Delta, codes_at, members_at, standing
from observant.analysis.conditional_access.people import NOBODY, Bounds, People, exactly, gathered
from observant.analysis.conditional_access.policy import Policy, policy_of
from observant.analysis.conditional_access.population import Facts, Population
from observant.analysis.conditional_access.requirements import security_defaults

EVERYONE, MEMBERS, GUESTS = "everyone", "members", "guests"
ADMINS, SERVICE, EMERGENCY = "admins", "service accounts", "emergency accounts"
_UNSAID = 2
"""The digit of a code for what the provider did not say; else 0 and 1 are no and yes, or Member and Guest."""
_NO_ROW = 0
"""Stands for the code of somebody who is not in the directory."""


class Estate:
    """`count` persons of one scope. Mutable: `apply` brings it from one moment to the next."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, scope: str, count: int, at: datetime) -> None:
        self._connection = connection
        self.count = count
        self._codes = codes_at(connection, scope, count, at)
        self._direct = {group: array("i", who) for group, who in members_at(connection, scope, at)}
        self._inner: dict[str, set[str]] = {}
        self._rows: dict[str, dict[Any, tuple[Any, ...]]] = {about: {} for about in STATEMENTS if about not in MANY}
        self._changed: set[str] = set(self._direct)
        self._built: dict[str, Group] = {}
        self._groups = Groups(self._built, count)
        self._holders = Holders(count)
        self._sets: dict[tuple[int | None, ...], Bounds] = {}
        self._named: dict[str, int | None] = {}
        self._policies: dict[tuple[str, int], Policy] = {}
        self._strengths: Strengths = {}
        self._strengths_version = 0
        for about in self._rows:
            for values in standing(connection, scope, about, at):
                self._set(about, values, begins=True)

    def apply(self, deltas: Iterable[Delta]) -> None:
        """Row versions that begin or end at one moment, those that end first."""
        coded: dict[int, int] = {}
        for one in deltas:
            if one.about == "user":
                place, code = one.values
                coded[place] = code if one.begins else _NO_ROW
            elif one.about == "member":
                group, place = one.values
                members = self._direct.setdefault(group, array("i"))
                (members.append if one.begins else members.remove)(place)
                self._changed.add(group)
            else:
                self._set(one.about, one.values, one.begins)
        if coded:
            self._recode(coded)

    def _recode(self, coded: Mapping[int, int]) -> None:
        """People whose row is another one now, all at once: each set of people is copied once."""
        others = ~gathered(coded, self.count)
        codes = {code: people & others for code, people in self._codes.items()}
        for code in set(coded.values()) - {_NO_ROW}:
            arrived = gathered((place for place, now in coded.items() if now == code), self.count)
            codes[code] = codes.get(code, NOBODY) | arrived
        self._codes = codes
        self._sets.clear()

    def _set(self, about: str, values: tuple[Any, ...], begins: bool) -> None:
        if about in ("nesting", "group", "group reading"):
            self._changed.add(values[0])
        if about == "nesting":
            inner = self._inner.setdefault(values[0], set())
            (inner.add if begins else inner.discard)(values[1])
        elif begins:
            self._rows[about][values[0]] = values
        else:
            self._rows[about].pop(values[0], None)
        if about == "strength":
            self._strengths_version += 1
            self._strengths = {id_: _combinations(document) for id_, document in self._rows["strength"].values()}

    # -- policies

    @property
    def defaults(self) -> bool | None:
        """Whether security defaults are on; None where nobody can tell."""
        enabled = [one[1] for one in self._rows["defaults"].values()]
        return enabled[0] if enabled else None

    def policies(self) -> list[Policy]:
        """Everything that may be enforced, security defaults included where the tenant was asked about them."""
        found = [self._policy(*one) for one in self._rows["policy"].values()]
        return found + (security_defaults(self.defaults) if self._rows["defaults"] else [])

    def _policy(self, id_: str, document: str | None) -> Policy:
        key = (document or id_, self._strengths_version)
        if key not in self._policies:
            given = msgspec.json.decode(document) if document else {"id": id_}
            self._policies[key] = policy_of(given, self._strengths)
        return self._policies[key]

    # -- people

    def population(self, policies: Iterable[Policy]) -> Population:
        """The people at this moment; `policies` say who must be known by id."""
        groups = self._opened()
        held = Held(self._rows["role"], self._rows["grant"], self._rows["eligibility"], self._rows["group eligibility"])
        judged = self._where(enabled=1)
        service = exactly(self._declared("service account"))
        invited, guest = self._where(invited=1), self._where(type_=1)
        facts = Facts(
            count=self.count,
            users=dict(self._known_by_id(policies)),
            kinds={
                EVERYONE: judged,
                MEMBERS: judged - invited - guest - service,
                GUESTS: (judged & (invited | guest)) - service,
                ADMINS: judged & self._holders.privileged(held, groups),
                SERVICE: judged & service,
                EMERGENCY: judged & exactly(self.emergency()),
            },
            groups=self._built,
            roles=self._holders.roles(held, groups),
            role_names={one[1] or one[0]: one[2] for one in self._rows["role"].values()},
            guests={
                "internalGuest": guest - invited,
                "b2bCollaborationGuest": guest & invited,
                "b2bCollaborationMember": self._where(type_=0) & invited,
            },
            activations=self._holders.activations(held, groups),
        )
        return Population(facts, groups)

    def emergency(self) -> People:
        """Declared emergency accounts."""
        return self._declared("emergency account")

    @property
    def activations_known(self) -> bool:
        """False when some group that may activate a role could not be read."""
        return self._holders.complete

    def _declared(self, about: str) -> People:
        return gathered((one[0] for one in self._rows[about].values()), self.count)

    def _where(self, enabled: int | None = None, type_: int | None = None, invited: int | None = None) -> Bounds:
        """Users whose row says so; maybe also those whose row does not say."""
        wanted = (enabled, type_, invited)
        if wanted not in self._sets:
            digits = {1 + 9 * e + 3 * t + i: (e, t, i) for e in range(3) for t in range(3) for i in range(3)}
            surely = self._coded(code for code, said in digits.items() if _fits(said, wanted))
            maybe = self._coded(code for code, said in digits.items() if _fits(said, wanted, _UNSAID))
            self._sets[wanted] = exactly(surely) if surely == maybe else Bounds(surely, maybe)
        return self._sets[wanted]

    def _coded(self, codes: Iterable[int]) -> People:
        """Everybody with one of these codes."""
        people = NOBODY
        for code in codes:
            people |= self._codes.get(code, NOBODY)
        return people

    def _known_by_id(self, policies: Iterable[Policy]) -> Iterator[tuple[str, int]]:
        sides = [side for one in policies for side in (one.subjects.include, one.subjects.exclude)]
        wanted = {user for side in sides for user in side.users}
        missing = sorted(wanted - self._named.keys())
        if missing:
            self._named.update(dict.fromkeys(missing))
            rows = self._connection.execute(
                "SELECT lower(member), place FROM coverage_person WHERE lower(member) IN (SELECT unnest(?))", [missing]
            )
            self._named.update(rows.fetchall())
        for user in wanted:
            place = self._named[user]
            if place is not None:
                yield user, place

    def _opened(self) -> Groups:
        if self._changed:
            for id_ in self._changed:
                self._build(id_)
            self._groups = Groups(self._built, self.count, self._groups.unaffected(self._changed))
            self._changed = set()
        return self._groups

    def _build(self, id_: str) -> None:
        """A group that is listed but was not asked for may hold anybody. One that is not listed, and about whose
        members nothing was asked or the answer was that there is no such group, is gone.
        """
        reading, listed = self._rows["group reading"].get(id_), self._rows["group"].get(id_)
        if listed is None and (reading is None or reading[2]):
            self._built.pop(id_, None)
            return
        self._built[id_] = Group(
            name=listed[1] if listed else id_,
            members=self._direct.get(id_, ()),
            groups=tuple(sorted(self._inner.get(id_, ()))),
            readable=reading is not None and reading[1] is True,
        )


def _fits(said: tuple[int, ...], wanted: tuple[int | None, ...], *excused: int) -> bool:
    return all(want is None or one in (want, *excused) for one, want in zip(said, wanted, strict=True))


def _combinations(document: str | None) -> tuple[str, ...] | None:
    given = msgspec.json.decode(document) if document else None
    found = given.get("allowedCombinations") if isinstance(given, dict) else None
    return tuple(found) if isinstance(found, list) and all(isinstance(one, str) for one in found) else None
