"""Identity Center: the instance, its permission sets and who is assigned which of them in which account."""

from collections.abc import Callable, Iterator

from observant.collect.aws.paging import instead, listed
from observant.collect.aws.part import Declaration, Part, Reading
from observant.collect.aws.unread import Unread
from observant.collect.shapes.authorization import decoded
from observant.evidence.snapshot import Collection, Entity, GapReason, Json

INSTANCES_COLLECTION = "sso.instances"
SETS_COLLECTION = "sso.permission_sets"
SSO = "sso-admin"
PAGE = 100


def _instances(reading: Reading) -> Iterator[Collection]:
    """Identity Center lives in one region, and every other region says there is none: so look until it is found."""
    first = reading.session.region
    found = _instances_in(reading, first)
    refused: list[Unread] = []
    for region in () if found else _other_regions(reading, first):
        try:
            found = _instances_in(reading, region)
        except Unread as unread:
            refused.append(unread)
        if found:
            break
    if not found and refused:
        one = refused[0]
        raise Unread(one.reason, f"none in the regions that answer; {len(refused)} do not: {one.detail}", one.code)
    yield Collection(INSTANCES_COLLECTION, found)


def _instances_in(reading: Reading, region: str) -> list[Entity]:
    instances = listed(reading, SSO, "ListInstances", "Instances", region)
    return [Entity(one["InstanceArn"], {**one, "Region": region}) for one in instances]


def _other_regions(reading: Reading, first: str) -> list[str]:
    regions = reading.call("ec2", "DescribeRegions")["Regions"]
    return sorted(region["RegionName"] for region in regions if region["RegionName"] != first)


def instances(reading: Reading) -> Iterator[tuple[Json, str]]:
    """(instance, its region). Raises Unread when it is not known whether there is one."""
    for instance in reading.need(INSTANCES_COLLECTION).entities:
        yield instance.configuration, instance.configuration["Region"]


def _permission_sets(reading: Reading) -> Iterator[Collection]:
    found: list[Entity] = []
    for instance, region in instances(reading):
        arn = instance["InstanceArn"]
        found += [
            _permission_set(reading, region, {"InstanceArn": arn, "PermissionSetArn": named})
            for named in listed_texts(reading, "ListPermissionSets", "PermissionSets", region, InstanceArn=arn)
        ]
    yield Collection(SETS_COLLECTION, found)


def listed_texts(reading: Reading, operation: str, field: str, region: str, **parameters: object) -> list[str]:
    """A listing whose items are plain texts."""
    return [
        str(one) for one in listed(reading, SSO, operation, field, region, "NextToken", MaxResults=PAGE, **parameters)
    ]


def _permission_set(reading: Reading, region: str, named: Json) -> Entity:
    """One permission set. Each of its parts that was refused says so in its own place."""

    def whole(operation: str, field: str) -> Callable[[], object]:
        return lambda: reading.session.call(SSO, operation, region, **named).get(field)

    def every(operation: str, field: str) -> Callable[[], object]:
        return lambda: listed(reading, SSO, operation, field, region, MaxResults=PAGE, **named)

    configuration: Json = dict(named)
    described = _or_unread(whole("DescribePermissionSet", "PermissionSet"))
    configuration.update(described if isinstance(described, dict) else {})
    configuration["ManagedPolicies"] = _or_unread(
        every("ListManagedPoliciesInPermissionSet", "AttachedManagedPolicies")
    )
    configuration["CustomerManagedPolicies"] = _or_unread(
        every("ListCustomerManagedPolicyReferencesInPermissionSet", "CustomerManagedPolicyReferences")
    )
    configuration["InlinePolicy"] = _or_unread(whole("GetInlinePolicyForPermissionSet", "InlinePolicy"))
    configuration["PermissionsBoundary"] = _boundary(reading, region, named)
    return Entity(named["PermissionSetArn"], configuration)


def _or_unread(read: Callable[[], object]) -> object:
    try:
        return read()
    except Unread as unread:
        return instead(unread)


