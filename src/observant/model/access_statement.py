"""One sentence about what principals may do, as `commitments.yaml` has it.

    arn:aws:iam::*:role/developer-* may s3:Get*, logs:* on arn:aws:s3:::prod-*, arn:aws:logs:*
    arn:aws:iam::*:user/* may policy arn:aws:iam::aws:policy/ReadOnlyAccess
    only arn:aws:iam::*:role/platform-* may iam:Create*, iam:Put*

`may` without `on` means on every resource. What several sentences say of one principal adds up; each `only` takes away
from everybody whom it does not name.
"""

import re

import msgspec


class AccessStatement(msgspec.Struct, frozen=True):
    written: str
    only: bool
    principals: tuple[str, ...]
    """ARNs in which `*` stands for any text."""
    actions: tuple[str, ...]
    """Empty where `policy` says what is allowed."""
    resources: tuple[str, ...]
    policy: str = ""
    """ARN of a managed policy."""

    def names(self, arn: str) -> bool:
        return any(re.fullmatch(".*".join(map(re.escape, each.split("*"))), arn) for each in self.principals)


_SENTENCE = re.compile(r"(?P<only>only\s+)?(?P<who>.+?)\s+may\s+(?P<what>.+?)(?:\s+on\s+(?P<where>.+))?", re.DOTALL)
_ACTION = re.compile(r"\*|[\w*?-]+:[\w*?]+")


def access_statement(written: str) -> AccessStatement:
    """Read one sentence; raises ValueError saying what was expected."""
    found = _SENTENCE.fullmatch(written.strip())
    if found is None:
        raise ValueError(f"{written!r} is not `PRINCIPALS may ACTIONS` or `only PRINCIPALS may ACTIONS`")
    what = found["what"].split()
    policy = what[1] if len(what) == 2 and what[0] == "policy" else ""
    actions = () if policy else _listed(found["what"])
    for action in actions:
        if not _ACTION.fullmatch(action):
            raise ValueError(f"{action!r} is not an action such as s3:Get*")
    principals = _listed(found["who"])
    for principal in principals:
        if not principal.startswith(("arn:", "*")):
            raise ValueError(f"{principal!r} is not the ARN of a user or role, in which `*` may stand for any text")
    if policy and (found["only"] or found["where"] or not policy.startswith("arn:")):
        raise ValueError("`policy` is followed by the ARN of a managed policy, and by nothing else")
    resources = _listed(found["where"]) if found["where"] else ("*",)
    return AccessStatement(written, found["only"] is not None, principals, actions, resources, policy)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.split(",") if each.strip())
