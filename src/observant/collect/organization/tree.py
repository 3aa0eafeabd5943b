"""The organization, its roots, organizational units and accounts, and to whom its administration is delegated."""

from collections.abc import Iterator

from observant.collect.aws.paging import instead, listed
from observant.collect.aws.part import Declaration, Part, Reading
from observant.collect.aws.unread import Unread
from observant.evidence.snapshot import Collection, Entity, GapReason, Json, Reconciliation

ORGANIZATION_COLLECTION = "organizations.organization"
NODES_COLLECTION = "organizations.nodes"


def _organization(reading: Reading) -> Iterator[Collection]:
    found = reading.call("organizations", "DescribeOrganization")["Organization"]
    yield Collection(ORGANIZATION_COLLECTION, [Entity(found["Arn"], found)])


class _Tree:
    """The walk from the roots down: two calls for each root and organizational unit."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.entities: dict[str, Entity] = {}
        self.refused: list[Unread] = []

    def walk(self) -> None:
        for root in listed(self.reading, "organizations", "ListRoots", "Roots"):
            self._add(root, "ROOT")
            self._below(root)

    def _below(self, node: Json) -> None:
        for account in self._children(node, "ListAccountsForParent", "Accounts", "ACCOUNT"):
            self._add(account, "ACCOUNT", ParentId=node["Id"])
        for unit in self._children(node, "ListOrganizationalUnitsForParent", "OrganizationalUnits", "UNIT"):
            if self._add(unit, "ORGANIZATIONAL_UNIT", ParentId=node["Id"]):
                self._below(unit)

    def _children(self, node: Json, operation: str, field: str, kind: str) -> list[Json]:
        """The children of one node. A refusal hides them and nothing else, and stands where they would."""
        try:
            return listed(self.reading, "organizations", operation, field, ParentId=node["Id"])
        except Unread as unread:
            self.refused.append(unread)
            urn = f"{node['Arn']}#{kind}"
            self.entities[urn] = Entity(urn, {"Kind": kind, "ParentId": node["Id"], **instead(unread)})
            return []

    def _add(self, node: Json, kind: str, **more: str) -> bool:
        """False when the node was seen before: it was moved while the tree was walked, and where it is now is kept."""
        new = node["Arn"] not in self.entities
        self.entities[node["Arn"]] = Entity(node["Arn"], {**node, "Kind": kind, **more})
        return new


def _nodes(reading: Reading) -> Iterator[Collection]:
    tree = _Tree(reading)
    tree.walk()
    accounts = listed(reading, "organizations", "ListAccounts", "Accounts")
    placed = sum(account["Arn"] in tree.entities for account in accounts)
    for account in accounts:
        if account["Arn"] not in tree.entities:
            hidden = tree.refused[0] if tree.refused else Unread(GapReason.FAILED, "no parent listed this account")
            configuration = {**account, "Kind": "ACCOUNT", "ParentId": instead(hidden)}
            tree.entities[account["Arn"]] = Entity(account["Arn"], configuration)
    compared = [Reconciliation("ListAccounts, found in the tree", len(accounts), placed)]
    yield Collection(NODES_COLLECTION, list(tree.entities.values()), reconciled=compared)


def _delegates(reading: Reading) -> Iterator[Collection]:
    found: list[Entity] = []
    for admin in listed(reading, "organizations", "ListDelegatedAdministrators", "DelegatedAdministrators"):
        try:
            services: object = listed(
                reading, "organizations", "ListDelegatedServicesForAccount", "DelegatedServices", AccountId=admin["Id"]
            )
        except Unread as unread:
            services = instead(unread)
        found.append(Entity(admin["Arn"], {**admin, "Services": services}))
    yield Collection("organizations.delegated_administrators", found)


def _root_access(reading: Reading) -> Iterator[Collection]:
    """Whether member accounts' root credentials are managed centrally. Without trusted access nothing is."""
    organization = reading.need(ORGANIZATION_COLLECTION).entities[0]
    try:
        features = reading.call("iam", "ListOrganizationsFeatures").get("EnabledFeatures", [])
        trusted = True
    except Unread as unread:
        if not unread.code.startswith("ServiceAccessNotEnabled"):
            raise
        features, trusted = [], False
    told = {"EnabledFeatures": features, "TrustedAccess": trusted}
    yield Collection("organizations.root_access", [Entity(organization.urn, told)])


ORGANIZATION = Part(
    Declaration((ORGANIZATION_COLLECTION,), {"DescribeOrganization": ("organizations:DescribeOrganization",)}),
    _organization,
)

NODES = Part(
    Declaration(
        (NODES_COLLECTION,),
        {
            "ListRoots": ("organizations:ListRoots",),
            "ListOrganizationalUnitsForParent": ("organizations:ListOrganizationalUnitsForParent",),
            "ListAccountsForParent": ("organizations:ListAccountsForParent",),
            "ListAccounts": ("organizations:ListAccounts",),
        },
    ),
    _nodes,
)

DELEGATES = Part(
    Declaration(
        ("organizations.delegated_administrators",),
        {
            "ListDelegatedAdministrators": ("organizations:ListDelegatedAdministrators",),
            "ListDelegatedServicesForAccount": ("organizations:ListDelegatedServicesForAccount",),
        },
    ),
    _delegates,
)

ROOT_ACCESS = Part(
    Declaration(("organizations.root_access",), {"ListOrganizationsFeatures": ("iam:ListOrganizationsFeatures",)}),
    _root_access,
)
