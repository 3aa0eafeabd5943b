"""Where each kind of access that people review lives in the inventory, and how one sees that it is gone or changed."""

import msgspec


class Carrier(msgspec.Struct, frozen=True):
    """A table whose row versions carry what an access may do: one that begins or ends is a change of it."""

    table: str
    column: str
    """Names the member that the row is about."""


class Access(msgspec.Struct, frozen=True):
    """One kind of access."""

    kind: str
    concerns: str
    """What one of them is called."""
    table: str
    present: str
    """Condition on a row of `table` under which the access is there; NULL where that cannot be known."""
    carriers: tuple[Carrier, ...] = ()
    column: str = "member"
    """Names the member that a row of `table` is about."""

    @property
    def source(self) -> str:
        """The source whose scopes have it: tables are named after theirs."""
        return self.table.partition("_")[0]


_POLICIES = (Carrier("aws_attachment", "principal"), Carrier("aws_membership", "principal"))
_ROLES = (
    Carrier("entra_group_member", "principal"),
    Carrier("entra_role_assignment", "principal"),
    Carrier("entra_role_eligibility", "principal"),
)

ACCESS: dict[str, Access] = {
    one.kind: one
    for one in (
        Access("aws-user", "IAM user", "aws_user", "true", _POLICIES),
        Access("aws-role", "IAM role", "aws_role", "true", _POLICIES),
        Access("aws-root", "root user", "aws_credential", "is_root"),
        Access("aws-access-key", "access key", "aws_access_key", "active"),
        Access("entra-member", "member account", "entra_user", "enabled and user_type = 'Member'", _ROLES),
        Access("entra-guest", "guest account", "entra_user", "enabled and user_type = 'Guest'", _ROLES),
        Access(
            "entra-disabled",
            "disabled account that still holds a role",
            "entra_privileged_holder",
            "true",
            column="principal",
        ),
        Access("entra-service-principal", "service principal", "entra_service_principal", "enabled", _ROLES),
        Access("entra-role", "directory role held", "entra_role_assignment", "true"),
        Access("entra-eligibility", "directory role that may be activated", "entra_role_eligibility", "true"),
        Access("organization-assignment", "account reached through Identity Center", "organization_assignment", "true"),
        Access("azure-role", "Azure role held", "azure_role_assignment", "true"),
        Access("azure-eligibility", "Azure role that may be activated", "azure_role_eligibility", "true"),
    )
}
