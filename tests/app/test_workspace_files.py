"""Every mistake in a workspace file is met with the file, the line and the fix."""

import contextlib
from datetime import date, timedelta
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from observant.app.policy import (
    commitments_of,
    commitments_predicate,
    commitments_recorded,
    controls_of,
)
from observant.app.settings import parse_settings
from observant.app.yaml_lines import LARGEST, parse_yaml
from observant.errors import ConfigurationError
from observant.model.commitment import in_words
from observant.model.kinds import KINDS

CHECKS = ["aws-root-mfa", "aws-console-mfa"]

COMMITMENT = """\
commitments:
  - name: access_key_max_age
    document: Access Control Policy
    clause: "4.3"
    statement: Access keys are rotated every 90 days.
    effective: 2025-01-01
    max_age: 90 days
"""

CONTROL = """\
controls:
  - id: AC-01
    title: The root user is locked away
    statement: The root user is protected.
    owner: Ada
    criteria: [CC6.1]
    checks: [aws-root-mfa]
"""

SETTINGS = """\
company = "Example Ltd"
origin = "example.com/access"
[store]
path = "evidence"
[signing]
log = "file:keys/log.pem"
statement = "file:keys/statement.pem"
package = "file:keys/package.pem"
[timestamps]
urls = ["http://tsa.example.com"]
[schedule]
every = "24 hours"

[[sources.aws]]
profile = "audit"
roles = ["arn:aws:iam::123456789012:role/Read"]
region = "eu-west-1"
"""


def commitments(written: str) -> Any:
    return commitments_of(parse_yaml(written.encode(), "commitments.yaml"))


def controls(written: str) -> Any:
    return controls_of(parse_yaml(written.encode(), "controls.yaml"), CHECKS)


def settings(written: str) -> Any:
    return parse_settings(written.encode())


def told(read: Any, written: str) -> tuple[int, str, str]:
    """Line, problem and remedy."""
    with pytest.raises(ConfigurationError) as caught:
        read(written)
    first = str(caught.value).splitlines()[0]
    return caught.value.line, first.partition(": ")[2], caught.value.remedy


def test_a_sound_commitment_is_read() -> None:
    (read,) = commitments(COMMITMENT)

    assert ("access_key_max_age", date(2025, 1, 1), None) == (read.name, read.effective, read.until)
    assert {"max_age": timedelta(days=90)} == read.parameters
    assert [read] == commitments_recorded(commitments_predicate([read]))


def test_sound_settings_are_read() -> None:
    read = settings(SETTINGS)

    assert ("audit", "eu-west-1") == (read.aws[0].profile, read.aws[0].region)
    assert timedelta(days=1) == read.every


def test_a_policy_that_changed_is_two_commitments() -> None:
    changed = COMMITMENT.replace("max_age:", "until: 2025-05-31\n    max_age:") + COMMITMENT.partition("\n")[2].replace(
        "2025-01-01", "2025-06-01"
    )

    assert [None, date(2025, 5, 31)] == sorted((each.until for each in commitments(changed)), key=str, reverse=True)


@pytest.mark.parametrize(
    ("old", "new", "line", "problem", "remedy"),
    [
        ("access_key_max_age", "access_key_maxage", 2, "no commitment 'access_key_maxage'", "'access_key_max_age'"),
        ("max_age: 90", "max_aeg: 90", 7, "has no key 'max_aeg'", "did you mean 'max_age'?"),
        ("90 days\n", "90\n", 7, "90 is not a duration such as '90 days'", "oldest age an active access key may reach"),
        ("    max_age: 90 days\n", "", 2, "lacks 'max_age'", "add `max_age`"),
        ("2025-01-01", "2025-02-30", 6, "'2025-02-30' is not a calendar day", "2025-01-31"),
        ("2025-01-01", "01.01.2025", 6, "is not a calendar day", "year-month-day"),
        ('"4.3"', "4.3", 4, "clause must be text, not a number", "quotes"),
        ('"4.3"', "", 4, "clause must be text, not nothing", "quotes"),
        ('"4.3"', '" "', 4, "clause is empty", "write the clause"),
        ("document: Access", "document: !!python/object Access", 3, "tags", "quote"),
        ("max_age: 90 days", "max_age: *all", 7, "anchors and aliases", "write the values out"),
        ("max_age: 90 days", "max_age: &all 90 days", 7, "anchors and aliases", "write the values out"),
        ("max_age: 90 days", "until: 2024-12-31\n    max_age: 90 days", 7, "is before effective", "last day"),
        (
            "max_age: 90 days",
            'clause: "4.4"\n    max_age: 90 days',
            7,
            "'clause' stands twice (first in line 4)",
            "remove",
        ),
        ("commitments:", "commitment:", 1, "has no key 'commitment'", "did you mean 'commitments'?"),
        ("    clause", "   clause", 4, "this is not YAML", "indentation"),
        ("document: Access", "document: [Access", 4, "this is not YAML", "indentation"),
        ("document: Access", "document: \x07Access", 3, "control character", "remove"),
    ],
)
def test_a_mistake_in_commitments(old: str, new: str, line: int, problem: str, remedy: str) -> None:
    assert old in COMMITMENT

    at, said, fix = told(commitments, COMMITMENT.replace(old, new, 1))

    assert line == at
    assert problem in said
    assert remedy in fix


