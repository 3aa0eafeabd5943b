"""The tables made from the collections of an Azure subscription."""

from observant.inventory.azure.activity import LOG_SETTING_EVENT
from observant.inventory.azure.subscription import (
    ROLE,
    ROLE_ASSIGNMENT,
    ROLE_ASSIGNMENT_INSTANCE,
    ROLE_ELIGIBILITY,
    SUBSCRIPTION,
)
from observant.inventory.destinations import log_tables
from observant.inventory.event_loss import loss_table

TABLES = (
    SUBSCRIPTION,
    ROLE,
    ROLE_ASSIGNMENT,
    ROLE_ASSIGNMENT_INSTANCE,
    ROLE_ELIGIBILITY,
    LOG_SETTING_EVENT,
    loss_table("azure", "azure.activity_log"),
    *log_tables("azure"),
)
