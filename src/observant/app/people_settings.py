"""`[[sources.people]]` of `observant.toml`: exports of people, which column is what, and how accounts are linked."""

import re
import zoneinfo
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from observant.app.located import Located
from observant.app.notify_settings import read_place
from observant.collect.people.mapping import FIELDS, LINKS, REQUIRED, WEEKDAYS, WORKWEEK, Mapping

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_OPTIONAL = ("file", "scim", "token", "accounts", "zone", "date_format", "holidays", "workweek", "links")
_LOCAL = ("localhost", "127.0.0.1", "::1")


def read_people_sources(listed: Located | None) -> list[Mapping]:
    """Raises ConfigurationError naming the line. Paths are as written."""
    read: list[Mapping] = []
    for each in listed.items("[[sources.people]]") if listed is not None else []:
        source = _source(each)
        if any(source.name == earlier.name for earlier in read):
            each.refuse(f"people {source.name} are read by an earlier source already", "give each source its own name")
        read.append(source)
    return read


def _source(located: Located) -> Mapping:
    keys = located.table("[[sources.people]]", ("name", "columns"), _OPTIONAL)
    name = keys["name"].text("name")
    if not _NAME.fullmatch(name):
        keys["name"].refuse(f"{name!r} is not a short name", "write lower-case letters, digits and hyphens, such as hr")
    scim = _scim(located, keys)
    required = [field for field in REQUIRED if not (scim and field == "end")]  # a user who is not active has left
    columns = keys["columns"].table("[sources.people.columns]", required, FIELDS)
    return Mapping(
        name=name,
        file=Path(keys["file"].text("file")) if "file" in keys else Path(),
        columns={field: column.text(field) for field, column in columns.items()},
        accounts=Path(keys["accounts"].text("accounts")) if "accounts" in keys else None,
        zone=_zone(keys.get("zone")),
        date_format=keys["date_format"].text("date_format") if "date_format" in keys else "%Y-%m-%d",
        holidays=[_day(each) for each in keys["holidays"].items("holidays")] if "holidays" in keys else [],
        workweek=_each(keys.get("workweek"), "workweek", WEEKDAYS, list(WORKWEEK)),
        links=_links(keys.get("links")),
        scim=scim,
        token=read_place(keys["token"], "a token") if "token" in keys else "",
    )


def _scim(located: Located, keys: dict[str, Located]) -> str:
    """The base URL, which a token is sent to; empty for a file."""
    if ("file" in keys) == ("scim" in keys):
        located.refuse("people come from a file or from a SCIM service", "name one of `file` and `scim`")
    if "scim" not in keys:
        return ""
    url = keys["scim"].text("scim")
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL):
        keys["scim"].refuse("a token is sent over https only", "write https://… up to the part before /Users")
    if "token" not in keys:
        located.refuse("a SCIM service needs a token", "add token = env:VARIABLE, where it is")
    return url


def _zone(located: Located | None) -> str:
    if located is None:
        return "UTC"
    name = located.text("zone")
    if name not in zoneinfo.available_timezones():
        located.refuse(f"there is no time zone {name!r}", "write an IANA name such as Europe/Berlin")
    return name


def _day(located: Located) -> date:
    return located.day("each of holidays")


def _each(located: Located | None, what: str, known: tuple[str, ...], otherwise: list[str]) -> list[str]:
    return otherwise if located is None else [each.one_of(what, known) for each in located.items(what)]


def _links(located: Located | None) -> list[str]:
    if located is None:
        return ["email"]
    read = []
    for each in located.items("links"):
        rule = each.text("each of links")
        if rule not in LINKS and not (rule.startswith("tag:") and rule != "tag:"):
            each.refuse(f"there is no rule {rule!r}", f"write one of {', '.join(LINKS)}, or tag:KEY")
        read.append(rule)
    return read