@pytest.mark.parametrize(
    ("written", "line", "problem"),
    [
        ("", 0, "is empty"),
        ("# nothing but a comment\n", 0, "is empty"),
        ("commitments: {}\n", 1, "must be a list, not a table"),
        ("- one\n", 1, "must be a table of keys and values, not a list"),
        ("commitments:\n  - just a text\n", 2, "must be a table of keys and values, not text"),
        (COMMITMENT + "---\nmore: 1\n", 8, "a second document"),
        ("commitments: " + "[" * 200, 1, "nested too deeply"),
        ("? [a, b]\n: c\n", 1, "a key must be a plain word"),
        ("<<: {a: b}\n", 1, "merge keys"),
        ("a" * (LARGEST + 1), 0, "more than a workspace file may have"),
    ],
)
def test_a_file_of_the_wrong_shape(written: str, line: int, problem: str) -> None:
    at, said, _ = told(commitments, written)

    assert line == at
    assert problem in said


def test_a_file_that_is_not_utf8_is_refused_with_the_line() -> None:
    with pytest.raises(ConfigurationError, match=r"^commitments\.yaml:2: this is not UTF-8"):
        parse_yaml(b"commitments:\n  - name: \xff\xfe\n", "commitments.yaml")


def test_two_commitments_of_one_name_may_not_overlap() -> None:
    second = COMMITMENT.partition("\n")[2].replace("2025-01-01", "2025-06-01")

    at, said, fix = told(commitments, COMMITMENT + second)

    assert 8 == at
    assert "promised twice for the same days (also in line 2)" in said
    assert "end the one effective 2025-01-01 with `until: 2025-05-31`" == fix


@pytest.mark.parametrize(
    ("old", "new", "line", "problem", "remedy"),
    [
        ("aws-root-mfa", "aws-root-mfaa", 7, "no check 'aws-root-mfaa'", "did you mean 'aws-root-mfa'?"),
        ("aws-root-mfa", "aws-root-mfa, aws-root-mfa", 7, "stands twice in checks", "remove"),
        ("CC6.1", "6.1", 6, "must be text", "quotes"),
        ("CC6.1", "CC61", 6, "'CC61' is not the id of a criterion", "CC6.1"),
        ("[CC6.1]", "CC6.1", 6, "criteria must be a list", "list"),
        ("    owner: Ada\n", "", 2, "lacks 'owner'", "add `owner`"),
        ("checks: [", "occurrences: [snapshot_cadenc]\n    checks: [", 7, "no occurrence 'snapshot_cadenc'", "did you"),
        ("title: The", "title: yes #", 3, "title must be text, not true or false", "quotes"),
    ],
)
def test_a_mistake_in_controls(old: str, new: str, line: int, problem: str, remedy: str) -> None:
    at, said, fix = told(controls, CONTROL.replace(old, new, 1))

    assert line == at
    assert problem in said
    assert remedy in fix


def test_a_control_id_is_used_once() -> None:
    at, said, _ = told(controls, CONTROL + CONTROL.partition("\n")[2])

    assert (8, "the control AC-01 stands twice") == (at, said)


