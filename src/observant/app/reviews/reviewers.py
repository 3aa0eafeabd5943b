"""`reviewers.yaml`: who reviews what, and the keys they sign with."""

import base64
import binascii
import re
from pathlib import Path

from observant.analysis.access import ACCESS
from observant.app.located import Located
from observant.app.yaml_lines import read_yaml
from observant.reviews.reviewers import MANAGER, OWNER, Reviewer, Reviewers, Rule

REVIEWERS_FILE = "reviewers.yaml"


_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_EMAIL = re.compile(r"[^\s@\",*?!]+@[^\s@\",*?!]+")


def read_reviewers(path: Path) -> Reviewers:
    """Read and check the file. Raises ConfigurationError with the line."""
    top = read_yaml(path, path.name).table("the file", ("reviewers", "rules", "escalation"))
    people: list[Reviewer] = []
    for each in top["reviewers"].items("reviewers"):
        person = _person(each)
        if any(person.name == other.name for other in people):
            each.refuse(f"the reviewer {person.name} stands twice", "give each reviewer one entry")
        people.append(person)
    names = [one.name for one in people]
    return Reviewers(
        people=tuple(people),
        rules=tuple(_rule(each, names) for each in top["rules"].items("rules")),
        escalation=top["escalation"].one_of("reviewer", names),
    )


def _person(located: Located) -> Reviewer:
    keys = located.table("a reviewer", ("name", "email"), ("identities", "keys"))
    if not _NAME.fullmatch(keys["name"].text("name")):
        keys["name"].refuse("the name of a reviewer names files too", "use letters, digits and - . _, such as ada.king")
    if not _EMAIL.fullmatch(keys["email"].text("email")):
        keys["email"].refuse("this is no e-mail address", "write it as ada@example.com")
    return Reviewer(
        name=keys["name"].text("name"),
        email=keys["email"].text("email"),
        identities=tuple(keys["identities"].texts("identities")) if "identities" in keys else (),
        keys=tuple(_key(each) for each in keys["keys"].items("keys")) if "keys" in keys else (),
    )


def _key(located: Located) -> str:
    """Type and blob of an OpenSSH public key; its comment says nothing and is dropped."""
    kind, _, rest = located.text("a key").partition(" ")
    blob = rest.split(" ")[0]
    try:
        content = base64.b64decode(blob, validate=True)
    except binascii.Error:
        content = b""
    if content[4 : 4 + len(kind)] != kind.encode() or not kind:
        located.refuse("this is no OpenSSH public key", "copy the line of the file that ends in .pub")
    return f"{kind} {blob}"


def _rule(located: Located, names: list[str]) -> Rule:
    keys = located.table("a rule", (), ("reviewer", "by", "kinds", "scopes", "labels"))
    if ("reviewer" in keys) == ("by" in keys):
        located.refuse("a rule says who reviews", "give it either `reviewer: NAME` or `by: manager` or `by: owner`")
    for each in keys["kinds"].items("kinds") if "kinds" in keys else ():
        if "*" not in each.text("each of kinds"):
            each.one_of("kind of access", ACCESS)
    return Rule(
        reviewer=keys["reviewer"].one_of("reviewer", names) if "reviewer" in keys else "",
        by=keys["by"].one_of("way to find a reviewer", (MANAGER, OWNER)) if "by" in keys else "",
        **{part: tuple(keys[part].texts(part)) for part in ("kinds", "scopes", "labels") if part in keys},
    )
