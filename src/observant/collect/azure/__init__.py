"""Azure: who holds which role on subscriptions, and where their logs and the tenant's logs go and for how long."""

from observant.collect.azure.authorization import groups_in
from observant.collect.azure.collector import COLLECTIONS, collect_subscription, unreadable
from observant.collect.azure.subscriptions import visible

__all__ = ["COLLECTIONS", "collect_subscription", "groups_in", "unreadable", "visible"]
