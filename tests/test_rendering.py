"""The body on a page: pictures, tables that scroll by themselves, notes both ways."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.test import Client
from lxml import etree
from lxml import html as lxml_html

from members.models import User
from newsletter.body import clean, parse
from newsletter.models import Article
from newsletter.rendering import render
from tests import factories

WECHAT = "Mozilla/5.0 (Linux; Android 14) Chrome/116 Mobile MicroMessenger/8.0.49 NetType/WIFI"


def tree(html: str) -> etree._Element:
    return lxml_html.fragment_fromstring(html, create_parent="body")


def accessible_name(link: etree._Element) -> str:
    return link.get("aria-label") or "".join(link.itertext())


# Pictures ----------------------------------------------------------------------------------
@dataclass
class Picture:
    number: str = "图1"
    alternative: str = '说"明"'
    width: int | None = 40
    height: int | None = 30
    image: object = "figures/x.png"

    def get_absolute_url(self) -> str:
        return "/figures/abcd2345/"


FIGURE = clean('<figure data-figure="abcd2345"><figcaption>产量</figcaption></figure>')


def test_a_page_shows_the_picture_with_its_number_size_and_words() -> None:
    (figure,) = tree(render(FIGURE, {"abcd2345": Picture()}))
    link, caption = figure
    image, words = link

    assert dict(image.attrib) == {
        "src": "/figures/abcd2345/",
        "alt": '说"明"',
        "decoding": "async",
        "width": "40",
        "height": "30",
    }
    assert "".join(caption.itertext()) == "图1　产量"
    assert (link.tag, link.get("href"), words.text) == ("a", "/figures/abcd2345/", "看大图")
    # What the picture shows is not lost in the name of the link.
    assert accessible_name(link) == '看大图：说"明"'


def test_a_missing_picture_is_said_to_be_missing() -> None:
    rendered = render(FIGURE, {"abcd2345": Picture(image="")})

    assert "<img" not in rendered
    assert "此图暂缺" in rendered
    assert "图1　产量" in "".join(tree(rendered).itertext())


def test_a_figure_that_is_not_the_articles_own_shows_its_caption_alone() -> None:
    rendered = render(FIGURE, {})

    assert "<img" not in rendered
    assert "产量" in rendered


def test_pictures_below_the_first_wait_until_they_are_scrolled_to() -> None:
    body = clean("".join(f'<figure data-figure="abcd234{n}"></figure>' for n in range(3)))
    figures = {"abcd2340": Picture(image=""), "abcd2341": Picture(), "abcd2342": Picture()}

    images = list(tree(render(body, figures)).iter("img"))

    # The first figure has no picture: the first picture is that of the second.
    assert [image.get("loading") for image in images] == [None, "lazy"]


# Tables ------------------------------------------------------------------------------------
def test_a_table_scrolls_by_itself_under_its_name() -> None:
    table = "<table><caption>甲 <em>表</em></caption><tr><td>1</td></tr></table>"
    found = tree(render(clean(f"<p>前</p>{table}<p>后</p><table><tr><td>2"), {}))
    frames = found.findall("div")

    assert [frame.get("aria-label") for frame in frames] == ["甲 表", "表格"]
    assert all(frame.get("tabindex") == "0" for frame in frames)
    assert [element.tag for element in found] == ["p", "div", "p", "div"]


def test_a_link_that_leaves_tells_nothing_of_where_it_came_from() -> None:
    found = render(clean('<p><a href="https://example.org">甲</a><a href="#b2222">乙</a></p>'), {})

    assert found.count("noopener noreferrer") == 1


def table(columns: int = 2, *, caption: str = "", id: str = "") -> str:  # noqa: A002
    cells = "".join(f"<td>{number}</td>" for number in range(columns))
    name = f' id="{id}"' if id else ""
    return f"<table{name}><caption>{caption}</caption><tr>{cells}</tr></table>"


def offered(block: str) -> list[tuple[str, str]]:
    return [("Excel", f"/t/{block}.xlsx"), ("CSV", f"/t/{block}.csv")]


def test_only_a_table_of_many_columns_may_be_wider_than_the_text() -> None:
    found = tree(render(clean(table(5) + table(6)), {}))

    assert [frame.get("class") for frame in found] == ["table", "table wide"]


def test_merged_columns_count_for_as_many_as_they_reach_over() -> None:
    body = clean("<table><tr><td colspan=3>甲</td><td colspan=4>乙</td></tr></table>")

    assert tree(render(body, {}))[0].get("class") == "table wide"


def test_two_tables_of_a_page_have_two_names() -> None:
    body = clean(table(caption="表1　产量") * 2 + table() * 2)

    labels = [frame.get("aria-label") for frame in tree(render(body, {}))]

    assert labels == ["表1 产量", "表1（2）", "表格", "表格（2）"]


def test_a_table_is_offered_as_files_below_its_notes() -> None:
    body = clean(f"{table(id='b2222', caption='表1 甲')}<p class='note'>注：乙</p><p>丙</p>")
    found = tree(render(body, {}, table_files=offered))
    _, note, line, text = found

    assert (note.text, line.get("class"), text.text) == ("注：乙", "table-files", "丙")
    assert "".join(line.itertext()) == "下载本表：Excel CSV"
    assert [(link.get("href"), link.get("download")) for link in line] == [
        ("/t/b2222.xlsx", ""),
        ("/t/b2222.csv", ""),
    ]


def test_the_title_of_the_articles_notes_is_no_note_of_a_table() -> None:
    notes = '<p class="note">注释：</p><section class="notes"><p id="note-1">乙</p></section>'
    body = clean(f"{table(id='b2222')}{notes}")

    shape = [found.get("class") for found in tree(render(body, {}, table_files=offered))]

    assert shape == ["table", "table-files", "note", "notes"]


def test_links_to_files_are_told_apart_by_ear() -> None:
    body = clean(table(caption="表1　甲") + table(caption="产量，分地区") + table() + table())
    found = tree(render(body, {}, table_files=offered))
    spoken = [accessible_name(link) for link in found.iter("a")]

    assert spoken[:4] == ["下载表1 Excel", "下载表1 CSV", "下载产量 Excel", "下载产量 CSV"]
    assert len(set(spoken)) == 8


def test_no_file_is_offered_unless_the_page_says_so() -> None:
    body = clean(table(id="b2222"))

    assert "table-files" not in render(body, {})
    assert "table-files" not in render(body, {}, table_files=lambda block: None)


def test_a_table_within_a_cell_is_offered_with_the_whole_alone() -> None:
    body = clean(f"<table id='b2222'><tr><td>{table()}</td></tr></table>")

    assert render(body, {}, table_files=offered).count("table-files") == 1


def test_first_rows_of_heads_become_the_head_that_a_page_repeats() -> None:
    body = clean("<table><tr><th>甲</th><th>乙</th></tr><tr><th scope=row>丙</th><td>1</table>")
    (head,) = tree(render(body, {})).iter("thead")

    assert [cell.text for cell in head.iter("th")] == ["甲", "乙"]


def test_an_empty_corner_heads_nothing() -> None:
    rows = '<thead><tr><th scope="col"></th><th scope="col">乙</th></tr></thead>'
    html = render(clean(f"<table>{rows}<tbody><tr><td>1</td><td>2</td></tr></table>"), {})

    ((corner, head),) = tree(html).findall(".//thead/tr")
    assert (corner.tag, corner.get("scope"), head.tag) == ("td", None, "th")


@pytest.mark.parametrize(
    "rows",
    [
        "<tr><th>甲</th><th>乙</th></tr>",
        "<tr><th rowspan=2>甲</th><th>乙</th></tr><tr><td>1</td></tr>",
        "<tr><th scope=row>甲</th></tr><tr><th scope=row>乙</th></tr><tr><td>1</td></tr>",
    ],
)
def test_what_is_no_head_does_not_become_one(rows: str) -> None:
    assert "<thead" not in render(clean(f"<table>{rows}</table>"), {})


# Notes -------------------------------------------------------------------------------------
def noted(*marks: str, notes: str = '<li id="note-1">一</li><li id="note-2">二</li>') -> str:
    text = "".join(f"<p>字{mark}</p>" for mark in marks)
    return clean(f'{text}<section class="notes"><ol>{notes}</ol></section>')


def mark(number: int, printed: str = "") -> str:
    return f'<sup><a href="#note-{number}">{printed or f"[{number}]"}</a></sup>'


def links_by_name(html: str) -> dict[str, str]:
    return {accessible_name(link): link.get("href", "") for link in tree(html).iter("a")}


def test_a_mark_leads_to_its_note_and_the_note_back_to_the_mark() -> None:
    html = render(noted(mark(1), mark(2, "②")), {})

    assert links_by_name(html) == {
        "注1": "#note-1",
        "注2": "#note-2",
        "回到正文注1": "#ref-1",
        "回到正文注2": "#ref-2",
    }
    for target in links_by_name(html).values():
        assert len(tree(html).xpath(f"//*[@id='{target[1:]}']")) == 1
    assert tree(html).xpath("//*[@id='ref-2']")[0].text == "②"


def test_a_note_called_twice_leads_back_to_both_places() -> None:
    html = render(noted(mark(1), mark(1)), {})
    found = links_by_name(html)

    assert found["回到正文注1第1处"] == "#ref-1"
    assert found["回到正文注1第2处"] == "#ref-1-2"
    first, second = (tree(html).xpath(f"//*[@id='{name}']")[0] for name in ("ref-1", "ref-1-2"))
    assert first.getparent().getparent() is not second.getparent().getparent()


def test_a_note_that_nothing_calls_leads_nowhere() -> None:
    html = render(noted(mark(2)), {})

    assert "回到正文注1" not in links_by_name(html)
    assert "回到正文注2" in links_by_name(html)


def test_a_note_without_a_mark_leads_back_to_the_block_that_says_it_is_its_place() -> None:
    body = clean('<p id="ref-1">字</p><section class="notes"><p id="note-1">一</p></section>')

    assert links_by_name(render(body, {})) == {"回到正文注1": "#ref-1"}


def test_a_mark_in_a_block_of_that_name_gets_a_name_of_its_own() -> None:
    html = render(
        clean(f'<p id="ref-1">字{mark(1)}</p><section class="notes"><p id="note-1">一</p>'), {}
    )
    ids = re.findall(r' id="([^"]+)"', html)

    assert len(ids) == len(set(ids))
    assert links_by_name(html)["回到正文注1"] == "#ref-1-2"


def test_a_mark_without_its_note_stays_as_printed_and_is_no_link() -> None:
    (link,) = tree(render(clean(f"<p>字{mark(9)}</p>"), {})).iter("a")

    assert link.text == "[9]"
    assert link.get("href") is None
    assert link.get("aria-label") is None


def test_a_bare_mark_is_left_alone() -> None:
    assert not links_by_name(render(clean("<p>字<sup>[¹2[]]</sup></p>"), {}))


def test_a_link_to_a_note_in_running_text_keeps_its_words_as_its_name() -> None:
    html = render(noted('，见<a href="#note-1">前注</a>'), {})

    assert links_by_name(html) == {"前注": "#note-1"}


def test_a_note_of_several_blocks_ends_with_its_way_back() -> None:
    html = render(noted(mark(1), notes='<li id="note-1"><p>一</p><p>续</p></li>'), {})
    (note,) = tree(html).xpath("//li[@id='note-1']")

    assert [len(paragraph) for paragraph in note] == [0, 1]
    assert "".join(note[1].itertext()).startswith("续 ↩")


def test_rendering_adds_to_the_text_and_takes_nothing() -> None:
    body = noted(mark(1), table(6, caption="表1") + mark(2), mark(3))
    html = render(body, {}, table_files=offered)
    added = etree.fromstring(f"<body>{html}</body>")
    for extra in added.xpath("//*[@class='table-files' or @class='note-back']"):
        extra.getparent().remove(extra)

    def words(root: etree._Element) -> str:
        return re.sub(r"[\s\u2060]", "", "".join(root.itertext()))

    assert words(added) == words(parse(body))


def test_rendering_very_much_of_anything_takes_no_square_of_time() -> None:
    many = noted(*[mark(1)] * 3000, notes='<li id="note-1">一</li>')

    assert render(many, {}).count("doc-backlink") == 3000


# The page ----------------------------------------------------------------------------------
@pytest.fixture
def article(db: None) -> Article:
    return factories.create_article(
        factories.create_issue(), body=table(id="b2222", caption="表1 甲")
    )


def test_the_readers_page_offers_each_table_under_its_own_address(
    article: Article, member: User, signed_in: Callable[[User], Client]
) -> None:
    html = signed_in(member).get(article.get_absolute_url()).content.decode()

    assert f'href="/articles/{article.pk}/tables/b2222.xlsx"' in html
    assert f'href="/articles/{article.pk}/tables/b2222.csv"' in html


def test_inside_another_app_no_dead_link_to_a_file_is_shown(
    article: Article, member: User, signed_in: Callable[[User], Client]
) -> None:
    answer = signed_in(member).get(article.get_absolute_url(), HTTP_USER_AGENT=WECHAT)

    assert "表1 甲" in answer.content.decode()
    assert "table-files" not in answer.content.decode()


def test_the_editors_preview_offers_no_files(
    article: Article, editor: User, signed_in: Callable[[User], Client]
) -> None:
    answer = signed_in(editor).get(f"/admin/newsletter/article/{article.pk}/preview/")

    assert "表1 甲" in answer.content.decode()
    assert "table-files" not in answer.content.decode()
