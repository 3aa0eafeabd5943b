"""The tables made from the collections of an Azure subscription."""

from observant.inventory.azure.subscription import (
    ROLE,
    ROLE_ASSIGNMENT,
    ROLE_ASSIGNMENT_INSTANCE,
    ROLE_ELIGIBILITY,
    SUBSCRIPTION,
)
from observant.inventory.destinations import log_tables

TABLES = (
    SUBSCRIPTION,
    ROLE,
    ROLE_ASSIGNMENT,
    ROLE_ASSIGNMENT_INSTANCE,
    ROLE_ELIGIBILITY,
    *log_tables("azure"),
)
