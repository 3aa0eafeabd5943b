"""AWS on loopback: moto, with what AWS does and moto does not, a controlled clock, and faults on demand."""

from observant_clouds.aws.inprocess import DEFAULT_ACCOUNT, DEFAULT_START, Cloud, access_key, cloud
from observant_clouds.aws.organization import Organization
from observant_clouds.aws.server import Control, process, server
from observant_clouds.aws.traffic import Fault, Traffic
from observant_clouds.aws.world import Account, Key, When, statement

__all__ = [
    "DEFAULT_ACCOUNT",
    "DEFAULT_START",
    "Account",
    "Cloud",
    "Control",
    "Fault",
    "Key",
    "Organization",
    "Traffic",
    "When",
    "access_key",
    "cloud",
    "process",
    "server",
    "statement",
]
