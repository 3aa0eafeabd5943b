"""What trails and event data stores of an account record together: by region, and by bucket.

Each recorder covers some regions, is active or not, and has selectors; a class of events is recorded when one recorder
that covers the place records all of it. Each part may be unknown, and Kleene's OR over recorders carries that through.

An event data store of an organization is listed in the account that it was made in alone. It counts for every account
that the organization's snapshots show beside that one; where they do not show that one, it leaves the answer open.
"""

from collections.abc import Iterator

import duckdb
import msgspec
from msgspec.structs import replace

from observant.analysis.aws.selectors import Event, management, objects, records_all
from observant.analysis.derivation import Derivation, DerivedTable
from observant.analysis.kleene import both, either
from observant.analysis.slices import Answer, Slice, Version, shape, slices, store, taken, versions

REGIONS, BUCKETS, ORGANIZATION = "aws_region_recording", "aws_bucket_recording", "aws_organization_recording"
GLOBAL = "global"
"""The place of services without a region; their events are logged in us-east-1."""
GLOBAL_SERVICES = ("iam.amazonaws.com", "sts.amazonaws.com", "organizations.amazonaws.com")
_HOME_OF_GLOBAL = "us-east-1"

TABLES = {
    "aws_account": ("account",),
    "aws_region": (),
    "aws_bucket": ("name", "region"),
    "aws_trail": ("multi_region", "organization", "global_events", "home_region"),
    "aws_trail_status": ("is_logging",),
    "aws_trail_selector": ("selectors",),
    "aws_event_data_store": ("is_ingesting", "multi_region", "organization", "home_region", "selectors"),
}
_ELSEWHERE, _NODE = "elsewhere", "organization_node"


class Recorder(msgspec.Struct, frozen=True):
    label: str
    active: bool | None
    everywhere: bool | None
    home: str | None
    global_events: bool | None
    organization: bool | None
    selectors: str | None

    def covers(self, place: str | None) -> bool | None:
        """Whether events of a region are its to record; a region that is not known only when it covers all."""
        if place == GLOBAL:
            return both((self.global_events, either((self.everywhere, self.home == _HOME_OF_GLOBAL))))
        here = None if place is None or self.home is None else self.home == place
        return either((self.everywhere, here))

    def records(self, place: str | None, event: Event) -> bool | None:
        return both((self.active, self.covers(place), records_all(self.selectors, event)))


def recorders(at: Slice, account: str) -> list[Recorder]:
    """Every trail that is known to exist, and every event data store, its own and its organization's."""
    status = {one.member: one.values["is_logging"] for one in at.rows("aws_trail_status")}
    selectors = {one.member: one.values["selectors"] for one in at.rows("aws_trail_selector")}
    found = [
        Recorder(
            one.label,
            _flag(status.get(one.member)),
            _flag(one.values["multi_region"]),
            _text(one.values["home_region"]),
            _flag(one.values["global_events"]),
            _flag(one.values["organization"]),
            _text(selectors.get(one.member)),
        )
        for one in at.rows("aws_trail")
    ]
    found += [_store(one, one.label, _flag(one.values["is_ingesting"])) for one in at.rows("aws_event_data_store")]
    of = {one.scope: set[object]() for one in at.rows(_NODE)}
    for one in at.rows(_NODE):
        of[one.scope].add(one.values["account"])
    for one in at.rows(_ELSEWHERE):
        home = one.scope.partition(":")[2]
        theirs = [accounts for accounts in of.values() if home in accounts]
        if not theirs or any(account in accounts for accounts in theirs):
            active = _flag(one.values["is_ingesting"]) if theirs else None
            found.append(_store(one, f"{one.label} of account {home}", active))
    return found


def _store(one: Version, label: str, active: bool | None) -> Recorder:
    return Recorder(
        label,
        active,
        _flag(one.values["multi_region"]),
        _text(one.values["home_region"]),
        True,
        False,
        _text(one.values["selectors"]),
    )


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def recorded(known: list[Recorder], place: str | None, events: list[Event]) -> bool | None:
    """Whether every one of these classes of events is recorded by somebody."""
    return both(either(one.records(place, event) for one in known) for event in events)


def _because(known: list[Recorder], place: str | None, events: list[Event], answer: bool | None) -> str:
    if answer:
        names = [one.label for one in known if any(one.records(place, event) for event in events)]
        return f"recorded by {', '.join(names)}"
    if not known:
        return "there is no trail and no event data store"
    return "; ".join(f"{one.label}: {_lacks(one, place, events)}" for one in known)


def _lacks(one: Recorder, place: str | None, events: list[Event]) -> str:
    if one.active is False:
        return "it is not recording"
    if one.covers(place) is False:
        return f"it does not cover {place}"
    if both(records_all(one.selectors, event) for event in events) is False:
        return "its selectors leave some of them out"
    return "what it records is not known"


