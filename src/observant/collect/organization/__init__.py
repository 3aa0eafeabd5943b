"""The AWS organization: its tree, the policies on it, who administers it, and Identity Center.

Read from the management account or from an account that delegation lets read. Member accounts themselves are read by
`observant.collect.aws`.
"""

from observant.collect.organization.collector import COLLECTIONS, accounts_in, collect_organization

__all__ = ["COLLECTIONS", "accounts_in", "collect_organization"]
