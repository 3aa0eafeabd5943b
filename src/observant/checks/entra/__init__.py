"""Checks of Entra tenants."""
