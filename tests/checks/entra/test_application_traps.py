"""Credentials of applications that look one way and are another."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from observant.period.forecast import forecast
from worlds.directory import TENANT, USER_ADMINISTRATOR, Directory, ago
from worlds.judging import START, judged, told


def secret(key: str, begun: float | None, days: float | None, **more: Any) -> dict[str, Any]:
    end = None if days is None or begun is None else ago(START, begun - days)
    return {
        "keyId": key,
        "displayName": key,
        "startDateTime": None if begun is None else ago(START, begun),
        "endDateTime": end,
        **more,
    }


def application(tenant: Directory, name: str, *secrets: dict[str, Any], **more: Any) -> None:
    found = {"displayName": name, "appId": f"app-{name}", "owners": [], "passwordCredentials": list(secrets), **more}
    tenant.keep("entra.applications", name, found)


def build(tenant: Directory, _: Directory) -> None:
    application(tenant, "old", secret("old", 400, 730))
    application(tenant, "new", secret("new", 30, 180))
    application(tenant, "endless", secret("endless", 400, None))
    application(tenant, "undated", secret("undated", None, 100))
    application(tenant, "expired", secret("expired", 400, 390))
    application(tenant, "rotated", secret("first", 360, 400), secret("second", 10, 365))
    application(tenant, "replaced", secret("third", 355, 360), secret("fourth", 10, 365))
    application(tenant, "ending", secret("ending", 170, 180))


def by_key(found: dict[str, str]) -> dict[str, str]:
    return {label.split()[1]: verdict for label, verdict in found.items()}


def test_age_counts_from_the_beginning(tmp_path: Path) -> None:
    found = judged(tmp_path, build)

    assert {
        "old": "fail",
        "new": "pass",
        "endless": "fail",
        "undated": "unknown",
        "expired": "fail",  # it was valid for longer than allowed, and is still there
        "first": "pass",
        "second": "pass",
        "third": "pass",
        "fourth": "pass",
        "ending": "pass",
    } == by_key(told(found, "entra-credential-age"))
    assert {"old", "endless", "expired"} == {
        label for label, verdict in told(found, "entra-application-rotation").items() if verdict == "fail"
    }


def test_ends_and_successors(tmp_path: Path) -> None:
    found = judged(tmp_path, build)

    assert {
        "old": "pass",
        "new": "pass",
        "endless": "pass",
        "undated": "pass",  # the provider says that it has no end
        "expired": "fail",
        "first": "pass",
        "second": "pass",
        "third": "pass",  # ends in five days, and has a successor
        "fourth": "pass",
        "ending": "fail",
    } == by_key(told(found, "entra-credential-expiry"))


def test_the_day_on_which_a_credential_will_be_too_old(tmp_path: Path) -> None:
    found = judged(tmp_path, build)
    ahead = forecast(found, timedelta(days=30))

    due = {one.label: one.at for one in ahead if one.check == "entra-credential-age"}
    assert {"secret first of rotated": START - timedelta(days=360) + timedelta(days=365)} == due
    (end,) = (
        one
        for one in forecast(found, timedelta(days=400))
        if one.label == "secret new of new" and "expires" in one.what
    )
    # Fourteen days before, its successor is due.
    assert "secret expires on 2025-10-30 06:00:00 and has no successor" == end.what
    assert START - timedelta(days=30) + timedelta(days=180 - 14) == end.at


def test_the_password_of_a_saml_certificate_is_no_secret(tmp_path: Path) -> None:
    def saml(tenant: Directory, _: Directory) -> None:
        half = {"customKeyIdentifier": "AB", "startDateTime": ago(START, 500), "endDateTime": ago(START, -500)}
        keys = [{**half, "keyId": usage, "usage": usage, "type": "AsymmetricX509Cert"} for usage in ("Sign", "Verify")]
        password = {**half, "keyId": "Sign"}
        tenant.service_principal("saml", keyCredentials=keys, passwordCredentials=[password])

    found = judged(tmp_path, saml)
    assert {} == told(found, "entra-application-secret")
    assert {} == told(found, "entra-credential-age")
    assert {"certificate Verify of saml": "pass"} == told(found, "entra-credential-expiry")


def test_who_owns_privileged_applications(tmp_path: Path) -> None:
    def owned(tenant: Directory, _: Directory) -> None:
        tenant.user("ada")
        owners = {
            "nobody": [],
            "person": [{"id": "ada", "type": "user"}],
            "robot": [{"id": "nobody", "type": "servicePrincipal"}],
            "dark": None,
        }
        for name, listed in owners.items():
            more = {"owners": listed, "servicePrincipalType": "Application", "appOwnerOrganizationId": TENANT}
            tenant.service_principal(name, **more)
            tenant.assign(name, USER_ADMINISTRATOR)
        tenant.service_principal("foreign", servicePrincipalType="Application", appOwnerOrganizationId="other")
        tenant.service_principal("mill", servicePrincipalType="ManagedIdentity", appOwnerOrganizationId=TENANT)
        tenant.assign("mill", USER_ADMINISTRATOR)
        tenant.assign("foreign", USER_ADMINISTRATOR)
        for name, permission in {
            "granting": "RoleManagement.ReadWrite.Directory",
            "reading": "Directory.Read.All",
            "forgotten": None,
        }.items():
            tenant.service_principal(name, servicePrincipalType="Application", appOwnerOrganizationId=TENANT)
            tenant.permit(name, permission)

    found = judged(tmp_path, owned)
    assert {
        "nobody": "fail",
        "person": "fail",
        "robot": "pass",
        "dark": "unknown",
        "granting": "fail",  # as good as a role
        "forgotten": "unknown",  # Graph has no permission by that id any more
    } == told(found, "entra-application-owner")
