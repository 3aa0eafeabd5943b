"""`[[sources.cloudtrail]]` of `observant.toml`: where the providers' own logs lie."""

import re

import msgspec

from observant.app.located import Located

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+")


class CloudTrailSource(msgspec.Struct, frozen=True):
    """Where one trail delivers: a bucket, or a folder that somebody keeps a copy in."""

    bucket: str = ""
    prefix: str = ""
    """The trail's own key prefix, without `/` at its end."""
    folder: str = ""
    """Relative to the workspace."""
    profile: str = ""
    region: str = ""
    role: str = ""
    """ARN of a role to read the bucket through; empty for the caller."""
    external_id: str = ""

    @property
    def name(self) -> str:
        return f"cloudtrail {self.bucket or self.folder}"


_OPTIONAL = tuple(CloudTrailSource.__struct_fields__)


def read_cloudtrail(listed: Located | None) -> list[CloudTrailSource]:
    """Raises ConfigurationError naming the line."""
    read: list[CloudTrailSource] = []
    for each in listed.items("[[sources.cloudtrail]]") if listed is not None else []:
        keys = each.table("[[sources.cloudtrail]]", (), _OPTIONAL)
        source = CloudTrailSource(**{name: value.text(name) for name, value in keys.items()})
        if bool(source.bucket) == bool(source.folder):
            each.refuse("it must name one of bucket and folder", "write bucket = … or folder = …")
        if source.bucket and not _BUCKET.fullmatch(source.bucket):
            keys["bucket"].refuse(f"{source.bucket!r} is not the name of a bucket", "write the name, not the ARN")
        if source.role and not _ROLE.fullmatch(source.role):
            keys["role"].refuse(
                f"{source.role!r} is not the ARN of a role", "write arn:aws:iam::123456789012:role/NAME"
            )
        if any(source.name == earlier.name for earlier in read):
            each.refuse(f"{source.name} is read by an earlier source already", "name each bucket and folder once")
        read.append(msgspec.structs.replace(source, prefix=source.prefix.strip("/")))
    return read
