from observant.checks.alike import setting_removed
from observant.checks.check import check


@check(
    "entra-log-setting-removed",
    criteria=("CC7.1", "CC7.2"),
    judges="entra_tenant",
    concerns="tenants",
)
def log_setting_removed() -> str:
    """Nobody deleted a diagnostic setting of the tenant.

    **What it judges.** Each deletion of a diagnostic setting of the tenant, which says where sign-in and audit logs go,
    that the tenant's activity log tells of. The verdict fails for the 24 hours from each one on.

    **Why.** A setting that is deleted in the evening and made again in the morning is in no snapshot. What happened in
    that night is in no log.

    **How to re-perform it by hand.** `GET /providers/Microsoft.Insights/eventtypes/management/values?$filter=…`:
    operation `microsoft.aadiam/diagnosticSettings/delete`, status `Succeeded`.

    **What it cannot see.** A setting that was changed to send less, and changed back: see `entra-log-weakened` for what
    snapshots saw. Whether a deletion was agreed on.
    """
    return setting_removed("entra_tenant", "entra_log_setting_event")
