"""Which actions AWS has a use for on a resource: `iam:CreateUser` on a bucket is written, and grants nothing.

An action that the catalogue does not know is none of these: what it may be used on, nobody can tell.
"""

import re
from functools import lru_cache

from observant.analysis.iam.arn import covers_all_of, is_every_resource, segments, stands_for_no_resource
from observant.analysis.iam.catalogue import catalogue
from observant.analysis.iam.glob import STAR, is_literal


@lru_cache(maxsize=16384)
def usable(pattern: str, account: str) -> int:
    """Bits of the known actions that can be about some resource that a marked pattern covers."""
    if is_every_resource(pattern):
        return catalogue().every
    parts = segments(pattern)
    service = parts[2] if parts is not None and is_literal(parts[2]) else ""
    found = 0
    for template, actions in catalogue().by_template.items():
        theirs = template.split(":", 3)[2:3]
        near = not service or theirs == [service] or not theirs or "$" in theirs[0]
        if near and actions & ~found and covers_all_of(pattern, template, account) is not False:
            found |= actions
    if service and stands_for_no_resource(pattern, service):
        found |= catalogue().without_resources & catalogue().bits(f"{service}:{STAR}")
    return found


_OPEN = re.compile(r"\$\{\w+\}")


def instances(action: str, account: object) -> list[str]:
    """Resources that a known action could be about, as people would write an example, short ones first. `account`:
    whose, where that is known."""
    known = catalogue().action(action)
    if known is None:
        return []
    fixed = {"${Partition}": "aws", "${Region}": "us-east-1"}
    fixed["${Account}"] = account if isinstance(account, str) else "111122223333"
    templates = (*known.required, *known.optional)
    found = [_OPEN.sub(lambda name: fixed.get(name[0], "example"), each) for each in templates] or ["*"]
    return sorted(found, key=len)
