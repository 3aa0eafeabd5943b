"""Who stands behind a change: as far as events show, and no further."""

import pytest

from observant.analysis.actors import Actor, Begun, Caller, actor_of

ROLE = "arn:aws:sts::111122223333:assumed-role/deployment/run"
GITHUB = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"


WORKFLOW = Begun(Caller("WebIdentityUser", None, None, None, None), "repo:acme/infra:ref:refs/heads/main", GITHUB)
CLOUDFORMATION = Caller("AWSService", None, None, None, None, None, "cloudformation.amazonaws.com")


def role(key: str = "ASIA1", **more: str) -> Caller:
    return Caller(
        "AssumedRole", more.get("arn", ROLE), more.get("name", "run"), key, more.get("source"), more.get("user")
    )


def user(name: str = "ada") -> Caller:
    return Caller("IAMUser", f"arn:aws:iam::111122223333:user/{name}", None, "AKIA1", None)


@pytest.mark.parametrize(
    ("caller", "sessions", "name", "kind"),
    [
        (user(), {}, "arn:aws:iam::111122223333:user/ada", "user"),
        (Caller("Root", "arn:aws:iam::111122223333:root", None, None, None), {}, "root", "root"),
        (role(source="ada@example.com"), {}, "ada@example.com", "person"),
        (role(user="9067-1"), {}, "9067-1", "person"),
        (
            role(arn="arn:aws:sts::1:assumed-role/AWSReservedSSO_Admin_0a1b/ada@example.com", name="ada@example.com"),
            {},
            "ada@example.com",
            "person",
        ),
        (role(), {"ASIA1": Begun(user("bob"), None, None)}, "arn:aws:iam::111122223333:user/bob", "user"),
        (
            role("ASIA2"),
            {"ASIA2": Begun(role("ASIA1"), None, None), "ASIA1": Begun(user(), None, None)},
            "arn:aws:iam::111122223333:user/ada",
            "user",
        ),
        (
            role(),
            {"ASIA1": WORKFLOW},
            "repo:acme/infra:ref:refs/heads/main",
            "workflow",
        ),
        (role(), {"ASIA1": Begun(Caller("SAMLUser", None, None, None, None), "ada", "idp")}, "ada", "federated"),
        (role(), {}, ROLE, "session"),
        (role(), {"ASIA1": Begun(role(), None, None)}, ROLE, "session"),
        (CLOUDFORMATION, {}, "cloudformation.amazonaws.com", "service"),
        (Caller(None, None, None, None, None), {}, "unknown", "unknown"),
    ],
)
def test_who_it_was(caller, sessions, name, kind):
    found = actor_of(caller, sessions)

    assert (name, kind) == (found.name, found.kind)
    assert isinstance(found, Actor)
    assert found.shown_by
