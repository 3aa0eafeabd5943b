from observant.checks.check import check


@check("aws-root-access-keys", criteria=("CC6.1", "CC6.3"), judges="aws_credential", concerns="root users")
def root_access_keys() -> str:
    """The root user has no active access key.

    **What it judges.** The root user of every account, as the row `<root_account>` of the credential report shows it.

    **Why.** A root key works from anywhere, without a second factor, and no policy in the account can limit it. There
    is no task for which a company needs one permanently.

    **How to re-perform it by hand.** Download the credential report (`aws iam get-credential-report`), find the row
    `<root_account>` and read `access_key_1_active` and `access_key_2_active`: both must be `false`. The account summary
    (`aws iam get-account-summary`, `AccountAccessKeysPresent`) should agree.

    **What it cannot see.** A key that was created and deleted again between two snapshots; the report itself may be up
    to four hours old. An inactive root key passes, since it cannot be used.
    """
    return """
        select root.scope, root.member, root.label, during(root), root.is_root as applies,
               false as violated, 'no active root access key' as because
        from aws_credential as root
        union all
        select root.scope, root.member, root.label, during(key, root), root.is_root, key.active,
               'an access key of the root user is active, created '
                 || coalesce(cast(key.created_at as varchar), 'at an unknown time')
        from aws_access_key as key
        join aws_credential as root on root.scope = key.scope and root.member = key.owner and overlaps(key, root)
    """
