"""CloudTrail answers as entities."""

from observant.evidence.snapshot import Entity, Json


def status_of(arn: str, status: Json) -> Entity:
    """Delivery times and errors change by themselves; whether and since when a trail records does not."""
    usage = {key: value for key, value in status.items() if key.startswith("Latest")}
    return Entity(arn, {"TrailARN": arn, **{key: value for key, value in status.items() if key not in usage}}, usage)
