"""The tables made from the collections of an Azure subscription."""

from observant.inventory.azure.pim_rules import AZURE_ROLE_RULE
from observant.inventory.azure.subscription import (
    ROLE,
    ROLE_ASSIGNMENT,
    ROLE_ASSIGNMENT_INSTANCE,
    ROLE_ELIGIBILITY,
    SUBSCRIPTION,
)
from observant.inventory.destinations import log_tables
from observant.inventory.event_loss import loss_table
from observant.inventory.log_setting_events import log_setting_events
from observant.inventory.microsoft_changes import AZURE_CHANGE
from observant.inventory.retention_events import RETENTION_EVENT

TABLES = (
    SUBSCRIPTION,
    ROLE,
    ROLE_ASSIGNMENT,
    ROLE_ASSIGNMENT_INSTANCE,
    ROLE_ELIGIBILITY,
    AZURE_ROLE_RULE,
    AZURE_CHANGE,
    log_setting_events("azure"),
    RETENTION_EVENT,
    loss_table("azure", "azure.activity_log"),
    *log_tables("azure"),
)
