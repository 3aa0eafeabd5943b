"""Which requirement of other frameworks a check speaks to, each edge with where it comes from.

A crosswalk is an opinion. Every edge names its source, and `derived` means that it is ours and that nobody has reviewed
it. Numbers of CIS benchmarks mean nothing without the version, so the version is part of the framework's name. Texts of
the frameworks are not shipped: ids only.

Edges are written by theme, the question behind several checks; a check has one theme. What no check speaks to is not
claimed: `observant frameworks FRAMEWORK` lists what is, and says nothing of the rest.
"""

import msgspec

SOURCES: dict[str, str] = {
    "P": "Prowler's compliance files (Apache-2.0), for the check on the same question",
    "S": "steampipe's SOC 2 mapping, which follows AWS Audit Manager's",
    "I": "intuitem's mapping of SOC 2 criteria to ISO 27001:2022, criterion by criterion",
    "N1": "NIST's mapping of SP 800-53 rev. 5 to ISO 27001:2022",
    "N2": "NIST's mapping of CSF 2.0 to ISO 27001:2022",
    "T": "the points of focus of the 2017 Trust Services Criteria as revised in 2022",
    "derived": "derived by us from the wording; reviewed by nobody",
}
"""Code of a source -> what it is."""

FRAMEWORKS: dict[str, str] = {
    "iso-27001-2022": "ISO/IEC 27001:2022 Annex A",
    "nist-800-53r5": "NIST SP 800-53 rev. 5",
    "csf-2.0": "NIST Cybersecurity Framework 2.0",
    "cis-aws-3.0": "CIS Amazon Web Services Foundations 3.0",
    "cis-aws-5.0": "CIS Amazon Web Services Foundations 5.0",
    "cis-aws-7.0": "CIS Amazon Web Services Foundations 7.0",
    "cis-azure-5.0": "CIS Microsoft Azure Foundations 5.0",
    "cis-m365-7.0": "CIS Microsoft 365 Foundations 7.0",
}
"""Id -> name. The Trust Services Criteria stand at each check itself."""


class Edge(msgspec.Struct, frozen=True, order=True):
    """A theme speaks to one requirement."""

    framework: str
    requirement: str
    source: str


class Theme(msgspec.Struct, frozen=True):
    """The question behind some checks."""

    name: str
    checks: tuple[str, ...]
    edges: tuple[Edge, ...]


def theme(name: str, checks: str, **edges: str) -> Theme:
    """`edges`: framework with underscores -> `requirement:source` separated by spaces."""
    read = [
        Edge(_FRAMEWORK[keyword], *written.rsplit(":", 1))
        for keyword, each in edges.items()
        for written in each.split()
    ]
    return Theme(name, tuple(checks.split()), tuple(read))


_FRAMEWORK = {
    "iso": "iso-27001-2022",
    "nist": "nist-800-53r5",
    "csf": "csf-2.0",
    "aws3": "cis-aws-3.0",
    "aws5": "cis-aws-5.0",
    "aws7": "cis-aws-7.0",
    "azure5": "cis-azure-5.0",
    "m365": "cis-m365-7.0",
}
