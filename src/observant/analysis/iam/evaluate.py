"""One question: may this principal do this action on this resource?"""

from collections.abc import Mapping, Sequence

from observant.analysis.iam.arn import covers_all_of
from observant.analysis.iam.context import Context, Special, Value
from observant.analysis.iam.decision import Answer, Decision
from observant.analysis.iam.layers import Policies
from observant.analysis.iam.principal import Principal, principal
from observant.analysis.iam.refine import refine
from observant.analysis.iam.statements import targets
from observant.analysis.iam.weigh import IDENTITY, RESOURCE, Question, Verdict, weigh
from observant.analysis.kleene import Kleene


def questions(
    who: str | Principal,
    action: str,
    resource: str | Sequence[str] | None,
    policies: Policies,
    *,
    resource_account: str = "",
    management_account: bool = False,
) -> tuple[Question, ...]:
    """The questions that one call puts, all of which must be answered with yes.

    One resource is judged by itself. Several are one call: the types it always names and that are not among them are
    asked about in general. The resource's account is read off its ARN when it is not given.
    """
    asking = principal(who) if isinstance(who, str) else who
    listed = [resource] if resource is None or isinstance(resource, str) else list(resource)
    found: list[Question] = []
    for each in listed:
        parts = (each or "").split(":", 5)
        account = resource_account or (parts[4] if len(parts) == 6 and parts[4].isdigit() else "")
        found += [
            Question(asking, asked, policies, account, management_account)
            for asked in targets(action, each, account or asking.account)
        ]
    if len(listed) > 1:
        found += [
            Question(asking, asked, policies, resource_account, management_account)
            for asked in targets(action, None, resource_account or asking.account)
            if asked.templates and not any(_is_of(each or "", asked.templates, asking.account) for each in listed)
        ]
    return tuple(found)


def _is_of(resource: str, templates: tuple[str, ...], account: str) -> bool:
    return any(covers_all_of(resource, each, account) is not False for each in templates)


def decide(asked: Sequence[Question], context: Context) -> Decision:
    """The decision about a whole call: that of its least favourable part."""
    order = (Answer.DENIED, Answer.UNKNOWN, Answer.CONDITIONAL, Answer.ALLOWED)
    return min((decide_one(each, context) for each in asked), key=lambda one: order.index(one.answer))


def decide_one(one: Question, context: Context) -> Decision:
    """The decision about one resource under everything that is known of the request."""
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
        residual=tuple(each for said in verdict.said for each in said.residuals(full))
        if so_far is Answer.CONDITIONAL
        else (),
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
