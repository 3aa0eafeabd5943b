"""Virtual MFA devices as entities."""

from observant.evidence.snapshot import Entity, Json

_NEVER_KEPT = ("Base32StringSeed", "QRCodePNG")


def device_of(device: Json) -> Entity:
    """A virtual device and its owner; the seed never enters evidence, the owner's last sign-in is usage."""
    kept = {key: value for key, value in device.items() if key not in _NEVER_KEPT}
    owner = kept.get("User")
    if owner is None:
        return Entity(device["SerialNumber"], kept)
    usage = {key: owner[key] for key in ("PasswordLastUsed",) if key in owner}
    kept["User"] = {key: value for key, value in owner.items() if key not in usage}
    return Entity(device["SerialNumber"], kept, usage or None)
