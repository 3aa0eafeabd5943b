import csv
import io
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observant.collect.shapes.report import MalformedReport, entity_of, rows_of
from observant_clouds.aws.behaviour import REPORT_COLUMNS

HEADER = ",".join(REPORT_COLUMNS)
ROW = {**dict.fromkeys(REPORT_COLUMNS, "N/A"), "user": "ada", "arn": "arn:aws:iam::111122223333:user/ada"}


def text(*rows):
    out = io.StringIO()
    writer = csv.DictWriter(out, REPORT_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


@given(st.text(alphabet=string.printable + "éÄ漢=+@-\"',", min_size=1).filter(lambda name: "\r" not in name))
def test_any_cell_survives(name):
    row = {**ROW, "user": name}

    assert [row] == [each.cells for each in rows_of(text(row))]


def test_cells_are_split_by_facet_and_none_is_lost():
    entity = entity_of(dict(ROW))

    assert ROW == {**entity.configuration, **entity.usage}
    assert not entity.configuration.keys() & entity.usage.keys()
    assert "password_last_used" in entity.usage
    assert "password_last_changed" in entity.configuration


def test_columns_that_aws_adds_are_kept():
    content = f"{HEADER},additional_credentials_info\n" + ",".join([*ROW.values(), "something"])

    assert "something" == entity_of(rows_of(content)[0].cells).configuration["additional_credentials_info"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "line 1: no column 'user'"),
        ("user,arn\n", "line 1: no column 'user_creation_time'"),
        (f"{HEADER},arn\n", "line 1: a column name stands twice"),
        (f"{HEADER}\nada,arn:x\n", "line 2: 2 cells under 22 columns"),
        (text(ROW, ROW), "line 3: arn:aws:iam::111122223333:user/ada stands on line 2 already"),
        (text(ROW)[:-20] + '"', "line 2: "),
    ],
)
def test_anything_but_a_whole_report_is_refused_with_its_line(content, problem):
    with pytest.raises(MalformedReport, match=problem):
        rows_of(content)
