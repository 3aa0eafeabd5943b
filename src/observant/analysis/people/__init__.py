"""Who stands behind which account."""
