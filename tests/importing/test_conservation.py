"""The check that nothing is lost must itself be able to find a loss."""

import dataclasses

import pytest

from newsletter.importing import read
from newsletter.importing.conservation import compare
from newsletter.importing.outline.model import (
    Heading,
    IssueOutline,
    Omitted,
    Paragraph,
    Plain,
    Table,
)
from tests.importing.issues import LONG, SECOND, THIRD, Layout, one_article, small_issue

pytestmark = pytest.mark.pure

TEXT = one_article(
    "导读：" + SECOND,
    LONG,
    "亮灯之后",
    THIRD,
    "表1 摊位\n早市\t10\n夜市\t30",
    "- 一件事",
    "- 两件事",
)


@pytest.fixture
def issue() -> IssueOutline:
    return read(TEXT.encode())


def _with(issue: IssueOutline, **changes: object) -> IssueOutline:
    first = dataclasses.replace(issue.articles[0], **changes)  # type: ignore[arg-type]
    return dataclasses.replace(issue, articles=(first, *issue.articles[1:]))


def test_a_whole_issue_is_complete(issue: IssueOutline) -> None:
    found = compare(TEXT, issue)
    assert found.complete
    assert found.placed + found.listed == len("".join(TEXT.split()))


@pytest.mark.parametrize("at", range(5))
def test_an_element_that_is_dropped_is_found_lost(issue: IssueOutline, at: int) -> None:
    elements = issue.articles[0].elements
    assert len(elements) == 5
    found = compare(TEXT, _with(issue, elements=elements[:at] + elements[at + 1 :]))
    assert found.lost


def test_a_single_character_that_is_dropped_is_found_lost(issue: IssueOutline) -> None:
    first, *others = issue.articles[0].elements
    assert isinstance(first, Paragraph)
    shorter = dataclasses.replace(first, runs=(Plain(first.text[:-2] + first.text[-1]),))
    found = compare(TEXT, _with(issue, elements=(shorter, *others)))
    assert [piece.line for piece in found.lost] == [first.lines[0]]


@pytest.mark.parametrize("name", ["title", "lead", "source"])
def test_a_field_that_is_dropped_is_found_lost(issue: IssueOutline, name: str) -> None:
    assert getattr(issue.articles[0], name)
    assert compare(TEXT, _with(issue, **{name: ""})).lost


def test_elements_in_another_order_are_found(issue: IssueOutline) -> None:
    first, second, *others = issue.articles[0].elements
    assert isinstance(second, Heading)
    found = compare(TEXT, _with(issue, elements=(second, first, *others)))
    assert not found.complete


def test_a_table_cell_that_is_dropped_is_found_lost(issue: IssueOutline) -> None:
    tables = [e for e in issue.articles[0].elements if isinstance(e, Table)]
    emptied = dataclasses.replace(tables[0], rows=(("早市", ""), *tables[0].rows[1:]))
    elements = tuple(emptied if e is tables[0] else e for e in issue.articles[0].elements)
    assert compare(TEXT, _with(issue, elements=elements)).lost


@pytest.mark.parametrize(
    "words", ["（季刊）", "内部刊物 仅供会员使用", "编辑：", "2031 年", "街坊新闻"]
)
def test_words_of_the_masthead_or_a_section_that_an_article_drops_are_found_lost(
    words: str,
) -> None:
    text = one_article(LONG, words, SECOND)
    issue = read(text.encode())
    assert compare(text, issue).complete
    elements = issue.articles[0].elements
    kept = tuple(e for e in elements if getattr(e, "text", "") != words)
    assert len(kept) == len(elements) - 1

    found = compare(text, _with(issue, elements=kept))

    assert [piece.text for piece in found.lost] == ["".join(words.split())]


def test_the_masthead_is_placed_on_the_cover_and_under_the_last_article() -> None:
    text = small_issue().text(Layout(colophon=("小镇企业服务中心", "2031 年 第 2 期", "季刊")))

    assert compare(text, read(text.encode())).complete


def test_text_that_the_file_does_not_have_is_found_added(issue: IssueOutline) -> None:
    extra = Paragraph((Plain("凭空多出的一句话。"),), (1,))
    found = compare(TEXT, _with(issue, elements=(*issue.articles[0].elements, extra)))
    assert [piece.text for piece in found.added] == ["凭空多出的一句话。"]


def test_what_was_left_out_must_be_listed(issue: IssueOutline) -> None:
    assert [item.text for item in issue.omitted] == ["-", "-"]
    found = compare(TEXT, dataclasses.replace(issue, omitted=()))
    assert len(found.lost) == 2


def test_a_list_of_omissions_cannot_hide_what_stands_elsewhere(issue: IssueOutline) -> None:
    lie = Omitted(LONG, 1, "不实")
    lost = _with(issue, elements=issue.articles[0].elements[1:])
    assert compare(TEXT, dataclasses.replace(lost, omitted=(*lost.omitted, lie))).lost


def test_a_contents_line_or_masthead_field_that_is_dropped_is_found_lost(
    issue: IssueOutline,
) -> None:
    assert compare(TEXT, dataclasses.replace(issue, contents=issue.contents[:1])).lost
    for name, value in {"periodical": "", "publisher": "", "number": 9, "serial": 9}.items():
        changed = dataclasses.replace(issue, **{name: value})  # type: ignore[arg-type]
        assert compare(TEXT, changed).lost, name
