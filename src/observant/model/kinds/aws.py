"""Promises about AWS accounts."""

from observant.model.commitment import (
    SHORTEST_IDLE,
    a_duration,
    a_flag,
    a_number,
    patterns,
    promise,
    resources,
    statements,
)

KINDS = (
    promise(
        "access_key_max_age",
        "access keys are rotated",
        max_age=a_duration("oldest age an active access key may reach"),
    ),
    promise(
        "unused_access_key",
        "access keys nobody uses are deactivated",
        max_idle=a_duration("longest time an active key may go without use", at_least=SHORTEST_IDLE),
    ),
    promise(
        "access_key_overlap",
        "a user has one active access key, and two only while rotating",
        max_overlap=a_duration("longest time two keys of one user may both be active"),
    ),
    promise(
        "never_used_credential",
        "credentials that were never used are removed",
        max_unused=a_duration("longest time after creation in which a credential may stay unused"),
    ),
    promise(
        "inactive_user",
        "users without any activity are removed",
        max_idle=a_duration(
            "longest time since the last sign-in or key use, from creation if there was none",
            at_least=SHORTEST_IDLE,
        ),
    ),
    promise(
        "unused_role",
        "roles that nobody assumes are removed",
        max_idle=a_duration(
            "longest time since the role was last assumed, from creation if it never was", at_least=SHORTEST_IDLE
        ),
    ),
    promise(
        "analyzer_findings",
        "findings of Access Analyzer are resolved or archived",
        max_open=a_duration("longest time that a finding may stay open"),
    ),
    promise(
        "password_policy",
        "the account password policy is at least this strong",
        minimum_length=a_number("fewest characters"),
        reuse_prevention=a_number("how many earlier passwords may not be used again"),
        max_age=a_duration("longest life of a password", required=False),
        require_uppercase=a_flag("an upper-case letter is required"),
        require_lowercase=a_flag("a lower-case letter is required"),
        require_numbers=a_flag("a digit is required"),
        require_symbols=a_flag("a symbol is required"),
    ),
    promise(
        "administrators",
        "only named principals hold unrestricted access",
        optional=True,
        allowed=patterns("ARNs of principals, `*` allowed, that may hold `*` on `*`"),
    ),
    promise(
        "access_statements",
        "principals may do what is written, and nothing else",
        optional=True,
        statements=statements(
            "sentences such as `arn:aws:iam::*:role/developer-* may s3:Get* on arn:aws:s3:::prod-*`, "
            "`… may policy ARN`, `only arn:aws:iam::*:role/platform-* may iam:*`"
        ),
    ),
    promise(
        "sensitive_data",
        "only named principals take sensitive data out",
        resources=resources(
            "ARNs of what is sensitive, `*` allowed: a bucket with its objects is `arn:aws:s3:::payroll-*`, a secret "
            "`arn:aws:secretsmanager:*:*:secret:prod/*`"
        ),
        readers=patterns("ARNs of principals, `*` allowed, that may read it or share it"),
    ),
    promise(
        "trusted_accounts",
        "only named accounts outside may assume roles",
        optional=True,
        allowed=patterns("account numbers or ARNs as trust policies write them, `*` allowed, of outside accounts"),
    ),
    promise(
        "trail_retention",
        "logs of CloudTrail are kept",
        keep=a_duration("how long, at every place they go to"),
        short_lived=patterns("ARNs of log groups, `*` allowed, that are copies for searching", required=False),
    ),
    promise(
        "sensitive_buckets",
        "access to objects in sensitive buckets is recorded",
        buckets=patterns("names of buckets, `*` allowed"),
        reads_are_exempt=a_flag("only writes are recorded"),
    ),
    promise("trail_encryption", "log files of CloudTrail are encrypted with a key of the company"),
    promise("organization_trail", "a trail of the organization records every account"),
    promise(
        "trail_delivery",
        "trails deliver what they record",
        max_silence=a_duration("longest time between two deliveries"),
    ),
)
