"""Questions whose answers are beyond doubt, asked before any verdict is made.

If the engine, its catalogue or the interpreter underneath answers one of them wrongly, no verdict of this process is
worth anything, and the run stops.
"""

from functools import cache

from observant.analysis.iam.api import admin_equivalent, decision, no_new_access, role_trust
from observant.errors import CanaryFailed

_BOB = "arn:aws:iam::111122223333:user/bob"
_ADMIN = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
_READER = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}'
_NOBODY = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'
_ANYONE = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}'


@cache
def check_canaries() -> None:
    """Raises CanaryFailed with the question that was answered wrongly."""
    asked = {
        "a policy of `*` on `*` makes an administrator": admin_equivalent(_BOB, [_ADMIN]).word == "yes",
        "a policy of s3:Get* does not": admin_equivalent(_BOB, [_READER]).word == "no",
        "a denial of everything leaves none": admin_equivalent(_BOB, [_ADMIN, _NOBODY]).word == "no",
        "an administrator may create users": decision(_BOB, "iam:CreateUser", identity=[_ADMIN]).answer == "allowed",
        "who has no policy may not": decision(_BOB, "iam:CreateUser", identity=[]).answer == "denied",
        "everything is more than reading": no_new_access([_ADMIN], _READER).included is False,
        "reading is within everything": no_new_access([_READER], _ADMIN).included is True,
        "a role that trusts `*` is public": role_trust(_ANYONE, "111122223333").word == "public",
    }
    for question, right in asked.items():
        if not right:
            raise CanaryFailed(question)
