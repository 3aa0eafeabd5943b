"""The tables made from the collections of an Entra tenant."""

from observant.inventory.entra.directory import AUTHORIZATION_POLICY, REGISTRATION, TENANT, USER, USER_ACTIVITY
from observant.inventory.entra.groups import GROUP, GROUP_MEMBER, GROUP_OWNER, GROUP_READING
from observant.inventory.entra.roles import (
    GROUP_ASSIGNMENT,
    GROUP_ELIGIBILITY,
    ROLE,
    ROLE_ASSIGNMENT,
    ROLE_ELIGIBILITY,
    ROLE_GRANT,
)

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
)
