from observant.checks.check import check


@check("aws-access-key-rotation", criteria=("CC6.1",), judges="aws_access_key", concerns="access keys")
def access_key_rotation() -> str:
    """Access keys are rotated on the documented schedule.

    **What it judges.** Every active access key, root's included, against the commitment `access_key_max_age` in force
    at that moment. A key is its user and its creation time; a rotated key is another key.

    **Why.** The longer a key lives, the more places hold a copy of it.

    **How to re-perform it by hand.** In the credential report take `access_key_1_last_rotated` (and `_2_`) of rows
    whose key is active, add the documented age: from that moment on the key is in violation.

    **What it cannot see.** Key ids, which the report does not hold. AWS calls the column "last rotated"; it is the
    creation time of the key in that slot. Without a documented age the verdict is unknown: nothing was promised.
    """
    return """
        select key.scope, key.member, key.label, during(key, promised), key.active as applies,
               key.created_at + promised.max_age as violated_from,
               'created ' || cast(key.created_at as varchar) || ', older than the documented '
                 || promised.max_age_in_words as because
        from aws_access_key as key
        join commitment_access_key_max_age as promised on overlaps(key, promised)
    """
