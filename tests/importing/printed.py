"""A small issue as a printer's file would hold it: set line by line, cut by pages, with heads.

The issue is one list of lines with their kinds; each way of printing it must read back the same.
"""

import unicodedata
from collections.abc import Callable

from newsletter.importing.outline.model import (
    BulletList,
    Element,
    Figure,
    Heading,
    IssueOutline,
    NoteMark,
    Notes,
    Paragraph,
    Strong,
    Table,
)

P = (
    (
        "入冬以来，云州市把帮助小微企业渡过淡季当作头等大事来抓。市财政、税务、金融三个部门联合组成服务队，"
        "沿着十二个乡镇逐户走访，把能够享受的政策列成清单送到老板手里，再由专人负责跟进办理情况。"
    ),
    (
        "在城东的标准厂房里，做灯具的陈建平刚刚拿到一笔贷款。他说，过去贷款要跑五六个窗口，如今一张表格就够了，"
        "从递交材料到款项到账，前后不过四天时间。"
    ),
    (
        "统计显示，前三季度全市新登记经营主体4.6万户，同比增长8.3%；其中个体工商户3.1万户，占比超过六成。"
        "新增主体主要分布在批发零售、餐饮住宿和信息服务等行业。"
    ),
    (
        "走访中也发现一些问题。部分企业财务基础薄弱，账簿不全，影响了政策落地的效率；还有的企业对政策理解不深，"
        "误以为办理手续繁琐而主动放弃。"
    ),
    (
        "针对这些情况，云州市计划用一年时间，为五千户小微企业免费提供一次账务体检，由注册会计师上门指导，"
        "帮助企业建立规范的账簿和票据管理制度。"
    ),
    (
        "对符合条件的企业，由所在地主管部门受理申请，五个工作日内完成初审；材料不齐的，应当一次性告知需要补正的"
        "全部内容。"
    ),
    (
        "记者在采访中了解到，不少企业主最关心的仍然是用工和资金两件事。一位负责人坦言，旺季招不到人，淡季养不起人，"
        "是长期困扰他们的难题。"
    ),
    (
        "为此，当地人社部门搭建了共享用工平台，让淡旺季错开的企业之间可以互相借调员工，社保关系不变，"
        "工资由用工单位支付。"
    ),
)
"""Paragraphs of our own."""

COVER = """内部刊物 仅供会员使用

财税动态

2023 年 第 1 期
(季刊 总第 63 期)

云州市中小企业服务中心
秘书处

目 录

"""
CONTENTS = """☆财经新闻

淡季帮扶走进十二个乡镇-----\t2
前三季度新登记经营主体四万六千户-----\t5

☆新规速递

云州市财政局关于开展小微企业账务体检工作的通知-----\t8

☆热点问题

共享用工能走多远-----\t12

"""

LINES: tuple[tuple[str, str], ...] = (
    ("section", "☆ 财经新闻"),
    ("title", "淡季帮扶走进十二个乡镇"),
    ("p", P[0]),
    ("p", P[1]),
    ("h2", "清单送到老板手里"),
    ("p", P[3]),
    ("p", P[4]),
    ("h2", "账务先做体检"),
    ("p", P[5]),
    ("source", "来源：云州日报"),
    ("title", "前三季度新登记经营主体四万六千户"),
    ("p", P[2]),
    ("p", P[6]),
    ("source", "来源：云州市统计局"),
    ("section", "☆ 新规速递"),
    ("title", "云州市财政局关于开展小微企业账务体检工作的通知"),
    ("docno", "云财会〔2023〕7号"),
    ("addressee", "各区县财政局，市直有关单位，各工业园区管理委员会："),
    ("p", P[4]),
    ("h2", "一、总体要求"),
    ("p", P[3]),
    ("h2", "二、重点任务"),
    ("h3", "（一）分级受理。"),
    ("p", P[5]),
    ("signature", "云州市财政局"),
    ("date", "2023年1月6日"),
    ("source", "来源：云州市财政局"),
    ("section", "☆ 热点问题"),
    ("title", "共享用工能走多远"),
    ("p", P[6]),
    ("h2", "关系不变，工资照付"),
    ("p", P[7]),
    ("p", P[1]),
    ("source", "来源：工人周刊"),
)
_PARAGRAPH_ROLES = ("docno", "addressee", "signature", "date")


