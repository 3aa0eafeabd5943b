"""An AWS organization with Identity Center: what AWS does and moto does not, and builders for its state.

    organization = aws.organization()                       # its management account is the default account
    prod = organization.unit("prod")
    organization.account("222233334444", "shop", parent=prod)
    guard = organization.policy("guard", statement("cloudtrail:StopLogging", effect="Deny"))
    organization.attach(guard, prod)
    admins = organization.permission_set("Admins", managed=["AdministratorAccess"])
    organization.assign(admins, "222233334444", group=organization.group("platform", ["ada"]))

Real AWS: new units and accounts start with FullAWSAccess attached; every listing pages; Identity Center answers in one
region only; a permission set without a boundary answers ResourceNotFoundException.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.core.exceptions import JsonRESTError, ServiceException
from moto.core.responses import ActionResult
from moto.iam import responses as iam_responses
from moto.identitystore.models import Group, User, identitystore_backends
from moto.organizations import models as organization_models
from moto.organizations import responses as organization_responses
from moto.ssoadmin import models as sso_models
from moto.ssoadmin import responses as sso_responses

from observant_clouds.aws.moments import Document, When, at, text

FULL_ACCESS = "p-FullAWSAccess"
PAGE = 20
"""What AWS Organizations puts in one page at most."""


@dataclass
class State:
    """Per management account, what moto keeps no state for."""

    identity_center: str = "us-east-1"
    """Region of Identity Center; empty where it is not switched on."""
    root_features: list[str] | None = field(default_factory=list)
    """Central root access; None while IAM is no trusted service of the organization."""
    boundaries: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Permission set ARN -> its boundary."""
    people_disabled: set[str] = field(default_factory=set)


STATES: dict[str, State] = {}


def state(account: str) -> State:
    return STATES.setdefault(account, State())


def forget() -> None:
    """An empty cloud: moto itself keeps the members of organizations that are gone."""
    STATES.clear()
    organization_models.organizations_backends.master_accounts.clear()


# --- what AWS answers ------------------------------------------------------------------------------------------------


def _page(self: Any, name: str, everything: list[Any]) -> str:
    start = int(self._get_param("NextToken") or 0)
    size = min(int(self._get_param("MaxResults") or PAGE), PAGE)
    more = {"NextToken": str(start + size)} if start + size < len(everything) else {}
    return json.dumps({name: everything[start : start + size], **more})


def _list_targets(self: Any) -> str:
    found = self.organizations_backend.list_targets_for_policy(**self.request_params)["Targets"]
    return _page(self, "Targets", found)


def _list_units(self: Any) -> str:
    backend, parent = self.organizations_backend, self._get_param("ParentId")
    backend.validate_parent_id(parent)
    units = [{"Id": unit.id, "Arn": unit.arn, "Name": unit.name} for unit in backend.ou if unit.parent_id == parent]
    return _page(self, "OrganizationalUnits", units)


def _list_accounts(self: Any) -> str:
    """moto's own pages lose accounts that joined in the same second."""
    return _page(self, "Accounts", [one.describe() for one in self.organizations_backend.accounts])


def _list_accounts_for_parent(self: Any) -> str:
    backend, parent = self.organizations_backend, self._get_param("ParentId")
    backend.validate_parent_id(parent)
    return _page(self, "Accounts", [one.describe() for one in backend.accounts if one.parent_id == parent])


def _list_instances(self: Any) -> str:
    """moto has an instance in every region of every account; AWS in the one where it was switched on."""
    backend = self.ssoadmin_backend
    here = backend.account_id in STATES and state(backend.account_id).identity_center == self.region
    return json.dumps({"Instances": [one.to_json() for one in backend.instances] if here else []})


def _provisioned(self: Any, instance_arn: str, permission_set_arn: str) -> list[str]:
    """AWS provisions a permission set in every account with an assignment of it; moto answers the caller's own."""
    assert any(one.instance_arn == instance_arn for one in self.instances)
    assigned = [one for one in self.account_assignments if one.permission_set_arn == permission_set_arn]
    return sorted({one.target_id for one in assigned})


def _can_be_delegated(service_principal: str) -> bool:
    """moto knows fewer services that can be delegated than services that can be trusted."""
    return organization_models.FakeServiceAccess.trusted_service(service_principal)


class BoundaryNotFound(JsonRESTError):
    code = 400

    def __init__(self) -> None:
        super().__init__("ResourceNotFoundException", "PermissionsBoundary not found")


def _get_boundary(self: Any) -> str:
    boundary = state(self.current_account).boundaries.get(self._get_param("PermissionSetArn"))
    if boundary is None:
        raise BoundaryNotFound
    return json.dumps({"PermissionsBoundary": boundary})


