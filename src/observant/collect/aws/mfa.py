"""MFA devices: virtual ones from one listing; hardware and FIDO ones only from a call for each of their users."""

from collections.abc import Iterator

from observant.collect.aws.part import Declaration, Part, Reading, pages
from observant.collect.aws.unread import Unread
from observant.collect.shapes.devices import device_of
from observant.evidence.snapshot import Collection, Entity, GapReason, Json

MOST_USERS_ASKED = 25
"""AWS throttles IAM for the whole account; a collector must not starve the people who work there."""


def _virtual(reading: Reading) -> Iterator[Collection]:
    listed = pages(reading, "ListVirtualMFADevices")
    devices = [device_of(device) for page in listed for device in page["VirtualMFADevices"]]
    yield Collection("iam.virtual_mfa_devices", devices)


def owners(devices: Collection) -> set[str]:
    """ARNs of the users who own a virtual device."""
    owned = (device.configuration.get("User") or {} for device in devices.entities)
    return {user["Arn"] for user in owned if "Arn" in user}


def _other(reading: Reading) -> Iterator[Collection]:
    report = reading.need("iam.credential_report")
    virtual = owners(reading.need("iam.virtual_mfa_devices"))
    asked = [
        row.configuration["user"]
        for row in report.entities
        if row.configuration["mfa_active"] == "true" and row.urn not in virtual and row.urn != reading.root
    ]
    if len(asked) > MOST_USERS_ASKED:
        detail = f"{len(asked)} users have hardware or FIDO devices; at most {MOST_USERS_ASKED} users are asked for"
        raise Unread(GapReason.NOT_ATTEMPTED, detail)
    devices = [device for user in asked for device in _devices_of(reading, user)]
    yield Collection("iam.mfa_devices", [Entity(device["SerialNumber"], device) for device in devices])


def _devices_of(reading: Reading, user: str) -> list[Json]:
    try:
        return [device for page in pages(reading, "ListMFADevices", UserName=user) for device in page["MFADevices"]]
    except Unread as unread:
        if unread.code == "NoSuchEntity":  # deleted since the report was generated
            return []
        raise


VIRTUAL_MFA = Part(
    Declaration(("iam.virtual_mfa_devices",), {"ListVirtualMFADevices": ("iam:ListVirtualMFADevices",)}), _virtual
)

OTHER_MFA = Part(Declaration(("iam.mfa_devices",), {"ListMFADevices": ("iam:ListMFADevices",)}), _other)
