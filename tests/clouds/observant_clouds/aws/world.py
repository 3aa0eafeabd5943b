"""Builders that put an AWS account into a state directly, with ages, far faster than by API calls.

A moment (`When`) is an aware datetime, RFC 3339 text, a timedelta *ago* or a number of days *ago*. Everything built
here is visible through the API; everything changed through the API is visible here (`account.iam` is moto's backend).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from moto.cloudtrail.models import Trail, cloudtrail_backends
from moto.iam import models as iam_models
from moto.logs.models import logs_backends
from moto.s3.models import PublicAccessBlock, s3_backends

from observant_clouds.aws import analyzer, lake
from observant_clouds.aws.behaviour import Extra, cell, extra
from observant_clouds.aws.moments import Document, When, at, text

LAMBDA_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def statement(action: Any, resource: Any = "*", effect: str = "Allow", **more: Any) -> dict[str, Any]:
    """A policy document of one statement, such as `statement("s3:GetObject", "arn:aws:s3:::data/*")`."""
    one = {"Effect": effect, "Action": action, "Resource": resource, **more}
    return {"Version": "2012-10-17", "Statement": [one]}


def _zoned(when: When | None) -> str:
    return f"{at(when).isoformat()}Z"


@dataclass(frozen=True)
class Key:
    """An access key to build: when it was made, when and for what it was last used (None: never)."""

    created: When | None = None
    last_used: When | None = None
    active: bool = True
    service: str = "s3"
    region: str = "us-east-1"


class Account:
    """One AWS account of the test cloud. Methods build, change or remove one thing and may be called at any time."""

    def __init__(self, number: str) -> None:
        self.number = number

    @property
    def iam(self) -> iam_models.IAMBackend:
        return iam_models.iam_backends[self.number]["aws"]

    @property
    def extra(self) -> Extra:
        """Knobs: `report_polls`, `report_available`, `repeat_marker`, `lose_pages_after`, `summary`, `root`."""
        return extra(self.number)

    def arn(self, rest: str, service: str = "iam", region: str = "") -> str:
        return f"arn:aws:{service}:{region}:{self.number}:{rest}"

    # --- the root user -------------------------------------------------------------------------------------------

    def root(
        self,
        *,
        mfa: bool = True,
        password: bool = True,
        password_last_used: When | None = None,
        keys: Iterable[Key] = (),
        **cells: str,
    ) -> None:
        """State of the root user, in its report row and in GetAccountSummary. `cells` win over what follows from it."""
        given = list(keys)
        row = {"mfa_active": str(mfa).lower(), "password_enabled": "not_supported" if password else "false"}
        row["password_last_used"] = "no_information" if password_last_used is None else cell(at(password_last_used))
        for number, key in enumerate(given, 1):
            name = f"access_key_{number}_"
            row[name + "active"] = str(key.active).lower()
            row[name + "last_rotated"] = cell(at(key.created))
            if key.last_used is not None:
                row[name + "last_used_date"] = cell(at(key.last_used))
                row[name + "last_used_region"], row[name + "last_used_service"] = key.region, key.service
        self.extra.root = {**row, **cells}
        self.extra.summary.update(
            AccountMFAEnabled=int(mfa),
            AccountPasswordPresent=int(password),
            AccountAccessKeysPresent=sum(key.active for key in given),
        )

    # --- users ---------------------------------------------------------------------------------------------------

    def user(
        self,
        name: str,
        *,
        path: str = "/",
        created: When | None = None,
        password: When | bool = False,
        password_last_used: When | None = None,
        mfa: str = "",
        mfa_enabled: When | None = None,
        keys: Iterable[Key] = (),
        groups: Iterable[str] = (),
        policies: Iterable[str] = (),
        inline: Mapping[str, Document] | None = None,
        tags: Mapping[str, str] | None = None,
        boundary: str = "",
    ) -> str:
        """A user; its ARN. `password` True or the moment it was last changed; `mfa` "", "virtual" or "hardware"."""
        listed = [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
        user = self.iam.create_user("us-east-1", name, path, listed)
        user.create_date = at(created)
        user.id = "AIDA" + user.id[:17].upper()
        if password is not False:
            user.password = "only-the-test-cloud-knows"
            user.password_changed = user.create_date if password is True else at(password)  # type: ignore[attr-defined]
            user.password_last_used = None if password_last_used is None else at(password_last_used)  # type: ignore[assignment]
        if mfa:
            self.mfa(name, kind=mfa, enabled=created if mfa_enabled is None else mfa_enabled)
        for key in keys:
            self.key(name, key)
        for group in groups:
            self.iam.groups[group].users.append(user)
        for arn in policies:
            self.iam.managed_policies[arn].attach_to(user)
        user.policies.update({policy: text(document) for policy, document in (inline or {}).items()})
        if boundary:
            user.permissions_boundary = {  # type: ignore[attr-defined]
                "PermissionsBoundaryType": "Policy",
                "PermissionsBoundaryArn": boundary,
            }
        return user.arn

    def remove_user(self, name: str) -> None:
        """As an administrator would: memberships, keys, devices and attachments first."""
        user = self.iam.users[name]
        for group in self.iam.groups.values():
            if user in group.users:
                group.users.remove(user)
        for policy in list(user.managed_policies.values()):
            policy.detach_from(user)
        for key in list(user.access_keys):
            self.remove_key(name, key.access_key_id)
        self.remove_mfa(name)
        del self.iam.users[name]

    def mfa(self, user: str, *, kind: str = "virtual", enabled: When | None = None) -> str:
        """Give a user an MFA device; its serial number."""
        if kind == "virtual":
            serial = self.iam.create_virtual_mfa_device(user, "/").serial_number
        else:
            serial = f"GAHT{sum(map(ord, user)):08d}"
        self.iam.enable_mfa_device(user, serial, "123456", "654321")
        self.iam.users[user].mfa_devices[serial].enable_date = at(enabled)
        if kind == "virtual":
            self.iam.virtual_mfa_devices[serial].enable_date = at(enabled)
        return serial

    def remove_mfa(self, user: str) -> None:
        for serial in list(self.iam.users[user].mfa_devices):
            del self.iam.users[user].mfa_devices[serial]
            self.iam.virtual_mfa_devices.pop(serial, None)

    def key(self, user: str, key: Key | None = None, **fields: Any) -> str:
        """Add an access key; its id."""
        wanted = key or Key(**fields)
        made = self.iam.create_access_key(user, status="Active" if wanted.active else "Inactive")
        made.create_date = at(wanted.created)
        if wanted.last_used is not None:
            self.use_key(user, made.access_key_id, wanted.last_used, wanted.service, wanted.region)
        return made.access_key_id

    def use_key(
        self, user: str, key_id: str = "", when: When | None = None, service: str = "s3", region: str = "us-east-1"
    ) -> None:
        """A key was used; the user's first key when no id is given."""
        keys = self.iam.users[user].access_keys
        key = next(each for each in keys if key_id in ("", each.access_key_id))
        key.last_used = iam_models.AccessKeyLastUsed(timestamp=at(when), service=service, region=region)

    def set_key(self, user: str, key_id: str = "", *, active: bool) -> None:
        keys = self.iam.users[user].access_keys
        next(each for each in keys if key_id in ("", each.access_key_id)).status = "Active" if active else "Inactive"

    def remove_key(self, user: str, key_id: str = "") -> None:
        self.iam.delete_access_key(key_id or self.iam.users[user].access_keys[0].access_key_id, user)

    def sign_in(self, user: str, when: When | None = None) -> None:
        self.iam.users[user].password_last_used = at(when)  # type: ignore[assignment]

    def set_password(self, user: str, when: When | None = None) -> None:
        self.iam.users[user].password = "only-the-test-cloud-knows"
        self.iam.users[user].password_changed = at(when)  # type: ignore[attr-defined]

    def remove_password(self, user: str) -> None:
        self.iam.users[user].password = None
        self.iam.users[user].password_last_used = None

    # --- groups, roles, policies ---------------------------------------------------------------------------------

    def group(
        self,
        name: str,
        *,
        policies: Iterable[str] = (),
        inline: Mapping[str, Document] | None = None,
        created: When | None = None,
    ) -> str:
        group = self.iam.create_group(name)
        group.create_date = at(created)
        group.id = "AGPA" + group.id[:17].upper()
        for arn in policies:
            self.iam.managed_policies[arn].attach_to(group)
        group.policies.update({policy: text(document) for policy, document in (inline or {}).items()})
        return group.arn

    def join(self, user: str, group: str) -> None:
        self.iam.add_user_to_group(group, user)

    def leave(self, user: str, group: str) -> None:
        self.iam.remove_user_from_group(group, user)

    def role(
        self,
        name: str,
        trust: Document = LAMBDA_TRUST,
        *,
        path: str = "/",
        created: When | None = None,
        last_used: When | None = None,
        policies: Iterable[str] = (),
        inline: Mapping[str, Document] | None = None,
        tags: Mapping[str, str] | None = None,
        boundary: str = "",
        description: str = "",
    ) -> str:
        listed = [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
        role = self.iam.create_role(name, text(trust), path, boundary or None, description, listed, "3600")
        role.create_date = at(created)
        if last_used is not None:
            self.use_role(name, last_used)
        for arn in policies:
            self.iam.managed_policies[arn].attach_to(role)
        role.policies.update({policy: text(document) for policy, document in (inline or {}).items()})
        return role.arn

    def use_role(self, name: str, when: When | None = None, region: str = "us-east-1") -> None:
        role = self.iam.get_role(name)
        role.last_used, role.last_used_region = at(when), region  # type: ignore[assignment]

    def policy(self, name: str, document: Document, *, path: str = "/", created: When | None = None) -> str:
        """A customer managed policy; its ARN."""
        made = iam_models.ManagedPolicy(
            name,
            account_id=self.number,
            region="us-east-1",
            document=text(document),
            path=path,
            create_date=at(created),
            update_date=at(created),
        )
        self.iam.managed_policies[made.arn] = made
        return made.arn

    def edit_policy(self, arn: str, document: Document) -> None:
        """A new default version; the oldest is dropped when there are five already."""
        policy = self.iam.managed_policies[arn]
        if len(policy.versions) >= 5:
            policy.versions.pop(0)
        self.iam.create_policy_version(arn, text(document), True)

    def aws_policy(self, name: str, document: Document, *, path: str = "/") -> str:
        """A policy managed by AWS; its ARN (`arn:aws:iam::aws:policy/…`). Listed only while attached."""
        made = iam_models.AWSManagedPolicy(
            name,
            account_id=self.number,
            region="us-east-1",
            document=text(document),
            path=path,
            create_date=at("2015-02-06T18:39:46Z"),
            update_date=at("2015-02-06T18:39:46Z"),
        )
        self.iam.managed_policies.setdefault(made.arn, made)
        return made.arn

    def _principal(self, kind: str, name: str) -> Any:
        return {"user": self.iam.get_user, "group": self.iam.get_group, "role": self.iam.get_role}[kind](name)

    def attach(self, kind: str, name: str, policy_arn: str) -> None:
        """Attach a managed policy to a "user", "group" or "role"."""
        self.iam.managed_policies[policy_arn].attach_to(self._principal(kind, name))

    def detach(self, kind: str, name: str, policy_arn: str) -> None:
        self.iam.managed_policies[policy_arn].detach_from(self._principal(kind, name))

    def put_inline(self, kind: str, name: str, policy: str, document: Document) -> None:
        self._principal(kind, name).policies[policy] = text(document)

    def remove_inline(self, kind: str, name: str, policy: str) -> None:
        del self._principal(kind, name).policies[policy]

    # --- the account itself --------------------------------------------------------------------------------------

    def password_policy(
        self,
        *,
        minimum_length: int = 14,
        max_age: int = 0,
        reuse_prevention: int = 24,
        all_characters: bool = True,
        change_own: bool = True,
    ) -> None:
        each = all_characters
        self.iam.update_account_password_policy(
            change_own, 0, max_age, minimum_length, reuse_prevention, each, each, each, each
        )

    def no_password_policy(self) -> None:
        self.iam.account_password_policy = None

    def alias(self, name: str) -> None:
        self.iam.create_account_alias(name)

    # --- CloudTrail and its buckets ------------------------------------------------------------------------------

    def bucket(
        self,
        name: str,
        *,
        region: str = "us-east-1",
        versioning: bool = True,
        public_block: bool = True,
        policy: Document | None = None,
        expire_days: int | None = None,
        object_lock: tuple[str, int] | None = None,
        log_bucket: str = "",
        lifecycle: list[dict[str, Any]] | None = None,
    ) -> str:
        """A bucket; its ARN. `object_lock` is (mode, days), `expire_days` a lifecycle rule for all objects.

        `lifecycle` are whole rules in the API's spelling, instead of `expire_days`.
        """
        bucket = s3_backends[self.number]["aws"].create_bucket(name, region)
        if versioning or object_lock:
            bucket.versioning_status = "Enabled"
        if public_block:
            bucket.public_access_block = PublicAccessBlock("true", "true", "true", "true")
        if policy is not None:
            bucket.policy = text(policy).encode()
        if expire_days is not None:
            rule = {
                "ID": "expire",
                "Status": "Enabled",
                "Filter": {"Prefix": ""},
                "Expiration": {"Days": str(expire_days)},
            }
            bucket.set_lifecycle([rule])
        if lifecycle is not None:
            bucket.set_lifecycle(lifecycle)
        if object_lock:
            bucket.object_lock_enabled = True
            bucket.default_lock_mode, bucket.default_lock_days = object_lock[0], object_lock[1]
        if log_bucket:
            bucket.logging = {"TargetBucket": log_bucket, "TargetPrefix": f"{name}/"}
        return f"arn:aws:s3:::{name}"

    def lock_bucket(self, name: str, mode: str, days: int) -> None:
        """Object Lock with a default retention from now on."""
        bucket = s3_backends[self.number]["aws"].buckets[name]
        bucket.object_lock_enabled = True
        bucket.default_lock_mode, bucket.default_lock_days = mode, days

    def trail(
        self,
        name: str,
        bucket: str,
        *,
        region: str = "us-east-1",
        multi_region: bool = True,
        organization: bool = False,
        logging: bool = True,
        validation: bool = True,
        kms_key: str = "",
        prefix: str = "",
        log_group: str = "",
        selectors: list[dict[str, Any]] | None = None,
        advanced_selectors: list[dict[str, Any]] | None = None,
        started: When | None = None,
    ) -> str:
        """A trail; its ARN. Without selectors it records all management events, as AWS does."""
        trail = Trail(
            self.number,
            region,
            name,
            bucket,
            s3_key_prefix=prefix or None,  # type: ignore[arg-type]
            sns_topic_name=None,  # type: ignore[arg-type]
            is_global=True,
            is_multi_region=multi_region,
            log_validation=validation,
            is_org_trail=organization,
            cw_log_group_arn=log_group or None,  # type: ignore[arg-type]
            cw_role_arn=None,  # type: ignore[arg-type]
            kms_key_id=kms_key or None,  # type: ignore[arg-type]
        )
        cloudtrail_backends[self.number][region].trails[name] = trail
        if logging:
            trail.start_logging()
            trail.status.started = at(started)
        if advanced_selectors:
            trail.put_event_selectors([], advanced_selectors)
        else:
            default = [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}]
            trail.put_event_selectors(selectors or default, [])
        return trail.arn

    def event_data_store(self, name: str, **settings: Any) -> str:
        """A store of CloudTrail Lake; its ARN. See `lake.event_data_store`."""
        return lake.event_data_store(self.number, name, **settings)

    # --- Access Analyzer -----------------------------------------------------------------------------------------

    def analyzer(
        self,
        name: str,
        kind: str = "ACCOUNT",
        *,
        region: str = "us-east-1",
        status: str = "ACTIVE",
        created: When | None = None,
    ) -> str:
        """An analyzer; its ARN. `kind` as AWS spells it: ACCOUNT, ORGANIZATION, ACCOUNT_UNUSED_ACCESS and so on."""
        arn = self.arn(f"analyzer/{name}", "access-analyzer", region)
        made = {"arn": arn, "name": name, "type": kind, "status": status, "createdAt": _zoned(created)}
        if "UNUSED" in kind:
            made["configuration"] = {"unusedAccess": {"unusedAccessAge": 90}}
        analyzer.ANALYZERS.setdefault(self.number, {}).setdefault(region, {})[arn] = made
        return arn

    def finding(
        self,
        analyzed_by: str,
        resource: str,
        kind: str = "ExternalAccess",
        *,
        resource_type: str = "AWS::IAM::Role",
        created: When | None = None,
    ) -> str:
        """An open finding of an analyzer, named by its ARN; the finding's id."""
        found = analyzer.FINDINGS.setdefault(analyzed_by, [])
        identifier = f"{len(found):08x}-0000-4000-8000-{self.number}"
        found.append(
            {
                "id": identifier,
                "findingType": kind,
                "resource": resource,
                "resourceType": resource_type,
                "resourceOwnerAccount": self.number,
                "status": "ACTIVE",
                "createdAt": _zoned(created),
                "analyzedAt": _zoned(None),
                "updatedAt": _zoned(created),
            }
        )
        return identifier

    def archive(self, analyzed_by: str, identifier: str) -> None:
        """Somebody looked at the finding and wants it so."""
        next(one for one in analyzer.FINDINGS[analyzed_by] if one["id"] == identifier)["status"] = "ARCHIVED"

    def log_group(self, name: str, *, region: str = "us-east-1", retention: int | None = None) -> str:
        """A log group; its ARN as trails name it. Without `retention` (days) nothing ever expires."""
        backend = logs_backends[self.number][region]
        backend.create_log_group(name, {})
        if retention is not None:
            backend.put_retention_policy(name, retention)
        return f"arn:aws:logs:{region}:{self.number}:log-group:{name}:*"

    def find_trail(self, name: str) -> Trail:
        regions = cloudtrail_backends[self.number].values()
        return next(backend.trails[name] for backend in regions if name in backend.trails)

    def stop_trail(self, name: str) -> None:
        self.find_trail(name).stop_logging()

    def deliver(self, name: str, when: When | None = None, error: str = "") -> None:
        """The trail delivered, or tried to; what GetTrailStatus says of it."""
        self.extra.deliveries[name] = (at(when), error)

    def encrypt_trail(self, name: str, key: str) -> None:
        self.find_trail(name).kms_key_id = key

    def record(self, name: str, selectors: list[dict[str, Any]]) -> None:
        """Classic selectors of a trail from now on."""
        self.find_trail(name).put_event_selectors(selectors, [])

    def start_trail(self, name: str) -> None:
        self.find_trail(name).start_logging()

    def remove_trail(self, name: str) -> None:
        trail = self.find_trail(name)
        del cloudtrail_backends[self.number][trail.region_name].trails[name]
