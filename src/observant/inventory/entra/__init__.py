"""The tables made from the collections of an Entra tenant."""

from observant.inventory.azure.management_groups import MANAGEMENT_GROUP
from observant.inventory.destinations import log_tables
from observant.inventory.entra import conditional_access
from observant.inventory.entra.activations import ACTIVATION_EVENT
from observant.inventory.entra.app_permissions import APP_PERMISSION
from observant.inventory.entra.applications import APPLICATION, CREDENTIAL, OWNER, SERVICE_PRINCIPAL
from observant.inventory.entra.directory import AUTHORIZATION_POLICY, REGISTRATION, TENANT, USER, USER_ACTIVITY
from observant.inventory.entra.groups import GROUP, GROUP_MEMBER, GROUP_OWNER, GROUP_READING
from observant.inventory.entra.pim_rules import APPROVER, GROUP_RULE, ROLE_RULE
from observant.inventory.entra.reviews import ACCESS_REVIEW_DECISION, ACCESS_REVIEW_INSTANCE
from observant.inventory.entra.roles import (
    GROUP_ASSIGNMENT,
    GROUP_ELIGIBILITY,
    ROLE,
    ROLE_ASSIGNMENT,
    ROLE_ELIGIBILITY,
    ROLE_GRANT,
)
from observant.inventory.event_loss import loss_table
from observant.inventory.log_setting_events import log_setting_events
from observant.inventory.microsoft_changes import ENTRA_CHANGE

TABLES = (
    TENANT,
    USER,
    USER_ACTIVITY,
    REGISTRATION,
    AUTHORIZATION_POLICY,
    GROUP,
    GROUP_MEMBER,
    GROUP_READING,
    GROUP_OWNER,
    ROLE,
    ROLE_GRANT,
    ROLE_ASSIGNMENT,
    ROLE_ELIGIBILITY,
    GROUP_ASSIGNMENT,
    GROUP_ELIGIBILITY,
    ROLE_RULE,
    GROUP_RULE,
    APPROVER,
    APPLICATION,
    SERVICE_PRINCIPAL,
    APP_PERMISSION,
    CREDENTIAL,
    OWNER,
    ACCESS_REVIEW_INSTANCE,
    ACCESS_REVIEW_DECISION,
    MANAGEMENT_GROUP,
    *conditional_access.TABLES,
    ACTIVATION_EVENT,
    ENTRA_CHANGE,
    log_setting_events("entra"),
    loss_table("entra", "entra.directory_audits", "entra.activity_log"),
    *log_tables("entra"),
)
