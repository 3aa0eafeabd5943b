"""Promises about AWS organizations and Identity Center."""

from observant.model.commitment import a_duration, a_flag, patterns, promise

KINDS = (
    promise(
        "permission_set_session",
        "a session in an AWS account ends after a while",
        max_session=a_duration("longest session that a permission set may give"),
    ),
    promise(
        "admin_permission_sets",
        "only named permission sets give unrestricted access",
        optional=True,
        allowed=patterns("names of permission sets, `*` allowed, that may give `*` on `*`"),
    ),
    promise(
        "account_administrators",
        "only named people are administrators of accounts through Identity Center",
        optional=True,
        allowed=patterns("`USER ACCOUNT`, `*` allowed, such as `ada@example.com 333344445555`, by user name"),
    ),
    promise(
        "mfa_boundary",
        "users without MFA are stopped at the boundary of every account",
        optional=True,
        except_access_keys=a_flag("requests signed with access keys need no MFA"),
    ),
    promise(
        "delegated_administrators",
        "only named accounts administer services for the whole organization",
        allowed=patterns("`ACCOUNT SERVICE`, `*` allowed, such as `333344445555 cloudtrail.amazonaws.com`"),
    ),
)
