"""The insides of articles as different printers give them: enclosures, lists, tables, endings."""

import pytest

from newsletter.doubts import DoubtKind
from newsletter.importing import read
from newsletter.importing.conservation import compare
from newsletter.importing.outline.model import ArticleOutline
from tests.importing.issues import LONG, SECOND, one_article
from tests.importing.printed import P, plainly

pytestmark = pytest.mark.pure


def _first(*lines: str, closing: str = "来源：小镇晚报") -> tuple[ArticleOutline, list[DoubtKind]]:
    """The first article of an issue with these lines, and the kinds of the doubts."""
    data = one_article(*lines, closing=closing).encode()
    issue = read(data)
    found = compare(data, issue)
    assert (found.lost, found.added) == ((), ())
    return issue.articles[0], [doubt.kind for doubt in issue.doubts]


def test_a_notice_lists_its_enclosures_and_misses_those_that_are_not_printed() -> None:
    article, kinds = _first(
        "镇人社发〔2023〕15号",
        "各区县人力资源和社会保障局，市直各有关单位：",
        P[4],
        "附件：1. 共享用工登记表",
        "　　　2. 共享用工协议（参考文本）",
        "云州市人力资源和社会保障局",
        "云州市总工会",
        "2023年2月28日",
        "（此件公开发布）",
        "抄送：市委办公室，市人大常委会办公室，市政协办公室。",
    )
    assert [plainly(e) for e in article.elements][3:] == [
        "p 附件：1. 共享用工登记表",
        "p 2. 共享用工协议（参考文本）",
        "p.signature 云州市人力资源和社会保障局",
        "p.signature 云州市总工会",
        "p.date 2023年2月28日",
        "p.remark （此件公开发布）",
        "p 抄送：市委办公室，市人大常委会办公室，市政协办公室。",
    ]
    assert kinds == [DoubtKind.ATTACHMENT_ABSENT]


def test_a_table_set_with_spaces_is_a_table() -> None:
    rows = "等级    面积（亩）    奖补（万元）\n一级    500以上    80\n二级    300至500    50"
    article, kinds = _first(LONG, rows, SECOND)
    assert [plainly(e) for e in article.elements][1] == "table 3|2x3||"
    assert kinds == []


def test_two_columns_or_two_lines_of_wide_gaps_are_text() -> None:
    form = "姓名：    单位：    电话：\n联系人：孙立群    电话：0999    邮箱：a@example.org"
    article, _ = _first(LONG, form, SECOND)
    assert not any(plainly(e).startswith("table") for e in article.elements)


@pytest.mark.parametrize("mark", ["●", "■", "◆", "•", "√"])
def test_items_with_a_mark_glued_on_are_a_list(mark: str) -> None:
    article, kinds = _first(f"{mark}新登记主体4.6万户", f"{mark}同比增长8.3%", LONG)
    assert plainly(article.elements[0]) == "ul 新登记主体4.6万户 / 同比增长8.3%"
    assert (article.author, kinds) == ("", [])


def test_a_mark_glued_on_a_heading_stays_with_it() -> None:
    article, _ = _first("●一招鲜", LONG, "●两手抓", SECOND)
    assert [plainly(e) for e in article.elements][::2] == ["h2 ●一招鲜", "h2 ●两手抓"]


def test_who_is_responsible_in_brackets_is_no_source() -> None:
    article, kinds = _first(LONG, "（市财政局、市税务局）", SECOND, "（市财政局）", closing="")
    assert article.source == ""
    assert [plainly(e) for e in article.elements][1::2] == [
        "p （市财政局、市税务局）",
        "p （市财政局）",
    ]
    assert kinds == [DoubtKind.NO_SOURCE]


def test_a_bracket_that_names_no_medium_is_no_source() -> None:
    article, _ = _first(LONG, closing="（未完待续）")
    assert article.source == ""
    article, _ = _first(LONG, closing="（作者单位：云州大学）")
    assert article.source == ""


def test_a_working_group_under_the_title_is_the_author() -> None:
    article, kinds = _first("云州市财政局课题组", LONG)
    assert article.author == "云州市财政局课题组"
    assert kinds == [DoubtKind.FIELD]


def test_a_sentence_between_two_printings_of_a_title_is_no_kicker() -> None:
    article, _ = _first("这是标题下的第一句话。", "小镇集市今年第一次亮灯到深夜", LONG)
    assert article.kicker == ""
    assert plainly(article.elements[0]) == "p 这是标题下的第一句话。"
