"""Somebody at work in an account: what they do happens, and CloudTrail writes down that it was them.

by = Hand(account, log, identity_center_user(account.number, "Emergency", "ada"))
by.user("elif", password=True, groups=["developers"])
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from observant_clouds.aws.event_log import EventLog, Json
from observant_clouds.aws.moments import Document
from observant_clouds.aws.world import Account

GITHUB = "token.actions.githubusercontent.com"


def iam_user(account: str, name: str) -> Json:
    """A caller with an access key or password of an IAM user."""
    arn = f"arn:aws:iam::{account}:user/{name}"
    return {"type": "IAMUser", "principalId": f"AIDA{name.upper()}", "arn": arn, "accountId": account, "userName": name}


def identity_center_user(account: str, permission_set: str, user: str) -> Json:
    """A caller in a session that Identity Center began for one of its users."""
    role = f"AWSReservedSSO_{permission_set}_8d1c7f3a5b2e4960"
    return _session(account, role, user, "ASIAIDENTITYCENTER00")


def _session(account: str, role: str, name: str, key: str) -> Json:
    issuer = {"type": "Role", "arn": f"arn:aws:iam::{account}:role/{role}", "accountId": account, "userName": role}
    return {
        "type": "AssumedRole",
        "principalId": f"AROA{sum(map(ord, role)):017d}:{name}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{role}/{name}",
        "accountId": account,
        "accessKeyId": key,
        "sessionContext": {"sessionIssuer": issuer, "attributes": {"mfaAuthenticated": "false"}},
    }


def workflow(log: EventLog, role: str, subject: str, run: str) -> Json:
    """A caller in a session that a GitHub workflow begins now; CloudTrail has the beginning, too."""
    account, session = log.account, f"run-{run}"
    caller = _session(account, role, session, log.key_id())
    provider = f"arn:aws:iam::{account}:oidc-provider/{GITHUB}"
    identity = {"type": "WebIdentityUser", "principalId": f"{provider}:sts.amazonaws.com:{subject}"}
    identity |= {"userName": subject, "identityProvider": provider}
    request = {"roleArn": f"arn:aws:iam::{account}:role/{role}", "roleSessionName": session, "durationSeconds": 3600}
    response = {
        "credentials": {"accessKeyId": caller["accessKeyId"]},
        "assumedRoleUser": {"assumedRoleId": caller["principalId"], "arn": caller["arn"]},
        "subjectFromWebIdentityToken": subject,
        "audience": "sts.amazonaws.com",
    }
    log.write(identity, "AssumeRoleWithWebIdentity", request, response, "sts")
    return caller


class Hand:
    """Methods do one thing each, as `Account` has them, and log the calls that it takes."""

    def __init__(self, account: Account, log: EventLog, caller: Json) -> None:
        self._account, self._log, self._caller = account, log, caller

    def _did(self, name: str, request: Json, response: Json | None = None, service: str = "iam") -> None:
        self._log.write(self._caller, name, request, response, service)

    # -- users and what they sign in with

    def user(
        self,
        name: str,
        *,
        password: bool = False,
        mfa: bool = False,
        groups: Iterable[str] = (),
        inline: Mapping[str, Document] | None = None,
    ) -> None:
        made = self._account.user(name, password=password, groups=groups, inline=inline)
        self._did("CreateUser", {"userName": name}, {"user": {"userName": name, "arn": made, "path": "/"}})
        for group in groups:
            self._did("AddUserToGroup", {"userName": name, "groupName": group})
        for policy, document in (inline or {}).items():
            self._did("PutUserPolicy", {"userName": name, "policyName": policy, "policyDocument": json.dumps(document)})
        if password:
            self._did("CreateLoginProfile", {"userName": name, "passwordResetRequired": True})
        if mfa:
            self.mfa(name)

    def remove_user(self, name: str) -> None:
        user = self._account.iam.users[name]
        groups = [group.name for group in self._account.iam.groups.values() if user in group.users]
        devices, signs_in = list(user.mfa_devices), user.password is not None
        for key in [key.access_key_id for key in user.access_keys]:
            self.remove_key(name, key)
        self._account.remove_user(name)
        for group in groups:
            self._did("RemoveUserFromGroup", {"userName": name, "groupName": group})
        for serial in devices:
            self._did("DeactivateMFADevice", {"userName": name, "serialNumber": serial})
            self._did("DeleteVirtualMFADevice", {"serialNumber": serial})
        if signs_in:
            self._did("DeleteLoginProfile", {"userName": name})
        self._did("DeleteUser", {"userName": name})

    def password(self, name: str) -> None:
        self._account.set_password(name)
        self._did("CreateLoginProfile", {"userName": name, "passwordResetRequired": True})

    def remove_password(self, name: str) -> None:
        self._account.remove_password(name)
        self._did("DeleteLoginProfile", {"userName": name})

    def mfa(self, user: str) -> None:
        serial = self._account.mfa(user)
        self._did(
            "CreateVirtualMFADevice", {"virtualMFADeviceName": user}, {"virtualMFADevice": {"serialNumber": serial}}
        )
        self._did("EnableMFADevice", {"userName": user, "serialNumber": serial})

    def key(self, user: str) -> None:
        key = self._account.key(user)
        made = self._account.iam.users[user].access_keys[-1].create_date
        shown = {"userName": user, "accessKeyId": key, "status": "Active", "createDate": _as_iam_writes(made)}
        self._did("CreateAccessKey", {"userName": user}, {"accessKey": shown})

    def remove_key(self, user: str, key: str = "") -> None:
        """The oldest when none is named."""
        key = key or self._account.iam.users[user].access_keys[0].access_key_id
        self._account.remove_key(user, key)
        self._did("DeleteAccessKey", {"userName": user, "accessKeyId": key})

    def set_key(self, user: str, *, active: bool) -> None:
        key = self._account.iam.users[user].access_keys[0].access_key_id
        self._account.set_key(user, key, active=active)
        status = "Active" if active else "Inactive"
        self._did("UpdateAccessKey", {"userName": user, "accessKeyId": key, "status": status})

    # -- groups and policies

    def join(self, user: str, group: str) -> None:
        self._account.join(user, group)
        self._did("AddUserToGroup", {"userName": user, "groupName": group})

    def leave(self, user: str, group: str) -> None:
        self._account.leave(user, group)
        self._did("RemoveUserFromGroup", {"userName": user, "groupName": group})

    def policy(self, name: str, document: Document) -> str:
        arn = self._account.policy(name, document)
        request = {"policyName": name, "policyDocument": json.dumps(document)}
        self._did("CreatePolicy", request, {"policy": {"policyName": name, "arn": arn, "defaultVersionId": "v1"}})
        return arn

    def attach(self, kind: str, name: str, policy: str) -> None:
        self._account.attach(kind, name, policy)
        self._did(f"Attach{kind.title()}Policy", {f"{kind}Name": name, "policyArn": policy})

    def detach(self, kind: str, name: str, policy: str) -> None:
        self._account.detach(kind, name, policy)
        self._did(f"Detach{kind.title()}Policy", {f"{kind}Name": name, "policyArn": policy})

    def put_inline(self, kind: str, name: str, policy: str, document: Document) -> None:
        self._account.put_inline(kind, name, policy, document)
        request = {f"{kind}Name": name, "policyName": policy, "policyDocument": json.dumps(document)}
        self._did(f"Put{kind.title()}Policy", request)

    def remove_inline(self, kind: str, name: str, policy: str) -> None:
        self._account.remove_inline(kind, name, policy)
        self._did(f"Delete{kind.title()}Policy", {f"{kind}Name": name, "policyName": policy})

    # -- the trail

    def stop_trail(self, name: str) -> None:
        """The last that the trail tells of."""
        self._did("StopLogging", {"name": name}, service="cloudtrail")
        self._account.stop_trail(name)
        self._log.recording = False

    def start_trail(self, name: str) -> None:
        self._account.start_trail(name)
        self._log.recording = True
        self._did("StartLogging", {"name": name}, service="cloudtrail")

    def encrypt_trail(self, name: str, key: str) -> None:
        self._account.encrypt_trail(name, key)
        arn = self._account.find_trail(name).arn
        self._did("UpdateTrail", {"name": name, "kmsKeyId": key}, {"name": name, "trailARN": arn}, "cloudtrail")

    def record(self, name: str, selectors: list[dict[str, Any]]) -> None:
        self._account.record(name, selectors)
        request = {"trailName": name, "eventSelectors": _spelled_as_logged(selectors)}
        self._did("PutEventSelectors", request, {"trailARN": self._account.find_trail(name).arn}, "cloudtrail")


def _as_iam_writes(moment: Any) -> str:
    return f"{moment:%b} {moment.day}, {moment:%Y} {moment:%I:%M:%S %p}"


def _spelled_as_logged(value: Any) -> Any:
    """Parameters as CloudTrail writes them: names begin in lower case."""
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: _spelled_as_logged(each) for key, each in value.items()}
    return [_spelled_as_logged(each) for each in value] if isinstance(value, list) else value