class FeaturesError(ServiceException):
    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


def _list_features(self: Any) -> ActionResult:
    organization = organization_models.organizations_backends[self.current_account]["aws"].org
    if organization is None:
        raise FeaturesError(
            "AccountNotManagementOrDelegatedAdministratorException",
            "The account is not the management account or a delegated administrator.",
        )
    features = state(self.current_account).root_features
    if features is None:
        raise FeaturesError("ServiceAccessNotEnabledException", "IAM has no trusted access to the organization.")
    return ActionResult({"OrganizationId": organization.id, "EnabledFeatures": features})


PATCHES: tuple[tuple[Any, str, Any], ...] = (
    (organization_responses.OrganizationsResponse, "list_targets_for_policy", _list_targets),
    (organization_responses.OrganizationsResponse, "list_organizational_units_for_parent", _list_units),
    (organization_responses.OrganizationsResponse, "list_accounts", _list_accounts),
    (organization_responses.OrganizationsResponse, "list_accounts_for_parent", _list_accounts_for_parent),
    (organization_models.FakeDelegatedAdministrator, "supported_service", staticmethod(_can_be_delegated)),
    (sso_responses.SSOAdminResponse, "list_instances", _list_instances),
    (sso_models.SSOAdminBackend, "list_accounts_for_provisioned_permission_set", _provisioned),
)
"""(owner, name, replacement) of what moto has."""

ADDITIONS: tuple[tuple[Any, str, Any], ...] = (
    (sso_responses.SSOAdminResponse, "get_permissions_boundary_for_permission_set", _get_boundary),
    (iam_responses.IamResponse, "list_organizations_features", _list_features),
)
"""The same for what moto lacks."""


# --- builders --------------------------------------------------------------------------------------------------------


