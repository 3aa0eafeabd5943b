from observant.analysis.review_actions import table_of
from observant.checks.check import Check, check

_PAGE = """What access reviews decided is done in time.

    **What it judges.** Every decision to revoke or change, signed in an access review, against the commitment
    `access_review_actions`. A revocation is done when a complete snapshot no longer shows the access; a change is done
    when one shows other permissions than those that were judged. Access that comes back after it was gone fails at
    once.

    **Why.** A closed ticket says that somebody meant to do it. Only the systems themselves say that it was done.

    **How to re-perform it by hand.** In the signed artifact take the rows decided `revoke` or `change`; look for the
    same member in the later snapshots; count from the decision to the first one without it.

    **What it cannot see.** Whether a change was the one that was meant. Permissions that change inside a policy or a
    group, while the attachments stay as they are, do not count as changed.
    """


def _sql(source: str) -> str:
    return """
        select asked.scope, asked.member, asked.label, during(asked, promised), true as applies,
               case when asked.returned then asked.valid_from else asked.decided_at + promised.within
               end as violated_from,
               case when asked.returned then 'access is there again after it was gone'
                    else 'decided by ' || asked.decided_by || ' on ' || cast(asked.decided_at as varchar)
                         || ' and still so after the documented ' || promised.within_in_words
               end as because
        from {table} as asked
        join commitment_access_review_actions as promised on overlaps(asked, promised)
    """.replace("{table}", table_of(source))


def _actions(source: str) -> Check:
    def asked() -> str:
        return _sql(source)

    asked.__doc__ = _PAGE
    made = check(
        f"{source}-review-actions", criteria=("CC6.2", "CC6.3"), judges=table_of(source), concerns="review decisions"
    )
    return made(asked)


AWS = _actions("aws")
ENTRA = _actions("entra")
ORGANIZATION = _actions("organization")
AZURE = _actions("azure")