@pytest.mark.parametrize(
    ("old", "new", "line", "problem", "remedy"),
    [
        ('company = "Example Ltd"\n', "", 1, "lacks 'company'", "add `company`"),
        ('"Example Ltd"', "Example Ltd", 1, "this is not TOML", "quotes"),
        ('"24 hours"', '"daily"', 12, "'daily' is not a duration", "24 hours"),
        ('"24 hours"', "24", 12, "every must be text, not a number", "quotes"),
        ('"24 hours"', '"0 days"', 12, "no time at all", "24 hours"),
        ('"24 hours"', '"999999 weeks"', 12, "longer than 366 days", "more often"),
        ("every =", "evry =", 12, "has no key 'evry'", "did you mean 'every'?"),
        ('"file:keys/log.pem"', '"keys/log.pem"', 6, "not the URI of a key", "file:keys/NAME.pem"),
        ("role/Read", "user/Read", 16, "not the ARN of a role", "role/NAME"),
        ("eu-west-1", "Ireland", 17, "'Ireland' is not a region", "eu-west-1"),
        ("[[sources.aws]]", "[[sources.asw]]", 14, "has no key 'asw'", "did you mean 'aws'?"),
        ("[[sources.aws]]", "[sources.aws]", 14, "must be a list, not a table", "list"),
        (
            'role/Read"]',
            'role/Read"]\n[[sources.aws]]\nroles = ["arn:aws:iam::123456789012:role/Other"]',
            17,
            "read by an",
            "once",
        ),
        ("http://tsa", "tsa", 10, "named by its http or https URL", "http://"),
        ("example.com/access", "my log", 2, "origin has a space", "example.com"),
        ('profile = "audit"', 'aws_secret_access_key = "hunter2hunter2"', 15, "has no key", "known keys"),
        ('profile = "audit"', 'profile = "audit"\nprofile = "b"', 16, "this is not TOML", "one line"),
    ],
)
def test_a_mistake_in_settings(old: str, new: str, line: int, problem: str, remedy: str) -> None:
    at, said, fix = told(settings, SETTINGS.replace(old, new, 1))

    assert line == at
    assert problem in said
    assert remedy in fix
    assert "hunter2" not in said + fix


_STATEMENTS = (
    "arn:aws:iam::*:role/developer-* may s3:Get*, logs:* on arn:aws:s3:::prod-*",
    "arn:aws:iam::*:user/* may policy arn:aws:iam::aws:policy/ReadOnlyAccess",
    "only arn:aws:iam::*:role/platform-* may iam:Create*",
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.dates())
SHAPES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["commitments", "controls", "x"]), SHAPES, max_size=2) | SHAPES)
def test_no_shape_of_yaml_escapes_as_another_error(shape: object) -> None:
    written = yaml.safe_dump(shape, allow_unicode=True)
    for read in (commitments, controls):
        with contextlib.suppress(ConfigurationError):
            read(written)


@given(st.binary(max_size=200))
def test_no_bytes_escape_as_another_error(raw: bytes) -> None:
    for read in (lambda: parse_yaml(raw, "x.yaml"), lambda: parse_settings(raw)):
        with contextlib.suppress(ConfigurationError):
            read()


@st.composite
def written_commitment(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(sorted(KINDS.values(), key=lambda one: one.name)))
    spans = st.integers(24 * 30, 9999).map(lambda hours: in_words(timedelta(hours=hours)))
    of = {
        "duration": spans,
        "number": st.integers(0, 99),
        "flag": st.booleans(),
        "patterns": st.lists(st.text("ab:*/", min_size=1).filter(str.strip), max_size=3),
        "statements": st.lists(st.sampled_from(_STATEMENTS), min_size=1, max_size=3, unique=True),
    }
    line = st.text(st.characters(codec="ascii", categories=["L", "N", "P", "Z"]), min_size=1).filter(str.strip)
    sentence = {key: draw(line) for key in ("document", "clause", "statement")}
    parameters = {name: draw(of[each.type]) for name, each in kind.parameters.items()}
    return {"name": kind.name, **sentence, "effective": draw(st.dates()), **parameters}


@given(written_commitment())
def test_what_yaml_writes_is_read_back(written: dict[str, Any]) -> None:
    (read,) = commitments(yaml.safe_dump({"commitments": [written]}))

    assert written["statement"].strip() == read.statement
    assert written["effective"] == read.effective
    assert [read] == commitments_recorded(commitments_predicate([read]))