class Organization:
    """One organization of the test cloud. Methods build, change or remove one thing and may be called at any time."""

    def __init__(self, management: str) -> None:
        self.management = management
        backend = organization_models.organizations_backends[management]["aws"]
        if backend.org is None:
            backend.create_organization("us-east-1", FeatureSet="ALL")
            backend.list_roots()
            self._root.policy_types = [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]
        STATES.setdefault(management, State())

    @property
    def backend(self) -> organization_models.OrganizationsBackend:
        return organization_models.organizations_backends[self.management]["aws"]

    @property
    def state(self) -> State:
        """Knobs: `identity_center`, `root_features`."""
        return state(self.management)

    @property
    def _root(self) -> Any:
        return next(one for one in self.backend.ou if one.type == "ROOT")

    @property
    def root(self) -> str:
        identifier: str = self._root.id
        return identifier

    @property
    def id(self) -> str:
        assert self.backend.org is not None
        return self.backend.org.id

    def enable(self, kind: str) -> None:
        """Switch a kind of policy on, such as RESOURCE_CONTROL_POLICY."""
        self._root.policy_types.append({"Type": kind, "Status": "ENABLED"})

    def disable(self, kind: str) -> None:
        self._root.policy_types = [one for one in self._root.policy_types if one["Type"] != kind]

    def unit(self, name: str, parent: str = "") -> str:
        """An organizational unit below `parent` (the root when none is named); its id."""
        answer = self.backend.create_organizational_unit(Name=name, ParentId=parent or self.root)
        identifier: str = answer["OrganizationalUnit"]["Id"]
        self.attach(FULL_ACCESS, identifier)
        return identifier

    def account(self, number: str, name: str = "", parent: str = "", joined: When | None = None) -> str:
        """A member account with this number; the number."""
        organization = self.backend.org
        assert organization is not None
        made = organization_models.FakeAccount(
            organization, AccountName=name or f"account-{number}", Email=f"{number}@example.com"
        )
        made.id, made.create_time = number, at(joined)
        made.parent_id = parent or self.root
        self.backend.accounts.append(made)
        organization_models.organizations_backends.master_accounts[number] = (self.management, "aws")
        self.attach(FULL_ACCESS, number)
        return number

    def close(self, number: str) -> None:
        self.backend.close_account(AccountId=number)

    def move(self, number: str, parent: str) -> None:
        self.backend.get_account_by_id(number).parent_id = parent

    def remove(self, number: str) -> None:
        """The account leaves the organization."""
        self.backend.remove_account_from_organization(AccountId=number)

    def policy(self, name: str, document: Document, kind: str = "SERVICE_CONTROL_POLICY") -> str:
        """A policy, attached to nothing; its id."""
        answer = self.backend.create_policy(Name=name, Description=name, Type=kind, Content=text(document))
        identifier: str = answer["Policy"]["PolicySummary"]["Id"]
        return identifier

    def edit(self, policy: str, document: Document) -> None:
        self.backend.update_policy(PolicyId=policy, Content=text(document))

    def attach(self, policy: str, target: str) -> None:
        self.backend.attach_policy(PolicyId=policy, TargetId=target)

    def detach(self, policy: str, target: str) -> None:
        self.backend.detach_policy(PolicyId=policy, TargetId=target)

    def delegate(self, number: str, service: str) -> None:
        """Make an account the administrator of a service, such as `cloudtrail.amazonaws.com`."""
        self.backend.register_delegated_administrator(AccountId=number, ServicePrincipal=service)

    # --- Identity Center

    @property
    def sso(self) -> sso_models.SSOAdminBackend:
        return sso_models.ssoadmin_backends[self.management][self.state.identity_center or "us-east-1"]

    @property
    def instance(self) -> str:
        return self.sso.instances[0].instance_arn

    @property
    def _store(self) -> Any:
        backend = identitystore_backends[self.management][self.state.identity_center or "us-east-1"]
        return backend._IdentityStoreBackend__get_identity_store(self._store_id)

    @property
    def _store_id(self) -> str:
        return self.sso.instances[0].identity_store_id

    def permission_set(
        self,
        name: str,
        *,
        session: str = "PT1H",
        managed: Iterable[str] = (),
        customer: Iterable[str] = (),
        inline: Document | None = None,
        boundary: Mapping[str, Any] | None = None,
    ) -> str:
        """A permission set; its ARN. `managed` names AWS managed policies, `customer` policies of each account."""
        made = sso_models.PermissionSet(name, name, self.instance, session, "", [])
        made.managed_policies = [sso_models.ManagedPolicy(f"arn:aws:iam::aws:policy/{one}", one) for one in managed]
        made.customer_managed_policies = [sso_models.CustomerManagedPolicy(one) for one in customer]
        made.inline_policy = "" if inline is None else text(inline)
        self.sso.permission_sets.append(made)
        if boundary is not None:
            self.state.boundaries[made.permission_set_arn] = dict(boundary)
        return made.permission_set_arn

    def find_permission_set(self, arn: str) -> sso_models.PermissionSet:
        return next(one for one in self.sso.permission_sets if one.permission_set_arn == arn)

    def person(self, user_name: str) -> str:
        """A user of the identity store, made when there is none of that name; the id."""
        for known in self._store.users.values():
            if known.UserName == user_name:
                return str(known.UserId)
        identifier = f"906771c3a1-{len(self._store.users):012d}"
        emails = [{"Value": f"{user_name}@example.com", "Type": "work", "Primary": True}]
        told = {"UserName": user_name, "DisplayName": user_name, "Emails": emails, "IdentityStoreId": self._store_id}
        rest = dict.fromkeys(set(User._fields) - set(told) - {"UserId"}, None)
        self._store.users[identifier] = User(UserId=identifier, **told, **rest)  # type: ignore[arg-type]
        return identifier

    def group(self, name: str, people: Iterable[str] = ()) -> str:
        """A group of the identity store with these user names in it; its id."""
        identifier = f"group-{len(self._store.groups):012d}"
        self._store.groups[identifier] = Group(identifier, name, [], name, self._store_id)
        for person in people:
            self.join(identifier, person)
        return identifier

    def join(self, group: str, user_name: str) -> None:
        membership = f"membership-{group}-{self.person(user_name)}"
        self._store.group_memberships[membership] = {
            "IdentityStoreId": self._store_id,
            "MembershipId": membership,
            "GroupId": group,
            "MemberId": {"UserId": self.person(user_name)},
        }

    def leave(self, group: str, user_name: str) -> None:
        """The opposite of `join`."""
        member, all_of_them = {"UserId": self.person(user_name)}, self._store.group_memberships
        for key in [key for key, one in all_of_them.items() if (one["GroupId"], one["MemberId"]) == (group, member)]:
            del all_of_them[key]

    def unassign(self, permission_set: str, account: str, *, person: str) -> None:
        """Take back what `assign` gave a person by name."""
        self.sso.delete_account_assignment(
            self.instance, account, "AWS_ACCOUNT", permission_set, "USER", self.person(person)
        )

    def assign(self, permission_set: str, account: str, *, group: str = "", person: str = "") -> None:
        """Give a group, by its id, or a person, by user name, a permission set in an account."""
        kind, principal = ("GROUP", group) if group else ("USER", self.person(person))
        self.sso.create_account_assignment(self.instance, account, "AWS_ACCOUNT", permission_set, kind, principal)
