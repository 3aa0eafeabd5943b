"""`[[sources.people]]`: wrong settings name the line."""

import pytest

from observant.app.located import Located
from observant.app.people_settings import read_people_sources
from observant.app.toml_lines import parse_toml
from observant.errors import ConfigurationError

GOOD = """
[[sources.people]]
name = "hr"
file = "people.csv"
zone = "Europe/Berlin"
holidays = [2026-12-25]
links = ["tag:Employee", "email"]

[sources.people.columns]
id = "Employee"
name = "Name"
start = "First"
end = "Last"
"""


def sources(text: str) -> Located:
    top = parse_toml(text.encode(), "observant.toml")
    return top.table("the file", ("sources",))["sources"].table("[sources]", ("people",))["people"]


def test_what_is_written_is_read():
    (source,) = read_people_sources(sources(GOOD))

    assert ("hr", "Europe/Berlin", ["tag:Employee", "email"]) == (source.name, source.zone, source.links)
    assert {"id": "Employee", "name": "Name", "start": "First", "end": "Last"} == source.columns
    assert "2026-12-25" == str(source.holidays[0])


@pytest.mark.parametrize(
    ("written", "instead", "problem"),
    [
        ('name = "hr"', 'name = "H R"', "not a short name"),
        ("Europe/Berlin", "Europe/Nowhere", "no time zone"),
        ("2026-12-25", '"christmas"', "holidays"),
        ("tag:Employee", "tag:", "no rule"),
        ("tag:Employee", "likeness", "no rule"),
        ('end = "Last"', "", "lacks 'end'"),
        ('end = "Last"', 'end = "Last"\nsalary = "Pay"', "no key 'salary'"),
        ("file =", "fyle =", "no key 'fyle'"),
    ],
)
def test_what_is_wrong_is_refused(written, instead, problem):
    with pytest.raises(ConfigurationError, match=problem) as caught:
        read_people_sources(sources(GOOD.replace(written, instead, 1)))

    assert caught.value.line >= 2


def test_a_name_stands_once():
    with pytest.raises(ConfigurationError, match="already"):
        read_people_sources(sources(GOOD + GOOD))
