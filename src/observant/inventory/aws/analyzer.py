"""IAM Access Analyzer: its analyzers, where they were looked for, and what they found that is open."""

from collections.abc import Iterator

from observant.evidence.snapshot import Json
from observant.inventory.table import Reading, Row, Table, number_of, text_of, time_of

_ASKED = "#asked"
_KINDS = {
    "ACCOUNT": ("external", False),
    "ORGANIZATION": ("external", True),
    "ACCOUNT_UNUSED_ACCESS": ("unused", False),
    "ORGANIZATION_UNUSED_ACCESS": ("unused", True),
    "ACCOUNT_INTERNAL_ACCESS": ("internal", False),
    "ORGANIZATION_INTERNAL_ACCESS": ("internal", True),
}
"""Type, as AWS says it -> (what it looks for, whether in the whole organization)."""

_FOUND = {
    "ExternalAccess": "external access",
    "UnusedIAMRole": "unused role",
    "UnusedIAMUserAccessKey": "unused access key",
    "UnusedIAMUserPassword": "unused password",
    "UnusedPermission": "unused permissions",
    "InternalAccess": "internal access",
}


def _analyzer(urn: str, analyzer: Json) -> Iterator[Row]:
    region = text_of(analyzer.get("Region"))
    if urn.endswith(_ASKED):
        if "Unread" in analyzer:
            yield Row(member=urn, label=f"analyzers in {region}", values=(region, None, None, None, None))
        return
    kind, organization = _KINDS.get(str(analyzer.get("type")), (None, None))
    status = text_of(analyzer.get("status"))
    settings = analyzer.get("configuration")
    unused = settings.get("unusedAccess") if isinstance(settings, dict) else None
    age = number_of(unused.get("unusedAccessAge")) if isinstance(unused, dict) else None
    yield Row(
        member=urn,
        label=f"analyzer {text_of(analyzer.get('name')) or urn}",
        values=(region, kind, organization, None if status is None else status == "ACTIVE", age),
        born=time_of(analyzer.get("createdAt")),
    )


ANALYZER = Table(
    name="aws_analyzer",
    about=(
        "Analyzers of IAM Access Analyzer in the regions that were asked. `kind`: external, unused or internal access; "
        "`organization`: it looks at every account of the organization; `unused_days`: what it takes for unused. A row "
        "whose `kind` is NULL stands for all of a region that refused, or for a type that is not known."
    ),
    columns={
        "region": "VARCHAR",
        "kind": "VARCHAR",
        "organization": "BOOLEAN",
        "active": "BOOLEAN",
        "unused_days": "BIGINT",
    },
    readings=(Reading("accessanalyzer.analyzers", "configuration", _analyzer),),
)


def _region(urn: str, asked: Json) -> Iterator[Row]:
    if urn.endswith(_ASKED):
        yield Row(member=urn.removesuffix(_ASKED), label=urn.removesuffix(_ASKED), values=("Unread" not in asked,))


ANALYZER_REGION = Table(
    name="aws_analyzer_region",
    about="Regions in which analyzers were looked for: that of the session and those of the trails.",
    columns={"answered": "BOOLEAN"},
    readings=(Reading("accessanalyzer.analyzers", "configuration", _region),),
)


def _finding(urn: str, finding: Json) -> Iterator[Row]:
    if "Unread" in finding:
        about = text_of(finding.get("arn")) or urn
        yield Row(member=urn, label=f"findings of {about}", values=(about, None, None, None, None, None))
        return
    type_ = text_of(finding.get("findingType"))
    kind = _FOUND.get(type_, type_) if type_ is not None else None
    created = time_of(finding.get("createdAt"))
    resource = text_of(finding.get("resource"))
    yield Row(
        member=urn,
        label=f"{kind or 'something'} of {resource or 'a resource that was not named'}",
        values=(
            text_of(finding.get("analyzerArn")),
            kind,
            resource,
            text_of(finding.get("resourceType")),
            text_of(finding.get("resourceOwnerAccount")),
            created,
        ),
        born=created,
    )


ANALYZER_FINDING = Table(
    name="aws_analyzer_finding",
    about=(
        "Open findings of Access Analyzer: neither archived nor resolved. `kind`: external access, unused role, unused "
        "access key, unused password, unused permissions. A row whose `kind` is NULL stands for findings that could "
        "not be listed."
    ),
    columns={
        "analyzer": "VARCHAR",
        "kind": "VARCHAR",
        "resource": "VARCHAR",
        "resource_type": "VARCHAR",
        "owner_account": "VARCHAR",
        "created_at": "TIMESTAMP",
    },
    readings=(Reading("accessanalyzer.findings", "configuration", _finding),),
)
