"""What AWS does and moto does not: the root row, cached credential reports, paging, ages, trails of all regions.

`installed()` patches moto while it is entered. State that moto has no place for hangs on `Extra`, one per account.
"""

import csv
import io
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

from moto.cloudtrail import models as trail_models
from moto.cloudtrail import responses as trail_responses
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.iam import models as iam_models
from moto.iam import responses as iam_responses

from observant_clouds.aws import analyzer, lake, organization, regions

REPORT_COLUMNS = [
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "password_next_rotation",
    "mfa_active",
    "access_key_1_active",
    "access_key_1_last_rotated",
    "access_key_1_last_used_date",
    "access_key_1_last_used_region",
    "access_key_1_last_used_service",
    "access_key_2_active",
    "access_key_2_last_rotated",
    "access_key_2_last_used_date",
    "access_key_2_last_used_region",
    "access_key_2_last_used_service",
    "cert_1_active",
    "cert_1_last_rotated",
    "cert_2_active",
    "cert_2_last_rotated",
]

REPORT_LIFETIME = timedelta(hours=4)
"""AWS answers with the last report until it is four hours old."""


@dataclass
class Report:
    content: str
    generated: datetime
    polls_left: int


@dataclass
class Extra:
    """Per account, what moto keeps no state for."""

    root: dict[str, str] = field(default_factory=dict)
    """Cells of the `<root_account>` row; everything not named has AWS's value for an untouched root user."""
    summary: dict[str, int] = field(default_factory=dict)
    """Entries of GetAccountSummary that win over moto's."""
    report: Report | None = None
    report_polls: int = 1
    """How many times a caller is told that the report is still being generated."""
    report_available: bool = True
    """False: generation starts and never ends."""
    repeat_marker: bool = False
    """GetAccountAuthorizationDetails answers the marker it was asked with, for ever."""
    deliveries: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    """Trail -> when it last delivered, and the error where the bucket refused."""
    lose_pages_after: int | None = None
    """GetAccountAuthorizationDetails says it is truncated after so many pages, and gives no marker."""


EXTRAS: dict[str, Extra] = {}


def extra(account: str) -> Extra:
    return EXTRAS.setdefault(account, Extra())


class ReportError(ServiceException):
    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


