"""Issues of the same kind in other layouts give the same articles, and nothing to doubt."""

import datetime

import pytest

from newsletter.doubts import DoubtKind
from newsletter.importing import read
from newsletter.importing.conservation import compare
from newsletter.importing.outline.model import IssueOutline
from tests.importing.issues import SOURCES, TITLES, Layout, small_issue

pytestmark = pytest.mark.pure

LEADERS = [
    "-----\t",
    "......",
    "……………",
    "--------------------",
    "\t",
    "\t\t",
    "  ",
    "－－－－",
    "·····",
    "…… ",
    "．．．",
    "—— ",
    "┈┈┈",
    "⋯⋯",
    "___",
    " / ",
]
PAGES = ["{}", "第{}页", "({})", "（{}）", "P{}", "[{}]", "{}页"]
MARKS = ["☆", "★", "◇", "※", "◆ ", "■", "● ", "▲", "一、", ""]


def _check(text: str, encoding: str = "utf-8") -> IssueOutline:
    issue = read(text.encode(encoding))
    assert tuple(article.title for article in issue.articles) == TITLES
    assert tuple(article.source for article in issue.articles) == SOURCES
    assert [line.page for line in issue.contents] == [2, 5, 9, 14, 18, 23]
    assert [len(article.elements) for article in issue.articles] == [3] * 6
    assert (issue.year, issue.number, issue.serial) == (2031, 2, 18)
    assert issue.frequency == "quarterly"
    assert issue.periodical == "小镇经济"
    assert issue.sections == ("街坊新闻", "新规速览", "政策问答", "街谈巷议")
    assert issue.doubts == ()
    found = compare(text, issue)
    assert (found.lost, found.added) == ((), ())
    return issue


@pytest.mark.parametrize("gap", ["\n\n", "\n", "\r\n\r\n", "\r", "\n\n\n \n"])
def test_any_line_ends_and_blank_lines(gap: str) -> None:
    _check(small_issue().text(Layout(gap=gap)))


@pytest.mark.parametrize("gap", ["\n\n", "\n"])
@pytest.mark.parametrize("leader", LEADERS)
def test_any_leader_in_the_contents(leader: str, gap: str) -> None:
    _check(small_issue().text(Layout(leader=leader, gap=gap)))


@pytest.mark.parametrize("leader", [" ", "……", "\t"])
@pytest.mark.parametrize("page", PAGES)
def test_any_form_of_page_number(page: str, leader: str) -> None:
    _check(small_issue().text(Layout(page=page, leader=leader)))


def test_pages_before_the_titles_leave_the_titles_whole() -> None:
    text = small_issue().text()
    for page, title in zip((2, 5, 9, 14, 18, 23), TITLES, strict=True):
        text = text.replace(f"{title}-----\t{page}", f"{page:02d} {title}")
    issue = _check(text)
    assert tuple(line.title for line in issue.contents) == TITLES
    # No leader stands at the end of such a line: the marks there are the title's own.
    issue = read(text.replace(f"{TITLES[5]}", f"{TITLES[5]}……").encode())
    assert issue.contents[5].title == f"{TITLES[5]}……"


def test_page_numbers_in_full_width_digits() -> None:
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    head, _, body = small_issue().text().partition("☆ ")
    cover, _, contents = head.partition("目 录")
    _check(f"{cover}目 录{contents.translate(wide)}☆ {body}")


@pytest.mark.parametrize("body_mark", ["☆ ", "★", "◇", "※　", "■", ""])
@pytest.mark.parametrize("contents_mark", MARKS)
def test_any_mark_of_a_section_or_none(contents_mark: str, body_mark: str) -> None:
    _check(small_issue().text(Layout(contents_mark=contents_mark, body_mark=body_mark)))


@pytest.mark.parametrize("gap", ["\n\n", "\n"])
@pytest.mark.parametrize(
    "heading",
    ["目录", "目　　录", "目  次", "— 目录 —", "【目录】", "本期目录", "CONTENTS", "目\n录"],
)
def test_any_spacing_of_the_contents_heading(heading: str, gap: str) -> None:
    _check(small_issue().text(Layout(heading=heading, gap=gap)))


def test_contents_without_a_heading_are_known_by_their_pages() -> None:
    _check(small_issue().text().replace("目 录\n\n", ""))


@pytest.mark.parametrize(
    "encoding", ["gb18030", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_any_encoding(encoding: str) -> None:
    _check(small_issue().text(), encoding)


@pytest.mark.parametrize("indent", ["　　", "  ", "\t"])
def test_indented_paragraphs(indent: str) -> None:
    _check(small_issue().text(Layout(indent=indent)))
    _check(small_issue().text(Layout(indent=indent, gap="\n")))


@pytest.mark.parametrize(
    "cover",
    [
        (
            "内部资料　免费交流",
            "小镇经济",
            "二〇三一年第二期（总第十八期）",
            "季刊",
            "小镇企业服务中心",
        ),
        ("《小镇经济》2031年第2期（总第18期）季刊", "小镇企业服务中心"),
        ("小镇经济 2031年第2期 总第18期 季刊", "主办：小镇企业服务中心"),
        ("小镇企业服务中心", "小镇经济", "(季刊)", "2031年", "第2期", "总第18期"),
        ("小镇经济", "２０３１年　第二期", "季刊　总第１８期", "小镇企业服务中心 编"),
    ],
)
def test_any_setting_of_the_cover(cover: tuple[str, ...]) -> None:
    issue = _check(small_issue().text(Layout(cover=cover)))
    assert issue.publisher.startswith("小镇企业服务中心")


COLOPHON = (
    "编印单位：小镇企业服务中心",
    "准印证号：（镇）内资准字2031—0012号",
    "发送对象：会员单位",
    "印刷单位：小镇印刷厂　　印刷日期：2031年6月30日",
    "印 数：1,500册",
)


@pytest.mark.parametrize("at_end", [True, False])
def test_the_colophon_is_read_on_the_cover_and_at_the_end(at_end: bool) -> None:
    layout = Layout(colophon=COLOPHON) if at_end else Layout(cover=(*Layout().cover[:4], *COLOPHON))
    issue = _check(small_issue().text(layout))
    assert issue.publisher == "小镇企业服务中心"
    assert issue.permit_number == "（镇）内资准字2031—0012号"
    assert issue.recipients == "会员单位"
    assert issue.printer == "小镇印刷厂"
    assert issue.printed_on == datetime.date(2031, 6, 30)
    assert issue.print_run == 1500


def test_what_the_cover_does_not_say_is_doubted_not_invented() -> None:
    issue = read(small_issue().text(Layout(cover=("2031年第2期",))).encode())
    assert (issue.periodical, issue.publisher, issue.serial, issue.frequency) == (
        "",
        "",
        None,
        None,
    )
    kinds = [doubt.kind for doubt in issue.doubts]
    assert kinds == [DoubtKind.MASTHEAD]
    assert "刊名、总期号、编印单位" in issue.doubts[0].message


def test_page_numbers_and_running_heads_between_paragraphs_are_left_out_and_listed() -> None:
    text = small_issue().text()
    body = text.index("☆ 街坊新闻")
    marked = text[:body] + text[body:].replace("\n\n", "\n\n- 12 -\n\n小镇经济 2031年第2期\n\n", 5)
    issue = read(marked.encode())
    assert tuple(article.title for article in issue.articles) == TITLES
    assert {item.reason for item in issue.omitted} == {"页码", "书眉"}
    assert compare(marked, issue).complete
