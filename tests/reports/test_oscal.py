"""OSCAL: structure here; the whole model where OBSERVANT_TRESTLE_PYTHON names a Python with compliance-trestle.

compliance-trestle pins the version of Jinja, so it cannot live in the environment of the project.
"""

import json
import os
import re
import subprocess
from uuid import UUID

import msgspec
import pytest

from observant.reports.oscal import assessment_results
from reports.sample import result

_TOKEN = re.compile(r"[^\W\d][\w.-]*")
_VALUE = re.compile(r"\S(.*\S)?")


def _document(of=None):
    return assessment_results(of or result(), "evidence/log/tile/entries/000#entry={}".format)


def _empty():
    return msgspec.structs.replace(result(), controls=[], coverage=[], scopes=[])


def _all(value, key):
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == key:
                yield inner
            yield from _all(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _all(inner, key)


@pytest.mark.skipif("OBSERVANT_TRESTLE_PYTHON" not in os.environ, reason="compliance-trestle is not there")
@pytest.mark.parametrize("of", [result(), result(demo=False), _empty()])
def test_trestle_reads_it(tmp_path, of):
    path = tmp_path / "oscal.json"
    path.write_text(json.dumps(_document(of)))
    script = (
        "import sys, pathlib; from trestle.oscal.assessment_results import AssessmentResults as Model;"
        "assert Model.oscal_read(pathlib.Path(sys.argv[1])) is not None"
    )

    run = subprocess.run([os.environ["OBSERVANT_TRESTLE_PYTHON"], "-c", script, path], capture_output=True, text=True)

    assert (0, "") == (run.returncode, run.stderr)


@pytest.mark.parametrize("of", [result(), _empty()])
def test_the_parts_that_the_format_requires(of):
    document = _document(of)["assessment-results"]

    assert {"uuid", "metadata", "import-ap", "results"} <= document.keys()
    assert {"title", "last-modified", "version", "oscal-version"} <= document["metadata"].keys()
    assert "1.1.2" == document["metadata"]["oscal-version"]
    (period,) = document["results"]
    assert {"uuid", "title", "description", "start", "reviewed-controls"} <= period.keys()
    for one in period.get("observations", []):
        assert {"uuid", "description", "methods", "collected"} <= one.keys()
    for one in period.get("findings", []):
        assert {"uuid", "title", "description", "target"} <= one.keys()
    assert [] == [one for one in _lists(document) if not one], "OSCAL has no empty lists"


def _lists(value):
    if isinstance(value, dict):
        for inner in value.values():
            yield from _lists(inner)
    elif isinstance(value, list):
        yield value
        for inner in value:
            yield from _lists(inner)


def test_identifiers_have_the_forms_of_the_format():
    document = _document()

    ids = list(_all(document, "uuid"))
    assert len(set(ids)) == len(ids)
    assert {5} == {UUID(one).version for one in ids}
    tokens = [*_all(document, "name"), *_all(document, "control-id"), *_all(document, "target-id")]
    assert [] == [one for one in tokens if not _TOKEN.fullmatch(one)]
    assert [] == [one for one in _all(document, "value") if not _VALUE.fullmatch(one)]


def test_what_is_referred_to_is_there():
    document = _document()["assessment-results"]

    observed = {one["uuid"] for one in document["results"][0]["observations"]}
    assert set(_all(document, "observation-uuid")) <= observed
    assert document["import-ap"]["href"].removeprefix("#") in [
        one["uuid"] for one in document["back-matter"]["resources"]
    ]


def test_one_finding_a_control_and_its_state():
    findings = _document()["assessment-results"]["results"][0]["findings"]

    assert [
        ("AC-01", "satisfied", "pass"),
        ("AC-02", "not-satisfied", "fail"),
        ("AC-03", "not-satisfied", "other"),
        ("AC-04", "not-satisfied", "other"),
    ] == [(one["target"]["target-id"], *one["target"]["status"].values()) for one in findings]


def test_exceptions_point_into_the_log():
    hrefs = list(_all(_document(), "href"))

    assert {f"evidence/log/tile/entries/000#entry={index}" for index in (12, 300)} <= set(hrefs)


def test_names_neither_render_nor_hide():
    text = json.dumps(_document(), ensure_ascii=False)
    prose = [*_all(_document(), "title"), *_all(_document(), "description")]

    assert "\u202e" not in text
    assert [] == [one for one in prose if "<script>" in one]


def test_control_numbers_that_are_no_tokens_are_made_some():
    control = msgspec.structs.replace(result().controls[0], control="6.1 (a)")
    of = msgspec.structs.replace(result(), controls=[control])

    assert ["_6.1__a_"] == list(_all(_document(of), "target-id"))


def test_the_same_result_gives_the_same_document():
    assert _document() == _document()
