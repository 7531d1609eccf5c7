"""Whole issues as different printers give them, each with what an editor would expect of it."""

import re

import pytest

from newsletter.doubts import DoubtKind
from newsletter.importing import NotAnIssue, read
from newsletter.importing.conservation import compare
from newsletter.importing.outline.model import ArticleOutline, IssueOutline
from tests.importing.issues import LONG
from tests.importing.printed import P, plainly, wrapped

pytestmark = pytest.mark.pure


def _read(text: str, encoding: str = "utf-8") -> IssueOutline:
    """The issue in a text whose {0}, {1} … stand for our paragraphs; nothing of it is lost."""
    data = re.sub(r"\{([0-9])\}", lambda found: P[int(found[1])], text).encode(encoding)
    issue = read(data)
    found = compare(data, issue)
    assert (found.lost, found.added) == ((), ())
    return issue


def _body(article: ArticleOutline) -> list[str]:
    """The elements with our paragraphs shortened to {0}, {1} …"""
    shown = [plainly(element) for element in article.elements]
    for number, paragraph in enumerate(P):
        shown = [text.replace(paragraph, f"{{{number}}}") for text in shown]
    return shown


def _kinds(issue: IssueOutline) -> list[DoubtKind]:
    return [doubt.kind for doubt in issue.doubts]


WORDS = """内部资料　免费交流

云州商会通讯

二〇二三年第一期
（双月刊　总第六十三期）

云州市中小企业商会　编印

目　录

卷首语：把账算在前头……………………１

【财经新闻】
淡季不淡，小微企业忙起来………………３
新登记经营主体四万六千户………………６

【政策解读】
线上办税十问十答………………………１２

【会员之声】
共享用工能走多远………………………１５
一家豆制品作坊的十年……………………２１

卷首语：把账算在前头

{3}

（本刊编辑部）

【财经新闻】

淡季不淡，小微企业忙起来

{0}

（本报综合）

新登记经营主体四万六千户

——云州市市场主体发展情况观察

{2}

（云州日报 2023年1月9日）

【政策解读】

线上办税十问十答

问：线上能办哪些事？

答：{5}

（云州市税务局）

【会员之声】

共享用工能走多远

（作者：周子明）

{6}

{7}

（摘自《云州经济》2022年第6期）

一家豆制品作坊的十年

文/刘慧兰

{1}
"""


def test_an_issue_numbered_in_words_with_a_foreword_and_bracketed_endings() -> None:
    issue = _read(WORDS.replace("\n", "\r\n"), "gb18030")
    assert (issue.year, issue.number, issue.serial) == (2023, 1, 63)
    assert (issue.frequency, issue.periodical) == ("bimonthly", "云州商会通讯")
    assert issue.sections == ("财经新闻", "政策解读", "会员之声")
    assert [(a.section, a.printed_page, a.source, a.author) for a in issue.articles] == [
        ("", 1, "本刊编辑部", ""),
        ("财经新闻", 3, "本报综合", ""),
        ("财经新闻", 6, "云州日报", ""),
        ("政策解读", 12, "云州市税务局", ""),
        ("会员之声", 15, "《云州经济》2022年第6期", "周子明"),
        ("会员之声", 21, "", "刘慧兰"),
    ]
    assert issue.articles[2].subtitle == "——云州市市场主体发展情况观察"
    assert str(issue.articles[2].original_date) == "2023-01-09"
    assert _body(issue.articles[4]) == ["p {6}", "p {7}"]
    assert _kinds(issue) == [DoubtKind.SECTION, DoubtKind.NO_SOURCE]


