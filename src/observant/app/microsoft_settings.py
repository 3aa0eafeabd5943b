"""`[[sources.entra]]` and `[[sources.azure]]` of `observant.toml`: tenants and subscriptions, and who reads them.

No secret may stand here. A certificate is named by its path; a client secret, where there is no other way, comes from
the environment.
"""

import re

import msgspec

from observant.app.located import Located
from observant.collect.microsoft.clouds import CLOUDS
from observant.collect.microsoft.identity import KINDS, SECRET_VARIABLE

_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_CALLER = ("client_id", "certificate", "identity", "cloud")
_SECRETS = ("client_secret", "secret", "password", "certificate_password", "token")

ALL_VISIBLE = "all"


class Caller(msgspec.Struct, frozen=True):
    """As whom one tenant is read; see `observant.collect.microsoft.identity`."""

    tenant: str
    kind: str
    client_id: str = ""
    certificate: str = ""
    cloud: str = "global"


class EntraSource(msgspec.Struct, frozen=True):
    """One tenant."""

    caller: Caller


class AzureSource(msgspec.Struct, frozen=True):
    """Subscriptions of one tenant. None stands for all that the caller sees."""

    caller: Caller
    subscriptions: list[str] | None


def read_entra(listed: Located | None) -> list[EntraSource]:
    read: list[EntraSource] = []
    for each in listed.items("[[sources.entra]]") if listed is not None else []:
        keys = _keys(each, "[[sources.entra]]", ())
        caller = _caller(each, keys)
        if any(caller.tenant == earlier.caller.tenant for earlier in read):
            each.refuse(f"tenant {caller.tenant} is read by an earlier source already", "name each tenant once")
        read.append(EntraSource(caller))
    return read


def read_azure(listed: Located | None) -> list[AzureSource]:
    read: list[AzureSource] = []
    for each in listed.items("[[sources.azure]]") if listed is not None else []:
        keys = _keys(each, "[[sources.azure]]", ("subscriptions",))
        source = AzureSource(_caller(each, keys), _subscriptions(keys["subscriptions"]))
        for earlier in read:
            _refuse_twice(each, source, earlier)
        read.append(source)
    return read


def _refuse_twice(located: Located, source: AzureSource, earlier: AzureSource) -> None:
    named = set(source.subscriptions or ()) & set(earlier.subscriptions or ())
    if named:
        located.refuse(f"subscription {min(named)} is read by an earlier source already", "name each subscription once")
    if source.caller.tenant == earlier.caller.tenant and None in (source.subscriptions, earlier.subscriptions):
        located.refuse(
            "an earlier source of this tenant and this one overlap, as one of them reads all subscriptions",
            "keep one of the two, or list the subscriptions of each",
        )


def _keys(located: Located, what: str, more: tuple[str, ...]) -> dict[str, Located]:
    if isinstance(located.value, dict):
        for key in _SECRETS:
            if key in located.value:
                located.refuse(
                    f"{key}: a secret has no place in this file",
                    f"name a certificate, or set {SECRET_VARIABLE} in the environment and identity = 'secret'",
                    line=located.key_lines.get(key),
                )
    return located.table(what, ("tenant", *more), _CALLER)


def _caller(located: Located, keys: dict[str, Located]) -> Caller:
    certificate = keys["certificate"].text("certificate") if "certificate" in keys else ""
    kind = keys["identity"].one_of("identity", KINDS) if "identity" in keys else "certificate"
    if kind == "certificate" and not certificate:
        located.refuse(
            "the source does not say as whom to read",
            "add `certificate` with the path of a PEM file, or identity = 'workload', 'managed' or 'secret'",
        )
    if kind != "certificate" and certificate:
        keys["identity"].refuse(f"identity {kind!r} uses no certificate", "remove one of the two")
    if kind in ("certificate", "secret") and "client_id" not in keys:
        located.refuse("the source lacks 'client_id'", "add the application (client) id of the app registration")
    return Caller(
        _guid(keys["tenant"], "tenant"),
        kind,
        _guid(keys["client_id"], "client_id") if "client_id" in keys else "",
        certificate,
        keys["cloud"].one_of("cloud", CLOUDS) if "cloud" in keys else "global",
    )


def _guid(located: Located, what: str) -> str:
    written = located.text(what).lower()
    if not _GUID.fullmatch(written):
        located.refuse(
            f"{what} {written!r} is not an id", "write the id, such as 00000000-0000-0000-0000-000000000000, not a name"
        )
    return written


def _subscriptions(located: Located) -> list[str] | None:
    if isinstance(located.value, str):
        located.one_of("subscriptions", (ALL_VISIBLE,))
        return None
    named = [_guid(each, "each of subscriptions") for each in located.items("subscriptions")]
    if not named:
        located.refuse("subscriptions is empty", "list subscription ids, or write subscriptions = 'all'")
    located.texts("subscriptions")
    return named
