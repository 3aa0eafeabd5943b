"""Mistakes in `[[sources.entra]]` and `[[sources.azure]]`: file, line, fix, and no secret in the message."""

import pytest

from observant.app.microsoft_settings import Caller
from observant.app.settings import parse_settings
from observant.errors import ConfigurationError

TENANT, CLIENT, ONE = (f"{number}0000000-0000-0000-0000-000000000000" for number in (1, 2, 3))

SETTINGS = f"""\
company = "Example Ltd"
origin = "example.com/access"
[store]
path = "evidence"
[signing]
log = "file:keys/log.pem"
statement = "file:keys/statement.pem"
package = "file:keys/package.pem"
[schedule]
every = "24 hours"

[[sources.entra]]
tenant = "{TENANT}"
client_id = "{CLIENT}"
certificate = "reader.pem"
cloud = "us-government"

[[sources.azure]]
tenant = "{TENANT}"
client_id = "{CLIENT}"
identity = "workload"
subscriptions = ["{ONE}"]
"""


def test_sources_are_read() -> None:
    read = parse_settings(SETTINGS.encode())

    assert [Caller(TENANT, "certificate", CLIENT, "reader.pem", "us-government")] == [one.caller for one in read.entra]
    assert [(Caller(TENANT, "workload", CLIENT), [ONE])] == [(one.caller, one.subscriptions) for one in read.azure]


def test_all_visible_subscriptions() -> None:
    read = parse_settings(SETTINGS.replace(f'["{ONE}"]', '"all"').encode())

    assert [None] == [one.subscriptions for one in read.azure]


@pytest.mark.parametrize(
    ("old", "new", "line", "problem", "remedy"),
    [
        (f'tenant = "{TENANT}"', 'tenant = "example.com"', 13, "is not an id", "not a name"),
        (f'tenant = "{TENANT}"\n', "", 12, "lacks 'tenant'", "add `tenant`"),
        (f'client_id = "{CLIENT}"\ncertificate', "certificate", 12, "lacks 'client_id'", "app registration"),
        ('certificate = "reader.pem"', 'client_secret = "hunter2"', 15, "has no place", "AZURE_CLIENT_SECRET"),
        ('certificate = "reader.pem"', 'password = "hunter2"', 15, "has no place", "certificate"),
        ('certificate = "reader.pem"\n', "", 12, "as whom", "certificate"),
        ('certificate = "reader.pem"', 'identity = "magic"', 15, "no identity 'magic'", "managed"),
        (
            'certificate = "reader.pem"',
            'certificate = "x"\nidentity = "managed"',
            16,
            "uses no certificate",
            "one of the two",
        ),
        ("us-government", "us-goverment", 16, "no cloud 'us-goverment'", "us-government"),
        (f'subscriptions = ["{ONE}"]', "", 18, "lacks 'subscriptions'", "add `subscriptions`"),
        (f'["{ONE}"]', "[]", 22, "is empty", "'all'"),
        (f'["{ONE}"]', '"every"', 22, "no subscriptions 'every'", "all"),
        (f'["{ONE}"]', '["production"]', 22, "is not an id", "not a name"),
        (f'["{ONE}"]', f'["{ONE}", "{ONE}"]', 22, "twice", "one of the two"),
        ("[[sources.azure]]", "[[sources.azur]]", 18, "has no key 'azur'", "did you mean 'azure'?"),
        ("[[sources.entra]]", "[sources.entra]", 12, "must be a list", "list"),
    ],
)
def test_a_mistake(old: str, new: str, line: int, problem: str, remedy: str) -> None:
    assert old in SETTINGS
    with pytest.raises(ConfigurationError) as wrong:
        parse_settings(SETTINGS.replace(old, new, 1).encode())
    said = str(wrong.value)

    assert line == wrong.value.line, said
    assert problem in said
    assert remedy in wrong.value.remedy
    assert "hunter2" not in said


def test_a_tenant_is_named_once() -> None:
    source = SETTINGS.partition("[[sources.entra]]")[2].partition("[[sources.azure]]")[0]
    with pytest.raises(ConfigurationError, match="read by an earlier source already"):
        parse_settings(f"{SETTINGS}\n[[sources.entra]]{source}".encode())


def test_all_subscriptions_and_some_of_them_overlap() -> None:
    source = SETTINGS.partition("[[sources.azure]]")[2].replace(f'["{ONE}"]', '"all"')
    with pytest.raises(ConfigurationError, match="overlap"):
        parse_settings(f"{SETTINGS}\n[[sources.azure]]{source}".encode())
