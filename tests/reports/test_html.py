import base64
import re
import xml.etree.ElementTree as ET
from datetime import timedelta
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observant.period.conclusion import EvidenceGap
from observant.reports.html import MOST_ROWS, headline, report
from reports.sample import END, day, result

_VOID = {"meta", "br", "link", "img", "input", "hr"}


class _Page(HTMLParser):
    """Reads a page as HTML5 does and complains where a browser would have to guess."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        assert len(set(names)) == len(names), f"an attribute twice in {tag}"
        self.tags.append((tag, dict(attributes)))
        self.ids += [value for name, value in attributes if name == "id"]
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in _VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert tag == self.open.pop(), f"</{tag}> closes something else"

    def handle_data(self, data):
        self.text.append(data)


def _with_exceptions(number: int):
    controls = result().controls
    check = controls[1].checks[0]
    many = msgspec.structs.replace(check, exceptions=check.exceptions[:1] * number)
    return msgspec.structs.replace(
        result(), controls=[msgspec.structs.replace(controls[1], checks=[many]), controls[0]]
    )


def _empty():
    return msgspec.structs.replace(result(demo=False), controls=[], coverage=[], scopes=[])


@pytest.mark.parametrize("of", [result(), result(demo=False), _empty(), _with_exceptions(3)])
def test_the_page_is_well_formed_and_its_links_lead_somewhere(of):
    page = _Page(report(of, in_package=True))

    assert [] == page.open
    assert len(set(page.ids)) == len(page.ids)
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert [] == [one for one in links if one.startswith("#") and one[1:] not in page.ids]
    labelled = [attributes["aria-labelledby"] for _, attributes in page.tags if "aria-labelledby" in attributes]
    assert set(labelled) <= set(page.ids)


def test_nothing_is_fetched_and_nothing_runs():
    text = report(result(), in_package=True)
    page = _Page(text)

    assert [] == [tag for tag, _ in page.tags if tag in {"script", "img", "link", "iframe", "object", "form", "base"}]
    assert [] == [
        (tag, name)
        for tag, attributes in page.tags
        for name in attributes
        if name.startswith("on") or name in {"src", "style", "srcset", "action"}
    ]
    assert not re.search(r"https?:|@import|url\((?!#)", text)


def test_the_policy_allows_exactly_the_style_that_is_there():
    text = report(result())

    style = re.search(r"<style>(.*)</style>", text, re.DOTALL)[1]
    digest = base64.b64encode(sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in text


def test_hostile_names_neither_run_nor_hide():
    text = report(result())

    assert "<script>" not in text
    assert "\u202e" not in text
    assert '&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;<span class="unseen">U+202E</span>gnp.exe' in text


@settings(max_examples=15, deadline=None)
@given(st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from("<>&\"'\u202e\x00"))))
def test_no_name_breaks_the_page(name):
    control = result().controls[1]
    check = control.checks[0]
    exception = msgspec.structs.replace(check.exceptions[0], member=name, label=name, cause=name, scope=name)
    gap = EvidenceGap(check.check, name, name, name, day(1), day(2), name)
    check = msgspec.structs.replace(
        check, check=name, title=name, exceptions=[exception], gaps=[gap], commitments=[name]
    )
    control = msgspec.structs.replace(control, control=name, title=name, statement=name, owner=name, checks=[check])
    of = msgspec.structs.replace(result(), controls=[control], scopes=[name])

    text = report(of, in_package=True)

    page = _Page(text)
    assert [] == page.open
    assert {"script"} & {tag for tag, _ in page.tags} == set()
    assert not re.search("[\x00\x08\u202e\u2066]", text)


def test_every_table_has_a_caption_and_its_heads_a_scope():
    page = _Page(report(result()))

    tags = [tag for tag, _ in page.tags]
    assert tags.count("caption") == tags.count("table") > 5
    assert {"col", "row"} == {attributes.get("scope") for tag, attributes in page.tags if tag == "th"}


def test_landmarks_and_one_first_heading():
    tags = [tag for tag, _ in _Page(report(result())).tags]

    assert [1, 1, 1, 1, 1] == [tags.count(one) for one in ("header", "nav", "main", "footer", "h1")]
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert [] == [(a, b) for a, b in pairwise(levels) if b > a + 1]


def test_every_picture_is_xml_and_says_what_it_shows():
    pictures = re.findall(r"<svg.*?</svg>", report(result()), re.DOTALL)

    for one in pictures:
        root = ET.fromstring(one)
        assert root.get("aria-hidden") == "true" or (root.get("role") == "img" and root.get("aria-label"))
    assert "<title>unknown: 2026-07-20 00:00Z to 2026-07-30 00:00Z (10 days)</title>" in "".join(pictures)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", range(3), ids=["light", "dark", "print"])
def test_contrast_is_enough(theme):
    """WCAG 2.2 AA: 4.5 for text, 3 for what a picture needs to be understood."""
    blocks = re.findall(r":root \{(.*?)\}", report(result()), re.DOTALL)
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", blocks[theme]))

    texts = [(one, back) for one in ("text", "quiet", "link") for back in ("page", "card")]
    texts += [(f"{one}-text", back) for one in ("pass", "fail", "unknown") for back in ("page", "card")]
    texts.append(("demo-text", "demo-page"))
    graphics = [("pass", "page"), ("fail", "page"), ("unknown", "page"), ("none", "page")]
    graphics += [("fail", "fail-line"), ("unknown", "unknown-back")]

    assert [] == [pair for pair in texts if _contrast(*(colours[one] for one in pair)) < 4.5]
    assert [] == [pair for pair in graphics if _contrast(*(colours[one] for one in pair)) < 3]


def test_a_long_table_is_cut_and_says_where_the_rest_is():
    text = report(_with_exceptions(MOST_ROWS + 1), in_package=True)

    assert "The first 200 of 201 are shown." in text
    assert '<a href="exceptions.csv">exceptions.csv</a>' in text


def test_demo_data_is_called_so_on_every_page():
    text = report(result())

    assert '<p class="demo" role="note">DEMO DATA' in text
    assert "<title>DEMO DATA" in text
    assert "@top-center" in text
    assert "DEMO DATA" not in report(result(demo=False))


def test_nothing_at_all_is_still_a_useful_page():
    text = report(_empty())

    for useful in (
        "No control is written down yet",
        "Nothing was collected in this period",
        "There is nothing to draw",
    ):
        assert useful in text


def test_a_population_of_nobody_is_not_a_success_story():
    controls = result().controls
    nobody = msgspec.structs.replace(controls[0].checks[0], population=0)
    control = msgspec.structs.replace(controls[0], checks=[nobody])

    assert "No members: nothing of this kind was seen" in report(msgspec.structs.replace(result(), controls=[control]))


def test_the_headline_counts_a_check_of_two_controls_once():
    assert (
        "1 of 4 controls operated effectively, as far as the evidence shows; "
        "2 exceptions, 2 evidence gaps, 1 missing required occurrence."
    ) == headline(result())


def test_a_running_period_says_so():
    running = msgspec.structs.replace(result(), through=END - timedelta(days=60))

    assert "The period is still running: judged up to 2026-11-02 00:00Z." in report(running)


def test_it_is_the_same_again():
    assert report(result()) == report(result())