def cell(moment: datetime) -> str:
    """A moment as the credential report writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S+00:00")


def _key_cells(number: int, key: Any) -> dict[str, str]:
    name = f"access_key_{number}_"
    cells = {
        name + "active": "false",
        name + "last_rotated": "N/A",
        name + "last_used_date": "N/A",
        name + "last_used_region": "N/A",
        name + "last_used_service": "N/A",
    }
    if key is not None:
        cells[name + "active"] = "true" if key.status == "Active" else "false"
        cells[name + "last_rotated"] = cell(getattr(key, "rotated", None) or key.create_date)
        if key.last_used is not None:
            cells[name + "last_used_date"] = cell(key.last_used.timestamp)
            cells[name + "last_used_region"] = key.last_used.region
            cells[name + "last_used_service"] = key.last_used.service
    return cells


def _password_cells(user: Any, max_age: int | None) -> dict[str, str]:
    if not user.password:
        absent = dict.fromkeys(("password_last_used", "password_last_changed", "password_next_rotation"), "N/A")
        return {"password_enabled": "false", **absent}
    changed = getattr(user, "password_changed", None) or user.create_date
    return {
        "password_enabled": "true",
        "password_last_used": cell(user.password_last_used) if user.password_last_used else "no_information",
        "password_last_changed": cell(changed),
        "password_next_rotation": cell(changed + timedelta(days=max_age)) if max_age else "N/A",
    }


def user_row(user: Any, max_age: int | None) -> dict[str, str]:
    row = dict.fromkeys(REPORT_COLUMNS, "N/A")
    keys = [*user.access_keys, None, None][:2]
    row.update(user=user.name, arn=user.arn, user_creation_time=cell(user.create_date))
    row.update(_password_cells(user, max_age))
    row.update(mfa_active="true" if user.mfa_devices else "false", cert_1_active="false", cert_2_active="false")
    return {**row, **_key_cells(1, keys[0]), **_key_cells(2, keys[1])}


def root_row(account: str) -> dict[str, str]:
    row = dict.fromkeys(REPORT_COLUMNS, "N/A")
    row.update(
        user="<root_account>",
        arn=f"arn:aws:iam::{account}:root",
        user_creation_time="2019-03-04T09:12:44+00:00",
        password_enabled="not_supported",
        password_last_used="no_information",
        password_last_changed="not_supported",
        password_next_rotation="not_supported",
        mfa_active="true",
        access_key_1_active="false",
        access_key_2_active="false",
        cert_1_active="false",
        cert_2_active="false",
    )
    return {**row, **extra(account).root}


def report_text(backend: Any) -> str:
    policy = backend.account_password_policy
    max_age = policy.max_password_age if policy is not None else None
    text = io.StringIO()
    writer = csv.DictWriter(text, REPORT_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerow(root_row(backend.account_id))
    writer.writerows(user_row(user, max_age) for user in backend.users.values())
    return text.getvalue().rstrip("\n")


def _generate_credential_report(self: Any) -> ActionResult:
    state, now = extra(self.current_account), utcnow()
    if state.report is None or now - state.report.generated >= REPORT_LIFETIME:
        state.report = Report(report_text(self.backend), now.replace(microsecond=0), state.report_polls)
        if state.report.polls_left:
            state.report.polls_left -= 1
            description = "No report exists. Starting a new report generation task"
            return ActionResult({"State": "STARTED", "Description": description})
    if state.report.polls_left or not state.report_available:
        state.report.polls_left = max(0, state.report.polls_left - 1)
        return ActionResult({"State": "INPROGRESS"})
    return ActionResult({"State": "COMPLETE"})


def _get_credential_report(self: Any) -> ActionResult:
    state = extra(self.current_account)
    if state.report is None:
        raise ReportError("ReportNotPresent", "No report exists.")
    if state.report.polls_left or not state.report_available:
        state.report.polls_left = max(0, state.report.polls_left - 1)
        raise ReportError("ReportInProgress", "The report is still being generated.")
    if utcnow() - state.report.generated >= REPORT_LIFETIME:
        raise ReportError("ReportExpired", "The most recent report has expired.")
    generated = state.report.generated.replace(tzinfo=UTC)
    return ActionResult({"Content": state.report.content, "ReportFormat": "text/csv", "GeneratedTime": generated})


DETAIL_LISTS = (
    ("UserDetailList", "User", "users"),
    ("GroupDetailList", "Group", "groups"),
    ("RoleDetailList", "Role", "roles"),
    ("Policies", "LocalManagedPolicy", "managed_policies"),
)


def _authorization_details(self: Any) -> ActionResult:
    """AWS pages this call over all four lists, and lists an AWS managed policy only while it is attached."""
    wanted = self._get_param("Filter", [])
    found = [
        (name, each)
        for name, kind, attribute in DETAIL_LISTS
        for each in getattr(self.backend, attribute).values()
        if not wanted or kind in wanted or (name == "Policies" and "AWSManagedPolicy" in wanted)
    ]
    found = [(name, x) for name, x in found if name != "Policies" or _listed(x, wanted)]
    state, marker = extra(self.current_account), self._get_param("Marker")
    start, size = int(marker or 0), int(self._get_param("MaxItems") or 100)
    answer: dict[str, Any] = {name: [] for name, _, _ in DETAIL_LISTS}
    for name, each in found[start : start + size]:
        answer[name].append(each)
    answer["IsTruncated"] = start + size < len(found) or state.repeat_marker
    if state.lose_pages_after is not None and start // size + 1 >= state.lose_pages_after:
        return ActionResult({**answer, "IsTruncated": True})
    if answer["IsTruncated"]:
        answer["Marker"] = marker if state.repeat_marker and marker else str(start + size)
    return ActionResult(answer)


def _listed(policy: Any, wanted: list[str]) -> bool:
    by_aws = ":iam::aws:policy" in policy.arn
    if wanted:
        return ("AWSManagedPolicy" if by_aws else "LocalManagedPolicy") in wanted
    return not by_aws or policy.attachment_count > 0


def _paged(self: Any, name: str, everything: list[Any]) -> ActionResult:
    start, size = int(self._get_param("Marker") or 0), int(self._get_param("MaxItems") or 100)
    more = start + size < len(everything)
    marker = {"Marker": str(start + size)} if more else {}
    return ActionResult({name: everything[start : start + size], "IsTruncated": more, **marker})


def _list_users(self: Any) -> ActionResult:
    return _paged(self, "Users", list(self.backend.users.values()))


def _list_groups(self: Any) -> ActionResult:
    return _paged(self, "Groups", list(self.backend.groups.values()))


_moto_summary = iam_models.AccountSummary.summary_map.fget


def _summary_map(self: Any) -> dict[str, Any]:
    assert _moto_summary is not None
    return {
        **_moto_summary(self),
        "AccountPasswordPresent": 1,
        "AccountMFAEnabled": 1,
        **extra(self._iam_backend.account_id).summary,
    }


_moto_create_login_profile = iam_models.IAMBackend.create_login_profile
_moto_update_login_profile = iam_models.IAMBackend.update_login_profile


def _create_login_profile(self: Any, *args: Any, **kwargs: Any) -> Any:
    user = _moto_create_login_profile(self, *args, **kwargs)
    user.password_changed = utcnow()  # type: ignore[attr-defined]
    return user


def _update_login_profile(self: Any, *args: Any, **kwargs: Any) -> Any:
    user = _moto_update_login_profile(self, *args, **kwargs)
    user.password_changed = utcnow()  # type: ignore[attr-defined]
    return user


def _list_trails(self: Any) -> list[Any]:
    """AWS lists the trails of all regions here; DescribeTrails only those this region knows."""
    regions = trail_models.cloudtrail_backends[self.account_id].values()
    return [trail for backend in regions for trail in backend.trails.values()]


_moto_describe_trails = trail_responses.CloudTrailResponse.describe_trails


def _describe_trails(self: Any) -> str:
    named = self._get_param("trailNameList")
    if not named:
        return _moto_describe_trails(self)
    found = [t for t in _list_trails(self.cloudtrail_backend) if t.arn in named or t.trail_name in named]
    return trail_responses.json.dumps({"trailList": [t.description(include_region=True) for t in found]})


_moto_trail_status = trail_responses.CloudTrailResponse.get_trail_status


def _trail_status(self: Any) -> str:
    """moto's status without deliveries, with those that the world knows of."""
    answer = trail_responses.json.loads(_moto_trail_status(self))
    known = extra(self.current_account).deliveries.get(self._get_param("Name").rpartition("/")[2])
    if known is not None:
        moment, error = known
        answer["LatestDeliveryTime"] = moment.replace(tzinfo=UTC).timestamp()
        answer["LatestDeliveryError"] = error
    return trail_responses.json.dumps(answer)


