"""Files set line by line, and files cut into pages, read as the paragraphs they were."""

from collections.abc import Callable

import pytest

from newsletter.doubts import DoubtKind
from newsletter.importing import read
from newsletter.importing.conservation import compare
from newsletter.importing.outline.model import IssueOutline
from tests.importing.issues import LONG, one_article
from tests.importing.printed import (
    CONTENTS,
    COVER,
    LINES,
    P,
    expected,
    plainly,
    set_by_line,
    set_in_pages,
    understood,
    wrapped,
)

pytestmark = pytest.mark.pure


def _read(text: str, encoding: str = "utf-8") -> IssueOutline:
    issue = read(text.encode(encoding))
    found = compare(text.encode(encoding), issue)
    assert (found.lost, found.added) == ((), ())
    return issue


def _check(text: str) -> IssueOutline:
    issue = _read(text)
    assert understood(issue) == expected()
    assert [doubt.message for doubt in issue.doubts] == []
    return issue


def test_the_issue_with_a_paragraph_on_each_line_is_the_measure_of_the_rest() -> None:
    _check(COVER + CONTENTS + "\n\n".join(text for _, text in LINES) + "\n")


@pytest.mark.parametrize("measure", [20, 25, 28, 32, 36, 40, 44])
def test_paragraphs_begun_by_an_indent_are_whole_at_any_measure(measure: int) -> None:
    _check(set_by_line(measure))
    _check(set_by_line(measure, heads=""))
    _check(set_by_line(measure, indent="    ", heads="    ", short="          "))


@pytest.mark.parametrize("measure", [20, 25, 28, 32, 36, 40, 44])
def test_paragraphs_begun_by_a_blank_line_are_whole_at_any_measure(measure: int) -> None:
    _check(set_by_line(measure, indent="", heads="", gap="\n\n"))
    _check(set_by_line(measure, gap="\n\n"))


def test_a_blank_line_after_every_line_divides_nothing() -> None:
    head = COVER + CONTENTS
    body = set_by_line(40)[len(head) :]
    _check(head + body.replace("\n", "\n\n"))


def test_lines_with_neither_indent_nor_blank_are_joined_up_to_a_full_stop() -> None:
    """Where nothing divides the paragraphs, a full line that ends a sentence ends one."""
    issue = _read(set_by_line(40, indent="", heads=""))
    joined = [plainly(e) for article in issue.articles for e in article.elements]
    assert f"p {P[4]}" in joined
    assert f"p {P[7]}" in joined
    assert not any(text[-1] not in "。：" for text in joined if text.startswith("p "))


def test_names_of_equal_length_are_not_lines_of_a_paragraph() -> None:
    names = [f"云州市{place}{trade}有限责任公司" for place in "东西南北" for trade in "丙丁戊"]
    issue = _read(one_article(LONG, *names, LONG))
    assert [plainly(e) for e in issue.articles[0].elements[1:-1]] == [f"p {name}" for name in names]
    assert [doubt.kind for doubt in issue.doubts] == [DoubtKind.HEADING]


def test_one_article_set_by_line_in_an_issue_that_is_not() -> None:
    pasted = [line for n in (0, 3, 4, 6) for line in wrapped(P[n], 36)]
    issue = _read(one_article("\n".join(pasted)))
    assert [plainly(e) for e in issue.articles[0].elements] == [f"p {P[n]}" for n in (0, 3, 4, 6)]
    assert issue.doubts == ()


def _turned(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "０１２３４５６７８９"))


FURNITURE: dict[str, Callable[[int], str]] = {
    "— 12 —": lambda page: f"— {page} —",
    "－１２－ in full width": lambda page: f"－ {_turned(page)} －",
    "第12页": lambda page: f"第{page}页",
    "12/30": lambda page: f"{page}/30",
    "12": str,
    "head, number": lambda page: f"财税动态 2023年第1期\n\n{page}",
    "number, head": lambda page: f"· {page} ·\n\n财税动态　　2023年第1期（总第63期）",
    "number and head": lambda page: f"{page}　财税动态",
    "head and number": lambda page: f"2023年第1期　财税动态　{page}",
    "section and head": lambda page: f"热点问题　　财税动态 2023年第1期　　{page}",
    "title and number": lambda page: f"共享用工能走多远　　{page}",
    "head, 第 12 页 共 30 页": lambda page: f"财税动态\n\n第 {page} 页 共 30 页",
}