def _boundary(reading: Reading, region: str, named: Json) -> object:
    """Null when there is none, for which AWS answers that the resource is not found."""
    try:
        answer = reading.session.call(SSO, "GetPermissionsBoundaryForPermissionSet", region, **named)
        return answer.get("PermissionsBoundary")
    except Unread as unread:
        return None if unread.code == "ResourceNotFoundException" else instead(unread)


def _assignments(reading: Reading) -> Iterator[Collection]:
    """Only accounts in which a permission set is provisioned can have assignments of it."""
    found: list[Entity] = []
    for permission_set in reading.need(SETS_COLLECTION).entities:
        named = {key: permission_set.configuration[key] for key in ("InstanceArn", "PermissionSetArn")}
        region = _region_of(reading, named["InstanceArn"])
        for account in listed_texts(reading, "ListAccountsForProvisionedPermissionSet", "AccountIds", region, **named):
            found += _assigned(reading, region, {**named, "AccountId": account})
    yield Collection("sso.assignments", found)


def _region_of(reading: Reading, arn: str) -> str:
    return next(region for instance, region in instances(reading) if instance["InstanceArn"] == arn)


def _assigned(reading: Reading, region: str, named: Json) -> list[Entity]:
    where = f"{named['AccountId']} {named['PermissionSetArn']}"
    try:
        assigned = listed(
            reading, SSO, "ListAccountAssignments", "AccountAssignments", region, MaxResults=PAGE, **named
        )
    except Unread as unread:
        told = {key: named[key] for key in ("AccountId", "PermissionSetArn")}
        return [Entity(f"{where} every", {**told, **instead(unread)})]
    return [Entity(f"{where} {one['PrincipalType']} {one['PrincipalId']}", one) for one in assigned]


def _managed_policies(reading: Reading) -> Iterator[Collection]:
    """The documents of the AWS managed policies that permission sets name; any account may read those."""
    named = {
        policy["Arn"]
        for one in reading.need(SETS_COLLECTION).entities
        if isinstance(one.configuration["ManagedPolicies"], list)
        for policy in one.configuration["ManagedPolicies"]
    }
    yield Collection("sso.managed_policies", [_managed_policy(reading, arn) for arn in sorted(named)])


def _managed_policy(reading: Reading, arn: str) -> Entity:
    try:
        policy = reading.call("iam", "GetPolicy", PolicyArn=arn)["Policy"]
        version = policy["DefaultVersionId"]
        answer = reading.call("iam", "GetPolicyVersion", PolicyArn=arn, VersionId=version)["PolicyVersion"]
    except Unread as unread:
        return Entity(arn, {"Arn": arn, **instead(unread)})
    document = answer.get("Document")
    if not isinstance(document, str):
        raise Unread(GapReason.FAILED, f"iam:GetPolicyVersion: {arn} came without a document")
    return Entity(arn, {"Arn": arn, "DefaultVersionId": version, "Document": decoded(document)})


INSTANCES = Part(
    Declaration(
        (INSTANCES_COLLECTION,),
        {"ListInstances": ("sso:ListInstances",), "DescribeRegions": ("ec2:DescribeRegions",)},
    ),
    _instances,
)

PERMISSION_SETS = Part(
    Declaration(
        (SETS_COLLECTION,),
        {
            operation: (f"sso:{operation}",)
            for operation in (
                "ListPermissionSets",
                "DescribePermissionSet",
                "ListManagedPoliciesInPermissionSet",
                "ListCustomerManagedPolicyReferencesInPermissionSet",
                "GetInlinePolicyForPermissionSet",
                "GetPermissionsBoundaryForPermissionSet",
            )
        },
    ),
    _permission_sets,
)

ASSIGNMENTS = Part(
    Declaration(
        ("sso.assignments",),
        {
            "ListAccountsForProvisionedPermissionSet": ("sso:ListAccountsForProvisionedPermissionSet",),
            "ListAccountAssignments": ("sso:ListAccountAssignments",),
        },
    ),
    _assignments,
)

MANAGED_POLICIES = Part(
    Declaration(
        ("sso.managed_policies",),
        {"GetPolicy": ("iam:GetPolicy",), "GetPolicyVersion": ("iam:GetPolicyVersion",)},
    ),
    _managed_policies,
)
