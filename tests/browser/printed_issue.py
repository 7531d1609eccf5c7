"""A small issue of our own writing, as a text file would hold it."""

from __future__ import annotations

TALKS = (
    "本市今年起每月办一次企业夜谈，把税务、银行和市场登记的人请到一张桌子上，"
    "来的人先说困难，再一件一件记下谁来答复、哪天答复。"
)
ANSWERS = "办了三次之后，记下来的四十七件事已经答复了四十一件，其余六件也都写明了还差哪一步。"
COSTS = "1—6月份，全市小微企业平均每户用电支出同比下降2.4%，其中夜间用电占比提高1.7个百分点。"

FIGURE = "图1 每户用电支出月度走势"
TABLE = "上半年样例区县小微企业用电情况"
ROWS = (
    ("区县", "户数", "用电量（万千瓦时）", "同比增速（%）"),
    ("样例东区", "1204", "3860", "2.1"),
    ("样例西区", "986", "2975", "-0.8"),
    ("样例新区", "1533", "5120", "4.6"),
)

TALKS_TITLE = "企业夜谈把窗口搬到了桌边"
POWER_TITLE = "上半年样例市小微企业用电支出情况"


def printed_issue(year: int, number: int, serial: int) -> bytes:
    """The text file of an issue: two articles, one with a figure (no image) and a table."""
    lines = [
        "内部刊物 仅供会员使用",
        "财税动态",
        f"{year} 年 第 {number} 期",
        f"(季刊 总第 {serial} 期)",
        "样例中小企业服务中心秘书处",
        "目 录",
        "☆ 财经新闻",
        f"{TALKS_TITLE}……………\t2",
        "☆ 热点问题",
        f"{POWER_TITLE}……………\t5",
        "☆ 财经新闻",
        TALKS_TITLE,
        TALKS,
        ANSWERS,
        "来源：样例市企业服务中心",
        "☆ 热点问题",
        POWER_TITLE,
        "一、总体情况",
        COSTS,
        FIGURE,
        "二、分区县情况",
        "各区县的情况列在下表，户数为六月末在册且当月有用电记录的企业数。",
        TABLE,
        *("\t".join(row) for row in ROWS),
        "来源：样例市统计局",
    ]
    return ("\n\n".join(lines) + "\n").encode()
