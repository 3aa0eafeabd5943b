"""One question: may this principal do this action on this resource?"""

from collections.abc import Mapping

from observant.analysis.iam.context import Context, Special, Value
from observant.analysis.iam.decision import Answer, Decision
from observant.analysis.iam.layers import Policies
from observant.analysis.iam.principal import Principal, principal
from observant.analysis.iam.refine import refine
from observant.analysis.iam.statements import target
from observant.analysis.iam.weigh import IDENTITY, RESOURCE, Question, Verdict, weigh
from observant.analysis.kleene import Kleene


def question(
    who: str | Principal,
    action: str,
    resource: str | None,
    policies: Policies,
    *,
    resource_account: str = "",
    management_account: bool = False,
) -> Question:
    """Put the parts of a question together; the resource's account is read off its ARN when it is not given."""
    asking = principal(who) if isinstance(who, str) else who
    parts = (resource or "").split(":", 5)
    account = resource_account or (parts[4] if len(parts) == 6 and parts[4].isdigit() else "")
    asked = target(action, resource, account or asking.account)
    return Question(asking, asked, policies, account, management_account)


def decide(one: Question, context: Context) -> Decision:
    """The decision under everything that is known of the request."""
    full = context.over({**one.who.keys(), **_resource_keys(one)})
    verdict = weigh(one, full)
    refined = refine(one, full, verdict) if verdict.answer is None else None
    so_far = _answer(refined.answer if refined else verdict.answer)
    unread = tuple(dict.fromkeys(verdict.unread))
    matters = bool(unread) and not (verdict.denied is True or verdict.allowed is False)
    return Decision(
        answer=Answer.UNKNOWN if matters else so_far,
        explicit=verdict.denied is True,
        by=_by(verdict),
        conditional_on=refined.keys if refined and so_far is Answer.CONDITIONAL else (),
        residual=tuple(each for said in verdict.said for each in said.open) if so_far is Answer.CONDITIONAL else (),
        unread=unread if matters else (),
        so_far=so_far,
        layers=tuple(said.layer() for said in verdict.said),
    )


def _resource_keys(one: Question) -> Mapping[str, Value | Special]:
    account = one.resource_account or (one.who.account if one.asked.resource is None else "")
    return {"aws:ResourceAccount": account} if account else {}


def _answer(value: Kleene) -> Answer:
    return Answer.CONDITIONAL if value is None else Answer.ALLOWED if value else Answer.DENIED


def _by(verdict: Verdict) -> str:
    if verdict.denied is True:
        return next(said.name for said in verdict.said if said.denies is True)
    if verdict.allowed is False:
        return verdict.lacking
    granting = [said.name for said in verdict.said if said.allows is not False and said.name in (IDENTITY, RESOURCE)]
    return granting[0] if granting else ""
