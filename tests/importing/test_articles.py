"""What the inside of an article becomes: fields, roles, headings, tables, notes, joins."""

import datetime

import pytest

from newsletter.doubts import Doubt, DoubtKind
from newsletter.importing import read
from newsletter.importing.conservation import compare
from newsletter.importing.markup import body_html
from newsletter.importing.outline.model import ArticleOutline, Table
from tests.importing.issues import LONG, SECOND, THIRD, one_article

pytestmark = pytest.mark.pure


def _article(
    *body: str, title: str = "小镇集市今年第一次亮灯到深夜", closing: str = "来源：小镇晚报"
) -> tuple[ArticleOutline, list[str], tuple[Doubt, ...]]:
    """The first article, its body's lines with the long sentences shortened, the doubts."""
    text = one_article(*body, title=title, closing=closing)
    issue = read(text.encode())
    assert [a.title for a in issue.articles] == [title, "三家老铺子合开了一间仓库"]
    found = compare(text, issue)
    assert (found.lost, found.added) == ((), ())
    html = body_html(issue.articles[0], figure_ids={str(n): f"fig{n}" for n in range(9)})
    for sentence, short in ((LONG, "L"), (SECOND, "S"), (THIRD, "T")):
        html = html.replace(sentence, short)
    return issue.articles[0], html.split("\n"), issue.doubts


def test_questions_and_answers_are_marked() -> None:
    _, html, doubts = _article(
        f"问：{SECOND}", f"答：{LONG}", THIRD, "记者：下雨呢？", "答：照常。"
    )
    assert html == [
        '<p class="qa"><strong>问：</strong>S</p>',
        '<p class="qa"><strong>答：</strong>L</p>',
        "<p>T</p>",
        '<p class="qa"><strong>记者：</strong>下雨呢？</p>',
        '<p class="qa"><strong>答：</strong>照常。</p>',
    ]
    assert doubts == ()


def test_a_named_speaker_counts_only_where_somebody_asks() -> None:
    _, html, _ = _article("记者：灯呢？", f"赵明：{LONG}", "记者：雨呢？", f"赵明：{SECOND}")
    assert html[1] == '<p class="qa"><strong>赵明：</strong>L</p>'
    _, html, _ = _article(f"赵明：{LONG}", f"赵明：{SECOND}")
    assert html == ["<p>赵明：L</p>", "<p>赵明：S</p>"]


def test_a_numbered_question_is_a_heading() -> None:
    _, html, _ = _article(
        "一、夜里亮灯谁来付电费，怎么付？", LONG, "二、下雨怎么办？", f"答：{SECOND}"
    )
    assert html[0] == "<h2>一、夜里亮灯谁来付电费，怎么付？</h2>"
    assert html[3] == '<p class="qa"><strong>答：</strong>S</p>'


@pytest.mark.parametrize("label", ["注释：", "注：", None])
def test_notes_and_their_marks_are_linked(label: str | None) -> None:
    texts = ["[1] 由集市管理所提供。", "[2] 不含周末。"]
    _, html, doubts = _article("本镇[1]共有[2]两处。", LONG, *([label] if label else []), *texts)
    assert html[0] == (
        '<p>本镇<sup><a href="#note-1">[1]</a></sup>共有'
        '<sup><a href="#note-2">[2]</a></sup>两处。</p>'
    )
    assert html[-1] == (
        '<section class="notes"><ol><li id="note-1">由集市管理所提供。</li>'
        '<li id="note-2">不含周末。</li></ol></section>'
    )
    assert doubts == ()


def test_circled_marks_are_notes_only_where_their_texts_stand() -> None:
    _, html, _ = _article("本镇①共有两处。", LONG, "① 由集市管理所提供。")
    assert html[0] == '<p>本镇<sup><a href="#note-1">①</a></sup>共有两处。</p>'
    _, html, _ = _article("要求：①准时；②整洁。", LONG)
    assert html[0] == "<p>要求：①准时；②整洁。</p>"


def test_notes_that_do_not_count_from_one_keep_their_marks() -> None:
    _, html, doubts = _article(
        "本镇［1］共有［3］两处。", LONG, "［1］ 由所提供。", "［3］ 不含周末。"
    )
    assert '<li id="note-3">［3］ 不含周末。</li>' in html[-1]
    assert [doubt.kind for doubt in doubts] == [DoubtKind.NOTE_MARK_ABSENT]