def _management(place: str, *, read: bool) -> list[Event]:
    if place == GLOBAL:
        return [management(read=read, source=source) for source in GLOBAL_SERVICES]
    return [management(read=read)]


def _places(at: Slice, known: list[Recorder]) -> Iterator[tuple[str, str, tuple[object, ...]]]:
    account = at.rows("aws_account")[0]
    for place in [*sorted(one.member for one in at.rows("aws_region")), GLOBAL]:
        reads, writes = (recorded(known, place, _management(place, read=read)) for read in (True, False))
        events = [*_management(place, read=True), *_management(place, read=False)]
        because = _because(known, place, events, both((reads, writes)))
        yield f"{account.member} {place}", f"{account.label} in {place}", (place, reads, writes, because)


def _buckets(at: Slice, known: list[Recorder]) -> Iterator[tuple[str, str, tuple[object, ...]]]:
    for bucket in at.rows("aws_bucket"):
        region = _text(bucket.values["region"])
        sides = [[objects(bucket.member, read=read)] for read in (True, False)]
        reads, writes = (recorded(known, region, side) for side in sides)
        because = _because(known, region, sides[0] + sides[1], both((reads, writes)))
        yield bucket.member, bucket.label, (bucket.values["name"], reads, writes, because)


def _of_organization(at: Slice, known: list[Recorder]) -> Iterator[tuple[str, str, tuple[object, ...]]]:
    """Only trails that the management account made for everybody count: members cannot stop them."""
    account = at.rows("aws_account")[0]
    theirs = [one for one in known if one.organization is not False]
    events = [management(read=True), management(read=False)]
    answer = both(
        either(both((one.organization, one.everywhere, one.records(None, event))) for one in theirs) for event in events
    )
    because = _because(theirs, None, events, answer) if theirs else "no trail of the organization is seen from here"
    yield account.member, account.label, (answer, because)


_MAKERS = {REGIONS: _places, BUCKETS: _buckets, ORGANIZATION: _of_organization}

COLUMNS = {
    REGIONS: shape(place="VARCHAR", reads="BOOLEAN", writes="BOOLEAN", because="VARCHAR"),
    BUCKETS: shape(name="VARCHAR", reads="BOOLEAN", writes="BOOLEAN", because="VARCHAR"),
    ORGANIZATION: shape(recording="BOOLEAN", because="VARCHAR"),
}


def _of_an_organization(one: Version) -> bool:
    return one.table == "aws_event_data_store" and one.values["organization"] is True


def _derive(connection: duckdb.DuckDBPyConnection) -> None:
    found: dict[str, list[Answer]] = {name: [] for name in _MAKERS}
    snapshots, everything = taken(connection), versions(connection, TABLES)
    stores = [one for given in everything.values() for one in given if _of_an_organization(one)]
    nodes = versions(connection, {_NODE: ("account",)}) if stores else {}
    accounts = [one for rows in nodes.values() for one in rows if one.values["account"] is not None]
    for scope, given in everything.items():
        number = scope.partition(":")[2]
        theirs = [replace(one, table=_ELSEWHERE) for one in stores if one.scope != scope]
        named = {number, *(one.scope.partition(":")[2] for one in theirs)}
        members = [one for one in accounts if theirs and one.values["account"] in named]
        for at in slices([*given, *theirs, *members], snapshots.get(scope, [])):
            if not at.rows("aws_account"):
                continue
            known = recorders(at, number)
            for name, make in _MAKERS.items():
                found[name] += [
                    Answer(scope, member, label, at.start, at.end, at.earliest, at.record, values)  # type: ignore[arg-type]
                    for member, label, values in make(at, known)
                ]
    for name, answers in found.items():
        store(connection, name, COLUMNS[name], answers)


_TRAILS = frozenset(
    {"iam.account_summary", "cloudtrail.trails", "cloudtrail.trail_status", "cloudtrail.event_selectors"}
)
_RECORDERS = _TRAILS | {"cloudtrail.event_data_stores"}

RECORDING = Derivation(
    (
        DerivedTable(
            REGIONS,
            "Whether management events of each region of each account are recorded, reads and writes of every service. "
            f"`{GLOBAL}` stands for IAM, STS and Organizations.",
            COLUMNS[REGIONS],
            _RECORDERS | {"ec2.regions"},
        ),
        DerivedTable(
            BUCKETS,
            "Whether reads and writes of every object of each bucket are recorded.",
            COLUMNS[BUCKETS],
            _RECORDERS | {"s3.buckets"},
        ),
        DerivedTable(
            ORGANIZATION,
            "Whether a trail of the organization records all management events of each account in every region.",
            COLUMNS[ORGANIZATION],
            _TRAILS,
        ),
    ),
    _derive,
)
