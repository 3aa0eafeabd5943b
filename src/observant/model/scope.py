"""One unit of a source: an AWS account, an organization, a tenant, a subscription."""

from typing import NamedTuple


class Scope(NamedTuple):
    """Written `source:identifier`, for example `aws:123456789012`."""

    source: str
    identifier: str

    def __str__(self) -> str:
        return f"{self.source}:{self.identifier}"

    @classmethod
    def parse(cls, written: str) -> "Scope":
        """Read `source:identifier`; raises ValueError when either half is missing."""
        source, _, identifier = written.partition(":")
        if not source or not identifier:
            raise ValueError(f"{written!r} is not of the form source:identifier")
        return cls(source, identifier)