def test_a_year_in_brackets_is_no_note() -> None:
    _, html, doubts = _article(f"根据镇集发[2031]12号文件，{LONG}")
    assert "<sup>" not in html[0]
    assert doubts == ()


def test_labelled_lines_at_head_and_end_become_fields() -> None:
    article, html, doubts = _article(
        "来源：小镇晚报　作者：赵明　2031-05-06",
        LONG,
        closing="原标题：灯亮了\n\n原文链接：https://example.org/a?b=1&c=2"
        "\n\n责任编辑：钱多　校对：孙行",
    )
    assert (article.source, article.author) == ("小镇晚报", "赵明")
    assert article.original_date == datetime.date(2031, 5, 6)
    assert article.original_title == "灯亮了"
    assert article.original_url == "https://example.org/a?b=1&c=2"
    assert (article.editor, article.proofreader) == ("钱多", "孙行")
    assert html == ["<p>L</p>"]
    assert doubts == ()


@pytest.mark.parametrize(
    ("closing", "source"),
    [
        ("（本刊编辑部整理）", "本刊编辑部整理"),
        ("(本刊综合整理)", "本刊综合整理"),
        ("（来源：小镇晚报）", "小镇晚报"),
        ("来  源 : 小镇晚报", "小镇晚报"),
        ("文章来源：小镇晚报", "小镇晚报"),
        ("摘自《小镇晚报》", "《小镇晚报》"),
        ("转载自 小镇晚报", "小镇晚报"),
        ("据小镇晚报", ""),
    ],
)
def test_endings_of_all_kinds_give_the_source(closing: str, source: str) -> None:
    article, html, _ = _article(LONG, SECOND, closing=closing)
    assert article.source == source
    assert html[:2] == ["<p>L</p>", "<p>S</p>"]


def test_a_source_at_the_end_of_the_last_paragraph_is_taken_out_of_it() -> None:
    article, html, _ = _article(LONG, f"{SECOND}（来源：小镇晚报）", closing="")
    assert article.source == "小镇晚报"
    assert html == ["<p>L</p>", "<p>S</p>"]


@pytest.mark.parametrize("lead", [("导　读", SECOND), (f"导读：{SECOND}",), ("【导读】", SECOND)])
def test_a_lead_at_the_head_is_a_field(lead: tuple[str, ...]) -> None:
    article, html, _ = _article(*lead, LONG, THIRD)
    assert article.lead == SECOND
    assert html == ["<p>L</p>", "<p>T</p>"]


def test_an_editors_word_keeps_saying_who_speaks() -> None:
    article, _, _ = _article(f"编者按：{SECOND}", LONG)
    assert article.lead == f"编者按：{SECOND}"


def test_a_lead_and_an_original_title_in_the_middle_stay_in_the_body() -> None:
    article, html, _ = _article(LONG, f"导读：{SECOND}", "原标题：另一个题目", THIRD)
    assert (article.lead, article.original_title) == ("", "")
    assert html[1:3] == [
        '<p class="lead">导读：S</p>',
        '<p class="original-title">原标题：另一个题目</p>',
    ]


def test_subtitle_kicker_and_repeated_title() -> None:
    article, html, _ = _article(
        "夜里也有生意", "小镇集市今年第一次亮灯到深夜", "——来自三个乡镇的观察", LONG
    )
    assert (article.kicker, article.subtitle) == ("夜里也有生意", "——来自三个乡镇的观察")
    assert html == ["<p>L</p>"]


def test_an_official_notice_has_all_its_parts() -> None:
    article, html, _ = _article(
        "镇集发〔2031〕12号",
        "关于印发《小镇摊位管理办法》的通知",
        "各村民委员会、各合作社：",
        LONG,
        "附件：小镇摊位管理办法",
        "小镇集市管理所",
        "小镇供电所",
        "2031年5月6日",
        "（此件公开发布）",
        "附件",
        "小镇摊位管理办法",
        "第一章　总则",
        f"第一条　{SECOND}",
    )
    assert article.document_number == "镇集发〔2031〕12号"
    assert html == [
        '<p class="docno">镇集发〔2031〕12号</p>',
        '<h2 class="notice-title">关于印发《小镇摊位管理办法》的通知</h2>',
        '<p class="addressee">各村民委员会、各合作社：</p>',
        "<p>L</p>",
        "<p>附件：小镇摊位管理办法</p>",
        '<p class="signature">小镇集市管理所</p>',
        '<p class="signature">小镇供电所</p>',
        '<p class="date">2031年5月6日</p>',
        '<p class="remark">（此件公开发布）</p>',
        "<p>附件</p>",
        '<h2 class="attached-title">小镇摊位管理办法</h2>',
        "<h3>第一章 总则</h3>",
        "<p><strong>第一条</strong> S</p>",
    ]