WRAPPED_TITLES = """财税动态
2021年第4期
季刊　总第59期
内部刊物\u00a0仅供会员使用
中小企业服务中心
秘书处

目录
★财经新闻
淡季帮扶走进十二个乡镇，小微企业\t
拿到看得懂的政策清单\t2
一张表格办贷款\t5
★新规速递
云州市财政局\u00a0云州市税务局关于开展小微企业
账务体检工作的通知\t8
★政策解读
账务体检怎么做——专家谈实施细则\t13
★热点问题
借来的员工，稳住的旺季：
云州市共享用工平台调查\t20

★财经新闻
淡季帮扶走进十二个乡镇，小微企业
拿到看得懂的政策清单
{0}
（来源：云州日报 记者 王建华）
银企对接出实招
一张表格办贷款
{1}
（来源：新华网 2021年11月3日）
★新规速递
云州市财政局 云州市税务局关于开展小微企业
账务体检工作的通知
云财会〔2021〕47号
各区县财政局、税务局：
{4}
云州市财政局
云州市税务局
2021年10月18日
（来源：云州市财政局）
★政策解读
账务体检怎么做
——专家谈实施细则
{3}
先理流程
{5}
（记者 李晓航 来源：云州经济）
★热点问题
借来的员工，稳住的旺季：
云州市共享用工平台调查
{7}
来源 云州经济
"""


def test_titles_on_two_lines_in_the_contents_and_above_the_article() -> None:
    issue = _read("\ufeff" + WRAPPED_TITLES, "utf-16-le")
    assert [a.title for a in issue.articles] == [
        "淡季帮扶走进十二个乡镇，小微企业拿到看得懂的政策清单",
        "一张表格办贷款",
        "云州市财政局 云州市税务局关于开展小微企业账务体检工作的通知",
        "账务体检怎么做",
        "借来的员工，稳住的旺季：云州市共享用工平台调查",
    ]
    assert issue.sections == ("财经新闻", "新规速递", "政策解读", "热点问题")
    assert [(a.printed_page, a.source, a.author) for a in issue.articles] == [
        (2, "云州日报", "记者 王建华"),
        (5, "新华网", ""),
        (8, "云州市财政局", ""),
        (13, "云州经济", "记者 李晓航"),
        (20, "云州经济", ""),
    ]
    assert issue.articles[1].kicker == "银企对接出实招"
    assert issue.articles[3].subtitle == "——专家谈实施细则"
    assert _body(issue.articles[3]) == ["p {3}", "h2 先理流程", "p {5}"]
    assert issue.doubts == ()


PAGE_FIRST = """云州财税

2022年第5-6期合刊（总第81-82期）
双月刊
云州市财税学会主办
内部资料 注意保存

CONTENTS 目录

财经新闻
02　助企服务队下乡记
05　新登记户数稳步增长

热点问题
17　共享用工能走多远

财经新闻

助企服务队下乡记

{0}

来源：云州日报

新登记户数稳步增长

{2}

来源：云州市统计局

热点问题

共享用工能走多远

{7}

来源：工人周刊
"""


def test_contents_that_begin_with_the_page() -> None:
    issue = _read(PAGE_FIRST)
    assert [(a.title, a.printed_page, a.section) for a in issue.articles] == [
        ("助企服务队下乡记", 2, "财经新闻"),
        ("新登记户数稳步增长", 5, "财经新闻"),
        ("共享用工能走多远", 17, "热点问题"),
    ]
    assert (issue.number, issue.serial) == (5, 81)
    assert _kinds(issue) == [DoubtKind.MASTHEAD]  # a joint number


def test_a_foreword_before_the_contents_is_listed_and_doubted_never_silent() -> None:
    text = WRAPPED_TITLES.replace("\n\n目录\n", "\n\n编者按\n{3}\n\n目录\n")
    issue = _read(text)
    assert [item.text for item in issue.omitted] == ["编者按", P[3]]
    assert _kinds(issue) == [DoubtKind.LEFT_OUT]


def test_another_number_on_the_cover_is_listed_and_doubted() -> None:
    issue = _read(PAGE_FIRST.replace("CONTENTS", "云州财税 2021年第4期\n\nCONTENTS"))
    assert (issue.year, issue.number) == (2022, 5)
    assert "云州财税 2021年第4期" in [item.text for item in issue.omitted]
    assert _kinds(issue) == [DoubtKind.MASTHEAD] * 2


COLOPHON = """
主  编：钱学文
责任编辑：孙立群
编印单位：云州市财税学会
地  址：云州市城东区人民路8号
印  数：800册
"""


