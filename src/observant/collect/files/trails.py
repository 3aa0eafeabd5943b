"""CloudTrail exports: trails, and the answers about each of them."""

from observant.collect.files.authorization import ANOTHER
from observant.collect.files.exports import SELECTORS, TRAIL_STATUS, Export
from observant.collect.shapes.trails import status_of
from observant.evidence.snapshot import Collection, Entity, Gap, GapReason


def trails(export: Export) -> Collection:
    """DescribeTrails of one region; trails of other regions that record only there are not in it."""
    found = {trail["TrailARN"]: Entity(trail["TrailARN"], trail) for trail in export.value["trailList"]}
    return Collection("cloudtrail.trails", list(found.values()))


def statuses(exports: list[Export], known: Collection) -> Collection:
    """GetTrailStatus does not say which trail it is about: the only trail, or the one in the file's name."""
    answers: dict[str, Export] = {}
    for export in exports:
        arn = _trail_of(export, known)
        if arn in answers:
            raise export.file.wrong("", f"a second status of {arn} beside {answers[arn].file.path}", ANOTHER)
        answers[arn] = export
    entities = [status_of(arn, export.value) for arn, export in answers.items()]
    return _each("cloudtrail.trail_status", entities, known, TRAIL_STATUS)


def _trail_of(export: Export, known: Collection) -> str:
    arns = [trail.urn for trail in known.entities]
    named = [arn for arn in arns if arn.rpartition("/")[2] in export.file.path.stem]
    longest = max(named, key=len, default="")  # a trail's name may be part of another's
    if len(arns) == 1:
        return arns[0]
    if not longest:
        remedy = "name the file trail-status-<trail>.json and hand in describe-trails too"
        raise export.file.wrong("", "does not say which trail it is about", remedy)
    return longest


def selectors(exports: list[Export], known: Collection) -> Collection:
    answers: dict[str, Export] = {}
    for export in exports:
        arn = export.value["TrailARN"]
        if arn in answers:
            raise export.file.wrong("", f"a second answer about {arn} beside {answers[arn].file.path}", ANOTHER)
        answers[arn] = export
    entities = [Entity(arn, export.value) for arn, export in answers.items()]
    return _each("cloudtrail.event_selectors", entities, known, SELECTORS)


def _each(name: str, entities: list[Entity], known: Collection, command: str) -> Collection:
    """Complete only when every known trail has its answer."""
    if known.gap is not None:
        return Collection(name, gap=Gap(GapReason.NOT_ATTEMPTED, "needs describe-trails, to know that none is missing"))
    absent = sorted({trail.urn for trail in known.entities} - {entity.urn for entity in entities})
    if absent:
        return Collection(name, gap=Gap(GapReason.NOT_ATTEMPTED, f"no {command} for {', '.join(absent)}"))
    return Collection(name, entities)
