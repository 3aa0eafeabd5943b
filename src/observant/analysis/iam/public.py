"""Does a resource's policy let anybody in?

The policy is put to a stranger, as `trust` does with roles: keys that tell who they are have a stranger's values, the
rest is theirs to choose. Whatever is allowed to them, on whatever of the resource, is public, and there is a request
that shows it.
"""

import math
from itertools import product

import msgspec

from observant.analysis.iam.callers import ANYONE, IDENTITY, Own, is_consistent, stranger
from observant.analysis.iam.context import Context
from observant.analysis.iam.document import Policy, Statement
from observant.analysis.iam.inclusion import Witness, inclusion
from observant.analysis.iam.principal import Grade, grade
from observant.analysis.iam.trust import trust
from observant.analysis.kleene import Kleene

_CAP = 256
_NOTHING = Policy("nothing", ())


class Public(msgspec.Struct, frozen=True):
    """`answer`: True: `witness` or `because` shows it; None: not known, `reason` says why."""

    answer: Kleene
    witness: Witness | None = None
    because: tuple[str, ...] = ()
    """Statements."""
    reason: str = ""


def public_access(document: Policy, own: Own) -> Public:
    """Whether the policy of a resource of one's own account allows anything to anybody at all."""
    if document.problem:
        return Public(None, reason=document.problem)
    federated = trust(document, own) if any(map(_federated, document.statements)) else None
    if federated is not None and federated.word == "public":
        return Public(True, because=federated.because)
    kept = tuple(msgspec.structs.replace(each, principals=None) for each in document.statements if _means_anyone(each))
    if not any(each.allows for each in kept):
        return Public(False)
    choices = {key: values for key, values in stranger(document, own).items() if key in IDENTITY}
    choices["aws:resourceaccount"] = [own.account]
    if math.prod(len(values) for values in choices.values()) > _CAP:
        return Public(None, reason=f"too many combinations of {', '.join(sorted(choices))}")
    doubt = ""
    for chosen in product(*choices.values()):
        pinned = Context(dict(zip(choices, chosen, strict=True)))
        if is_consistent(pinned):
            found = inclusion([Policy(document.name, kept)], [_NOTHING], pinned)
            if found.witness is not None:
                return Public(True, found.witness, (found.witness.allowed_by,))
            doubt = doubt or found.reason
    return Public(None, reason=doubt) if doubt else Public(False)


def _federated(statement: Statement) -> bool:
    named = statement.principals
    return named is not None and any(kind == "Federated" for kind, _ in named.named)


def _means_anyone(statement: Statement) -> bool:
    named = statement.principals
    if named is None:
        return False
    return grade(named, ANYONE) is not Grade.NOT
