"""What pages say, with names that attack."""

import html
import re

import pytest

from observant.web.prose import prose
from web.conftest import FORMULA, IMAGE, SCRIPT, TURNED, Site

_LINK = re.compile(r'href="(/[^"]*)"')
_MOST = 120
_OWN_SCRIPT = re.compile(r'<script src="/script/[0-9a-f]{16}\.js" defer></script>')


def walk(site: Site, role: str) -> dict[str, str]:
    """Every page that links lead to from the start, up to a number."""
    client, found, waiting = site.visitor(role), {}, ["/"]
    while waiting and len(found) < _MOST:
        address = waiting.pop(0)
        if address in found:
            continue
        answer = client.get(address)
        while answer.status_code == 302:
            answer = client.get(answer["Location"])
        assert 200 == answer.status_code, (address, answer.content)
        found[address] = answer.content.decode()
        waiting += [html.unescape(one).partition("#")[0] for one in _LINK.findall(found[address])]
    return found


@pytest.mark.parametrize("role", ["admin", "compliance", "reviewer", "auditor"])
def test_every_link_leads_somewhere_and_no_name_becomes_markup(site: Site, role: str) -> None:
    pages = walk(site, role)

    for address, page in pages.items():
        for bad in (SCRIPT, IMAGE, "<script", "<img", "\u202e", " style=", " onerror=x"):
            assert bad not in _OWN_SCRIPT.sub("", page.replace(html.escape(IMAGE), "")), (address, bad)
        assert "<h1>" in page or address.endswith((".css", ".ico")), address


def test_hostile_names_are_shown_as_they_are(site: Site) -> None:
    page = site.visitor("admin").get("/exceptions").content.decode()

    for name in (SCRIPT, FORMULA):
        assert html.escape(name) in html.unescape(page).replace(name, html.escape(name))
    assert "U+202E" in page
    assert TURNED not in page


def test_a_control_shows_its_statement_and_its_exceptions(site: Site) -> None:
    page = site.visitor("compliance").get("/controls/AC/01").content.decode()

    assert "Nobody keeps &lt;b&gt;unused&lt;/b&gt; access." in page
    assert "Exceptions: 4 stretches in which a member failed" in page


def test_a_check_shows_its_sql_and_its_members_by_verdict(site: Site) -> None:
    client = site.visitor("auditor")

    everybody = client.get("/checks/entra-user-inactive").content.decode()
    failed = client.get("/checks/entra-user-inactive?verdict=fail").content.decode()

    assert "<pre><code>" in everybody
    assert "ada@example.com" in everybody
    assert "ada@example.com" not in failed


def test_pages_of_members_lose_and_repeat_nobody(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("observant.web.pages.check.PAGE", 1)
    client, address, seen = site.visitor("admin"), "/checks/entra-user-inactive", []
    for _ in range(20):
        page = client.get(address).content.decode()
        seen += re.findall(r'<td class="who">(.*?)<code', page)
        further = re.search(r'href="(/checks/[^"]*after=[^"]*)"', page)
        if further is None:
            break
        address = html.unescape(further[1])

    assert 6 == len(seen) == len(set(seen))


def test_reviews_held_elsewhere_are_shown_when_asked_for(site: Site) -> None:
    shown = site.visitor("compliance").get("/reviews?show=elsewhere").content.decode()
    hidden = site.visitor("auditor").get("/reviews?show=elsewhere").content.decode()

    assert "No review that was held elsewhere is known." in shown
    assert "held elsewhere" not in re.sub(r"<[^>]*>", "", hidden).replace("&#39;", "")


def test_a_framework_says_whose_word_each_edge_is_and_what_is_not_covered(site: Site) -> None:
    client = site.visitor("auditor")

    page = client.get("/frameworks/iso-27001-2022").content.decode()
    criteria = client.get("/frameworks/soc-2").content.decode()

    assert "Sources of the edges" in page
    assert "no evidence of this log bears on it" in page
    assert "CC6.1" in criteria
    assert "no check is named by a control: CC4.1" in criteria
    assert 404 == client.get("/frameworks/none").status_code


def test_a_period_that_is_none_changes_nothing(site: Site) -> None:
    client = site.visitor("admin")
    for query in ("from=2026-13-01&to=x", "from=2026-03-03&to=2026-03-01", "from=0001-01-01&to=9999-12-31"):
        assert 200 == client.get(f"/readiness?{query}").status_code
    chosen = client.get("/readiness?from=2026-03-02&to=2026-03-02").content.decode()
    assert "All controls, 2026-03-02 to 2026-03-02" in chosen


def test_a_period_that_has_not_begun_is_not_kept(site: Site) -> None:
    client = site.visitor("admin")

    assert 200 == client.get("/readiness?from=2030-01-01&to=2030-12-31").status_code
    assert 200 == client.get("/readiness").status_code


def test_prose_escapes_what_it_does_not_know() -> None:
    shown = prose("A `<b>` and **bold** [link](javascript:x).\n\n- one\n- <i>two</i>")

    assert (
        "<p>A <code>&lt;b&gt;</code> and <strong>bold</strong> link.</p>\n"
        "<ul><li>one</li><li>&lt;i&gt;two&lt;/i&gt;</li></ul>" == shown
    )
