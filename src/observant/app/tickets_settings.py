"""`[[sources.tickets]]` of `observant.toml`: trackers, what is asked of them, and what their words mean.

No secret may stand here. A token comes from the environment, or from a file that only its owner can read.
"""

import re
import zoneinfo
from pathlib import Path

from observant.app.located import Located
from observant.collect.tickets import tracker as asked
from observant.collect.tickets.tracker import Tracker

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
_FIELD = re.compile(r"[A-Za-z_][\w.]*")
_SECRETS = ("token", "password", "secret", "api_key", "pat")
_COMMON = ("statuses", "kinds")
_REACHED = ("address", "token_variable", "token_file", "user")
_TAKES = {
    "export": (("file", "columns"), ("pull_requests", "pull_request_columns", "zone", "date_format")),
    "github": (("repositories",), ("address", "token_variable", "token_file")),
    "jira-cloud": (("address", "user"), ("token_variable", "token_file", "query", "approvers", "implementer")),
    "jira": (("address",), (*_REACHED[1:], "query", "approvers", "implementer")),
    "servicenow": (("address",), (*_REACHED[1:], "query", "table", "implementer")),
}
"""System -> (required keys, optional keys), besides `name`, `system`, `statuses` and `kinds`."""
VARIABLES = {
    "github": "GITHUB_TOKEN",
    "jira-cloud": "JIRA_TOKEN",
    "jira": "JIRA_TOKEN",
    "servicenow": "SERVICENOW_TOKEN",
}
"""System -> the variable that its token comes from when the source names none."""


def read_ticket_sources(listed: Located | None) -> list[Tracker]:
    """Raises ConfigurationError naming the line. Paths are as written."""
    read: list[Tracker] = []
    for each in listed.items("[[sources.tickets]]") if listed is not None else []:
        source = _source(each)
        if any(source.name == earlier.name for earlier in read):
            each.refuse(f"tickets {source.name} are read by an earlier source already", "give each source its own name")
        read.append(source)
    return read


def _source(located: Located) -> Tracker:
    keys = _keys(located)
    name, system = keys["name"].text("name"), keys["system"].text("system")
    if not _NAME.fullmatch(name):
        keys["name"].refuse(f"{name!r} is not a short name", "write lower-case letters, digits and hyphens")
    return Tracker(
        name=name,
        system=system,
        statuses=_words(keys.get("statuses"), "[sources.tickets.statuses]", asked.MEANINGS),
        kinds=_words(keys.get("kinds"), "[sources.tickets.kinds]", asked.PURPOSES),
        file=_path(keys.get("file")),
        pull_requests=_path(keys.get("pull_requests")),
        columns=_columns(keys.get("columns"), asked.TICKET_REQUIRED, asked.TICKET_FIELDS),
        pull_request_columns=_columns(
            keys.get("pull_request_columns"), asked.PULL_REQUEST_REQUIRED, asked.PULL_REQUEST_FIELDS
        ),
        zone=_zone(keys.get("zone")),
        date_format=_text(keys.get("date_format"), "date_format"),
        address=_address(keys.get("address")) or ("https://api.github.com" if system == "github" else ""),
        repositories=_repositories(keys.get("repositories")),
        query=_text(keys.get("query"), "query"),
        table=_field(keys.get("table"), "table") or "change_request",
        approvers=_field(keys.get("approvers"), "approvers"),
        implementer=_field(keys.get("implementer"), "implementer"),
        user=_text(keys.get("user"), "user"),
        token_variable=_variable(keys.get("token_variable")) or VARIABLES.get(system, ""),
        token_file=_path(keys.get("token_file")),
    )


def _keys(located: Located) -> dict[str, Located]:
    """The keys of one source, those that its system takes. A secret is refused before anything repeats it."""
    what = "[[sources.tickets]]"
    every = {key for required, optional in _TAKES.values() for key in (*required, *optional)}
    if isinstance(located.value, dict):
        for key in _SECRETS:
            if key in located.value:
                located.refuse(
                    f"{key} is a secret, and this file is no place for one",
                    "put it into an environment variable and name that as token_variable, or name a token_file",
                    line=located.key_lines.get(key),
                )
    keys = located.table(what, ("name", "system"), (*_COMMON, *sorted(every)))
    system = keys["system"].one_of("system", asked.SYSTEMS)
    required, optional = _TAKES[system]
    return located.table(f"{what} of {system}", ("name", "system", *required), (*_COMMON, *optional))


def _text(located: Located | None, what: str) -> str:
    return located.text(what) if located is not None else ""


def _path(located: Located | None) -> Path | None:
    return Path(located.text("the path")) if located is not None else None


def _words(located: Located | None, what: str, known: tuple[str, ...]) -> dict[str, list[str]]:
    if located is None:
        return {}
    return {meaning: words.texts(meaning) for meaning, words in located.table(what, (), known).items()}


def _columns(located: Located | None, required: tuple[str, ...], known: tuple[str, ...]) -> dict[str, str]:
    if located is None:
        return {}
    named = located.table("the table of columns", required, known)
    return {field: column.text(field) for field, column in named.items()}


def _zone(located: Located | None) -> str:
    if located is None:
        return "UTC"
    name = located.text("zone")
    if name not in zoneinfo.available_timezones():
        located.refuse(f"there is no time zone {name!r}", "write an IANA name such as Europe/Berlin")
    return name


def _address(located: Located | None) -> str:
    if located is None:
        return ""
    address = located.text("address").rstrip("/")
    if not re.fullmatch(r"https://[\w.-]+(:\d+)?(/[\w./-]*)?", address):
        located.refuse(f"{address!r} is not an address that a token may be sent to", "write https://HOST")
    return address


def _repositories(located: Located | None) -> list[str]:
    if located is None:
        return []
    read = located.texts("repositories")
    for one in read:
        if not _REPOSITORY.fullmatch(one):
            located.refuse(f"{one!r} is not a repository", "write OWNER/NAME")
    if not read:
        located.refuse("repositories is empty", "name at least one OWNER/NAME")
    return read


def _field(located: Located | None, what: str) -> str:
    name = _text(located, what)
    if located is not None and not _FIELD.fullmatch(name):
        located.refuse(f"{name!r} is not the name of a field or table", "write its technical name")
    return name


def _variable(located: Located | None) -> str:
    name = _text(located, "token_variable")
    if located is not None and not _VARIABLE.fullmatch(name):
        located.refuse("token_variable is not the name of an environment variable", "write a name, never the token")
    return name
