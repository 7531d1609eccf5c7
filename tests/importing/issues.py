"""Small issues of our own writing, as a text file would hold them, in many layouts."""

from collections.abc import Sequence
from dataclasses import dataclass, field

LONG = (
    "本市今年继续为小微企业提供上门辅导，辅导员先听企业说困难，再一起翻看账本，"
    "最后把能用的办法一条一条写在纸上，留给企业自己对照。"
)
SECOND = "参加辅导的企业表示，最有用的是有人肯坐下来，把表格从头讲一遍，哪些要填，哪些不必填。"
THIRD = "下一步，辅导员还会回访，看看写在纸上的办法哪些用上了，哪些还卡在半路。"


@dataclass
class Piece:
    """One article of an issue: its printed lines below the title, and its closing line."""

    title: str
    page: int
    body: Sequence[str] = (LONG, SECOND, THIRD)
    closing: str = "来源：小镇晚报"
    contents: str = ""
    """The wording in the contents, when it is another."""


@dataclass
class Layout:
    """How an issue is set."""

    cover: Sequence[str] = (
        "内部刊物 仅供会员使用",
        "小镇经济",
        "2031 年 第 2 期",
        "(季刊 总第 18 期)",
        "小镇企业服务中心",
        "秘书处",
    )
    heading: str = "目 录"
    contents_mark: str = "☆"
    body_mark: str = "☆ "
    leader: str = "-----\t"
    page: str = "{}"
    gap: str = "\n\n"
    indent: str = ""
    colophon: Sequence[str] = ()


@dataclass
class Issue:
    """Sections with their articles."""

    sections: dict[str, list[Piece]] = field(default_factory=dict)

    def text(self, layout: Layout | None = None) -> str:
        """The file."""
        set_as = layout or Layout()
        lines = [*set_as.cover, set_as.heading]
        for name, pieces in self.sections.items():
            lines.append(f"{set_as.contents_mark}{name}")
            lines += [
                f"{piece.contents or piece.title}{set_as.leader}{set_as.page.format(piece.page)}"
                for piece in pieces
            ]
        for name, pieces in self.sections.items():
            lines.append(f"{set_as.body_mark}{name}")
            for piece in pieces:
                lines.append(piece.title)
                lines += [f"{set_as.indent}{line}" for line in piece.body]
                lines += [piece.closing] if piece.closing else []
        lines += set_as.colophon
        return set_as.gap.join(lines) + "\n"


def small_issue() -> Issue:
    """Four sections, six plain articles."""
    return Issue(
        {
            "街坊新闻": [
                Piece("小镇集市今年第一次亮灯到深夜", 2),
                Piece("三家老铺子合开了一间仓库", 5, closing="来源：镇上广播站"),
            ],
            "新规速览": [Piece("《小镇摊位管理办法》解读", 9, closing="来源：集市管理所")],
            "政策问答": [
                Piece("开一间铺子要办哪几件事", 14, closing="来源：企业服务窗口"),
                Piece("雨季到来之前，店铺要检查这些地方", 18, closing="来源：应急工作站"),
            ],
            "街谈巷议": [Piece("做豆腐的人谈做生意", 23, closing="来源：小镇晚报")],
        }
    )


TITLES = tuple(piece.title for pieces in small_issue().sections.values() for piece in pieces)
SOURCES = tuple(
    piece.closing.removeprefix("来源：")
    for pieces in small_issue().sections.values()
    for piece in pieces
)


def one_article(
    *body: str, title: str = "小镇集市今年第一次亮灯到深夜", closing: str = "来源：小镇晚报"
) -> str:
    """A whole issue whose first article has this body; a second, plain one follows."""
    return Issue(
        {
            "街坊新闻": [
                Piece(title, 2, body=body, closing=closing),
                Piece("三家老铺子合开了一间仓库", 5, closing="来源：镇上广播站"),
            ]
        }
    ).text()
