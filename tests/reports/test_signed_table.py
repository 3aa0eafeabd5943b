"""What was signed is shown from its bytes, also when it was signed by an earlier version, or is no table at all."""

import pytest

from observant.reports.signed_table import read_signed, readable

EARLIER = (
    b"# title: Access review 2025-q4: Fourth quarter\r\n# reviewer: ada <ada@example.com>\r\n"
    b'"item","kind","scope","label","privileges","flags","last_used","since_last_review","decision","reason","ticket",'
    b'"decided_at","decided_together"\r\n'
    b'"9a95","aws-user","aws:1","\'=<b>","admin","","never","first","revoke","left","T-1","2025-12-15T09:00:00Z",1\r\n'
)


def test_a_table_of_an_earlier_version_is_shown() -> None:
    table = read_signed(EARLIER)

    (row,) = table.rows
    assert ("=<b>", "revoke", "", "") == (row["label"], row["decision"], row["manager"], row["escalations"])
    shown = readable(EARLIER)
    assert "=&lt;b&gt;" in shown
    assert "ada &lt;ada@example.com&gt;" in shown


@pytest.mark.parametrize("content", [b"", b"all is well\n", b"\xff", b'# title: x\r\n"decision"\r\n"a","b"\r\n'])
def test_what_is_no_table_is_not_shown_as_one(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"not a table|decode|zip"):
        read_signed(content)