@contextmanager
def installed() -> Iterator[None]:
    """moto answers like AWS while this is entered; state of earlier worlds is gone."""
    iam, backend = iam_responses.IamResponse, iam_models.IAMBackend
    EXTRAS.clear()
    organization.forget()
    lake.forget()
    analyzer.forget()
    with ExitStack() as stack:
        for owner, name, replacement in (
            (iam, "generate_credential_report", _generate_credential_report),
            (iam, "get_credential_report", _get_credential_report),
            (iam, "get_account_authorization_details", _authorization_details),
            (iam, "list_users", _list_users),
            (iam, "list_groups", _list_groups),
            (iam_models.AccountSummary, "summary_map", property(_summary_map)),
            (backend, "create_login_profile", _create_login_profile),
            (backend, "update_login_profile", _update_login_profile),
            *regions.PATCHES,
            (trail_models.CloudTrailBackend, "list_trails", _list_trails),
            (trail_responses.CloudTrailResponse, "describe_trails", _describe_trails),
            (trail_responses.CloudTrailResponse, "get_trail_status", _trail_status),
            *organization.PATCHES,
        ):
            stack.enter_context(mock.patch.object(owner, name, replacement))
        for owner, name, addition in (*organization.ADDITIONS, *lake.ADDITIONS):
            stack.enter_context(mock.patch.object(owner, name, addition, create=True))
        yield
