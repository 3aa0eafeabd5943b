"""`[web]` of `observant.toml`: where the web app keeps accounts, and whose single sign-on people may come through.

Secrets have no place in the file: it says where one is, in the environment or in a file of its own.
"""

import re
from urllib.parse import parse_qsl, urlsplit

import msgspec

from observant.app.located import Located

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
SECRET = re.compile(r"(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)")
DATABASE_OPTIONS = ("host", "sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout")
"""What may follow the `?` of a database's address; `host` is for the folder of a local socket."""


class OpenId(msgspec.Struct, frozen=True):
    """One OpenID Connect provider."""

    id: str
    """Part of the address that the provider sends people back to: `/sign-in/oidc/<id>/callback`."""
    name: str
    """Stands on the button."""
    server: str
    """Issuer; its configuration is below `/.well-known/openid-configuration`."""
    client_id: str
    client_secret: str
    """Where it is: `env:NAME` or `file:PATH`, relative to the workspace."""
    vouches_for_emails: bool = False
    """The provider's addresses are proven even where it does not call them verified."""


class Saml(msgspec.Struct, frozen=True):
    """One SAML identity provider."""

    id: str
    """Part of our own addresses: `/sign-in/saml/<id>/metadata`."""
    name: str
    entity_id: str
    sign_in_url: str
    certificate: str
    """PEM file with the certificate that it signs with, relative to the workspace."""
    vouches_for_emails: bool = False


class WebSettings(msgspec.Struct, frozen=True):
    """The table `[web]`."""

    database: str = ""
    """`postgresql://user@host/name`, without password; empty for SQLite in the workspace."""
    oidc: list[OpenId] = []
    saml: list[Saml] = []


def read_web(located: Located | None) -> WebSettings:
    """Raises ConfigurationError naming the line."""
    if located is None:
        return WebSettings()
    keys = located.table("[web]", (), ("database", "oidc", "saml"))
    database = keys["database"].text("database") if "database" in keys else ""
    if database:
        _check_database(keys["database"], database)
    oidc = [_openid(each) for each in keys["oidc"].items("[[web.oidc]]")] if "oidc" in keys else []
    saml = [_saml(each) for each in keys["saml"].items("[[web.saml]]")] if "saml" in keys else []
    ids = [one.id for one in oidc] + [one.id for one in saml]
    if len(set(ids)) < len(ids):
        located.refuse("two providers have one id", "give each [[web.oidc]] and [[web.saml]] an id of its own")
    return WebSettings(database, oidc, saml)


def _check_database(located: Located, address: str) -> None:
    if problem := database_problem(address):
        located.refuse(problem, 'write "postgresql://observant@db.example.com/observant?sslmode=verify-full"')
    if urlsplit(address).password:
        located.refuse(
            "a password has no place in this file",
            "leave it out; give it as OBSERVANT_DATABASE_PASSWORD, or in libpq's password file",
        )


def database_problem(address: str) -> str:
    """Why this cannot be the address of a PostgreSQL database; empty when it can."""
    try:
        place = urlsplit(address)
        _ = place.port
    except ValueError as problem:
        return f"the database's address cannot be read: {problem}"
    if place.scheme not in ("postgresql", "postgres"):
        return f"{place.scheme or 'no scheme'} is no kind of database that is known"
    if not place.path.strip("/") or "/" in place.path.strip("/"):
        return "the database's address names no database"
    unknown = [name for name, _ in parse_qsl(place.query) if name not in DATABASE_OPTIONS]
    return f"{unknown[0]} is no option of a database's address" if unknown else ""


def _openid(located: Located) -> OpenId:
    keys = located.table(
        "[[web.oidc]]", ("id", "name", "server", "client_id", "client_secret"), ("vouches_for_emails",)
    )
    made = OpenId(
        id=_id(keys["id"]),
        name=keys["name"].text("name"),
        server=_url(keys["server"], "server").rstrip("/"),
        client_id=keys["client_id"].text("client_id"),
        client_secret=keys["client_secret"].text("client_secret"),
        vouches_for_emails=_flag(keys, "vouches_for_emails"),
    )
    if not SECRET.fullmatch(made.client_secret):
        keys["client_secret"].refuse(
            "a secret has no place in this file", 'say where it is: "env:OBSERVANT_OIDC_SECRET" or "file:/path"'
        )
    return made


def _saml(located: Located) -> Saml:
    required = ("id", "name", "entity_id", "sign_in_url", "certificate")
    keys = located.table("[[web.saml]]", required, ("vouches_for_emails",))
    return Saml(
        id=_id(keys["id"]),
        name=keys["name"].text("name"),
        entity_id=keys["entity_id"].text("entity_id"),
        sign_in_url=_url(keys["sign_in_url"], "sign_in_url"),
        certificate=keys["certificate"].text("certificate"),
        vouches_for_emails=_flag(keys, "vouches_for_emails"),
    )


def _id(located: Located) -> str:
    text = located.text("id")
    if not _ID.fullmatch(text):
        located.refuse(f"{text!r} cannot stand in an address", "use lower-case letters, digits and -, such as example")
    return text


def _url(located: Located, what: str) -> str:
    """An https address; http is for a provider on this machine, as in a trial."""
    text = located.text(what)
    place = urlsplit(text)
    if not place.hostname or not (
        place.scheme == "https" or (place.scheme == "http" and place.hostname in ("localhost", "127.0.0.1"))
    ):
        located.refuse(f"{text!r} is not an https address", "write https://login.example.com")
    return text


def _flag(keys: dict[str, Located], name: str) -> bool:
    return keys[name].flag(name) if name in keys else False
