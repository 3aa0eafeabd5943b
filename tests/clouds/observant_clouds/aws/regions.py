"""The regions of an account. moto tells every region that there is, those of other partitions included."""

from typing import Any

from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend

_SWITCHED_ON = {
    *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2"),
    *("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3"),
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2"),
    *("ca-central-1", "sa-east-1"),
}
"""Those that need no opt-in (AWS Account Management guide, "Enable or disable AWS Regions")."""


def _describe_regions(self: Any, region_names: list[str] | None = None) -> list[Any]:
    wanted = _SWITCHED_ON & set(region_names) if region_names else _SWITCHED_ON
    return [region for region in self.regions if region.name in wanted]


PATCHES = ((RegionsAndZonesBackend, "describe_regions", _describe_regions),)
"""(owner, name, replacement) of what moto does otherwise."""
