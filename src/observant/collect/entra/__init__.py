"""Entra ID: who is in the tenant, who holds which role, what Conditional Access asks of whom, and what is logged."""

from observant.collect.entra.collector import COLLECTIONS, collect_tenant

__all__ = ["COLLECTIONS", "collect_tenant"]
