"""The tables made from AWS collections."""

from observant.inventory.aws.account import ACCOUNT, PASSWORD_POLICY
from observant.inventory.aws.analyzer import ANALYZER, ANALYZER_FINDING, ANALYZER_REGION
from observant.inventory.aws.credentials import (
    ACCESS_KEY,
    ACCESS_KEY_USAGE,
    CREDENTIAL,
    CREDENTIAL_USAGE,
    MFA_DEVICE,
    ROOT_USAGE,
)
from observant.inventory.aws.logs import BUCKET, EVENT_DATA_STORE, LOG_GROUP, REGION, TRAIL_BUCKET, TRAIL_DELIVERY
from observant.inventory.aws.policies import ATTACHMENT, MANAGED_POLICY
from observant.inventory.aws.principals import GROUP, MEMBERSHIP, ROLE, ROLE_USAGE, USER, USER_TAG
from observant.inventory.aws.trails import PUBLIC_KEY, TRAIL, TRAIL_SELECTOR, TRAIL_STATUS

TABLES = (
    ACCOUNT,
    PASSWORD_POLICY,
    CREDENTIAL,
    CREDENTIAL_USAGE,
    ROOT_USAGE,
    ACCESS_KEY,
    ACCESS_KEY_USAGE,
    MFA_DEVICE,
    USER,
    USER_TAG,
    MEMBERSHIP,
    GROUP,
    ROLE,
    ROLE_USAGE,
    ATTACHMENT,
    MANAGED_POLICY,
    TRAIL,
    TRAIL_STATUS,
    TRAIL_SELECTOR,
    TRAIL_DELIVERY,
    REGION,
    BUCKET,
    TRAIL_BUCKET,
    LOG_GROUP,
    EVENT_DATA_STORE,
    PUBLIC_KEY,
    ANALYZER,
    ANALYZER_REGION,
    ANALYZER_FINDING,
)
