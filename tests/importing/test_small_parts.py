"""Numbers, dates, characters, contents lines and numbered lines, one by one."""

import datetime

import pytest

from newsletter.importing.blocks import TableBlock, TextBlock
from newsletter.importing.characters import ends_sentence, tidy, title_key, unwrapped
from newsletter.importing.numerals import date, in_words, is_date_line, number
from newsletter.importing.outline.contents import split_page
from newsletter.importing.outline.figures import figure_caption
from newsletter.importing.outline.notices import is_document_number, is_notice_name
from newsletter.importing.outline.numbering import numbered
from newsletter.importing.read_txt import blocks_of

pytestmark = pytest.mark.pure


@pytest.mark.parametrize("value", [1, 9, 10, 11, 19, 20, 62, 100, 101, 110, 111, 120, 999])
def test_numbers_in_words_are_read_back(value: int) -> None:
    assert number(in_words(value)) == value
    assert number(str(value)) == value


def test_numbers_and_dates_in_all_forms() -> None:
    assert number("二〇二二") == number("２０２２") == 2022
    assert number("六十二") == 62
    assert number("期") is None
    day = datetime.date(2022, 9, 30)
    for text in (
        "2022年9月30日",
        "2022-09-30",
        "2022.9.30",
        "二〇二二年九月三十日",
        "２０２２年９月３０日",
    ):
        assert date(text) == day
    assert date("2022年13月1日") is None
    assert date("2022年9月") is None
    assert is_date_line("2022 年 8 月 5 日")
    assert not is_date_line("2022年8月5日起施行")


def test_sentences_end_with_their_brackets_and_quotes() -> None:
    for text in ("完了。", "“完了。”", "完了。（某某负责）", "分几步：", "如此……", "说了——"):
        assert ends_sentence(text), text
    for text in ("没完", "没完，", "称为“灯”", "没完（R&D）", "”"):
        assert not ends_sentence(text), text


def test_white_space_of_all_kinds() -> None:
    assert tidy("\u3000 甲\u200b乙\t丙\u00a0") == "甲乙 丙"
    assert unwrapped("科学技 术 (亿元) R&D per capita") == "科学技术(亿元)R&D per capita"
    assert title_key("稳 强 | 《甲》（Ａ1）") == "稳强甲a1"


@pytest.mark.parametrize(
    ("line", "split"),
    [
        ("增长9.4%-----\t2", ("增长9.4%", 2)),
        ("方案（2022—2023年）·····18", ("方案（2022—2023年）", 18)),
        ("题目 第１２页", ("题目", 12)),
        ("题目（12）", ("题目", 12)),
        ("2022年度  4", ("2022年度", 4)),
        ("十项措施2022年", None),
        ("没有页码的题目", None),
        ("........12", None),
    ],
)
def test_contents_lines_are_divided(line: str, split: tuple[str, int] | None) -> None:
    assert split_page(line) == split


@pytest.mark.parametrize(
    ("text", "rank"),
    [
        ("第一章 总则", 1),
        ("第三条 甲", 3),
        ("第三条甲", 3),
        ("一、甲", 4),
        ("（十二）甲", 5),
        ("(十八) 甲", 5),
        ("1. 甲", 6),
        ("10．甲", 6),
        ("1、甲", 6),
        ("（1）甲", 7),
        ("1）甲", 7),
        ("①甲", 8),
    ],
)
def test_numbered_lines_have_their_rank(text: str, rank: int) -> None:
    found = numbered(text)
    assert found is not None
    assert found.rank == rank


@pytest.mark.parametrize(
    "text",
    ["2022年", "3.5亿元", "一是看灯", "1—8月份", "（国家统计局）", "10年来", "第三条规定的情形"],
)
def test_other_lines_with_numbers_are_not_numbered(text: str) -> None:
    assert numbered(text) is None


def test_documents_numbers_and_names() -> None:
    for text in (
        "国科发区〔2022〕220号",
        "财税[2022]10号",
        "财政部 税务总局公告2022年第14号",
        "国务院令第752号",
    ):
        assert is_document_number(text), text
    for text in ("2022年8月", "根据财税〔2022〕10号，", "第三季度"):
        assert not is_document_number(text), text
    assert is_notice_name("财政部关于做好有关工作的通知")
    assert not is_notice_name("关于灯的一些话")


def test_figure_captions_and_sentences_about_figures() -> None:
    assert figure_caption("图2 煤炭走势") == ("2", "煤炭走势")
    assert figure_caption("图 2-1：走势") == ("2-1", "走势")
    assert figure_caption("图三 走势") == ("三", "走势")
    assert figure_caption("图2显示，产量上升。") is None
    assert figure_caption("图书馆开放") is None


def test_lines_become_blocks_with_their_places() -> None:
    blocks = blocks_of("\n甲\n\n\t乙\r\n- 丙\n\n项\t数\n早\t1\n")
    assert [block.line for block in blocks] == [2, 4, 5, 7]
    first, second, third, table = blocks
    assert first == TextBlock("甲", 2, blank_before=1)
    assert second == TextBlock("乙", 4, blank_before=1, indented=True)
    assert isinstance(third, TextBlock)
    assert (third.marker, third.text) == ("-", "丙")
    assert table == TableBlock((("项", "数"), ("早", "1")), (7, 8), blank_before=1)