def test_a_colophon_with_the_editor_among_its_lines_is_not_the_last_articles() -> None:
    issue = _read(PAGE_FIRST.rstrip() + "\n" + COLOPHON)
    assert (issue.publisher, issue.print_run) == ("云州市财税学会", 800)
    last = issue.articles[-1]
    assert (last.source, last.editor) == ("工人周刊", "")
    assert _body(last) == ["p {7}"]


ITEMS = (
    "批发零售业新登记1.82万户，同比增长9.1%，占全部新登记户数的近四成，是创业的主渠道；",
    "信息服务业新登记0.51万户，同比增长12.8%，增速居各行业之首，高出上年同期四个百分点。",
)
BY_LINE = """☆财经新闻
　　　　　　助企服务队下乡记
　　{0}
　　清单送到手
　　{3}
　　　　　　　　　　　　　来源：云州日报
　　　　　新登记户数稳步增长
　　{2}
　　●{8}
　　●{9}
　　表1　分行业新登记情况
行业\t户数（万户）\t增长（%）
批发零售\t1.82\t9.1
信息服务\t0.51\t12.8
　　注：数据来自市场监管部门。
　　{6}
　　　　　　　　　　　来源：云州市统计局
☆新规速递
　　　　账务体检实施细则
　　第一章　总则
　　第一条　{4}
　　第二条　{5}
　　第二章　附则
　　第三条　本细则自2025年9月1日起施行。
　　　　　　　　　　　来源：云州市财政局
☆热点问题
　　　　共享用工能走多远
　　问：为什么会想到借人？
　　答：{6}
　　{7}
　　　　　　　　　　　来源：工人周刊"""
BY_LINE_HEAD = """内部刊物 仅供会员使用
财税动态
2025年第3期
(季刊 总第74期)
云州市中小企业服务中心
秘书处

目　录
☆财经新闻
助企服务队下乡记…………………………2
新登记户数稳步增长………………………3
☆新规速递
账务体检实施细则…………………………4
☆热点问题
共享用工能走多远…………………………5

"""


@pytest.mark.parametrize("measure", [26, 30, 36])
@pytest.mark.parametrize("length", [15, 22])
def test_an_issue_set_by_line_with_heads_lists_a_table_and_a_regulation(
    measure: int, length: int
) -> None:
    filled = re.sub(r"\{([0-9])\}", lambda found: (*P, *ITEMS)[int(found[1])], BY_LINE).split("\n")
    lines = [
        line
        for whole in filled
        for line in (wrapped(whole[2:], measure) if whole.startswith("　　") else [whole])
    ]
    text = BY_LINE_HEAD
    for page, start in enumerate(range(0, len(lines), length), start=2):
        part = "\n".join(lines[start : start + length])
        text += f"{part}\n\n                 {page}\n\n财税动态　2025年第3期\n\n"
    issue = _read(text.replace("\n", "\r\n"), "gb18030")
    assert [_body(article) for article in issue.articles] == [
        ["p {0}", "h2 清单送到手", "p {3}"],
        [
            "p {2}",
            f"ul {ITEMS[0]} / {ITEMS[1]}",
            "table 3|2x3|表1 分行业新登记情况|注：数据来自市场监管部门。",
            "p {6}",
        ],
        [
            "h2 第一章 总则",
            "p *第一条* {4}",
            "p *第二条* {5}",
            "h2 第二章 附则",
            "p *第三条* 本细则自2025年9月1日起施行。",
        ],
        ["p.qa *问：*为什么会想到借人？", "p.qa *答：*{6}", "p {7}"],
    ]
    assert [a.source for a in issue.articles] == [
        "云州日报",
        "云州市统计局",
        "云州市财政局",
        "工人周刊",
    ]
    assert issue.doubts == ()


def test_thousands_of_contents_lines_are_refused_at_once() -> None:
    contents = "\n".join(f"第{n}件事的来龙去脉-----\t{n}" for n in range(1, 5001))
    text = f"小镇经济\n2031年第2期\n目录\n☆新闻\n{contents}\n☆新闻\n一篇文章\n{LONG}\n"
    with pytest.raises(NotAnIssue, match="目录超过"):
        read(text.encode())
