"""What the importer must give on the real issue, to the letter (2022年第3期)."""

import re

import pytest

from newsletter.doubts import DoubtKind
from newsletter.importing.conservation import compare
from newsletter.importing.markup import body_html
from newsletter.importing.outline.model import (
    ArticleOutline,
    Figure,
    Heading,
    IssueOutline,
    NoteMark,
    Paragraph,
    Strong,
    Table,
)
from newsletter.importing.reconcile import title_difference

pytestmark = pytest.mark.pure

MIIT, SCIENCE, ENERGY, BULLETIN = 6, 4, 9, 12
"""Indexes of the articles with most structure."""

# The lines on which a paragraph goes on that a page break had cut, read off the file by hand.
JOINS = [
    104,
    134,
    154,
    162,
    190,
    222,
    228,
    244,
    310,
    352,
    368,
    380,
    388,
    398,
    406,
    432,
    448,
    458,
    470,
    482,
    496,
    504,
    512,
    526,
    540,
    574,
    713,
    761,
]


def _headings(article: ArticleOutline) -> list[tuple[int, str]]:
    return [(e.level, e.text) for e in article.elements if isinstance(e, Heading)]


def _run_ins(article: ArticleOutline) -> list[str]:
    return [
        e.runs[0].text
        for e in article.elements
        if isinstance(e, Paragraph) and isinstance(e.runs[0], Strong)
    ]


def _roles(article: ArticleOutline) -> list[tuple[str, str]]:
    return [
        (e.role, e.text)
        for e in article.elements
        if isinstance(e, Heading | Paragraph) and e.role is not None
    ]


def _lines(issue: IssueOutline, kind: DoubtKind) -> list[int | None]:
    return [doubt.line for doubt in issue.doubts if doubt.kind is kind]


def test_the_masthead_is_read_whole(seed: IssueOutline) -> None:
    assert (seed.year, seed.number, seed.serial, seed.frequency) == (2022, 3, 62, "quarterly")
    assert seed.publisher == "中小企业合作发展促进中心秘书处"
    assert seed.periodical == "财税动态"
    assert seed.cover_line == "内部刊物 仅供会员使用"


def test_there_are_four_sections_and_thirteen_articles_in_printed_order(
    seed: IssueOutline,
) -> None:
    assert seed.sections == ("财经新闻", "新规速递", "政策解读", "热点问题")
    assert [a.section for a in seed.articles] == [
        name for name, count in zip(seed.sections, (3, 2, 2, 6), strict=True) for _ in range(count)
    ]
    assert [a.printed_page for a in seed.articles] == [
        2,
        4,
        9,
        12,
        18,
        26,
        30,
        53,
        55,
        58,
        65,
        70,
        73,
    ]
    assert [a.line for a in seed.articles] == sorted(a.line for a in seed.articles)


def test_every_article_has_its_source(seed: IssueOutline) -> None:
    assert [a.source for a in seed.articles] == [
        "新华网",
        "经济参考报",
        "经济日报",
        "中小企业局",
        "科技部",
        "中国政府网",
        "工信部",
        "北京中小企业服务平台",
        "工信部",
        "国家统计局",
        "工人日报",
        "新华社",
        "国家统计局",
    ]


def test_every_contents_line_has_its_article_and_three_titles_differ(seed: IssueOutline) -> None:
    assert [line.article for line in seed.contents] == list(range(13))
    differences = {
        number: title_difference(article.title, article.contents_title)
        for number, article in enumerate(seed.articles)
        if article.title != article.contents_title
    }
    assert differences == {4: "文字不同", 6: "空格不同", 11: "标点或符号不同"}
    doubted = [d.article for d in seed.doubts if d.kind is DoubtKind.TITLE_DIFFERS]
    assert doubted == [4, 6, 11]
    assert seed.articles[SCIENCE].title.startswith("科技部 财政部关于印发")
    assert seed.articles[SCIENCE].contents_title.startswith("科技、财政部《")


def test_kickers_stand_between_two_printings_of_a_title(seed: IssueOutline, seed_text: str) -> None:
    assert [a.kicker for a in seed.articles if a.kicker] == [
        "培育新产业 带动新就业",
        "8月份生产需求稳中有升，就业物价总体稳定——",
    ]
    repeated = [item for item in seed.omitted if item.reason == "标题重复印刷"]
    assert [item.line for item in repeated] == [60, 116]
    for number in (1, 2):
        article = seed.articles[number]
        assert seed_text.split("\n")[article.line - 1] == article.title
        assert article.title not in body_html(article, figure_ids={})


def test_there_is_one_lead_and_one_original_title(seed: IssueOutline) -> None:
    assert [n for n, a in enumerate(seed.articles) if a.lead] == [MIIT]
    assert seed.articles[MIIT].lead.startswith("工业和信息化部、国家发展改革委、生态环境部近日")
    assert "\n" not in seed.articles[MIIT].lead
    assert [n for n, a in enumerate(seed.articles) if a.original_title] == [10]
    assert seed.articles[10].original_title.startswith("国企改革为高质量发展")