def expected() -> list[list[str]]:
    """Each article as title, source and its elements, as `understood` gives them."""
    articles: list[list[str]] = []
    for kind, text in LINES:
        if kind == "title":
            articles.append([text])
        elif kind == "source":
            articles[-1].insert(1, text.removeprefix("来源："))
        elif kind in _PARAGRAPH_ROLES:
            articles[-1].append(f"p.{kind} {text}")
        elif kind != "section":
            articles[-1].append(f"{kind} {text}")
    return articles


def understood(issue: IssueOutline) -> list[list[str]]:
    """An outline's articles as title, source and one string an element."""
    return [
        [article.title, article.source, *map(plainly, article.elements)]
        for article in issue.articles
    ]


def plainly(element: Element) -> str:
    """An element as its tag, role and text; run-in heads between *, marks between ^."""
    if isinstance(element, Heading):
        role = f".{element.role}" if element.role else ""
        return f"h{element.level}{role} {element.text}"
    if isinstance(element, Paragraph):
        marks = {Strong: "*", NoteMark: "^"}
        text = "".join(
            f"{mark}{run.text}{mark}" if (mark := marks.get(type(run), "")) else run.text
            for run in element.runs
        )
        return f"p.{element.role} {text}" if element.role else f"p {text}"
    if isinstance(element, BulletList):
        return "ul " + " / ".join("".join(run.text for run in item) for item in element.items)
    if isinstance(element, Table):
        size = f"{len(element.header)}|{len(element.rows)}x{len(element.rows[0])}"
        notes = "/".join(note.text for note in element.notes)
        return f"table {size}|{element.caption}|{notes}"
    if isinstance(element, Figure):
        return f"figure {element.number} {element.caption}"
    assert isinstance(element, Notes)
    return "notes " + " / ".join(f"{note.number}:{note.text}" for note in element.items)


def wrapped(text: str, measure: int, indent: str = "　　") -> list[str]:
    """Lines of at most `measure` full-width characters; final marks hang over the edge."""
    lines: list[str] = []
    line, width = "", 0.0
    for ch in indent + text:
        wide = 1.0 if unicodedata.east_asian_width(ch) in "WFA" else 0.5
        if width + wide > measure and ch not in "，。、；：！？）》”’":
            lines.append(line)
            line, width = "", 0.0
        line += ch
        width += wide
    return [*lines, line]


def set_by_line(
    measure: int, *, indent: str = "　　", heads: str = "　　", short: str = "", gap: str = "\n"
) -> str:
    """The issue with every paragraph set line by line."""
    blocks = []
    for kind, text in LINES:
        if kind == "p":
            blocks.append("\n".join(wrapped(text, measure, indent)))
        elif kind in ("h2", "h3"):
            blocks.append("\n".join(wrapped(text, measure, heads)))
        elif kind == "addressee":
            blocks.append("\n".join(wrapped(text, measure, "")))
        else:
            blocks.append(short + text)
    return COVER + CONTENTS + gap.join(blocks) + "\n"


def set_in_pages(
    length: int,
    measure: int,
    furniture: Callable[[int], str],
    *,
    by_line: bool = False,
) -> tuple[str, int]:
    """The issue cut into pages of `length` printed lines, and how many paragraphs that cuts.

    A cut never falls after a complete sentence: there nobody could tell it from a paragraph's end.
    """
    gap, indent = ("\n", "　　") if by_line else ("\n\n", "")
    blocks: list[str] = []
    count, page, cuts = 0, 2, 0
    for kind, text in LINES:
        piece: list[str] = []
        lines = wrapped(text, measure, indent) if kind == "p" else [text]
        for number, line in enumerate(lines, start=1):
            piece.append(line)
            count += 1
            last = number == len(lines)
            if count >= length and kind == "p" and (last or line[-1] not in "。；"):
                blocks += [("\n" if by_line else "").join(piece), furniture(page)]
                cuts += not last
                piece, count, page = [], 0, page + 1
        blocks.append(("\n" if by_line else "").join(piece))
    return COVER + CONTENTS + gap.join(filter(None, blocks)) + "\n", cuts