def test_a_notice_that_is_the_article_has_its_headings_at_the_top() -> None:
    _, html, _ = _article(
        "各村民委员会：",
        LONG,
        "一、总体安排",
        "（一）时间。",
        SECOND,
        "小镇集市管理所 2031年5月6日",
        title="关于延长集市开市时间的通知",
    )
    assert html == [
        '<p class="addressee">各村民委员会：</p>',
        "<p>L</p>",
        "<h2>一、总体安排</h2>",
        "<h3>（一）时间。</h3>",
        "<p>S</p>",
        '<p class="signature">小镇集市管理所 2031年5月6日</p>',
    ]


def test_ranks_in_use_make_the_levels() -> None:
    _, html, _ = _article(
        "一、总要求",
        "（一）先看路",
        LONG,
        "1. 看左边",
        SECOND,
        "2．看右边。" + THIRD,
        "(3) 看上面。" + THIRD,
        "（二）再看灯",
        LONG,
        "二、其他",
        SECOND,
    )
    assert html == [
        "<h2>一、总要求</h2>",
        "<h3>（一）先看路</h3>",
        "<p>L</p>",
        "<h4>1. 看左边</h4>",
        "<p>S</p>",
        "<p><strong>2．看右边。</strong>T</p>",
        "<p><strong>(3) 看上面。</strong>T</p>",
        "<h3>（二）再看灯</h3>",
        "<p>L</p>",
        "<h2>二、其他</h2>",
        "<p>S</p>",
    ]


def test_plain_subheads_stand_over_or_under_the_numbered_ones() -> None:
    _, html, _ = _article("一、白天", "早市", LONG, "午市", SECOND, "二、夜里", THIRD)
    assert html[:2] == ["<h2>一、白天</h2>", "<h3>早市</h3>"]
    _, html, _ = _article("早市", "一、开门", LONG, "二、关门", SECOND, "夜市", "一、开门", THIRD)
    assert html[:2] == ["<h2>早市</h2>", "<h3>一、开门</h3>"]
    assert html[-3:] == ["<h2>夜市</h2>", "<h3>一、开门</h3>", "<p>T</p>"]


def test_lists_are_no_headings() -> None:
    _, html, _ = _article(LONG, "一、带证件；", "二、带租约；", "三、带照片。", SECOND)
    assert html[1:4] == ["<p>一、带证件；</p>", "<p>二、带租约；</p>", "<p>三、带照片。</p>"]
    _, html, _ = _article("要准备：", "1. 证件", "2. 租约", "3. 照片", LONG)
    assert html[1:4] == ["<p>1. 证件</p>", "<p>2. 租约</p>", "<p>3. 照片</p>"]
    _, html, doubts = _article(LONG, "赵明", "钱多", "孙行", SECOND)
    assert not any(line.startswith("<h") for line in html)
    assert [doubt.kind for doubt in doubts] == [DoubtKind.HEADING]
    _, html, _ = _article(LONG, "- 证件", "- 租约", SECOND)
    assert html[1] == "<ul><li>证件</li><li>租约</li></ul>"


def test_dates_head_the_entries_of_a_chronicle() -> None:
    _, html, _ = _article("2031年5月6日", LONG, "2031年5月7日", SECOND, "2031年5月8日", THIRD)
    assert [line for line in html if line.startswith("<h2>")] == [
        "<h2>2031年5月6日</h2>",
        "<h2>2031年5月7日</h2>",
        "<h2>2031年5月8日</h2>",
    ]


