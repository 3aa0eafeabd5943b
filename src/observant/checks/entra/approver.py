from observant.checks.check import check


@check("entra-approver", criteria=("CC6.3",), judges="entra_approver_found", concerns="approvers")
def approver() -> str:
    """Those who are named to approve activations are there.

    **What it judges.** Every user and group that a PIM rule names as approver, where approval is asked for: an
    enabled user, or a group with an enabled user in it.

    **Why.** A request that goes to somebody who left is either never answered, or answered by whoever is asked to
    help out.

    **How to re-perform it by hand.** In rule `Approval_EndUser_Assignment` of each policy take `approvalStages`,
    `primaryApprovers`; look each up with `GET /users/{id}?$select=accountEnabled` or `GET
    /groups/{id}/transitiveMembers`.

    **What it cannot see.** Whether they answer. Approvers such as the requestor's manager have no id and are unknown.
    Where nobody is named, Privileged Role and Global Administrators approve; that is not judged here.
    """
    return """
        select named.scope, named.member, named.label, during(named), named.required as applies,
               not named.available as violated,
               case when named.available then 'there'
                    when named.kind = 'singleUser' then 'no enabled user has this id'
                    when named.kind = 'groupMembers' then 'no enabled user is in this group'
                    else 'an approver of kind ' || named.kind || ' has no id' end as because
        from entra_approver_found as named
    """
