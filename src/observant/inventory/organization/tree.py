"""The organization, its tree, its delegated administrators and its central hold on root users."""

from collections.abc import Iterator

from observant.evidence.snapshot import Json
from observant.inventory.table import Reading, Row, Table, Value, text_of, time_of


def _organization(urn: str, organization: Json) -> Iterator[Row]:
    identifier = text_of(organization.get("Id")) or urn
    features = text_of(organization.get("FeatureSet"))
    yield Row(
        member=identifier,
        label=f"organization {identifier}",
        values=(text_of(organization.get("MasterAccountId")), None if features is None else features == "ALL"),
    )


ORGANIZATION = Table(
    name="organization",
    about=(
        "AWS organizations. `management_account` is never restricted by service control policies; `all_features` is "
        "false where there are no policies at all, only a common bill."
    ),
    columns={"management_account": "VARCHAR", "all_features": "BOOLEAN"},
    readings=(Reading("organizations.organization", "configuration", _organization),),
)

_KINDS = {"ROOT": "root", "ORGANIZATIONAL_UNIT": "ou", "ACCOUNT": "account"}


def _node(urn: str, node: Json) -> Iterator[Row]:
    kind = _KINDS.get(str(node.get("Kind")))
    parent = "" if kind == "root" else text_of(node.get("ParentId"))
    identifier = text_of(node.get("Id"))
    if kind is None or identifier is None:  # children that could not be listed
        hidden: tuple[Value, ...] = (None, parent, None, None, None)
        yield Row(member=urn, label=f"what is below {parent}", values=hidden)
        return
    account = identifier if kind == "account" else None
    # organizations::<management account>:account/<organization>/<account>
    management = urn.split(":")[4] == account if urn.count(":") >= 5 else None
    name = text_of(node.get("Name")) or identifier
    yield Row(
        member=identifier,
        label=f"account {name} ({identifier})" if account else f"{'root' if kind == 'root' else 'unit'} {name}",
        values=(
            kind,
            parent,
            account,
            text_of(node.get("Status")) or text_of(node.get("State")) if account else None,
            management if account else False,
        ),
        born=time_of(node.get("JoinedTimestamp")),
    )


NODE = Table(
    name="organization_node",
    about=(
        "Roots, organizational units (`ou`) and accounts of an organization, by their ids. `parent` is empty for a "
        "root and NULL where it is not known. A row whose `kind` is NULL stands for children of `parent` that could "
        "not be listed. `status` as AWS says it: ACTIVE, SUSPENDED, PENDING_CLOSURE."
    ),
    columns={
        "kind": "VARCHAR",
        "parent": "VARCHAR",
        "account": "VARCHAR",
        "status": "VARCHAR",
        "management": "BOOLEAN",
    },
    readings=(Reading("organizations.nodes", "configuration", _node),),
)


def _delegates(urn: str, admin: Json) -> Iterator[Row]:
    account = text_of(admin.get("Id")) or urn
    services = admin.get("Services")
    if not isinstance(services, list):
        yield Row(member=account, label=f"account {account}", values=(account, None))
        return
    for service in services:
        principal = text_of(service.get("ServicePrincipal")) if isinstance(service, dict) else None
        yield Row(
            member=f"{account} {principal}",
            label=f"{principal} by account {account}",
            values=(account, principal),
            born=time_of(service.get("DelegationEnabledDate")) if isinstance(service, dict) else None,
        )


DELEGATE = Table(
    name="organization_delegate",
    about="Accounts that administer a service for the whole organization. `service` is NULL where it was not shown.",
    columns={"account": "VARCHAR", "service": "VARCHAR"},
    readings=(Reading("organizations.delegated_administrators", "configuration", _delegates),),
)


def _root_access(urn: str, told: Json) -> Iterator[Row]:
    features = told.get("EnabledFeatures")
    known = features if isinstance(features, list) else None
    identifier = urn.rpartition("/")[2]
    yield Row(
        member=identifier,
        label=f"root access of organization {identifier}",
        values=(
            None if known is None else "RootCredentialsManagement" in known,
            None if known is None else "RootSessions" in known,
        ),
    )


ROOT_ACCESS = Table(
    name="organization_root_access",
    about=(
        "Central management of member accounts' root users: whether their credentials can be removed from the "
        "management account, and whether privileged root sessions can be taken from there."
    ),
    columns={"credentials_managed": "BOOLEAN", "sessions": "BOOLEAN"},
    readings=(Reading("organizations.root_access", "configuration", _root_access),),
)