def test_a_table_has_caption_header_rows_and_notes() -> None:
    _, html, doubts = _article(
        LONG,
        "表1 摊位情况",
        "单位：个",
        "类 别\t2030年\t2031年\n早 市\t10\t12\nNight market 夜市\t—\t30",
        "注：1.夜市今年开办。",
        "2.早市含周末。",
        "资料来源：集市管理所",
        SECOND,
    )
    assert html[1] == (
        "<table><caption>表1 摊位情况 单位：个</caption><thead><tr>"
        '<th scope="col">类别</th><th scope="col">2030年</th><th scope="col">2031年</th>'
        "</tr></thead>"
        '<tbody><tr><th scope="row">早市</th><td>10</td><td>12</td></tr>'
        '<tr><th scope="row">Night market夜市</th><td>—</td><td>30</td></tr></tbody></table>'
    )
    assert html[2:] == [
        '<p class="note">注：1.夜市今年开办。</p>',
        '<p class="note">2.早市含周末。</p>',
        '<p class="note">资料来源：集市管理所</p>',
        "<p>S</p>",
    ]
    assert doubts == ()


def test_a_note_between_two_tables_is_printed_once_below_the_upper() -> None:
    rows = "类别\t2031年\n早市\t10"
    article, html, _ = _article(
        LONG, rows, "来源：小报", rows, "单位：个", "注：不含周末。", SECOND
    )
    upper, lower = (e for e in article.elements if isinstance(e, Table))
    assert (upper.caption, [note.text for note in upper.notes]) == ("", ["来源：小报"])
    # The unit is printed between the table and its note.
    assert (lower.caption, [note.text for note in lower.notes]) == (
        "",
        ["单位：个", "注：不含周末。"],
    )
    assert html[-1] == "<p>S</p>"


def test_a_ragged_table_is_evened_and_doubted() -> None:
    _, html, doubts = _article(LONG, "项目\t去年\t今年\n早市\t10\n夜市\t20\t30", SECOND)
    assert '<th scope="row">早市</th><td>10</td><td></td>' in html[1]
    assert [doubt.kind for doubt in doubts] == [DoubtKind.TABLE]


def test_figures_and_what_the_text_says_of_them() -> None:
    _, html, doubts = _article("图1：集市灯光", f"{LONG}见图3。", "如图1所示，灯很亮。")
    assert html[0] == '<figure data-figure="fig1"><figcaption>集市灯光</figcaption></figure>'
    assert html[2] == "<p>如图1所示，灯很亮。</p>"
    assert [doubt.kind for doubt in doubts] == [DoubtKind.FIGURE_IMAGE, DoubtKind.FIGURE_ABSENT]


def test_text_is_escaped() -> None:
    _, html, _ = _article(f"<b onclick=x>{SECOND}</b> & “好”。", LONG)
    assert html[0] == "<p>&lt;b onclick=x&gt;S&lt;/b&gt; &amp; “好”。</p>"


@pytest.mark.parametrize("between", [(), ("- 12 -",), ("第12页",)])
def test_a_paragraph_cut_by_a_page_break_is_joined(between: tuple[str, ...]) -> None:
    _, html, doubts = _article(LONG[:47], *between, LONG[47:], SECOND)
    assert html == ["<p>L</p>", "<p>S</p>"]
    assert doubts == ()


def test_a_paragraph_cut_twice_is_joined_twice() -> None:
    long = LONG[:-1] + "，" + LONG
    _, html, _ = _article(long[:45], long[45:95], long[95:], SECOND)
    assert html == [f"<p>{long.replace(LONG, 'L')}</p>", "<p>S</p>"]


def test_a_short_fragment_is_joined_where_a_word_is_cut() -> None:
    _, html, _ = _article("办法公布之后，铺子要准时开门、辅", "导员会来。", LONG)
    assert html[0] == "<p>办法公布之后，铺子要准时开门、辅导员会来。</p>"


def test_a_subhead_is_never_glued_to_a_paragraph() -> None:
    for subhead in ("亮灯之后", "亮灯之后，生意更好做", "“亮灯”这一年", "辅导：从账本开始"):
        _, html, _ = _article(LONG, subhead, SECOND, "收灯之后", THIRD)
        assert html == [
            "<p>L</p>",
            f"<h2>{subhead}</h2>",
            "<p>S</p>",
            "<h2>收灯之后</h2>",
            "<p>T</p>",
        ]


def test_text_that_breaks_off_before_a_subhead_is_doubted_not_glued() -> None:
    _, html, doubts = _article(LONG[:47], "亮灯之后", SECOND)
    assert html[1:] == ["<h2>亮灯之后</h2>", "<p>S</p>"]
    assert [doubt.kind for doubt in doubts] == [DoubtKind.CUT]


def test_end_marks_are_left_out_and_listed() -> None:
    article, html, _ = _article(LONG, "（完）")
    assert article.source == "小镇晚报"
    assert html == ["<p>L</p>"]
