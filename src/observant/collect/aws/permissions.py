"""The IAM policy that the collector needs, made from what its parts declare: nothing more, and no `*` but one.

`python -m observant.collect.aws.permissions` prints it; `docs/aws-permissions.json` is that output.
"""

import json
import sys
from collections.abc import Iterable

from observant.collect.aws.collector import PARTS
from observant.collect.aws.part import Part
from observant.evidence.snapshot import Json


def actions(parts: Iterable[Part] = PARTS) -> list[str]:
    """Every IAM action that some part needs, sorted."""
    return sorted(set().union(*(part.declaration.actions for part in parts)))


def policy(parts: Iterable[Part] = PARTS) -> Json:
    """A policy document to attach to the reading role. All its actions read; most do not support resource limits."""
    return {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "ObservantReads", "Effect": "Allow", "Action": actions(parts), "Resource": "*"}],
    }


def rendered(parts: Iterable[Part] = PARTS) -> str:
    """The policy as `docs/aws-permissions.json` holds it, or the one for other parts."""
    return json.dumps(policy(parts), indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(rendered())
