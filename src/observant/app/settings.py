"""`observant.toml`: which sources are read, where the evidence lies, who signs it, how often it is collected.

Nothing in this file is a secret: credentials come from the provider's own chain (an AWS profile, an instance role).
"""

import re
from datetime import timedelta
from pathlib import Path

import msgspec

from observant.app.located import Located
from observant.app.log_settings import CloudTrailSource, read_cloudtrail
from observant.app.microsoft_settings import AzureSource, EntraSource, read_azure, read_entra
from observant.app.notify_settings import Receiver, read_receivers
from observant.app.people_settings import read_people_sources
from observant.app.risk_settings import read_scale
from observant.app.tickets_settings import read_ticket_sources
from observant.app.toml_lines import parse_toml, read_toml
from observant.app.web_settings import WebSettings, read_web
from observant.collect.people.mapping import Mapping
from observant.collect.tickets.tracker import Tracker
from observant.risks.risk import USUAL, Scale

FILE = "observant.toml"

_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+")
_ROLE_NAME = re.compile(r"[\w+=,.@/-]{1,512}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
PURPOSES = ("log", "statement", "package")
_LONGEST = timedelta(days=366)
_KEY_SCHEMES = ("file:",)


class AwsSource(msgspec.Struct, frozen=True):
    """AWS accounts read with one profile, each through a role; without roles the profile's own account is read."""

    profile: str = ""
    """Name in the AWS configuration; empty for the default credential chain."""
    roles: list[str] = []
    """ARNs of the reading role, one for each account."""
    region: str = ""
    """Region that calls are sent to; empty for the profile's own. IAM and trails of all regions are seen from any."""
    external_id: str = ""
    """What the roles' trust policies ask for as `sts:ExternalId`; no secret to AWS; still not logged."""
    organization: bool = False
    """Read the organization of the profile's account too, and the accounts that it names."""
    role_name: str = ""
    """With `organization`: name of the reading role that every account has, with its path if it has one."""
    only: list[str] = []
    """Of the organization's accounts, only these; for one run, never from the file."""


class Settings(msgspec.Struct, frozen=True):
    """The whole of `observant.toml`. Relative paths are relative to the workspace folder."""

    company: str
    origin: str
    """Name of the log, as it stands in the checkpoint: a host name and path that the company controls."""
    store: str
    """Folder of the evidence store."""
    keys: dict[str, str]
    """Purpose (`log` signs checkpoints, `statement` records, `package` what is exported) -> URI of the key."""
    timestamps: list[str]
    """URLs of RFC 3161 time-stamp authorities, asked in order until one answers; empty for none."""
    every: timedelta
    """Longest time between two runs."""
    aws: list[AwsSource]
    entra: list[EntraSource] = []
    azure: list[AzureSource] = []
    cloudtrail: list[CloudTrailSource] = []
    people: list[Mapping] = []
    web: WebSettings = WebSettings()
    tickets: list[Tracker] = []
    risk: Scale = USUAL
    notify: list[Receiver] = []


def read_settings(path: Path) -> Settings:
    """Read and check the file. Raises ConfigurationError with the line."""
    return _settings(read_toml(path, path.name))


def parse_settings(raw: bytes, shown: str = FILE) -> Settings:
    """As `read_settings`, from bytes."""
    return _settings(parse_toml(raw, shown))


def _settings(top: Located) -> Settings:
    keys = top.table(
        "the file",
        ("company", "origin", "store", "signing", "schedule"),
        ("timestamps", "sources", "web", "risk", "notify"),
    )
    signing = keys["signing"].table("[signing]", PURPOSES)
    schedule = keys["schedule"].table("[schedule]", ("every",))
    store = keys["store"].table("[store]", ("path",))
    sources = (
        keys["sources"].table("[sources]", (), ("aws", "entra", "azure", "cloudtrail", "people", "tickets"))
        if "sources" in keys
        else {}
    )
    return Settings(
        company=keys["company"].text("company"),
        origin=_origin(keys["origin"]),
        store=store["path"].text("path"),
        keys={purpose: _key_uri(signing[purpose], purpose) for purpose in PURPOSES},
        timestamps=_timestamps(keys.get("timestamps")),
        every=_every(schedule["every"]),
        aws=_aws(sources.get("aws")),
        entra=read_entra(sources.get("entra")),
        azure=read_azure(sources.get("azure")),
        cloudtrail=read_cloudtrail(sources.get("cloudtrail")),
        people=read_people_sources(sources.get("people")),
        web=read_web(keys.get("web")),
        tickets=read_ticket_sources(sources.get("tickets")),
        risk=read_scale(keys.get("risk")),
        notify=read_receivers(keys.get("notify")),
    )


def _every(located: Located) -> timedelta:
    every = located.span("every")
    if every > _LONGEST:
        located.refuse(
            f"every is longer than {_LONGEST.days} days", "evidence that old helps nobody: collect more often"
        )
    return every


def _origin(located: Located) -> str:
    origin = located.text("origin")
    if len(origin) > 200 or any(character.isspace() or character == "+" for character in origin):
        located.refuse(
            "origin has a space or a plus sign, or is too long", "use a name such as example.com/access-evidence"
        )
    return origin


def _key_uri(located: Located, what: str) -> str:
    uri = located.text(what)
    if not uri.startswith(_KEY_SCHEMES):
        located.refuse(f"{what} is not the URI of a key that Observant can sign with", "write file:keys/NAME.pem")
    return uri


def _timestamps(located: Located | None) -> list[str]:
    if located is None:
        return []
    urls = located.table("[timestamps]", (), ("urls",)).get("urls")
    if urls is None:
        return []
    for each in urls.items("urls"):
        if not each.text("each of urls").startswith(("http://", "https://")):
            each.refuse("a time-stamp authority is named by its http or https URL", "write http://… or https://…")
    return urls.texts("urls")


def _aws(listed: Located | None) -> list[AwsSource]:
    read: list[AwsSource] = []
    for each in listed.items("[[sources.aws]]") if listed is not None else []:
        source = _aws_source(each)
        known = {account_of(role) for earlier in read for role in earlier.roles}
        if twice := known & {account_of(role) for role in source.roles}:
            each.refuse(f"account {min(twice)} is read by an earlier source already", "name each account once")
        read.append(source)
    return read


def account_of(role: str) -> str:
    """The account number in a role's ARN."""
    return role.split(":")[4]


def _aws_source(located: Located) -> AwsSource:
    optional = ("profile", "roles", "region", "external_id", "organization", "role_name")
    keys = located.table("[[sources.aws]]", (), optional)
    roles = keys["roles"].texts("roles") if "roles" in keys else []
    region = keys["region"].text("region") if "region" in keys else ""
    external_id = keys["external_id"].text("external_id") if "external_id" in keys else ""
    for role in roles:
        if not _ROLE.fullmatch(role):
            keys["roles"].refuse(f"{role!r} is not the ARN of a role", "write arn:aws:iam::123456789012:role/NAME")
    if region and not _REGION.fullmatch(region):
        keys["region"].refuse(f"{region!r} is not a region", "write a region such as eu-west-1")
    profile = keys["profile"].text("profile") if "profile" in keys else ""
    return AwsSource(profile, roles, region, external_id, *_organization(keys))


def _organization(keys: dict[str, Located]) -> tuple[bool, str]:
    """Whether the organization is read, and through which role its accounts."""
    organization = keys["organization"].flag("organization") if "organization" in keys else False
    role_name = keys["role_name"].text("role_name") if "role_name" in keys else ""
    if role_name and not organization:
        keys["role_name"].refuse("role_name is for the accounts of an organization", "add organization = true")
    if role_name and not _ROLE_NAME.fullmatch(role_name):
        keys["role_name"].refuse(f"{role_name!r} is not the name of a role", "write a name such as ObservantReader")
    return organization, role_name
