"""The tables made from an organization's collections."""

from observant.inventory.organization.identity_center import (
    ASSIGNMENT,
    INSTANCE,
    MANAGED_POLICY,
    PERMISSION_SET,
    PERMISSION_SET_POLICY,
)
from observant.inventory.organization.people import GROUP, MEMBERSHIP, PERSON
from observant.inventory.organization.policies import POLICY, POLICY_KIND, POLICY_TARGET
from observant.inventory.organization.tree import DELEGATE, NODE, ORGANIZATION, ROOT_ACCESS

TABLES = (
    ORGANIZATION,
    NODE,
    POLICY,
    POLICY_KIND,
    POLICY_TARGET,
    DELEGATE,
    ROOT_ACCESS,
    INSTANCE,
    PERMISSION_SET,
    PERMISSION_SET_POLICY,
    MANAGED_POLICY,
    ASSIGNMENT,
    PERSON,
    GROUP,
    MEMBERSHIP,
)
