"""Whether a role lets somebody of its own account in."""

from observant.analysis.iam.access import Access, Can
from observant.analysis.iam.estate import Estate
from observant.analysis.iam.layers import leaving_it_to
from observant.analysis.iam.narrow import is_personal

_ACTION = "sts:AssumeRole"


def let_in(access: Access, role: str, estate: Estate | None) -> Can:
    """Whether it may assume a role. What a trust policy says to everybody is asked once, where nothing of the
    principal's own could take it away."""
    held = estate.held.get(role) if estate else None
    trust = held.trust if held and held.trust else leaving_it_to(access.who.account)
    if estate is None or not access.unlimited or is_personal(trust):
        return access.can(_ACTION, role, None, trust)
    key = role, access.situation
    if key not in estate.opened:
        estate.opened[key] = access.only().can(_ACTION, role, None, trust)
    found = estate.opened[key]
    return found if found.answer or not access.may(_ACTION) else access.can(_ACTION, role, None, trust)