def test_the_parts_of_the_two_notices_have_their_roles(seed: IssueOutline) -> None:
    assert seed.articles[SCIENCE].document_number == "国科发区〔2022〕220号"
    roles = _roles(seed.articles[SCIENCE])
    assert [role for role, _ in roles] == [
        "docno",
        "addressee",
        "signature",
        "date",
        "remark",
        "attached-title",
    ]
    assert roles[2:] == [
        ("signature", "科技部 财政部"),
        ("date", "2022年8月5日"),
        ("remark", "(此件主动公开)"),
        ("attached-title", "企业技术创新能力提升行动方案(2022—2023年)"),
    ]
    assert seed.articles[MIIT].document_number == "工信部联节〔2022〕88号"
    roles = _roles(seed.articles[MIIT])
    assert roles[:2] == [
        ("notice-title", "关于印发工业领域碳达峰实施方案的通知"),
        ("docno", "工信部联节〔2022〕88号"),
    ]
    assert roles[2][0] == "addressee"
    assert roles[3:] == [
        ("signature", "工业和信息化部"),
        ("signature", "国家发展改革委"),
        ("signature", "生态环境部"),
        ("date", "2022年7月7日"),
        ("attached-title", "工业领域碳达峰实施方案"),
    ]
    others = [a for n, a in enumerate(seed.articles) if n not in (SCIENCE, MIIT, BULLETIN)]
    assert [_roles(article) for article in others] == [[]] * len(others)


def test_the_headings_of_the_carbon_notice_follow_the_body_contract(seed: IssueOutline) -> None:
    headings = _headings(seed.articles[MIIT])
    assert [text for level, text in headings if level == 2] == [
        "关于印发工业领域碳达峰实施方案的通知",
        "工业领域碳达峰实施方案",
    ]
    assert [text for level, text in headings if level == 3] == [
        "一、总体要求",
        "二、重点任务",
        "三、重大行动",
        "四、政策保障",
        "五、组织实施",
    ]
    fourth = [text for level, text in headings if level == 4]
    assert [text[: text.index("）") + 1] for text in fourth] == [
        f"（{n}）" for n in ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一")
    ]
    assert len(headings) == 2 + 5 + 11
    run_ins = _run_ins(seed.articles[MIIT])
    bracketed = [re.match("[（(].+?[)）]", text) for text in run_ins]
    assert [found[0] for found in bracketed if found] == [
        *(f"（十{n}）" for n in "二三四五六七"),
        "(十八)",
        "(十九)",
        "(二十)",
    ]
    assert "1. 构建有利于碳减排的产业布局。" in run_ins
    assert sum(text[0].isdigit() for text in run_ins) == 36


def test_the_headings_of_the_science_plan_stand_under_its_title(seed: IssueOutline) -> None:
    assert _headings(seed.articles[SCIENCE]) == [
        (2, "企业技术创新能力提升行动方案(2022—2023年)"),
        (3, "一、总体要求"),
        (3, "二、行动内容"),
        (3, "三、保障措施"),
    ]
    assert len(_run_ins(seed.articles[SCIENCE])) == 13


def test_the_headings_of_the_energy_article(seed: IssueOutline) -> None:
    article = seed.articles[ENERGY]
    assert _headings(article) == [
        (2, "一、原煤、原油和天然气生产及相关情况"),
        (2, "二、电力生产情况"),
        (2, "附注"),
        (3, "1. 指标解释"),
        (3, "2. 统计范围"),
        (3, "3. 数据来源"),
    ]
    last = article.elements[-1]
    assert isinstance(last, Paragraph)
    assert last.text.startswith("4. 天然气单位换算关系：")


def test_plain_subheads_are_headings(seed: IssueOutline) -> None:
    assert _headings(seed.articles[1]) == [
        (2, "分拣员市场需求激增"),
        (2, "新型职业层出不穷"),
        (2, "新职业开辟更多就业“风口”"),
    ]
    assert _headings(seed.articles[5]) == [
        (2, "今年10月底前"),
        (2, "今年11月底前"),
        (2, "今年年底前"),
    ]
    assert (2, "工信部：将大力推动中小企业数字化转型") in _headings(seed.articles[8])
    assert (2, "政策体系和顶层设计搭建确立") in _headings(seed.articles[10])
    assert [len(_headings(a)) for a in seed.articles] == [
        0,
        3,
        0,
        7,
        4,
        3,
        18,
        0,
        3,
        6,
        3,
        0,
        2,
    ]


def test_enumerations_stay_in_their_paragraph(seed: IssueOutline) -> None:
    texts = [e.text for e in seed.articles[3].elements if isinstance(e, Paragraph)]
    assert any("一是有利于" in text and "四是有利于" in text for text in texts)
    assert not _run_ins(seed.articles[3])


