"""Where articles begin when titles differ, sources are missing or the order is another."""

import pytest

from newsletter.doubts import DoubtKind
from newsletter.importing import read
from newsletter.importing.conservation import compare
from newsletter.importing.outline.model import IssueOutline
from tests.importing.issues import LONG, SECOND, THIRD, TITLES, Piece, small_issue

pytestmark = pytest.mark.pure


def _read(text: str) -> IssueOutline:
    issue = read(text.encode())
    found = compare(text, issue)
    assert (found.lost, found.added) == ((), ())
    return issue


def _titles(issue: IssueOutline) -> tuple[str, ...]:
    return tuple(article.title for article in issue.articles)


def _kinds(issue: IssueOutline) -> list[DoubtKind]:
    return [doubt.kind for doubt in issue.doubts]


def test_a_title_worded_otherwise_in_the_contents_is_found_by_its_place() -> None:
    changed = small_issue()
    changed.sections["街坊新闻"][1].contents = "老铺合建仓库"
    issue = _read(changed.text())
    assert _titles(issue) == TITLES
    assert issue.articles[1].contents_title == "老铺合建仓库"
    assert issue.articles[1].printed_page == 5
    assert _kinds(issue) == [DoubtKind.TITLE_DIFFERS]


def test_a_title_worded_otherwise_is_found_without_the_source_before_it() -> None:
    changed = small_issue()
    changed.sections["街坊新闻"][0].closing = ""
    changed.sections["街坊新闻"][1].contents = "镇上三家老铺子合开一间仓库"
    issue = _read(changed.text())
    assert _titles(issue) == TITLES
    assert set(_kinds(issue)) == {DoubtKind.NO_SOURCE, DoubtKind.TITLE_DIFFERS}


def test_no_source_at_all_still_gives_every_article() -> None:
    changed = small_issue()
    for pieces in changed.sections.values():
        for piece in pieces:
            piece.closing = ""
    issue = _read(changed.text())
    assert _titles(issue) == TITLES
    assert _kinds(issue) == [DoubtKind.NO_SOURCE] * 6


def test_an_article_that_the_contents_do_not_list_is_an_article_with_a_doubt() -> None:
    text = small_issue().text()
    at = text.index("三家老铺子合开了一间仓库\n\n本市")
    text = f"{text[:at]}一篇漏列的短文\n\n{LONG}\n\n来源：小报\n\n{text[at:]}"
    issue = _read(text)
    assert _titles(issue) == (TITLES[0], "一篇漏列的短文", *TITLES[1:])
    assert issue.articles[1].printed_page is None
    assert _kinds(issue) == [DoubtKind.NO_CONTENTS_LINE]
    assert issue.doubts[0].article == 1


def test_a_contents_line_without_article_is_reported() -> None:
    text = small_issue().text()
    start = text.index("做豆腐的人谈做生意\n\n本市")
    issue = _read(text[:start].replace("\n\n☆ 街谈巷议", ""))
    assert _titles(issue) == TITLES[:5]
    assert issue.contents[5].article is None
    assert DoubtKind.NO_ARTICLE in _kinds(issue)


def test_a_new_section_is_a_section_with_a_doubt() -> None:
    issue = _read(small_issue().text().replace("☆ 街谈巷议", "☆ 新辟栏目"))
    assert issue.articles[5].section == "新辟栏目"
    assert "新辟栏目" in issue.sections
    assert set(_kinds(issue)) == {DoubtKind.SECTION}


def test_a_body_without_section_lines_takes_the_sections_of_the_contents() -> None:
    lines = small_issue().text().split("\n\n")
    issue = _read("\n\n".join(line for line in lines if not line.startswith("☆ ")))
    assert _titles(issue) == TITLES
    assert [a.section for a in issue.articles] == [
        "街坊新闻",
        "街坊新闻",
        "新规速览",
        "政策问答",
        "政策问答",
        "街谈巷议",
    ]
    assert _kinds(issue) == [DoubtKind.SECTION]


def test_a_title_on_two_lines_is_one_title() -> None:
    title = "雨季到来之前，店铺要检查这些地方"
    text = (
        small_issue().text().replace(f"\n\n{title}\n", "\n\n雨季到来之前，\n\n店铺要检查这些地方\n")
    )
    assert _titles(_read(text)) == TITLES
    wrapped = (
        small_issue().text().replace(f"{title}-----", "雨季到来之前，\n店铺要检查这些地方-----")
    )
    assert _titles(_read(wrapped)) == TITLES


def test_a_line_above_the_title_is_its_kicker() -> None:
    text = small_issue().text()
    issue = _read(
        text.replace("做豆腐的人谈做生意\n\n本市", "老手艺新账本\n\n做豆腐的人谈做生意\n\n本市")
    )
    assert _titles(issue) == TITLES
    assert issue.articles[5].kicker == "老手艺新账本"
    assert issue.articles[4].source == "应急工作站"


def test_another_articles_title_as_a_subhead_does_not_begin_that_article() -> None:
    changed = small_issue()
    changed.sections["新规速览"][0].body = (LONG, "做豆腐的人谈做生意", SECOND)
    issue = _read(changed.text())
    assert _titles(issue) == TITLES
    assert [a.source for a in issue.articles][2] == "集市管理所"


def test_sections_in_another_order_are_kept_and_reported() -> None:
    changed = small_issue()
    text = changed.text()
    parts = text.split("☆ ")
    issue = _read("☆ ".join([parts[0], parts[4], parts[1], parts[2], parts[3]]))
    assert _titles(issue) == (TITLES[5], *TITLES[:5])
    assert DoubtKind.ORDER_DIFFERS in _kinds(issue)


def test_a_section_introduction_is_listed_as_left_out() -> None:
    issue = _read(small_issue().text().replace("☆ 街谈巷议\n\n", f"☆ 街谈巷议\n\n{SECOND}\n\n"))
    assert _titles(issue) == TITLES
    assert [item.text for item in issue.omitted] == [SECOND]
    assert _kinds(issue) == [DoubtKind.LEFT_OUT]


def test_pages_that_do_not_rise_are_doubted() -> None:
    changed = small_issue()
    changed.sections["政策问答"][1].page = 11
    assert _kinds(_read(changed.text())) == [DoubtKind.PAGE_ORDER]


def test_an_issue_with_sections_never_heard_of_reads_the_same() -> None:
    changed = small_issue()
    changed.sections = {
        f"第{n}类文章": pieces
        for n, pieces in zip("一二三四", changed.sections.values(), strict=True)
    }
    changed.sections["读者来信"] = [
        Piece("一封短信", 30, body=(THIRD,), closing="（本刊编辑部整理）")
    ]
    issue = _read(changed.text())
    assert _titles(issue) == (*TITLES, "一封短信")
    assert issue.articles[-1].source == "本刊编辑部整理"
    assert issue.sections[-1] == "读者来信"
