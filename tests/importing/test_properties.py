"""Whatever is done to a file: it is refused with a sentence, or nothing of it is lost."""

import random
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsletter.importing import ImportRefused, read
from newsletter.importing.conservation import compare
from tests.importing.issues import LONG, SECOND, TITLES, one_article, small_issue

pytestmark = pytest.mark.pure

STALL = "早市\t10\t12"
LINES = [
    LONG,
    SECOND,
    LONG[:45],
    LONG[45:],
    "小标题",
    "一、总要求",
    "（二）再看灯。",
    "1. 看左边",
    "2. 看右边。" + SECOND,
    "来源：小报",
    "（本刊编辑部整理）",
    "导读：" + SECOND,
    "导 读",
    "图1 灯",
    "图3：夜里",
    "注：",
    "1.一条注",
    "- 一件事",
    "- 来源：小报",
    "- " + SECOND,
    "• 小标题",
    "[1] 一条注文。",
    "本镇[1]有['4']处。",
    "问：灯呢？",
    "答：亮。",
    "2031年5月6日",
    "镇集发〔2031〕1号",
    "各村民委员会：",
    "小镇集市管理所",
    "附件",
    STALL,
    "\t项目\t数",
    "☆ 街坊新闻",
    "☆别的栏目",
    TITLES[0],
    TITLES[3],
    "编印单位：某某",
    "目录",
    "责任编辑：赵明 校对：钱多",
    "（完）",
    "——副题",
    "，接着说。",
    "- 12 -",
    "①甲②乙",
    "第一章　总则",
    "原标题：旧题",
    "原文链接：https://example.org/x",
    "作者：孙行 2031-05-06",
    "2031年第2期",
    "表1 摊位",
    "单位：元",
    "注：夜里不算",
    "责任编辑：赵明",
    "（来源：小报）",
    "本刊记者 赵明 来源：小报",
    "编者按：灯亮了。",
    "[1]",
    "①",
    "●乙",
    f"{TITLES[0]}-----\t2",
]


def _conserved(text: str) -> None:
    try:
        issue = read(text.encode())
    except ImportRefused:
        return
    found = compare(text, issue)
    assert found.lost == ()
    assert found.added == ()


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=25))
@example([STALL, STALL, "来源：小报", STALL, STALL])  # a note below one table and above another
@example([STALL, STALL, "单位：元", "注："])  # a unit between a table and its notes
@example(["小标题", "——副题", TITLES[0], "• 小标题"])  # a text that begins as its kicker does
@example(["\t项目\t数", "小标题", TITLES[0], "\t项目\t数"])
@example(["责任编辑：赵明", "责任编辑：赵明 校对：钱多"])  # a text that begins as a field does
@example(["[1]", "。"])  # a note's mark alone on its line
@example(["注：", "①", "，接着说。"])
def test_an_article_of_any_lines_loses_nothing(lines: list[str]) -> None:
    _conserved(one_article(*lines))


@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(0, 30))
def test_an_issue_with_lines_moved_doubled_and_dropped_loses_nothing(
    rng: random.Random, moves: int
) -> None:
    lines = small_issue().text().split("\n\n")
    for _ in range(moves):
        at, to = rng.randrange(len(lines)), rng.randrange(len(lines))
        kind = rng.randrange(4)
        if kind == 0:
            lines.insert(to, lines.pop(at))
        elif kind == 1:
            lines.insert(to, lines[at])
        elif kind == 2 and len(lines) > 5:
            del lines[at]
        else:
            lines.insert(to, rng.choice(LINES))
    _conserved("\n\n".join(lines))


NUMBER = "2031 年 第 2 期"


@pytest.mark.parametrize(
    "lines",
    [
        (NUMBER, "目 录", "2. 看右边。" + SECOND, f"{TITLES[4]}-----\t18", TITLES[4]),
        (NUMBER, "目 录", "2. 看右边。", f"03 {TITLES[4]}", f"18 {TITLES[3]}……", TITLES[4], LONG),
        (
            *(NUMBER, "☆街坊新闻", f"{TITLES[0]}-----\t2", f"{TITLES[2]}-----\t9"),
            *(f"{TITLES[3]}-----\t14", "街坊新闻", "注：", "☆ 街坊新闻", TITLES[3]),
        ),
        (
            *(NUMBER, "目 录", "☆街坊新闻", f"{TITLES[0]}-----\t2", f"{TITLES[1]}-----\t5"),
            *("街坊新闻", f"{TITLES[1]}-----\t5", f"{TITLES[2]}-----\t9", "☆ 街坊新闻", TITLES[0]),
        ),
        (
            *(NUMBER, f"{TITLES[4]}-----\t18", f"{TITLES[2]}-----\t9", f"{TITLES[3]}-----\t14"),
            *("三家老铺子", f"{TITLES[1]}-----\t5", LONG, "三家老铺子", TITLES[1]),
        ),
        (
            *(NUMBER, "目 录", TITLES[3], f"{TITLES[4]}-----\t18", f"{TITLES[5]}-----\t23"),
            *(TITLES[3], f"{TITLES[3]}-----\t14", TITLES[5]),
        ),
    ],
    ids=[
        "a numbered sentence among the contents",
        "contents whose pages stand first",
        "a title like a section right under the contents",
        "contents that go on in the body",
        "a section that begins like a title",
        "a section that begins like a kicker",
    ],
)
def test_an_issue_of_few_lines_loses_nothing(lines: tuple[str, ...]) -> None:
    _conserved("\n\n".join(lines))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with pytest.raises(ImportRefused):
        read(data)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=8))
def test_any_characters_in_an_article_are_conserved(lines: list[str]) -> None:
    text = one_article(LONG, *lines, SECOND)
    try:
        data = text.encode()
    except UnicodeEncodeError:  # lone surrogates are no text
        return
    _conserved(data.decode())


HOSTILE = [
    "(" * 100_000,
    "[" * 100_000,
    "（" * 100_000,
    "1" * 100_000,
    "一" * 100_000,
    "-" * 100_000 + "x",
    "· " * 50_000 + "x",
    "图" * 100_000,
    "来源：" * 30_000,
    " 来源：x" * 30_000,
    "关于" * 50_000,
    "《" * 100_000,
    "['4']" * 20_000,
    "第" * 100_000,
    "2022年" * 30_000,
    "x\t" * 50_000,
    "①" * 100_000,
    "科技部" * 30_000 + "第1号",
    "。" * 100_000,
    "，" * 100_000,
    "a " * 50_000,
]


@pytest.mark.parametrize("line", HOSTILE, ids=lambda line: line[:6].strip())
def test_a_hostile_line_costs_no_more_than_its_length(line: str) -> None:
    started = time.perf_counter()
    _conserved(one_article(LONG, line, SECOND))
    _conserved(small_issue().text().replace("目 录\n\n", f"目 录\n\n{line}\n\n"))
    assert time.perf_counter() - started < 15


def test_time_grows_with_length_and_not_with_its_square() -> None:
    def seconds(times: int) -> float:
        text = one_article(*([LONG, "小标题", SECOND, LONG[:45], LONG[45:]] * times))
        started = time.perf_counter()
        _conserved(text)
        return time.perf_counter() - started

    seconds(50)
    assert seconds(1600) < 25 * max(seconds(200), 0.02)