def test_exactly_the_paragraphs_cut_by_a_page_break_are_joined(
    seed: IssueOutline, seed_text: str
) -> None:
    lines = seed_text.split("\n")
    joined = [
        element
        for article in seed.articles
        for element in article.elements
        if isinstance(element, Paragraph) and len(element.lines) > 1
    ]
    assert [line for element in joined for line in element.lines[1:]] == JOINS
    for element in joined:
        assert element.text == "".join(lines[line - 1].strip() for line in element.lines)
    texts = [element.text for element in joined]
    assert any("超400万的大专生，" in text for text in texts)
    assert any(text.endswith("编制省、市两级监管事项目录清单。") for text in texts)


def test_the_table_is_a_table(seed: IssueOutline) -> None:
    tables = [
        (n, e) for n, a in enumerate(seed.articles) for e in a.elements if isinstance(e, Table)
    ]
    assert [n for n, _ in tables] == [BULLETIN]
    table = tables[0][1]
    assert table.caption == "2021年财政科学技术支出情况"
    assert (len(table.header), len(table.rows), {len(row) for row in table.rows}) == (4, 3, {4})
    assert table.header[0] == ""
    assert [row[0] for row in table.rows] == [
        "合计",
        "其中：科学技术支出",
        "其他功能支出中用于科学技术的支出",
    ]
    assert [note.text[:3] for note in table.notes] == ["注：", "1.本", "2.2"]
    html = body_html(seed.articles[BULLETIN], figure_ids={})
    assert html.count("<table>") == html.count("<thead>") == 1
    assert html.count('<th scope="col">') == 4
    assert html.count('<th scope="row">') == 3
    assert html.count('<p class="note">') == 3


def test_figures_have_numbers_and_captions_and_are_reported_missing(seed: IssueOutline) -> None:
    figures = [e for a in seed.articles for e in a.elements if isinstance(e, Figure)]
    assert [figure.number for figure in figures] == list("2345678")
    assert figures[0].caption == "煤炭进口月度走势"
    assert all(figure.caption for figure in figures)
    assert _lines(seed, DoubtKind.FIGURE_IMAGE) == [601, 611, 617, 621, 629, 634, 645]
    absent = [d for d in seed.doubts if d.kind is DoubtKind.FIGURE_ABSENT]
    assert [(d.excerpt, d.article) for d in absent] == [("图1", ENERGY)]


def test_damaged_note_marks_stay_readable_and_everything_missing_is_reported(
    seed: IssueOutline,
) -> None:
    marks = [
        run
        for element in seed.articles[BULLETIN].elements
        if isinstance(element, Paragraph)
        for run in element.runs
        if isinstance(run, NoteMark)
    ]
    assert [(mark.text, mark.number, mark.damaged) for mark in marks] == [
        ("[¹2[]]", 2, True),
        ("[¹3[]]", 3, True),
        ("['4']", 4, True),
    ]
    html = body_html(seed.articles[BULLETIN], figure_ids={})
    assert "<sup>[¹2[]]</sup>" in html
    assert "<sup>[&#x27;4&#x27;]</sup>" in html
    assert _lines(seed, DoubtKind.NOTE_MARK_DAMAGED) == [755, 755, 765]
    assert [d.excerpt for d in seed.doubts if d.kind is DoubtKind.NOTE_TEXT_ABSENT] == [
        "注2",
        "注3",
        "注4",
    ]
    assert [d.excerpt for d in seed.doubts if d.kind is DoubtKind.NOTE_MARK_ABSENT] == ["注1"]
    missing = [d for d in seed.doubts if d.kind is DoubtKind.ATTACHMENT_ABSENT]
    assert [(d.excerpt, d.line) for d in missing] == [("详见附表1", 763), ("详见附表2", 765)]


def test_nothing_else_is_doubted_but_a_stray_english_word(seed: IssueOutline) -> None:
    counts: dict[DoubtKind, int] = {}
    for doubt in seed.doubts:
        counts[doubt.kind] = counts.get(doubt.kind, 0) + 1
    assert counts == {
        DoubtKind.TITLE_DIFFERS: 3,
        DoubtKind.FIGURE_IMAGE: 7,
        DoubtKind.FIGURE_ABSENT: 1,
        DoubtKind.NOTE_MARK_DAMAGED: 3,
        DoubtKind.NOTE_MARK_ABSENT: 1,
        DoubtKind.NOTE_TEXT_ABSENT: 3,
        DoubtKind.ATTACHMENT_ABSENT: 2,
        DoubtKind.STRAY: 1,
    }
    assert all(doubt.line for doubt in seed.doubts)


def test_every_character_is_in_the_issue_or_in_the_list_of_what_was_left_out(
    seed: IssueOutline, seed_text: str
) -> None:
    found = compare(seed_text, seed)
    assert (found.lost, found.added) == ((), ())
    assert found.placed + found.listed == len(re.sub(r"\s", "", seed_text))
    assert [(item.line, item.reason) for item in seed.omitted] == [
        (60, "标题重复印刷"),
        (116, "标题重复印刷"),
        (780, "列表记号"),
        (781, "列表记号"),
    ]
