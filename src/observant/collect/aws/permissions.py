"""The IAM policy that the collector needs, made from what its parts declare: nothing more, and no `*` but one.

`python -m observant.collect.aws.permissions` prints it; `docs/aws-permissions.json` is that output.
"""

import json
import sys

from observant.collect.aws.collector import PARTS
from observant.evidence.snapshot import Json


def actions() -> list[str]:
    """Every IAM action that some part needs, sorted."""
    return sorted(set().union(*(part.declaration.actions for part in PARTS)))


def policy() -> Json:
    """A policy document to attach to the reading role. All its actions read; most do not support resource limits."""
    return {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "ObservantReads", "Effect": "Allow", "Action": actions(), "Resource": "*"}],
    }


def rendered() -> str:
    """The policy as `docs/aws-permissions.json` holds it."""
    return json.dumps(policy(), indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(rendered())