@pytest.mark.parametrize("style", FURNITURE)
@pytest.mark.parametrize(("length", "measure"), [(7, 35), (11, 29)])
def test_page_numbers_and_heads_inside_a_cut_paragraph_are_left_out(
    style: str, length: int, measure: int
) -> None:
    text, cuts = set_in_pages(length, measure, FURNITURE[style])
    assert cuts >= 2
    issue = _check(text)
    assert {item.reason for item in issue.omitted} <= {"页码", "书眉"}
    by_line, _ = set_in_pages(length, measure, FURNITURE[style], by_line=True)
    _check(by_line)


def test_a_page_without_number_or_head_still_joins_what_it_cut() -> None:
    text, cuts = set_in_pages(11, 31, lambda page: "")
    assert cuts >= 2
    issue = _read(text)
    assert understood(issue) == expected()
    assert {doubt.kind for doubt in issue.doubts} <= {DoubtKind.JOIN}


def test_a_section_named_on_every_page_begins_only_once() -> None:
    text, _ = set_in_pages(7, 35, lambda page: "☆ 财经新闻" if page < 5 else "")
    issue = _read(text)
    assert [article.section for article in issue.articles] == [
        "财经新闻", "财经新闻", "新规速递", "热点问题",
    ]  # fmt: skip
    assert understood(issue)[0] == expected()[0]


def test_numbers_that_do_not_count_pages_stay() -> None:
    issue = _read(one_article(LONG, "序号", "1", "凭证", "2", "账簿", "3", "报表", LONG))
    assert [plainly(e) for e in issue.articles[0].elements[1:-1]] == [
        "p 序号", "p 1", "p 凭证", "p 2", "p 账簿", "p 3", "p 报表",
    ]  # fmt: skip
    assert issue.omitted == ()


CUTS = [
    ("服务队先后印发了《云州市小微", "企业账务体检管理办法》等三个文件，逐户走访。"),
    ("账簿不全，影响了政策落地的效率。截至20", "20年5月底，服务队走访了全部乡镇。"),
    ("服务队已经走访企业1", "，860户，发放清单2万余份。"),
    ("统计显示，前三季度全市新登记经营主体4.", "6万户，同比增长8.3%。"),
    ("利率也从年初的6.5", "%降到4.2%。"),
    ("其中个体工商户3.1万户（占比超过六", "成），企业1.5万户。"),
    ("他说：“过去贷款要跑五六个", "窗口，如今一张表格就够了。”"),
    ("企业有下列情形之一的，按照本办法第二条和", "第三条规定的程序办理。"),
    ("办理时限从受理之日起计算，逾期未办结的，系统自动提醒并", "记入考核。"),
]


@pytest.mark.parametrize(("before", "after"), CUTS)
def test_a_cut_inside_a_number_a_word_or_a_title_is_joined(before: str, after: str) -> None:
    issue = _read(one_article(LONG, before, after, "下一个小标题", LONG))
    assert [plainly(e) for e in issue.articles[0].elements[1:-1]] == [
        f"p {before}{after}",
        "h2 下一个小标题",
    ]
    assert {doubt.kind for doubt in issue.doubts} <= {DoubtKind.JOIN}


def test_a_subhead_that_ends_in_a_year_is_not_joined_to_the_year_below() -> None:
    below = "2026年，全镇计划再建两个集市，让更多摊位搬进屋檐下。"
    issue = _read(one_article(LONG, "展望2026", below))
    assert [plainly(e) for e in issue.articles[0].elements[1:]] == ["h2 展望2026", f"p {below}"]


def test_a_subhead_under_a_paragraph_that_breaks_off_stays_a_subhead() -> None:
    broken = P[0][:-6]
    issue = _read(one_article(broken, "云端软件渐成标配", LONG))
    assert [plainly(e) for e in issue.articles[0].elements] == [
        f"p {broken}",
        "h2 云端软件渐成标配",
        f"p {LONG}",
    ]
    assert [doubt.kind for doubt in issue.doubts] == [DoubtKind.CUT]


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_table_cut_by_a_page_is_one_table(cut: int) -> None:
    rows = ["行业\t户数\t增长", "零售\t1.82\t9.1", "餐饮\t0.77\t6.4", "信息\t0.51\t12.8"]
    page = ["— 12 —", "小镇经济 2031年第2期"]
    table = "\n\n".join(["\n".join(rows[:cut]), *page, "\n".join(rows[cut:])])
    issue = _read(one_article(LONG, "分行业情况", table, LONG))
    assert [plainly(e) for e in issue.articles[0].elements[1:-1]] == ["table 3|3x3|分行业情况|"]
    assert issue.doubts == ()
